"""What a spreadsheet's locale decides: separators, names of months, the order of a date, words for TRUE and FALSE.

The facts come from CLDR, by Babel.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.dates import get_date_format, get_day_names, get_month_names, get_time_format
from babel.numbers import get_territory_currencies

_BOOLEANS = {
    "de": ("WAHR", "FALSCH"),
    "es": ("VERDADERO", "FALSO"),
    "fr": ("VRAI", "FAUX"),
    "it": ("VERO", "FALSO"),
    "nl": ("WAAR", "ONWAAR"),
    "pt": ("VERDADEIRO", "FALSO"),
}


@dataclass(frozen=True, slots=True)
class Manner:
    """How a locale writes. Months and days in their order, days from Sunday on."""

    decimal: str
    group: str
    months: tuple[str, ...]
    short_months: tuple[str, ...]
    days: tuple[str, ...]
    short_days: tuple[str, ...]
    true: str
    false: str
    date: str
    """The pattern of a plain date, year with four digits: ``m/d/yyyy``, ``dd/mm/yyyy``."""
    time: str
    currency: str
    """The pattern of an amount: ``"$"#,##0.00``."""

    @property
    def date_order(self) -> str:
        """``mdy``, ``dmy`` or ``ymd``."""
        return "".join(sorted("dmy", key=self.date.index))


@cache
def manner(locale: str) -> Manner:
    """The manner of a locale such as ``fr_FR`` or ``en``; an unknown one writes as ``en_US``."""
    try:
        known = Locale.parse(locale or "en_US")
    except (UnknownLocaleError, ValueError):
        known = Locale.parse("en_US")
    true, false = _BOOLEANS.get(known.language, ("TRUE", "FALSE"))
    decimal, group = known.number_symbols["latn"]["decimal"], known.number_symbols["latn"]["group"]
    return Manner(
        decimal=str(decimal),
        group=str(group),
        months=_names(get_month_names("wide", locale=known), range(1, 13)),
        short_months=_names(get_month_names("abbreviated", locale=known), range(1, 13)),
        days=_names(get_day_names("wide", locale=known), (6, 0, 1, 2, 3, 4, 5)),
        short_days=_names(get_day_names("abbreviated", locale=known), (6, 0, 1, 2, 3, 4, 5)),
        true=true,
        false=false,
        date=re.sub("y+", "yyyy", get_date_format("short", known).pattern.lower()),
        time=get_time_format("medium", known).pattern.lower().replace("\u202f", " ").replace(" a", " am/pm"),
        currency=_currency(known),
    )


def _names(found: object, order: object) -> tuple[str, ...]:
    return tuple(str(found[key]) for key in order)  # type: ignore[index, attr-defined]


def _currency(locale: Locale) -> str:
    codes = get_territory_currencies(locale.territory or "US")
    symbol = locale.currency_symbols.get(codes[0] if codes else "USD", codes[0] if codes else "$")
    pattern = str(locale.currency_formats["standard"].pattern).split(";")[0]
    return pattern.replace("\u00a4", f'"{symbol}"').replace("\u00a0", " ")
