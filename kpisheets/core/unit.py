"""Units: what the free text of a KPI's Unit means.

Known ones: an ISO 4217 currency code or its symbol, ``currency`` (the project's own), ``%`` (the number is a fraction:
0.1 is 10 %), ``days``, ``hours``, ``count``, ``score``, ``ratio``, in English, French, German and Spanish; any other
text is a unit of its own that stands after the number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

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


class Measure(StrEnum):
    """The kinds of unit that are written differently."""

    CURRENCY = "currency"
    SHARE = "share"
    DAYS = "days"
    HOURS = "hours"
    COUNT = "count"
    SCORE = "score"
    RATIO = "ratio"
    OTHER = "other"


_WORDS: Mapping[Measure, frozenset[str]] = {
    Measure.CURRENCY: frozenset({"currency", "money", "devise", "währung", "moneda", "divisa"}),
    Measure.SHARE: frozenset({"%", "percent", "share", "prozent", "porcentaje"}),
    Measure.DAYS: frozenset({"d", "day", "days", "j", "jour", "jours", "tag", "tage", "día", "días"}),
    Measure.HOURS: frozenset(
        {"h", "hr", "hrs", "hour", "hours", "heure", "heures", "std", "std.", "stunde", "stunden", "hora", "horas"}
    ),
    Measure.COUNT: frozenset({"", "#", "n", "count", "number", "nombre", "anzahl", "número"}),
    Measure.SCORE: frozenset({"score", "note", "index", "indice", "punkte", "puntuación", "nota", "índice"}),
    Measure.RATIO: frozenset({"ratio", "x", "verhältnis"}),
}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as read: its kind, the text shown with the number (a currency's code, or a unit of people's own), and
    whether amounts have no cents."""

    measure: Measure
    text: str = ""
    whole: bool = False

    @property
    def symbol(self) -> str:
        """The currency's symbol, or its code where it has none of its own."""
        return SYMBOLS.get(self.text, self.text)

    @classmethod
    def read(cls, unit: str, currency: str = "") -> Unit:
        """The unit that a KPI's free text names; ``currency`` is the project's ISO code."""
        written = " ".join(unit.split())
        folded = written.casefold()
        if folded in _WORDS[Measure.CURRENCY] or (written and written == currency):
            return cls(Measure.CURRENCY, currency, currency in WHOLE)
        code = next((code for code, symbol in SYMBOLS.items() if written == symbol), written)
        if code in CODES:
            return cls(Measure.CURRENCY, code, code in WHOLE)
        for measure, words in _WORDS.items():
            if folded in words:
                return cls(measure)
        return cls(Measure.OTHER, written)
