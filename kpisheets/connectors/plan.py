"""Which query answers which KPIs: one for each source, table and date column. Pure: nothing is opened here."""

# ruff: noqa: S608 — identifiers are quoted or matched against the catalogue; expressions have been read by expression.py

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kpisheets.connectors.base import Column, Kind, Table, Window, literal, quoted
from kpisheets.connectors.expression import Measure
from kpisheets.core.metric import Asked, Metric
from kpisheets.core.period import FIRST_DAY, LAST_DAY, Calendar, Frequency, Period

DAY = "kpisheets_day"
"""The name that a record's local day bears inside a query; the prefix keeps it apart from the columns of the table."""

_ISO_DAY = r"^\s*\d{4}-\d{2}-\d{2}"
_OFFSET = r"\d:\d{2}(:\d{2}([.,]\d+)?)?\s*([Zz]|[+-]\d{2}(:?\d{2})?)\s*$"
_AFTER = LAST_DAY + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Statement:
    """A query: its text, and the ISO texts that are bound to its question marks."""

    text: str
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a query's columns are. A row is (frequency, first day of the period, records, …outputs).

    With ``by_word`` the last column is the place of the word that the records bear, None where they bear none.
    """

    columns: Mapping[str, int]
    by_word: bool = False

    def at(self, output: str) -> int:
        return self.columns[output]


@dataclass(frozen=True, slots=True)
class Words:
    """A text column, and the words in it for which a query answers."""

    column: Column
    words: tuple[str, ...]


def window(asked: Sequence[Asked], calendar: Calendar) -> Window:
    """From the earliest ``first`` (the first day that a sheet can hold, where one is unbounded) to the latest end."""
    starts = [FIRST_DAY if one.first is None else one.first.start for one in asked]
    end = min(max(one.last.end for one in asked), _AFTER)
    return Window(max(min(starts), FIRST_DAY), end, calendar.timezone)


def statement(
    table: Table,
    day: Column,
    measures: Sequence[Measure],
    frequencies: Sequence[Frequency],
    span: Window,
    calendar: Calendar,
    *,
    dialect: str,
    grouping_sets: bool,
    words: Words | None = None,
) -> tuple[Statement, Layout]:
    """The query that answers ``measures`` at all ``frequencies``, and where its columns are.

    With ``words`` it answers them for each word of a column; this needs grouping sets.
    """
    outputs = list(dict.fromkeys(text for m in measures for text in (m.count, *m.outputs)))
    layout = Layout({text: 3 + index for index, text in enumerate(outputs)}, by_word=words is not None)
    used = {quoted(found.name) for m in measures for word in m.used if (found := table.column(word))}
    names = sorted(used | {quoted(words.column.name)} if words else used)
    chosen = sorted(set(frequencies), key=list(Frequency).index)
    where, parameters = _inside(day, span, calendar, dialect)
    records = f"SELECT {', '.join([*names, f'{_day(day, calendar, dialect)} AS {DAY}'])}\n  FROM {table.reference}"
    if day.kind is Kind.TEXT:
        records = f"SELECT * FROM (\n  {records}\n  ) AS dated\n  WHERE {where}"
    else:
        records = f"{records}\n  WHERE {where}"
    buckets = {frequency: _bucket(frequency, calendar, dialect) for frequency in chosen}
    columns = ",\n  ".join(["COUNT(*)", *outputs])
    if grouping_sets:
        keys = {frequency: f"kpisheets_{frequency.value.lower()}" for frequency in chosen}
        keyed = ", ".join(f"{buckets[f]} AS {keys[f]}" for f in chosen)
        which = " ".join(f"WHEN {keys[f]} IS NOT NULL THEN {literal(f.value)}" for f in chosen)
        # With one argument COALESCE is refused by some engines.
        start = f"COALESCE({', '.join(keys.values())})" if len(chosen) > 1 else keys[chosen[0]]
        source = f"(\n  SELECT *, {keyed} FROM (\n  {records}\n  ) AS records\n) AS bucketed"
        sets = [f"({key})" for key in keys.values()]
        if words:
            listed = ", ".join(f"({place}, {literal(word)})" for place, word in enumerate(words.words))
            source += (
                f"\nLEFT JOIN (VALUES {listed}) AS kpisheets_words (kpisheets_place, kpisheets_word)"
                f"\n  ON bucketed.{quoted(words.column.name)} = kpisheets_word"
            )
            columns += ",\n  kpisheets_place"
            sets = [f"({key}, kpisheets_place)" for key in keys.values()]
        text = (
            f"SELECT CASE {which} END, {start},\n  {columns}\nFROM {source}\nGROUP BY GROUPING SETS ({', '.join(sets)})"
        )
    else:
        parts = (
            f"SELECT {literal(f.value)}, {buckets[f]},\n  {columns}\nFROM records\nGROUP BY {buckets[f]}"
            for f in chosen
        )
        hint = " MATERIALIZED" if dialect in ("sqlite", "postgres") else ""
        text = f"WITH records AS{hint} (\n  {records}\n)\n" + "\nUNION ALL\n".join(parts)
    return Statement(text, parameters), layout


def census(table: Table, day: Column, calendar: Calendar, *, dialect: str) -> Statement:
    """The query that counts records: all, those with something in the date column, with a date, in a sheet's range.

    Its last output is the latest date of these.
    """
    where, parameters = _inside(day, Window(FIRST_DAY, _AFTER), calendar, dialect)
    name = quoted(day.name)
    usable = DAY if day.kind is Kind.TEXT else name
    found = f"{name}, {_day(day, calendar, dialect)} AS {DAY}" if day.kind is Kind.TEXT else name
    text = (
        f"SELECT COUNT(*), COUNT({name}), COUNT({usable}), COUNT(CASE WHEN {where} THEN 1 END), "
        f"MAX(CASE WHEN {where} THEN {usable} END)\n"
        f"FROM (SELECT {found} FROM {table.reference}) AS dated"
    )
    return Statement(text, parameters * 2)


def latest(table: Table, column: Column) -> Statement:
    """The query for the greatest value of a column."""
    return Statement(f"SELECT MAX({quoted(column.name)}) FROM {table.reference}", ())


def on_nothing(table: Table, layout: Layout) -> Statement:
    """The query for what the outputs are where there is no record: a row that is laid out as those of the other."""
    outputs = ", ".join(layout.columns)
    return Statement(f"SELECT NULL, NULL, 0, {outputs} FROM {table.reference} WHERE 1 = 0", ())


def period_of(calendar: Calendar, frequency: Frequency, start: date | str) -> Period:
    """The period that a bucket's first day stands for, which a query gives as a date or as ISO text."""
    day = start.date() if isinstance(start, datetime) else start
    day = date.fromisoformat(day[:10]) if isinstance(day, str) else day
    return calendar.period(frequency, max(day, FIRST_DAY))


def metrics_of(asked: Sequence[Asked]) -> list[Metric]:
    return list(dict.fromkeys(one.metric for one in asked))


def _day(day: Column, calendar: Calendar, dialect: str) -> str:
    """A record's local day."""
    name = quoted(day.name)
    zone = literal(calendar.timezone)
    if dialect == "sqlite":
        return f"kpisheets_day({name})"
    match day.kind:
        case Kind.DATE:
            return name
        case Kind.INSTANT:
            return f"CAST(({name} AT TIME ZONE {zone}) AS DATE)"
        case Kind.TEXT if dialect == "duckdb":
            return (
                f"CASE WHEN NOT regexp_matches({name}, {literal(_ISO_DAY)}) THEN NULL "
                f"WHEN regexp_matches({name}, {literal(_OFFSET)}) "
                f"THEN CAST(TRY_CAST(trim({name}) AS TIMESTAMPTZ) AT TIME ZONE {zone} AS DATE) "
                f"ELSE CAST(TRY_CAST(trim({name}) AS TIMESTAMP) AS DATE) END"
            )
    return f"CAST({name} AS DATE)"


def _inside(day: Column, span: Window, calendar: Calendar, dialect: str) -> tuple[str, tuple[str, ...]]:
    """The condition that a record lies in the window: on the column itself where that lets an engine skip blocks."""
    if dialect == "sqlite":
        return f"{DAY} >= ? AND {DAY} < ?", (span.start.isoformat(), span.end.isoformat())
    name = quoted(day.name)
    if day.kind is Kind.INSTANT:
        bounds = tuple(calendar.instant(moment).isoformat() for moment in (span.start, span.end))
        typed = "TIMESTAMPTZ" if dialect in ("duckdb", "postgres") else "TIMESTAMP"
        return f"{name} >= CAST(? AS {typed}) AND {name} < CAST(? AS {typed})", bounds
    key = DAY if day.kind is Kind.TEXT else name
    return f"{key} >= CAST(? AS DATE) AND {key} < CAST(? AS DATE)", (span.start.isoformat(), span.end.isoformat())


def _bucket(frequency: Frequency, calendar: Calendar, dialect: str) -> str:
    """The first day of the period that holds a record's day."""
    first = calendar.fiscal_year_start
    if dialect == "sqlite":
        return _SQLITE_BUCKETS[frequency].format(day=DAY, first=first)
    match frequency:
        case Frequency.DAILY:
            return DAY
        case Frequency.WEEKLY:
            return f"CAST(date_trunc('week', {DAY}) AS DATE)"
        case Frequency.MONTHLY:
            return f"CAST(date_trunc('month', {DAY}) AS DATE)"
        case Frequency.QUARTERLY | Frequency.YEARLY:
            months = 3 if frequency is Frequency.QUARTERLY else 12
            past = f"((CAST(EXTRACT(MONTH FROM {DAY}) AS INTEGER) + {12 - first}) % {months})"
            return f"CAST(date_trunc('month', {DAY}) - {past} * INTERVAL '1 month' AS DATE)"


_SQLITE_MONTHS_BACK = (
    "date({day}, 'start of month', '-' || ((CAST(strftime('%m', {day}) AS INTEGER) + 12 - {first}) % MONTHS)"
    " || ' months')"
)
_SQLITE_BUCKETS = {
    Frequency.DAILY: "{day}",
    Frequency.WEEKLY: "date({day}, '-6 days', 'weekday 1')",
    Frequency.MONTHLY: "date({day}, 'start of month')",
    Frequency.QUARTERLY: _SQLITE_MONTHS_BACK.replace("MONTHS", "3"),
    Frequency.YEARLY: _SQLITE_MONTHS_BACK.replace("MONTHS", "12"),
}
