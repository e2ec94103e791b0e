"""What people ask for in the Control tab: taken up once, and answered there.

The request is first written down in the ledger, under the Last run that the workbook shows; then its cell is emptied;
then it is obeyed. Whatever fails in between, the next run goes on from there. An old copy of the workbook that repeats
a request shows the Last run of then, by which the ledger knows that it was obeyed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from kpisheets.core.answer import answer
from kpisheets.core.workbook import LAST_RUN, REQUEST, Observed
from kpisheets.errors import BadConfig, KpisheetsError, Problem
from kpisheets.running.bench import Bench
from kpisheets.running.timetable import is_request
from kpisheets.schedule import Slot
from kpisheets.templates import enum_value

SYNC, REPORT = "Sync now", "Email report"
_SEEN = "workbook without request"


def take_up(bench: Bench) -> None:
    """Read the Request cell, if the workbook changed since it was found blank; what it asks for becomes due."""
    asked = [slot for slot in bench.ledger.open_slots() if is_request(slot.job) and slot.was_asked]
    seen = _state(bench)
    if seen == "missing" or (not asked and seen and seen == bench.ledger.fact(_SEEN)):
        return
    try:
        workbook = bench.open_workbook()
        observed = workbook.observe()
    except KpisheetsError as error:
        bench.report(error)
        bench.ledger.remember(_SEEN, seen)  # told once; a sync tells it again
        return
    text = str(observed.named.get(REQUEST) or "").strip()
    kind = enum_value("request", text) if text else None
    if text and kind is None:
        what = f"the request “{text}” is not understood"
        bench.problems.append(Problem("Control tab", what, f"choose “{SYNC}” or “{REPORT}” there"))
    if kind is None:
        for slot in asked:
            _withdrawn_or_taken(bench, slot, observed)
        bench.ledger.remember(_SEEN, seen)
        return
    slots = _slots(bench, kind, asked, _last_run(observed, bench))
    outcome = _answer(bench, kind, slots)
    words = bench.project.language
    try:
        workbook.apply(answer(observed, words.for_workbook, bench.local, outcome, answered=True))
    except KpisheetsError as error:
        bench.report(error)
        return
    for slot in slots:
        if slot.state == "due":
            bench.ledger.mark(slot, "due", bench.now)
    bench.requests.append(kind)


def _answer(bench: Bench, kind: str, slots: list[Slot]) -> str:
    words = bench.project.language
    if not slots:
        error = BadConfig("there are no reports to send", where="kpisheets.toml", mend="add a [reports.weekly] section")
        return words.word("run_failed", reason=str(bench.report(error)))
    fresh = any(slot.state in ("due", "ready") for slot in slots)
    return words.word("request_taken" if fresh else "request_repeated", request=words.enum("request", kind))


def _slots(bench: Bench, kind: str, asked: list[Slot], at: datetime) -> list[Slot]:
    """The slots of a request: those that an interrupted run wrote down, else those of the workbook's Last run."""
    jobs = ["request sync"] if kind == SYNC else [f"request report {name}"[:120] for name in bench.config.reports]
    interrupted = [slot for slot in asked if slot.job in jobs]
    return interrupted or bench.ledger.request(jobs, at, bench.now)


def _withdrawn_or_taken(bench: Bench, slot: Slot, observed: Observed) -> None:
    """A request that was written down, and whose cell is blank now: by a run that then died, or by a person?"""
    if _last_run(observed, bench) == slot.at:
        bench.ledger.mark(slot, "done", bench.now, "the request was withdrawn")
    else:
        bench.ledger.mark(slot, "due", bench.now)


def _last_run(observed: Observed, bench: Bench) -> datetime:
    """The Last run that the workbook shows, as an instant; the epoch where it shows none."""
    shown = observed.named.get(LAST_RUN)
    if not isinstance(shown, datetime):
        return datetime(1970, 1, 1, tzinfo=UTC)
    zone = ZoneInfo(bench.config.project.timezone)
    return shown.replace(tzinfo=zone, microsecond=0).astimezone(UTC)


def _state(bench: Bench) -> str:
    """What changes whenever the workbook's file does; blank where that can't be seen from outside."""
    path = bench.config.workbook.path
    if path is None:
        return ""
    try:
        found = path.stat()
    except OSError:
        return "missing"
    return f"{found.st_mtime_ns} {found.st_size} {found.st_ino}"
