"""One figure for a year, phased over its periods.

What adds up (Roll-up Sum) is divided: the parts are exactly the year's total. Averages, ratios and stocks have no total
but a level; it is reached on average over the year, by a stock at its end, and on a path of growth at its end too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from kpisheets.core.kpi import RollUp
from kpisheets.core.targets.rounding import divided, fitting, nearest

_HALVINGS = 200


class Method(StrEnum):
    EVEN = "even"
    SEASONAL = "seasonal"
    WORKING_DAYS = "working-days"
    GROWTH = "growth"


class Curve(StrEnum):
    """Growth by the same amount, or by the same share, from each period to the next."""

    LINEAR = "linear"
    COMPOUND = "compound"


@dataclass(frozen=True, slots=True)
class Phasing:
    """How to phase. ``total`` is the year's, of what adds up; ``goal`` the level that is aimed at, for growth that of
    the last period. One of the two is given. ``baseline`` is where growth begins: the level of the period before the
    first one. ``weights`` are those of the periods, for ``SEASONAL`` and ``WORKING_DAYS``. ``step``: see ``divided``.
    """

    method: Method
    roll_up: RollUp
    step: Decimal
    total: Decimal | None = None
    goal: Decimal | None = None
    baseline: Decimal | None = None
    curve: Curve = Curve.LINEAR
    weights: Sequence[Fraction] = ()


def phased(how: Phasing, count: int) -> tuple[Decimal, ...]:
    """The targets of ``count`` periods. ValueError, in words for a person, where it cannot be done."""
    if how.method is Method.GROWTH:
        return _growing(how, count)
    weights = how.weights if how.method in (Method.SEASONAL, Method.WORKING_DAYS) else [Fraction(1)] * count
    if any(weight < 0 for weight in weights):
        raise ValueError("some periods of the past are below zero, so they tell no season")
    if not any(weights):
        raise ValueError("there is nothing to go by: all its periods weigh nothing")
    if how.roll_up is RollUp.SUM:
        total = how.total if how.total is not None else _needed(how.goal) * count
        return divided(total, weights, fitting(how.step, total))
    if how.method is Method.WORKING_DAYS:
        raise ValueError(f"working days divide what adds up, and its Roll-up is {how.roll_up.value}")
    goal = _needed(how.goal)
    step = fitting(how.step, goal)
    if how.method is Method.EVEN:
        return (goal,) * count
    if how.roll_up is RollUp.LAST:
        if not weights[-1]:
            raise ValueError("the last period of its past years is zero, so nothing can be measured by it")
        found = [nearest(Fraction(goal) * weight / weights[-1], step) for weight in weights]
        return (*found[:-1], goal)
    return divided(goal * count, weights, step)


def _needed(amount: Decimal | None) -> Decimal:
    if amount is None:
        raise ValueError("no figure is aimed at")
    return amount


def _growing(how: Phasing, count: int) -> tuple[Decimal, ...]:
    if how.baseline is None:
        raise ValueError("growth begins somewhere, and there is no figure to begin with")
    base = Fraction(how.baseline)
    if how.curve is Curve.COMPOUND and base <= 0:
        raise ValueError("compound growth begins above zero")
    if how.total is None:
        goal = _needed(how.goal)
        if how.curve is Curve.COMPOUND and goal <= 0:
            raise ValueError("compound growth ends above zero")
        path = _path(how.curve, base, Fraction(goal), count)
        step = fitting(how.step, goal)
        return (*(nearest(value, step) for value in path[:-1]), goal)
    path = _to_total(how.curve, base, Fraction(how.total), count)
    if min(path) < 0:
        raise ValueError(f"the way from {how.baseline} to a total of {how.total} would lead below zero")
    return divided(how.total, path, fitting(how.step, how.total))


def _path(curve: Curve, base: Fraction, goal: Fraction, count: int) -> list[Fraction]:
    """The levels of the periods after ``base``, of which the last is ``goal``."""
    if curve is Curve.LINEAR:
        return [base + (goal - base) * at / count for at in range(1, count + 1)]
    rate = float(goal / base)
    return [*(base * Fraction(rate ** (at / count)) for at in range(1, count)), goal]


def _to_total(curve: Curve, base: Fraction, total: Fraction, count: int) -> list[Fraction]:
    """The levels of the periods after ``base`` that add up to ``total``."""
    if curve is Curve.LINEAR:
        step = (total - count * base) * 2 / (count * (count + 1))
        return [base + step * at for at in range(1, count + 1)]
    if total <= 0:
        raise ValueError("compound growth has a total above zero")

    def levels(rate: float) -> list[float]:
        return [float(base) * rate**at for at in range(1, count + 1)]

    rate = _found(lambda rate: sum(levels(rate)), float(total), most=max(2.0, float(total / base) + 1))
    return [Fraction(level) for level in levels(rate)]


def _found(rising: Callable[[float], float], wanted: float, most: float) -> float:
    """Where a rising function of 0 … ``most`` has the wanted value, by halving."""
    low, high = 0.0, most
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < wanted else (low, middle)
    return (low + high) / 2
