"""Targets that were proposed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kpisheets.printing.values import plain, problem_document, shown

if TYPE_CHECKING:
    from kpisheets.project import Targeted

_HEADS = ("Period", "A year before", "Target", "Proposed")


def targets_document(done: Targeted) -> dict[str, Any]:
    return {
        "kpi": done.kpi.id,
        "year": done.year.label,
        "method": done.method.value,
        "periods": [
            {
                "period": one.period.label,
                "proposed": plain(one.value),
                "target": plain(one.target),
                "year_before": plain(one.before),
            }
            for one in done.periods
        ],
        "total": plain(done.total),
        "problems": [problem_document(problem) for problem in done.problems],
        "dry_run": done.dry_run,
        "workbook": done.receipt.place if done.receipt else None,
    }


def targets_lines(done: Targeted) -> Iterator[str]:
    """A table of the periods, with the sum of what adds up."""
    rows = [
        (one.period.label, *("" if it is None else shown(it) for it in (one.before, one.target)), shown(one.value))
        for one in done.periods
    ]
    if done.total is not None:
        rows.append((done.year.label, "", "", shown(done.total)))
    sizes = [max(len(row[place]) for row in (_HEADS, *rows)) for place in range(len(_HEADS))]
    yield f"{done.kpi.name} ({done.kpi.id}), {done.year.label}, {done.method.value}"
    for row in (_HEADS, *rows):
        first, *others = row
        cells = (cell.rjust(size) for cell, size in zip(others, sizes[1:], strict=True))
        yield "  ".join((first.ljust(sizes[0]), *cells)).rstrip()
    if done.receipt is not None:
        yield "Written into the column of proposed targets. Copying them into Target accepts them."
