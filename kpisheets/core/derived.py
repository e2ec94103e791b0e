"""The formulas of the workbook's cells: variance and status of a tracking row, the lines and lists of the report."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import cache

from kpisheets.core.charted import baseline_row, limit_row
from kpisheets.core.evaluate import Formula
from kpisheets.core.flag import TARGET
from kpisheets.core.formula import Call, Column, Expression, Here, Literal, Named, call, op, replaced
from kpisheets.core.kpi import JUDGING_DIGITS, Direction, Kpi, RollUp, Status
from kpisheets.core.period import Frequency
from kpisheets.core.workbook import (
    ATTENTION,
    CATALOGUE,
    CHART,
    CHOICE,
    CHOICE_LINE,
    COUNTS,
    ELAPSED,
    LABELS,
    LIST_LENGTH,
    POINTS,
    REPORT,
    SUCCESSES,
    TRACKING,
    TREND,
    VERDICT,
    Words,
    handle,
)

JUDGED = (Status.MET, Status.AT_RISK, Status.MISSED)


def _column(table: str, field: str) -> Column:
    return Column(handle(table, field))


def _looked_up(table: str, field: str, line: Expression) -> Call:
    return call("INDEX", _column(table, field), line)


# --- Tracking ----------------------------------------------------------------------------------------------------

_ACTUAL, _TARGET, _KEY = Here("actual"), Here("target"), Here("key")
_KPI_ID = call("LEFT", _KEY, op(call("FIND", "|", _KEY), "-", 1))
_CATALOGUE_LINE = call("MATCH", _KPI_ID, _column(CATALOGUE, "id"), 0)


def _blank(cell: Expression) -> Expression:
    """True where the cell holds no number: blank, text or an error."""
    return op(call("COUNT", cell), "=", 0)


VARIANCE = call("IF", op(call("COUNT", _TARGET, _ACTUAL), "=", 2), op(_ACTUAL, "-", _TARGET), "")
VARIANCE_SHARE = call(
    "IF",
    op(call("COUNT", _TARGET, _ACTUAL), "<", 2),
    "",
    call("IF", op(_TARGET, "=", 0), "", op(op(_ACTUAL, "-", _TARGET), "/", call("ABS", _TARGET))),
)


class Partial(Enum):
    """A figure that lacks days: provisional, and nobody knows its pace."""

    PARTIAL = "partial"


PARTIAL = Partial.PARTIAL
Standing = Frequency | Partial | None
"""How a figure is judged: None for good, a frequency for the pace of its running period, ``PARTIAL`` not at all yet."""


def status(kpi: Kpi, standing: Standing, words: Words) -> Expression:
    """The status formula of one of the KPI's rows.

    Shapes differ by direction, by the bounds that a Range KPI has, and by whether values add up over the period; the
    numbers (tolerance, bounds, elapsed share) stay live references.
    """
    return _status(kpi.direction, kpi.low is not None, kpi.high is not None, kpi.roll_up is RollUp.SUM, standing, words)


def _status(direction: Direction, low: bool, high: bool, adds_up: bool, standing: Standing, words: Words) -> Expression:
    frequency = standing if isinstance(standing, Frequency) else None
    share: Expression | None = Named(ELAPSED[frequency]) if frequency and adds_up else None
    tolerance = call("IFERROR", op(0, "+", _looked_up(CATALOGUE, "tolerance", _CATALOGUE_LINE)), 0)

    def due(goal: Expression) -> Expression:
        return op(goal, "*", share) if share else goal

    measures: list[tuple[Expression, Expression]] = []
    if direction is Direction.RANGE:
        if low:
            bound = due(_looked_up(CATALOGUE, "low", _CATALOGUE_LINE))
            measures.append((op(_ACTUAL, "-", bound), bound))
        if high:
            bound = due(_looked_up(CATALOGUE, "high", _CATALOGUE_LINE))
            measures.append((op(bound, "-", _ACTUAL), bound))
    else:
        goal = due(_TARGET)
        measures.append((op(_ACTUAL, "-", goal) if direction is Direction.HIGHER else op(goal, "-", _ACTUAL), goal))
    if not measures:
        return call("IF", _blank(_ACTUAL), words.status[Status.NO_DATA], words.status[Status.NO_TARGET])

    def holds(headroom: Expression, slack: Expression | None) -> Expression:
        reached = headroom if slack is None else op(headroom, "+", slack)
        return op(call("ROUND", reached, JUDGING_DIGITS), ">=", 0)

    def every(tests: list[Expression]) -> Expression:
        return tests[0] if len(tests) == 1 else call("AND", *tests)

    met = every([holds(headroom, None) for headroom, _ in measures])
    near = every([holds(headroom, op(tolerance, "*", call("ABS", goal))) for headroom, goal in measures])
    said = words.so_far if frequency else words.status
    judged: Expression = call("IF", met, said[Status.MET], call("IF", near, said[Status.AT_RISK], said[Status.MISSED]))
    if frequency:
        begun = words.status[Status.IN_PROGRESS]
        judged = call("IF", op(Named(ELAPSED[frequency]), "=", 0), begun, op(begun + words.pace_separator, "&", judged))
    elif standing is PARTIAL:
        judged = Literal(words.status[Status.IN_PROGRESS])
    no_target = Literal(words.status[Status.NO_TARGET])
    if direction is not Direction.RANGE:
        judged = call("IF", _blank(_TARGET), no_target, judged)
    elif standing is not PARTIAL:
        judged = call("IFERROR", judged, no_target)
    return call("IF", _blank(_ACTUAL), words.status[Status.NO_DATA], judged)


def as_closed(expression: Expression) -> Expression:
    """A formula of a row whose target was changed after its period closed: by the target that it had then."""
    return replaced(expression, _TARGET, Here("target_seen"))


def own_status_formulas(words: Words) -> Mapping[str, Formula]:
    """Every status formula that this tool writes in that language, by its canonical text."""
    usual = [
        _status(direction, low, high, adds_up, standing, words)
        for direction in Direction
        for low, high in (_BOUNDS if direction is Direction.RANGE else _BOUNDS[-1:])
        for adds_up in (True, False)
        for standing in (None, PARTIAL, *Frequency)
    ]
    formulas = map(Formula, (*usual, *map(as_closed, usual)))
    return {formula.canonical: formula for formula in formulas}


_BOUNDS = ((True, True), (True, False), (False, True), (False, False))


# --- Report ------------------------------------------------------------------------------------------------------

_LINE, _SO_FAR_LINE = Here("line"), Here("so_far_line")


def _line_of(key: str) -> Expression:
    """The tracking line of a key; 1, the header's, where there is none."""
    return call("IFERROR", call("MATCH", Here(key), _column(TRACKING, "key"), 0), 1)


def _number_at(field: str, line: Expression) -> Expression:
    found = _looked_up(TRACKING, field, line)
    return call("IF", op(call("COUNT", found), "=", 0), "", found)


def _goal_at(line: Expression, otherwise: Expression) -> Expression:
    """The target that a tracking row is judged by: the one that it closed with, where its cell was changed later."""
    late = call("IFERROR", call("FIND", f"{TARGET} ", _looked_up(TRACKING, "flag", line)), 0)
    seen, target = (_looked_up(TRACKING, field, line) for field in ("target_seen", "target"))
    kept, usual = (call("IF", op(call("COUNT", one), "=", 1), one, otherwise) for one in (seen, target))
    return call("IF", op(late, ">", 0), kept, usual)


def _text_at(field: str, line: Expression, otherwise: str) -> Expression:
    return call("IF", op(line, "=", 1), otherwise, _looked_up(TRACKING, field, line))


def _catalogue_text(field: str) -> Expression:
    line = call("MATCH", Here("id"), _column(CATALOGUE, "id"), 0)
    return call("IFERROR", op(_looked_up(CATALOGUE, field, line), "&", ""), "")


def report_row(words: Words) -> Mapping[str, Expression]:
    """The formulas of a report line, in an order in which each can be computed from those before it."""
    met, risk, missed = (words.status[judged] for judged in JUDGED)
    size = call(
        "IF", op(call("COUNT", Here("variance_pct")), "=", 0), 0, call("MIN", call("ABS", Here("variance_pct")), 99)
    )
    # The row number parts ties, so that LARGE and MATCH find each line once.
    tie = op(call("ROW"), "/", 1_000_000)
    bad = call("IF", op(Here("status"), "=", missed), 200, call("IF", op(Here("status"), "=", risk), 100, 0))
    return {
        "line": _line_of("key"),
        "so_far_line": _line_of("so_far_key"),
        "kpi": _catalogue_text("name"),
        "owner": _catalogue_text("owner"),
        "actual": _number_at("actual", _LINE),
        "target": _goal_at(_LINE, Literal("")),
        "variance": _text_at("variance", _LINE, ""),
        "variance_pct": _text_at("variance_pct", _LINE, ""),
        "status": _text_at("status", _LINE, words.status[Status.NO_DATA]),
        "so_far": _number_at("actual", _SO_FAR_LINE),
        "pace": _text_at("status", _SO_FAR_LINE, ""),
        # An error in one KPI's cells must not take the others from the lists.
        "badness": call("IFERROR", call("IF", op(bad, "=", 0), "", op(op(bad, "+", size), "-", tie)), ""),
        "goodness": call("IFERROR", call("IF", op(Here("status"), "=", met), op(op(1, "+", size), "-", tie), ""), ""),
    }


@cache
def report_point(label: str) -> Expression:
    """A point of a trend. Where its cell is emptied later it becomes #N/A, which charts leave out."""
    line = call("MATCH", op(op(Here("id"), "&", "|"), "&", Here(label)), _column(TRACKING, "key"), 0)
    found = _looked_up(TRACKING, "actual", line)
    return call("IF", op(call("COUNT", found), "=", 1), found, call("NA"))


CHART_LINE = call("IFERROR", call("MATCH", Named(CHOICE), _column(REPORT, "kpi"), 0), 2)


def chart_row(place: int, *, later: bool = True) -> Mapping[str, Expression]:
    """The ``place``-th (1-based) point of the chosen KPI's chart, in an order in which whole columns can be computed.

    ``later``: the workbook has the cells of which limits and a range are made.
    """
    chosen = Named(CHOICE_LINE)
    actual = call("INDEX", _column(REPORT, POINTS[place - 1]), chosen)
    key = op(op(call("INDEX", _column(REPORT, "id"), chosen), "&", "|"), "&", Here("label"))
    goal = _goal_at(call("MATCH", key, _column(TRACKING, "key"), 0), call("NA"))
    found: dict[str, Expression] = {
        "label": op(call("INDEX", _column(REPORT, LABELS[place - 1]), chosen), "&", ""),
        "actual": call("IF", op(call("COUNT", actual), "=", 1), actual, call("NA")),
    }
    if not later:
        return {**found, "target": goal}
    low, high = (call("INDEX", _column(REPORT, name), chosen) for name in ("low", "high"))
    upper = call("IF", op(call("COUNT", high), "=", 1), high, goal)
    return {
        **found,
        "target": call("IF", op(call("COUNT", low), "=", 1), low, upper),
        # Where there is no range it lies on the other line: no cell shows an error that none has to show.
        "target_high": call("IF", op(call("COUNT", low, high), "=", 2), high, Here("target")),
        **baseline_row(place),
        **limit_row(place),
    }


def list_row(table: str, place: int) -> Mapping[str, Expression]:
    """The ``place``-th (1-based) success or KPI to look at."""
    ranked = _column(REPORT, "goodness" if table == SUCCESSES else "badness")
    line = call("IFERROR", call("MATCH", call("LARGE", ranked, place), ranked, 0), 1)
    found = _looked_up(REPORT, "kpi", Here("line"))
    if table == SUCCESSES:
        owner = _looked_up(REPORT, "owner", Here("line"))
        note: Expression = op(owner, "&", "")
    else:
        known = call("MATCH", _looked_up(REPORT, "id", Here("line")), _column(CATALOGUE, "id"), 0)
        note = call("IFERROR", op(_looked_up(CATALOGUE, "recommendation", known), "&", ""), "")
    nothing = op(Here("line"), "=", 1)
    return {"line": line, "kpi": call("IF", nothing, "", found), "note": call("IF", nothing, "", note)}


def blocks(*, later: bool = True) -> Mapping[str, tuple[Mapping[str, Expression], ...]]:
    """The formulas of the report's fixed blocks, row by row; ``later`` as in ``chart_row``."""
    return {
        CHART: tuple(chart_row(place, later=later) for place in TREND),
        SUCCESSES: tuple(list_row(SUCCESSES, place) for place in range(1, LIST_LENGTH + 1)),
        ATTENTION: tuple(list_row(ATTENTION, place) for place in range(1, LIST_LENGTH + 1)),
    }


def single_cells(words: Words) -> Mapping[str, Expression]:
    """The formulas of single named cells, in an order in which each can be computed from those before it."""
    reported = _column(REPORT, "status")

    def counted(judged: Status) -> Expression:
        plain = call("COUNTIF", reported, words.status[judged])
        return op(plain, "+", call("COUNTIF", reported, words.in_progress(judged))) if judged in JUDGED else plain

    # As the mail says it: a count of none is left out, but for those that are met.
    sentence = op(Named(COUNTS[Status.MET]), "&", f" {words.text['counted_met']}")
    for judged in (*list(COUNTS)[1:], Status.NO_TARGET, Status.IN_PROGRESS):
        count = Named(COUNTS[judged]) if judged in COUNTS else counted(judged)
        piece = op(op(", ", "&", count), "&", f" {words.text[f'counted_{judged.value}']}")
        sentence = op(sentence, "&", call("IF", op(count, "=", 0), "", piece))
    nobody = op(call("COUNT", _column(REPORT, "line")), "=", 0)
    return {
        **{name: counted(judged) for judged, name in COUNTS.items()},
        VERDICT: call("IF", nobody, words.text["report.no_kpis"], sentence),
        CHOICE_LINE: CHART_LINE,
    }
