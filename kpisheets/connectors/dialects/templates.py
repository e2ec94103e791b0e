"""The templates of an SQL dialect, and how they are filled: identifiers, texts, local days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kpisheets.connectors.base import Column, Kind, literal
from kpisheets.connectors.dialects.zones import Shift


@dataclass(frozen=True, slots=True)
class Dialect:
    """The templates of one dialect. In each, ``{day}`` is a local day, ``{name}`` a quoted column.

    ``months_back`` gives the first of the month that lies ``{back}`` months before that of ``{day}``, ``days_on`` the
    day ``{days}`` days after it. ``instant_day`` is the local day of an instant: by the engine's own ``{zone}``, or,
    where it knows none, by ``{shift}``, the seconds to add to ``{utc}``. ``text_day`` is that of ISO text (``text_utc``
    its UTC time); where blank, text is refused as a date. ``instant`` is a bound (a UTC time in ISO form, with its
    offset where ``offsets``). ``instants`` are the types that are instants though they don't say so. ``days`` is a
    relation of the days from ``{first}`` to before ``{after}`` as ``{day}``: where there is one, the first day of a
    period is looked up there, not computed for each record. ``words``: text may be compared by joining a list of words.
    ``backslashes``: in a text they escape, and a doubled quote is none.
    """

    name: str
    week: str
    month: str
    months_back: str
    instant_day: str
    instant: str
    quotes: tuple[str, str] = ('"', '"')
    date: str = "CAST({mark} AS DATE)"
    local: str = "CAST({mark} AS DATE)"
    local_day: str = "CAST({name} AS DATE)"
    date_day: str = "{name}"
    days_on: str = "({day} + ({days}))"
    month_number: str = "EXTRACT(MONTH FROM {day})"
    modulo: str = "({number} % {by})"
    text_day: str = ""
    text_utc: str = ""
    utc: str = "{name}"
    grouping_sets: bool = True
    offsets: bool = True
    moment: str = "'{until}'"
    days: str = ""
    words: bool = False
    backslashes: bool = False
    materialized: bool = False
    text_of_days: bool = False
    instants: frozenset[str] = frozenset()

    @property
    def reads_text(self) -> bool:
        return bool(self.text_day)

    def quoted(self, name: str) -> str:
        """``name`` as an identifier."""
        begin, end = self.quotes
        return f"{begin}{name.replace(end, end * 2)}{end}"

    def literal(self, text: str) -> str:
        """``text`` as a string of the dialect."""
        if not self.backslashes:
            return literal(text)
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def day(self, column: Column, timezone: str, shifts: Iterable[Shift]) -> str:
        """A record's local day. ``shifts`` are the zone's, where the engine knows no zones."""
        name = self.quoted(column.name)
        if self.text_of_days:
            return self.text_day.format(name=name)
        match column.kind:
            case Kind.DATE:
                return self.date_day.format(name=name)
            case Kind.INSTANT:
                utc = self.utc.format(name=name)
                return self.instant_day.format(
                    name=name, zone=literal(timezone), shift=self._shift(utc, shifts), utc=utc
                )
            case Kind.TEXT if self.text_day:
                utc = self.text_utc.format(name=name)
                shift = self._shift(utc, shifts) if "{shift}" in self.text_day else ""
                return self.text_day.format(name=name, zone=literal(timezone), shift=shift, utc=utc)
        return self.local_day.format(name=name)

    def knows_zones(self, kind: Kind) -> bool:
        """Whether the local days of such a column need no ``shifts``."""
        used = {Kind.INSTANT: self.instant_day, Kind.TEXT: self.text_day}.get(kind, "")
        return "{shift}" not in used

    def _shift(self, utc: str, shifts: Iterable[Shift]) -> str:
        """The seconds to add to a UTC time, as a CASE over the moments at which the zone's offset changes."""
        *changing, (_, last) = shifts or [(None, 0)]
        if not changing:
            return str(last)
        moments = ((self.moment.format(until=f"{until:%Y-%m-%dT%H:%M:%S}"), s) for until, s in changing if until)
        return (
            f"(CASE {' '.join(f'WHEN {utc} < {moment} THEN {seconds}' for moment, seconds in moments)} ELSE {last} END)"
        )
