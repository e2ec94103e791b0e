"""Numbers as people of a language write them, by the unit of the KPI.

What a language does (separators, where the percent sign and the currency stand, the short words for thousands and
millions) is Unicode's CLDR, by Babel. What is decided here is how much of a number a reader needs: how many decimals,
and that two numbers which differ look different.

Units are the free text of the ``KPIs`` tab. Known ones: an ISO currency code or ``currency`` (the project's own), ``%``
(the number is a fraction: 0.1 is 10 %), ``days``, ``hours``, ``count``, ``score``, ``ratio``; any other text stands
after the number.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from functools import cache

from babel import Locale
from babel.numbers import format_decimal, get_decimal_symbol, get_group_symbol

from kpisheets.core.bounds import Bounds, Spelling
from kpisheets.core.kpi import JUDGING_DIGITS, Number
from kpisheets.core.unit import Measure, Unit
from kpisheets.templates import Language

NOTHING = "–"
MINUS = "\N{MINUS SIGN}"
"""Instead of the hyphen, which screen readers skip and at which browsers break a line."""
MOST_DECIMALS = 6

_SPACE = "\N{NO-BREAK SPACE}"
_SHORT_FROM = 10_000
_ROOMY = Context(prec=60, rounding=ROUND_HALF_EVEN)
_DIGITS = re.compile(r"[#0][#0,.]*")


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes numbers in one language. ``locale`` is CLDR's name of it; ``days``, ``hours`` and ``point_word`` are the
    units that stand after a number."""

    locale: str = "en_GB"
    days: str = "d"
    hours: str = "h"
    point_word: str = "pts"

    @classmethod
    def of(cls, words: Language) -> Writer:
        """The writer that a language's data describes."""
        return cls(
            locale=words.locale.babel,
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
        short = 0
        if compact and unit.measure is not Measure.SHARE and abs(exact) >= _SHORT_FROM:
            # 999 950 is written 1.00 M, not 1000 k: round to the three digits that are shown, then choose the word.
            power = _magnitude(_rounded(exact, 2 - _magnitude(exact)))
            if shift := _shift(self.locale, power):
                short, exact = power, exact.scaleb(-shift, _ROOMY)
        decimals = 2 - max(_magnitude(exact), 0) if short else _decimals(exact, unit)
        exact = _rounded(exact, min(max(decimals, 0) + more, MOST_DECIMALS))
        return self._dressed(exact, unit, short)

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

    def bound(self, value: Number | None, unit: Unit) -> str:
        """A number by which others are judged: with up to three decimals more than usual, if it takes them to tell it
        exactly."""
        exact = _exact(value)
        if exact is None:
            return NOTHING
        exact = _rounded(exact.scaleb(2, _ROOMY) if unit.measure is Measure.SHARE else exact, JUDGING_DIGITS)
        usual = max(_decimals(exact, unit), 0)
        more = next((more for more in range(3) if _rounded(exact, usual + more) == exact), 3)
        return self.number(value, unit, more=more)

    def spelled(self, low: Number | None, high: Number | None, unit: Unit) -> Bounds:
        """How a formula writes the bounds as this writer does."""
        texts = self.pair(low, high, unit)
        return self._spelled(low, unit, texts[0]), self._spelled(high, unit, texts[1])

    def _spelled(self, bound: Number | None, unit: Unit, shown: str) -> Spelling | None:
        known = Locale.parse(self.locale)
        mark, group = get_decimal_symbol(known), get_group_symbol(known)
        written = re.search(rf"\d(?:[{mark}{group}]?\d)*", shown)
        if bound is None or written is None:
            return None
        before, after = shown[: written.start()].replace(MINUS, ""), shown[written.end() :]
        whole, _, fraction = written[0].partition(mark)
        times = 100 if unit.measure is Measure.SHARE else 1
        # A whole number may be edited into one that is none: its decimals are shown then, and only then.
        most = {Measure.CURRENCY: 0 if unit.whole else 2, Measure.OTHER: 2, Measure.RATIO: 2}.get(unit.measure, 1)
        return Spelling(
            before,
            after,
            times,
            decimals=len(fraction) or most,
            exact=bool(fraction),
            mark=mark,
            group=group,
            groups=whole.count(group),
            negative=MINUS in shown,
        )

    def gap(self, value: Number, unit: Unit, *, compact: bool = False) -> str:
        """The size of a difference, without its sign, never rounded to nothing while there is one."""
        size = abs(float(value))
        for more in range(MOST_DECIMALS + 1):
            shown = self.number(size, unit, compact=compact, more=more)
            if not size or any(digit in shown for digit in "123456789"):
                break
        return shown

    def share(self, value: float, *, whole: bool = False) -> str:
        """A fraction as a percentage: 0.083 is 8.3 %; ``whole``, and from ten per cent on, without decimals."""
        exact = _exact(value)
        if exact is None:
            return NOTHING
        exact = exact.scaleb(2, _ROOMY)
        return self._dressed(_rounded(exact, 0 if whole or abs(exact) >= 10 else 1), Unit(Measure.SHARE))

    def points(self, difference: float) -> str:
        """The size of a difference of two fractions, in percentage points: 0.012 is 1.2 pts."""
        points = Unit(Measure.OTHER, self.point_word)
        exact = _exact(abs(difference)) or Decimal(0)
        exact = exact.scaleb(2, _ROOMY)
        for decimals in range(0 if exact >= 100 else 1, MOST_DECIMALS + 1):
            rounded = _rounded(exact, decimals)
            if rounded or not exact:
                break
        return self._dressed(rounded, points)

    def _dressed(self, value: Decimal, unit: Unit, short: int = 0) -> str:
        """The rounded number in the locale's pattern for its unit. ``short`` is the power of ten that chooses a short
        word, such as the M of 1.24 M; 0 for none."""
        money = unit.measure is Measure.CURRENCY
        pattern = _short(self.locale, short, money=money) if short else _pattern(self.locale, unit.measure)
        places = max(-int(value.as_tuple().exponent), 0)
        with localcontext(Context(prec=max(60, value.adjusted() + 60))):
            digits = format_decimal(
                abs(value), format=f"#,##0{'.' if places else ''}{'0' * places}", locale=self.locale
            )
        if money:
            pattern = _with_symbol(pattern, unit.symbol)
        sign = MINUS if value < 0 else ""
        said = f"{sign}{_DIGITS.sub(lambda _: digits, pattern, count=1)}"
        word = {Measure.DAYS: self.days, Measure.HOURS: self.hours, Measure.OTHER: unit.text}.get(unit.measure, "")
        return f"{said}{_SPACE}{word}" if word else said


@cache
def _pattern(locale: str, measure: Measure) -> str:
    """CLDR's pattern for positive numbers, such as ``¤#,##0.00``."""
    known = Locale.parse(locale)
    if measure is Measure.CURRENCY:
        found = known.currency_formats["standard"].pattern
    elif measure is Measure.SHARE:
        found = known.percent_formats[None].pattern
    else:
        found = "0"
    return str(found).partition(";")[0]


@cache
def _short(locale: str, power: int, *, money: bool) -> str:
    """CLDR's pattern of a short number of that power of ten, such as ``00K``."""
    known = Locale.parse(locale)
    forms = (known.compact_currency_formats if money else known.compact_decimal_formats)["short"]["other"]
    found = forms[str(10 ** min(power, 14))].pattern.partition(";")[0]
    return str(found).replace("'", "")


@cache
def _shift(locale: str, power: int) -> int:
    """By how many powers of ten a number is divided where it is written short; 0 where the language has no word."""
    power = min(power, 14)
    pattern = _short(locale, power, money=False)
    return power + 1 - pattern.count("0") if re.search(r"[^0\s]", pattern) else 0


def _with_symbol(pattern: str, symbol: str) -> str:
    """The currency in its place; letters beside digits are parted from them, as CLDR tells to."""
    if symbol.isalpha():
        pattern = re.sub("¤(?=[#0])", f"¤{_SPACE}", pattern)
        pattern = re.sub("(?<=[#0])¤", f"{_SPACE}¤", pattern)
    return pattern.replace("¤", symbol)


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
