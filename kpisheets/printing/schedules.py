"""A scheduled run, and what is due when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kpisheets.printing.values import plain, problem_document

if TYPE_CHECKING:
    from kpisheets.running import Ran, Schedule
    from kpisheets.schedule import Delivery, Slot


def run_document(done: Ran) -> dict[str, Any]:
    return {
        "ran": done.ran,
        "synced": done.synced,
        "requests": list(done.requests),
        "slots": [slot_document(slot) for slot in done.slots],
        "deliveries": [delivery_document(one) for one in done.deliveries],
        "problems": [problem_document(problem) for problem in done.problems],
        "heartbeat": done.heartbeat,
    }


def slot_document(slot: Slot) -> dict[str, Any]:
    return {"job": slot.job, "slot": plain(slot.at), "state": slot.state, "note": slot.note}


def delivery_document(one: Delivery) -> dict[str, Any]:
    return {
        "job": one.job,
        "slot": plain(one.at),
        "to": one.recipient,
        "channel": one.channel,
        "state": one.state,
        "tries": one.tries,
        "message_id": one.message_id,
        "subject": one.subject,
        "note": one.note,
    }


def schedule_document(found: Schedule) -> dict[str, Any]:
    last = found.last_run
    return {
        "jobs": [
            {"job": job.key, "report": job.report or None, "schedule": job.written, "next": plain(times)}
            for job, times in found.jobs
        ],
        "line": found.line,
        "installed": found.installed,
        "last_run": plain(last) if last else None,
        "slots": [slot_document(slot) for slot in found.slots],
        "held": [delivery_document(one) for one in found.held],
    }


def schedule_lines(found: Schedule) -> Iterator[str]:
    """Next times, the last run, and what waits for a person."""
    if not found.jobs:
        yield 'Nothing has a schedule. Give a report one: schedule = "0 7 * * MON"'
    for job, times in found.jobs:
        shown = ", ".join(f"{time:%a %Y-%m-%d %H:%M}" for time in times) or "never"
        yield f"{job.key:24} {job.written:20} {shown}"
    last = found.last_run
    if last:
        ended = f"exit code {last.code}" if last.ended else "not ended"
        yield f"Last run: {last.began:%Y-%m-%d %H:%M} UTC, {ended}"
        yield from (f"  {line}" for line in last.said.splitlines())
    for one in found.held:
        yield f"Held: {one.job} of {one.at:%Y-%m-%d %H:%M} UTC to {one.recipient}, {one.state}: {one.note}"
    if found.held:
        yield "  `kpisheets run-due --resend` sends them again, with their former Message-ID."
    if found.installed is not None:
        yield f"In the crontab: {'yes' if found.installed else 'no; `kpisheets schedule install` puts it there'}"
    yield f"  {found.line}"
