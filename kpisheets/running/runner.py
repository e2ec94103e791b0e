"""The order of a run: what became due, what people ask for, the sync, the reports, and who hears of it."""

from __future__ import annotations

import hashlib
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from kpisheets.backends.base import Workbook
from kpisheets.config import BEFORE_REPORTS
from kpisheets.errors import KpisheetsError, Problem, TryLater
from kpisheets.running import dispatch, requests, telling
from kpisheets.running.bench import Bench, Ran, Works
from kpisheets.running.timetable import FOLDER, is_request, jobs_of, memory, rules_of, sends
from kpisheets.schedule import Slot, alone, due

_LONG = timedelta(hours=2)
_TOLERANCE = timedelta(minutes=5)
_STEADY = timedelta(days=2)


class Runner:
    """Does what is due of a project. ``open_workbook`` gives its workbook afresh."""

    def __init__(
        self, project: Works, open_workbook: Callable[[], Workbook], sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._project, self._open_workbook, self._sleep = project, open_workbook, sleep

    def run(self, *, resend: bool = False) -> Ran:
        """One run. Nothing is done where another one is at work. KpisheetsError where not even lock and ledger work."""
        try:
            return self._run(resend)
        except KpisheetsError as error:
            telling.cry(self._project, error)
            raise

    def _run(self, resend: bool) -> Ran:
        with alone(self._project.config.root / FOLDER / "run.lock") as mine:
            bench = Bench(self._project, self._open_workbook, *memory(self._project.config), sleep=self._sleep)
            shared = bool(self._project.config.schedule.ledger)
            if not mine or (shared and not bench.ledger.take_lease(bench.now)):
                return self._busy(bench)
            try:
                return self._work(bench, resend)
            finally:
                bench.outlets.close()
                if shared:
                    bench.ledger.leave_lease()

    def _busy(self, bench: Bench) -> Ran:
        """Another run is at work: all is well, unless it has been for hours."""
        for run in bench.ledger.runs():
            if run.ended is None and bench.now - run.began > max(_LONG, 4 * bench.config.schedule.every):
                what = f"a run has been at work since {bench.shown(run.began)} (process {run.process} on {run.host})"
                mend = "see what it waits for, and end it"
                return Ran(ran=False, problems=(Problem("run-due", what, mend, code=TryLater.exit_code),))
        return Ran(ran=False)

    def _work(self, bench: Bench, resend: bool) -> Ran:
        began = False
        try:
            dispatch.in_doubt(bench)
            fresh = self._begin(bench)
            began = True
            requests.take_up(bench)
            if resend:
                bench.deliveries.resend(bench.now)
            else:
                dispatch.give_up(bench)
            if fresh:
                self._spread(bench)
            self._do(bench)
        except KpisheetsError as error:
            bench.report(error)
        except Exception as error:
            bench.report(dispatch.defect(error, "run-due"))
            self._end(bench, began)
            raise
        return self._end(bench, began)

    def _tell_killed(self, bench: Bench) -> None:
        for run in bench.ledger.killed():
            what = f"the run that began {bench.shown(run.began)} never ended: it was killed, or the machine stopped"
            bench.problems.append(Problem("run-due", what, "this run goes on where it stopped"))

    def _begin(self, bench: Bench) -> bool:
        """Write down what became due; whether anything did."""
        now, jobs = bench.now, jobs_of(bench.config)
        newest = bench.ledger.fact("newest run")
        before = datetime.fromisoformat(newest) if newest else now
        if before - now > _TOLERANCE:
            what = f"the clock was put back: the last run began {bench.shown(before)}"
            bench.problems.append(Problem("run-due", what, "nothing is sent twice for it; check the clock"))
        elif now - before < _STEADY:  # a clock that leaps ahead shall not wipe the memory
            bench.ledger.prune(now)
            bench.deliveries.prune(now)
        found = due(jobs, now, bench.ledger.last_run(now), bench.ledger.known(), rules_of(bench.config))
        bench.ledger.begin(now, jobs, found)
        return bool(found)

    def _spread(self, bench: Bench) -> None:
        """Wait for a part of the jitter, the same one each time, so that not every project asks at the full hour."""
        longest = bench.config.schedule.jitter.total_seconds()
        if longest:
            name = f"{bench.config.root}\0{socket.gethostname()}"
            share = int(hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8], 16) / 0xFFFFFFFF
            bench.sleep(longest * share)

    def _do(self, bench: Bench) -> None:
        slots = [slot for slot in bench.ledger.open_slots() if not slot.was_asked]
        syncs = [slot for slot in slots if not sends(slot.job)]
        reports = [slot for slot in slots if sends(slot.job) and slot.state == "due"]
        problems: tuple[Problem, ...] = ()
        if syncs or (reports and BEFORE_REPORTS in bench.config.schedule.sync):
            problems = self._sync(bench, syncs)
            bench.stay()
        for slot in reports:
            patience = bench.config.schedule.patience
            if bench.synced is False and bench.now - slot.at < patience and not is_request(slot.job):
                note = f"it waits for a sync that succeeds, at most until {bench.shown(slot.at + patience)}"
                bench.ledger.mark(slot, "due", bench.now, note)
                bench.slots.append(Slot(slot.job, slot.at, "due", note))
            else:
                dispatch.freeze(bench, slot, problems, unsynced=bench.synced is False)
        for slot in bench.ledger.open_slots():
            if slot.state == "ready":
                dispatch.deliver(bench, slot)

    def _sync(self, bench: Bench, slots: Sequence[Slot]) -> tuple[Problem, ...]:
        """Bring the workbook up to date. What is wrong with single KPIs, for the reports to tell too."""
        try:
            done = bench.project.sync()
        except KpisheetsError as error:
            bench.synced = False
            problems: tuple[Problem, ...] = (bench.report(error, "the sync"),)
        else:
            bench.synced = not done.unreachable
            problems = done.plan.problems
            code = done.exit_code if done.unreachable else 1
            bench.told = [replace(one, code=code) for one in problems]
            bench.problems += bench.told
        for slot in slots:
            if bench.synced or is_request(slot.job):
                bench.ledger.mark(slot, "done", bench.now)
                bench.slots.append(Slot(slot.job, slot.at, "done"))
            else:
                bench.ledger.mark(slot, "due", bench.now, str(problems[0])[:500] if problems else "")
        return problems

    def _end(self, bench: Bench, began: bool) -> Ran:
        beat: bool | None = None
        try:
            self._tell_killed(bench)
            dispatch.tell_lost(bench)
            telling.tell_workbook(bench)
            telling.tell_operators(bench)
            beat = telling.heartbeat(bench)
            if began:
                said = "\n".join(str(problem) for problem in dict.fromkeys(bench.problems))
                bench.ledger.end(bench.now, bench.ran.code, said)
        except KpisheetsError as error:
            bench.report(error)
        done = bench.ran
        return Ran(done.ran, done.synced, done.requests, done.slots, done.deliveries, done.problems, beat)
