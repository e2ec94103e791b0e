"""The messages of a slot: frozen, sent, and what became of each."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import datetime, timedelta

from kpisheets.core.meeting import Meeting
from kpisheets.delivery import Composed, frozen
from kpisheets.errors import (
    BadConfig,
    BadData,
    CannotWrite,
    Defect,
    KpisheetsError,
    NotAllowed,
    Problem,
    TryLater,
    Uncertain,
    Unreachable,
)
from kpisheets.running.bench import Bench
from kpisheets.running.outlets import MAILS, Way, way_of
from kpisheets.running.timetable import AGENDA, REMIND, by_hand, is_request, parts_of, said, sends
from kpisheets.schedule import LONGEST_PAUSE, NEWER, Delivery, Frozen, Slot

RESEND = "ask the recipient, or look there; `kpisheets run-due --resend` sends it again"
_FIRST_PAUSE = timedelta(minutes=5)
_TRIES_IN_VAIN = 2
"""After so many in a row a server is down, and every further try might take half a minute."""
_PATIENT_TRIES = 3
"""A server that puts off mail of strangers takes it by the second or third try: only then is it worth a word."""


def freeze(bench: Bench, slot: Slot, problems: tuple[Problem, ...], *, unsynced: bool) -> None:
    """Put a report, an agenda or reminders into words, once and for all. They stay due where their data is too old, or
    they cannot be made."""
    if gone := _gone(bench, slot):
        _close(bench, slot, "done", gone)
        return
    try:
        made = _composed(bench, slot, problems, unsynced=unsynced)
    except KpisheetsError as error:
        problem = bench.report(error, said(slot.job))
        _wait(
            bench, slot, str(problem), give_up=is_request(slot.job) and not isinstance(error, (CannotWrite, TryLater))
        )
        return
    except Exception as error:  # the other reports go out all the same
        problem = bench.report(defect(error, said(slot.job)))
        _wait(bench, slot, str(problem), give_up=is_request(slot.job))
        return
    now, oldest = bench.now, bench.config.schedule.max_age
    # A sync that finds nothing new need not have stamped the workbook.
    if oldest is not None and not bench.synced and (made.as_of is None or now - made.as_of > oldest):
        when = f"was last read {bench.shown(made.as_of)}" if made.as_of else "was never read"
        what = f"withheld: its data {when}"
        mend = "mend the sync; it is sent when that succeeds"
        bench.problems.append(Problem(said(slot.job), what, mend, code=TryLater.exit_code))
        _wait(bench, slot, what, give_up=is_request(slot.job))
        return
    bench.problems += made.refused
    messages: dict[tuple[str, str], Frozen] = {}
    for message, kind in made.messages:
        message["Date"] = now
        recipient, channel = message["To"].addresses[0].addr_spec, kind or "mail"
        one = Frozen(recipient, channel, str(message["Message-ID"]), str(message["Subject"]), frozen(message))
        messages.setdefault((recipient, channel), one)
    for post in made.posts:
        messages[(post.to, post.channel)] = Frozen(post.to, post.channel, "", post.subject, post.content)
    bench.deliveries.freeze(slot, list(messages.values()), made.attachments, now)


def _gone(bench: Bench, slot: Slot) -> str:
    """Why nothing is sent for a slot any more; blank where something is."""
    kind, name = parts_of(slot.job)
    if kind == "report" and name not in bench.config.reports:
        return f"there is no report “{name}” any more"
    if kind == AGENDA and (name not in bench.config.meetings or not bench.config.meeting(Meeting(name)).to):
        return f"the agenda “{name}” goes to nobody any more"
    return ""


def _composed(bench: Bench, slot: Slot, problems: tuple[Problem, ...], *, unsynced: bool) -> Composed:
    (kind, name), occasion = parts_of(slot.job), f"{slot.job} {slot.at.isoformat()}"
    if kind == REMIND:
        return bench.project.compose_reminders(occasion=occasion, unsynced=unsynced)
    compose = bench.project.compose_meeting if kind == AGENDA else bench.project.compose
    return compose(name, occasion=occasion, problems=problems, unsynced=unsynced)


def deliver(bench: Bench, slot: Slot) -> None:
    """Send what of a slot may be sent now. A slot that is through is done."""
    ways: dict[Way, list[Delivery]] = {}
    for delivery in bench.deliveries.ready(slot, bench.now):
        ways.setdefault(way_of(delivery), []).append(delivery)
    for ready in ways.values():
        _send(bench, ready)
    if all(one.state in ("sent", "failed", "unknown") for one in bench.deliveries.of(slot)):
        _close(bench, slot, "done")


def _send(bench: Bench, ready: list[Delivery]) -> None:
    """Send deliveries that go the same way."""
    in_vain, queue = 0, deque(ready)
    while queue:
        delivery = queue.popleft()
        try:
            send = bench.outlets.sender(delivery)
        except BadData as error:
            _settle(bench, delivery, "failed", error)
            continue
        except KpisheetsError as error:
            bench.report(error)
            return
        bench.stay()
        claimed = bench.deliveries.claim(delivery, bench.now)
        if claimed is None:
            continue
        delivery = replace(delivery, tries=delivery.tries + 1)
        try:
            where = send(*claimed)
        except Uncertain as error:
            _settle(bench, delivery, "unknown", error)
        except TryLater as error:
            if not error.after:
                _again(bench, delivery, error, quiet=delivery.tries < _PATIENT_TRIES)
                in_vain = 0
                continue
            # A service that counts puts off whoever asks, not this recipient.
            bench.deliveries.settle(delivery, "retry", bench.now, error.what, code=error.exit_code, again=bench.now)
            if not bench.wait(error.after):
                _again(bench, delivery, error, at=bench.now + min(timedelta(seconds=error.after), LONGEST_PAUSE))
                return
            queue.appendleft(delivery)
            continue
        except (Unreachable, CannotWrite) as error:
            _again(bench, delivery, error, at=bench.now)
            in_vain += 1
            if in_vain == _TRIES_IN_VAIN:
                return
            continue
        except (NotAllowed, BadConfig) as error:  # not the recipient's fault: to be mended here, then tried again
            _again(bench, delivery, error, at=bench.now)
            return
        except BadData as error:
            _settle(bench, delivery, "failed", error)
        except Exception as error:
            _settle(bench, delivery, "unknown", defect(error, said(delivery.job)))
        else:
            bench.tried.append(bench.deliveries.settle(delivery, "sent", bench.now, where))
        in_vain = 0


def defect(error: Exception, where: str) -> Defect:
    """What no message was written for."""
    shown = " ".join(f"{type(error).__name__} {error}".split())[:200]
    return Defect(f"stopped by a defect of kpisheets ({shown})", where=where, mend="please report it")


def _again(
    bench: Bench, delivery: Delivery, error: KpisheetsError, *, at: datetime | None = None, quiet: bool = False
) -> None:
    if not quiet:
        bench.report(error)
    pause = min(_FIRST_PAUSE * 2 ** min(delivery.tries - 1, 10), LONGEST_PAUSE)
    _settle(bench, delivery, "retry", error, again=at or bench.now + pause)


def _settle(bench: Bench, delivery: Delivery, state: str, error: KpisheetsError, again: datetime | None = None) -> None:
    """Write down what went wrong; what is final is told at the end of the run."""
    settled = bench.deliveries.settle(delivery, state, bench.now, error.what, code=error.exit_code, again=again)
    bench.tried.append(settled)


def in_doubt(bench: Bench) -> None:
    """What an earlier run began to send and never finished is held; a folder is asked again."""
    # A folder takes a message that it has already without making a second one.
    is_folder = bench.config.mail.url.partition(":")[0].casefold() == "outbox"
    bench.deliveries.abandoned(bench.now, repeatable=MAILS if is_folder else ())


def give_up(bench: Bench) -> None:
    """What is too late by now, and what a newer report took the place of."""
    now = bench.now
    for slot in bench.ledger.open_slots():
        if now - _since(slot) <= bench.config.schedule.max_late:
            continue
        if slot.state == "due":
            note = f"it could not be done in time{f' ({slot.note})' if slot.note else ''}"
            bench.ledger.mark(slot, "skipped-late", now, note, told=False)
        else:
            bench.deliveries.give_up(slot, now)
            bench.ledger.mark(slot, "done", now)
    bench.deliveries.outdated(now)


def tell_lost(bench: Bench) -> None:
    """What nothing will be done about by itself, in this run or in one that was killed before it could tell."""
    for one in bench.deliveries.untold():
        if one.state in ("failed", "unknown"):
            where = f"{said(one.job)} of {bench.shown(one.at)}, to {one.recipient}"
            mend = RESEND if one.state == "unknown" else "see `kpisheets schedule show`"
            bench.problems.append(Problem(where, one.note, mend, code=one.code))
            if not any((was.job, was.at, was.recipient) == (one.job, one.at, one.recipient) for was in bench.tried):
                bench.tried.append(one)
    reasons: dict[tuple[str, str], list[Slot]] = {}
    for slot in bench.ledger.untold():
        bench.slots.append(slot)
        if sends(slot.job) or not slot.note.startswith(NEWER):  # a sync that a newer one takes over is no loss
            reason = ": ".join(filter(None, (slot.state, slot.note)))
            reasons.setdefault((slot.job, reason), []).append(slot)
    for (job, reason), lost in reasons.items():
        times = bench.shown(lost[0].at) + (f" and {len(lost) - 1} more" if len(lost) > 1 else "")
        mend = f"`{by_hand(job)}` {'sends it' if sends(job) else 'does it'} now"
        bench.problems.append(Problem(f"{said(job)} of {times}", reason, mend))


def _since(slot: Slot) -> datetime:
    """From when on a slot waits: what a person asked for bears the time of the run before."""
    return slot.changed if slot.changed and is_request(slot.job) else slot.at


def _wait(bench: Bench, slot: Slot, why: str, *, give_up: bool) -> None:
    if give_up:
        _close(bench, slot, "done", why)
        return
    bench.ledger.mark(slot, "due", bench.now, why[:500])
    bench.slots.append(Slot(slot.job, slot.at, "due", why))


def _close(bench: Bench, slot: Slot, state: str, note: str = "") -> None:
    bench.ledger.mark(slot, state, bench.now, note[:500])
    bench.slots.append(Slot(slot.job, slot.at, state, note))
