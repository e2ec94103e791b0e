"""Problems that are alike, told once: a table that is gone is one line, however many KPIs it concerns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kpisheets.errors import Problem

NAMED = 3
"""So many are named; of the others the number is told."""


def together(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems, those that a source has for several KPIs or metrics as one, at the place of the first.

    Those that concern a cell stay apart, each with its place.
    """
    groups: dict[tuple[object, ...], list[Problem]] = {}
    for number, problem in enumerate(problems):
        same = (problem.source, problem.bare, problem.mend) if problem.source else (number,)
        groups.setdefault(same, []).append(problem)
    return tuple(_one(group) for group in groups.values())


def _one(group: Sequence[Problem]) -> Problem:
    first = group[0]
    kpis = list(dict.fromkeys(problem.kpi for problem in group if problem.kpi))
    metrics = list(dict.fromkeys(problem.metric for problem in group if problem.metric))
    if len(kpis) > 1:
        said = f"{first.bare}: {len(kpis)} KPIs keep their last value: {listed(kpis)}"
    elif len(metrics) > 1 and not kpis:
        said = f"{first.bare}: {len(metrics)} metrics: {listed(metrics)}"
    else:
        return first
    return Problem(first.where, said, first.mend, None, max(problem.code for problem in group), first.source)


def listed(names: Sequence[str]) -> str:
    """``a, b, c and 9 more``."""
    more = len(names) - NAMED
    # A name takes no more room than “and 1 more”.
    return ", ".join(names) if more <= 1 else f"{', '.join(names[:NAMED])} and {more} more"
