"""What was closed, or opened again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kpisheets.printing.values import counted, problem_document

if TYPE_CHECKING:
    from kpisheets.project import Marked

_SHOWN = 20


def marked_document(done: Marked) -> dict[str, Any]:
    return {
        "period": done.period.label,
        "state": "reopened" if done.reopened else "closed",
        "changed": list(done.changed),
        "unchanged": list(done.already),
        "problems": [problem_document(problem) for problem in done.problems],
        "dry_run": done.dry_run,
        "workbook": done.receipt.place if done.receipt else None,
    }


def marked_lines(done: Marked) -> Iterator[str]:
    label, state = done.period.label, "open" if done.reopened else "closed"
    rows = (
        f"{counted(len(done.already), 'row')} of {label} {'was' if len(done.already) == 1 else 'were'} {state} already"
    )
    if not done.changed:
        if done.already:
            yield f"Nothing to do: {rows}."
        return
    if done.dry_run:
        yield from (f"~ {key}  becomes {state}" for key in done.changed[:_SHOWN])
        if len(done.changed) > _SHOWN:
            yield f"  and {len(done.changed) - _SHOWN} more"
    verb = "opened again" if done.reopened else "closed"
    said = f"would be {verb}" if done.dry_run else verb
    yield f"{counted(len(done.changed), 'row')} of {label} {said}{f'; {rows}' if done.already else ''}."
    if done.reopened and not done.dry_run:
        yield f"The next sync writes what the sources say now. Then: kpisheets close {label}"
