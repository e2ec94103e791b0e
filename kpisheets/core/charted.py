"""The limits in the chart of the Report tab: live formulas on the figures of which they are made.

Which figures these are, only a run can tell: those of the present phase's baseline, each with its season. It writes
them down in one hidden cell for each KPI (``written``), in fields of fixed widths; the formulas take it apart, fetch
the figures from ``Tracking`` as they are now, and compute mean and limits as ``core.insight.behaviour`` does. Numbers
are written as whole ones and a divisor, which every program reads alike in every locale.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from kpisheets.core.formula import Column, Expression, Here, Literal, Named, call, op
from kpisheets.core.insight import BASELINE, SCALE, Present
from kpisheets.core.workbook import BASES, CHART, CHOICE_LINE, REPORT, TRACKING, TREND, handle

_LABEL, _NUMBER = 12, 16
_MODE, _FLOOR, _DIVISOR = 1, 2, 3
_FIRST = _DIVISOR + _NUMBER
_SECOND = _FIRST + BASELINE * (_LABEL + _NUMBER)
_DIGITS = 14
_RATIO, _DIFFERENCE = "r", "d"
_NOT_NEGATIVE, _ANY = "0", "-"


def written(present: Present | None) -> str | None:
    """What the formulas need to know of a phase: its baseline's periods and their seasons, and those of the chart's
    points. None where there is none, or where seasons are too large to be written."""
    if present is None:
        return None
    largest = max(abs(index) for index in (*(index for _, index in present.baseline), *present.latest))
    places = _DIGITS - (math.floor(math.log10(largest)) + 1 if largest else 0)
    if places < 0:
        return None
    places = min(places, _DIGITS) if largest else 0

    def number(index: float) -> str:
        return f"{round(index * 10**places):0{_NUMBER}d}"

    baseline = "".join(f"{label:<{_LABEL}}{number(index)}" for label, index in present.baseline)
    mode, floor = _RATIO if present.ratio else _DIFFERENCE, _NOT_NEGATIVE if present.not_negative else _ANY
    filled = f"{baseline:<{BASELINE * (_LABEL + _NUMBER)}}"
    return f"{mode}{floor}{10**places:0{_NUMBER}d}{filled}{''.join(map(number, present.latest))}"


_CHOSEN = Named(CHOICE_LINE)
_SAID = call("INDEX", Column(handle(REPORT, "baseline")), _CHOSEN)


def _cut(start: int, length: int) -> Expression:
    return call("TRIM", call("MID", _SAID, start, length))


def _season(start: int) -> Expression:
    return op(call("VALUE", _cut(start, _NUMBER)), "/", call("VALUE", _cut(_DIVISOR, _NUMBER)))


def baseline_row(place: int) -> Mapping[str, Expression]:
    """The ``place``-th (1-based) figure of each part of the baseline, freed of its season, and its moving range."""
    found: dict[str, Expression] = {}
    for part, (label, season, value, moving) in enumerate(BASES):
        start = _FIRST + (part * len(TREND) + place - 1) * (_LABEL + _NUMBER)
        found[label] = _cut(start, _LABEL)
        key = op(op(call("INDEX", Column(handle(REPORT, "id")), _CHOSEN), "&", "|"), "&", Here(label))
        line = call("MATCH", key, Column(handle(TRACKING, "key")), 0)
        actual = call("INDEX", Column(handle(TRACKING, "actual")), line)
        freed = _moded(op(actual, "/", Here(season)), op(actual, "-", Here(season)))
        known = call("IF", op(call("COUNT", actual), "=", 1), freed, call("NA"))
        found[season] = _unless_blank(label, _season(start + _LABEL))
        found[value] = _unless_blank(label, known)
        before = (value, place) if place > 1 else (BASES[part - 1][2], len(TREND) + 1)
        if part == 0 and place == 1:
            found[moving] = Literal("")
        else:
            previous = call("INDEX", Column(handle(CHART, before[0])), before[1])
            found[moving] = _unless_blank(label, call("ABS", op(Here(value), "-", previous)))
    return found


def limit_row(place: int) -> Mapping[str, Expression]:
    """Mean and limits at the ``place``-th (1-based) point of the chart, with its season: #N/A, which charts leave out,
    where there are none or a figure of the baseline is gone."""
    start = _SECOND + (place - 1) * _NUMBER
    mean = call("AVERAGE", *(Column(handle(CHART, value)) for _, _, value, _ in BASES))
    width = op(SCALE, "*", call("AVERAGE", *(Column(handle(CHART, moving)) for _, _, _, moving in BASES)))
    lower = op(mean, "-", width)
    floored = call("IF", op(_cut(_FLOOR, 1), "=", _NOT_NEGATIVE), call("MAX", lower, 0), lower)

    def shown(limit: Expression) -> Expression:
        return call("IFERROR", _moded(op(limit, "*", Here("season")), op(limit, "+", Here("season"))), call("NA"))

    return {
        "season": call("IFERROR", _season(start), call("NA")),
        "mean": shown(mean),
        "lower": shown(floored),
        "upper": shown(op(mean, "+", width)),
    }


def _moded(ratio: Expression, difference: Expression) -> Expression:
    return call("IF", op(_cut(_MODE, 1), "=", _RATIO), ratio, difference)


def _unless_blank(label: str, then: Expression) -> Expression:
    return call("IF", op(Here(label), "=", ""), "", then)
