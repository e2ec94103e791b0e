"""Number formats of spreadsheet cells by the unit of a KPI.

Units are the free text of the ``KPIs`` tab. Separators follow the reader's own settings in every spreadsheet program;
the language decides only on which side a currency stands and how days are abbreviated.
"""

from __future__ import annotations

from collections.abc import Mapping

PERCENT, SIGNED_PERCENT = "0.0%", "+0.0%;-0.0%;0.0%"
TEXT, GENERAL = "@", "General"

SYMBOLS: Mapping[str, str] = {
    **{"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "ILS": "₪", "UAH": "₴", "VND": "₫"}
}
WHOLE = frozenset({"JPY", "KRW", "VND", "CLP", "ISK", "XAF", "XOF", "XPF", "UGX", "PYG"})
"""Currencies that have no cents in use."""

_CURRENCY = frozenset({"currency", "money", "devise"})
_SHARES = frozenset({"%", "percent", "share"})
_DAYS = frozenset({"d", "day", "days", "j", "jour", "jours"})
_HOURS = frozenset({"h", "hr", "hrs", "hour", "hours", "heure", "heures"})
_COUNTS = frozenset({"", "#", "n", "count", "number", "nombre"})
_SCORES = frozenset({"score", "note", "index", "indice"})
_RATIOS = frozenset({"ratio", "x"})
_CURRENCY_LAST = frozenset({"fr", "de", "es", "it", "pt", "nl"})
_DAY_LETTER = {"fr": "j"}
_LONGEST_UNIT = 40
_SPACE = "\N{NO-BREAK SPACE}"


def number_format(unit: str, currency: str, *, signed: bool = False, language: str = "en") -> str:
    """The number format for a KPI's unit: an ISO currency code or symbol, ``currency`` (the project's), ``%``
    (a fraction), ``days``, ``hours``, ``count``, ``score``, ``ratio``; any other text stands after the number.

    ``signed`` shows the sign of positive numbers too, as variances have it.
    """
    written = " ".join(unit.split())
    folded = written.casefold()
    code = currency if folded in _CURRENCY else _code(written)
    spoken = language.split("-")[0].casefold()
    if code:
        return _money(code, signed=signed, last=spoken in _CURRENCY_LAST)
    if folded in _SHARES:
        gap = f'"{_SPACE}"' if spoken == "fr" else ""
        return _by_sign(f"0.0{gap}%", signed=signed)
    if folded in _COUNTS:
        return _by_sign("#,##0", signed=signed)
    if folded in _SCORES:
        return _by_sign("0.0", signed=signed)
    if folded in _RATIOS:
        return _by_sign("0.00", signed=signed)
    if folded in _DAYS:
        return _by_sign(f"#,##0.0{_after(_DAY_LETTER.get(spoken, 'd'))}", signed=signed)
    if folded in _HOURS:
        return _by_sign(f"#,##0.0{_after('h')}", signed=signed)
    return _by_sign(f"#,##0.0{_after(written)}", signed=signed)


def _code(text: str) -> str:
    """The currency code that a text names by its code or symbol; empty when it names none."""
    for code, symbol in SYMBOLS.items():
        if text == symbol:
            return code
    return text if len(text) == 3 and text.isascii() and text.isalpha() and text.isupper() else ""


def _money(code: str, *, signed: bool, last: bool) -> str:
    symbol = SYMBOLS.get(code, code)
    if last:
        before, after = "", _after(symbol)
    else:
        before, after = _quoted(f"{symbol}{_SPACE}" if symbol.isalpha() else symbol), ""
    decimals = "" if code in WHOLE else ".00"
    return _by_sign(f"{before}#,##0{decimals}{after}", signed=signed)


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
