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
CODES = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY
    COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS
    INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP
    MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR
    SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND
    VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """.split()  # noqa: SIM905 (readable as a block of words)
)
"""ISO 4217. Other three letters, such as NPS or FTE, are units of their own."""
WHOLE = frozenset(
    {
        *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW"),
        *("PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"),
    }
)
"""Currencies without cents."""

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
    code = currency if folded in _CURRENCY or written == currency else _code(written)
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
    return text if text in CODES else ""


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
