"""Numbers as people of a language write them, by the unit of the KPI.

Units are the free text of the ``KPIs`` tab. Known ones: an ISO currency code or ``currency`` (the project's own), ``%``
(the number is a fraction: 0.1 is 10 %), ``days``, ``hours``, ``count``, ``score``, ``ratio``; any other text stands
after the number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal

from kpisheets.core.kpi import JUDGING_DIGITS, Number
from kpisheets.core.unit import Measure, Unit
from kpisheets.templates import Language

NOTHING = "–"
MINUS = "\N{MINUS SIGN}"
MOST_DECIMALS = 6

_ROOMY = Context(prec=60, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes numbers in one language.

    ``space`` stands before ``%`` and a trailing currency or unit; ``scales`` are the short words for 10³, 10⁶ and 10⁹.
    """

    decimal: str = "."
    group: str = ","
    space: str = "\N{NO-BREAK SPACE}"
    percent_space: str = ""
    currency_first: bool = True
    scales: tuple[str, str, str] = ("k", "M", "bn")
    days: str = "d"
    hours: str = "h"
    point_word: str = "pts"

    @classmethod
    def of(cls, words: Language) -> Writer:
        """The writer that a language's data describes."""
        return cls(
            decimal=words.word("report.decimal"),
            group=words.word("report.group"),
            percent_space=words.word("report.percent_space"),
            currency_first=words.word("report.currency") == "before",
            scales=(words.word("report.thousand"), words.word("report.million"), words.word("report.billion")),
            days=words.word("report.days"),
            hours=words.word("report.hours"),
            point_word=words.word("report.points"),
        )

    def number(self, value: Number | None, unit: Unit, *, compact: bool = False, more: int = 0) -> str:
        """``value`` with its unit; a dash where there is none. ``more`` adds decimals, ``compact`` writes 1.24 M."""
        exact = _exact(value)
        if exact is None:
            return NOTHING
        if unit.measure is Measure.SHARE:
            exact = exact.scaleb(2, _ROOMY)
        scale = ""
        if compact and unit.measure is not Measure.SHARE:
            exact, scale = self._scaled(exact)
        decimals = 2 - max(_magnitude(exact), 0) if scale else _decimals(exact, unit)
        exact = _rounded(exact, min(max(decimals, 0) + more, MOST_DECIMALS))
        return self._dressed(exact, scale, unit)

    def pair(
        self, actual: Number | None, target: Number | None, unit: Unit, *, compact: bool = False
    ) -> tuple[str, str]:
        """Both numbers, with as many decimals as it takes to see that they differ when they do."""
        shown = self.number(actual, unit, compact=compact), self.number(target, unit, compact=compact)
        if not differ(actual, target):
            return shown
        for more in range(1, MOST_DECIMALS + 1):
            if shown[0] != shown[1]:
                break
            shown = (
                self.number(actual, unit, compact=compact, more=more),
                self.number(target, unit, compact=compact, more=more),
            )
        return shown

    def gap(self, value: Number, unit: Unit, *, compact: bool = False) -> str:
        """The size of a difference, without its sign, never rounded to nothing while there is one."""
        size = abs(float(value))
        for more in range(MOST_DECIMALS + 1):
            shown = self.number(size, unit, compact=compact, more=more)
            if not size or any(digit in shown for digit in "123456789"):
                break
        return shown

    def share(self, value: float) -> str:
        """A fraction as a percentage: 0.083 is 8.3 %; from ten per cent on without decimals."""
        exact = _exact(value)
        if exact is None:
            return NOTHING
        exact = exact.scaleb(2, _ROOMY)
        return self._dressed(_rounded(exact, 0 if abs(exact) >= 10 else 1), "", Unit(Measure.SHARE))

    def points(self, difference: float) -> str:
        """The size of a difference of two fractions, in percentage points: 0.012 is 1.2 pts."""
        points = Unit(Measure.OTHER, self.point_word)
        exact = _exact(abs(difference)) or Decimal(0)
        exact = exact.scaleb(2, _ROOMY)
        for decimals in range(0 if exact >= 100 else 1, MOST_DECIMALS + 1):
            rounded = _rounded(exact, decimals)
            if rounded or not exact:
                break
        return self._dressed(rounded, "", points)

    def _scaled(self, value: Decimal) -> tuple[Decimal, str]:
        if abs(value) < 10_000:
            return value, ""
        steps = (_magnitude(value)) // 3
        # 999 950 is written 1.00 M, not 1000 k: round to the three digits that will be shown before choosing the step.
        if _magnitude(_rounded(value, 2 - _magnitude(value))) // 3 > steps:
            steps += 1
        steps = min(steps, len(self.scales))
        return value.scaleb(-3 * steps, _ROOMY), self.scales[steps - 1]

    def _dressed(self, value: Decimal, scale: str, unit: Unit) -> str:
        sign = MINUS if value < 0 else ""
        digits = self._grouped(abs(value))
        tail = f"{self.space}{scale}" if scale else ""
        match unit.measure:
            case Measure.CURRENCY if self.currency_first:
                gap = self.space if unit.symbol.isalpha() else ""
                return f"{sign}{unit.symbol}{gap}{digits}{tail}"
            case Measure.SHARE:
                return f"{sign}{digits}{self.percent_space}%"
            case Measure.CURRENCY:
                gap = "" if scale and not unit.symbol.isalpha() else self.space
                return f"{sign}{digits}{tail}{gap}{unit.symbol}"
        word = {Measure.DAYS: self.days, Measure.HOURS: self.hours, Measure.OTHER: unit.text}.get(unit.measure, "")
        return f"{sign}{digits}{tail}{self.space}{word}" if word else f"{sign}{digits}{tail}"

    def _grouped(self, value: Decimal) -> str:
        whole, _, fraction = f"{value:f}".partition(".")
        parts = []
        while len(whole) > 3:
            whole, part = whole[:-3], whole[-3:]
            parts.append(part)
        grouped = self.group.join([whole, *reversed(parts)])
        return f"{grouped}{self.decimal}{fraction}" if fraction else grouped


def differ(first: Number | None, second: Number | None) -> bool:
    """Whether both are numbers and the judging of a status tells them apart."""
    a, b = _exact(first), _exact(second)
    return a is not None and b is not None and abs(a - b) > Decimal(1).scaleb(-JUDGING_DIGITS)


def _exact(value: Number | None) -> Decimal | None:
    if value is None:
        return None
    exact = value if isinstance(value, Decimal) else Decimal(repr(value)) if math.isfinite(value) else None
    return exact if exact is not None and exact.is_finite() else None


def _magnitude(value: Decimal) -> int:
    return value.adjusted() if value else 0


def _rounded(value: Decimal, decimals: int) -> Decimal:
    exponent = Decimal(1).scaleb(-decimals)
    rounded = value.quantize(exponent, context=Context(prec=max(60, value.adjusted() + 60)))
    return rounded if rounded else abs(rounded)


def _decimals(value: Decimal, unit: Unit) -> int:
    size = abs(value)
    whole = value == value.to_integral_value()
    match unit.measure:
        case Measure.CURRENCY:
            return 0 if unit.whole or size >= 1000 or (whole and size >= 100) else 2
        case Measure.COUNT:
            return 0 if whole or size >= 1000 else 1
        case Measure.RATIO:
            return 2 if size < 1000 else 0
        case Measure.OTHER:
            return 0 if whole else 1 if size >= 10 else 2
    return 1 if size < 1000 else 0
