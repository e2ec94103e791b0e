"""Number formats of spreadsheet cells by the unit of a KPI.

Units are the free text of the ``KPIs`` tab. Separators follow the reader's own settings in every spreadsheet program;
the language decides only on which side a currency stands, what parts a number from its percent sign and which words
stand for days and hours (those of the reports).
"""

from __future__ import annotations

from kpisheets.core.plan import DAY
from kpisheets.core.unit import Measure, Unit
from kpisheets.templates import language as words

PERCENT = "0.0%"
TEXT, GENERAL = "@", "General"

_CURRENCY_LAST = frozenset({"fr", "de", "es", "it", "pt", "nl"})
_SPACED_PERCENT = frozenset({"fr", "de", "es"})
_DAYS = {"fr": "j", "de": "Tage", "es": "días"}
_HOURS = {"de": "Std."}
_LONGEST_UNIT = 40
_SPACE = "\N{NO-BREAK SPACE}"


def number_format(unit: str, currency: str, *, signed: bool = False, language: str = "en") -> str:
    """The number format for a KPI's unit: an ISO currency code or symbol, ``currency`` (the project's), ``%``
    (a fraction), ``days``, ``hours``, ``count``, ``score``, ``ratio``; any other text stands after the number.

    ``signed`` shows the sign of positive numbers too, as variances have it. ``DAY`` is a date.
    """
    if unit == DAY:
        return words(language).locale.date
    found = Unit.read(unit, currency)
    spoken = language.split("-")[0].casefold()
    match found.measure:
        case Measure.CURRENCY:
            plain = _money(found, last=spoken in _CURRENCY_LAST)
        case Measure.SHARE:
            plain = _percent(spoken)
        case Measure.COUNT:
            plain = "#,##0"
        case Measure.SCORE:
            plain = "0.0"
        case Measure.RATIO:
            plain = "0.00"
        case Measure.DAYS:
            plain = f"#,##0.0{_after(_DAYS.get(spoken, 'd'))}"
        case Measure.HOURS:
            plain = f"#,##0.0{_after(_HOURS.get(spoken, 'h'))}"
        case Measure.OTHER:
            plain = f"#,##0.0{_after(found.text)}"
    return _by_sign(plain, signed=signed)


def signed_percent(language: str) -> str:
    """The number format of a variance as a share of its target."""
    return _by_sign(_percent(language.split("-")[0].casefold()), signed=True)


def _percent(spoken: str) -> str:
    gap = f'"{_SPACE}"' if spoken in _SPACED_PERCENT else ""
    return f"0.0{gap}%"


def _money(unit: Unit, *, last: bool) -> str:
    if last:
        before, after = "", _after(unit.symbol)
    else:
        before, after = _quoted(f"{unit.symbol}{_SPACE}" if unit.symbol.isalpha() else unit.symbol), ""
    return f"{before}#,##0{'' if unit.whole else '.00'}{after}"


def _by_sign(plain: str, *, signed: bool) -> str:
    """One section, or the three by sign that every program reads alike. Conditions such as ``[>=1000]`` could leave
    cents away, but programs disagree on who writes the minus sign then."""
    return f"+{plain};-{plain};{plain}" if signed else plain


def _after(text: str) -> str:
    return _quoted(f"{_SPACE}{text}")


def _quoted(text: str) -> str:
    """Literal text of a number format, which has no way to write a quotation mark inside quotes."""
    clean = "".join(letter for letter in text if letter.isprintable() or letter == _SPACE).replace('"', "”")
    return f'"{clean[:_LONGEST_UNIT]}"'
