"""What the Report tab says of a KPI's history, for as long as it speaks of the figures that are there.

Only a run can tell a signal from routine variation. It writes the words into a hidden cell, beside the figures of which
they speak: the actual, and the sum of the squares of the trend, which no edit of one of its figures leaves as it was. A
formula shows the words while these are still the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kpisheets.core.formula import Expression, Here, call, op
from kpisheets.core.values import is_number
from kpisheets.core.workbook import POINTS, Value

SAID, OF, SQUARES = "signal_said", "signal_of", "signal_squares"
SIGNAL = "signal"
FIELDS = (SIGNAL, SAID, OF, SQUARES)
_PRECISION = 1_000_000_000
"""Numbers are the same up to this part of them: programs add up in different ways."""


def _same(now: Expression, then: Expression) -> Expression:
    return op(call("ABS", op(now, "-", then)), "<=", op(call("ABS", then), "/", _PRECISION))


SHOWN = call(
    "IFERROR",
    call(
        "IF",
        call(
            "AND",
            op(call("COUNT", Here("actual"), Here(OF)), "=", 2),
            _same(Here("actual"), Here(OF)),
            _same(call("SUMSQ", *map(Here, POINTS)), Here(SQUARES)),
        ),
        op(Here(SAID), "&", ""),
        "",
    ),
    "",
)
"""The words, or nothing where a figure has changed since."""


def remembered(said: str, actual: Value, points: Iterable[Value]) -> Mapping[str, Value]:
    """The hidden cells; blank where there is nothing to say."""
    if not said or not is_number(actual):
        return dict.fromkeys((SAID, OF, SQUARES))
    squares = sum(float(point) ** 2 for point in points if is_number(point))
    return {SAID: said, OF: actual, SQUARES: squares}
