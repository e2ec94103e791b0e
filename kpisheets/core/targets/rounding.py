"""Rounding parts so that they still add up: the method of the largest remainders (Hamilton, 1792)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from kpisheets.core.unit import Measure, Unit

_STEPS = {Measure.COUNT: "1", Measure.SHARE: "0.001", Measure.RATIO: "0.01"}
_LARGE = 1000
"""Amounts of money from here on have no cents."""


def step_of(unit: Unit, typical: Decimal) -> Decimal:
    """What a target of that unit is rounded to, where targets are about ``typical``."""
    if unit.measure is Measure.CURRENCY:
        return Decimal(1) if unit.whole or abs(typical) >= _LARGE else Decimal("0.01")
    return Decimal(_STEPS.get(unit.measure, "0.1"))


def fitting(step: Decimal, amount: Decimal) -> Decimal:
    """The step, or a tenth, a hundredth … of it: the largest by which ``amount`` can be written."""
    while amount % step:
        step = step / 10
    return step


def divided(total: Decimal, weights: Sequence[Fraction], step: Decimal) -> tuple[Decimal, ...]:
    """``total``, a multiple of ``step``, in multiples of ``step`` by the weights: they add up to it exactly.

    No part is more than a step from its share; of two parts, the one with the greater weight is never the smaller one.
    ``weights`` are none of them negative, and not all zero.
    """
    whole, units = sum(weights, Fraction(0)), Fraction(total) / Fraction(step)
    shares = [abs(units) * weight / whole for weight in weights]
    parts = [int(share) for share in shares]
    # Ties go to the greater weight, then to the later period: where each gets a little more than the one before, the
    # rest does not turn that round.
    order = sorted(range(len(parts)), key=lambda at: (shares[at] - parts[at], weights[at], at), reverse=True)
    for at in order[: int(abs(units)) - sum(parts)]:
        parts[at] += 1
    sign = 1 if total >= 0 else -1
    return tuple(sign * part * step for part in parts)


def nearest(value: Fraction, step: Decimal) -> Decimal:
    """The multiple of ``step`` that is nearest."""
    return round(value / Fraction(step)) * step
