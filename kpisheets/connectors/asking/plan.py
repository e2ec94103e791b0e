"""Which query answers which KPIs: one for each source, table and date column. Pure: nothing is opened here."""

# ruff: noqa: S608 — identifiers are quoted or matched against the catalogue; expressions have been read by expression.py

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kpisheets.connectors.asking.expression import Measure
from kpisheets.connectors.base import Column, Kind, Table, Window, literal
from kpisheets.connectors.dialects.buckets import bucket
from kpisheets.connectors.dialects.templates import Dialect
from kpisheets.connectors.dialects.zones import Shift
from kpisheets.core.metric import Asked, Metric
from kpisheets.core.period import FIRST_DAY, LAST_DAY, Calendar, Frequency, Period

DAY = "kpisheets_day"
"""The name that a record's local day bears inside a query; the prefix keeps it apart from the columns of the table."""

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
    dialect: Dialect,
    grouping_sets: bool,
    shifts: Sequence[Shift] = (),
    words: Words | None = None,
    held: tuple[date, date] | None = None,
) -> tuple[Statement, Layout]:
    """The query that answers ``measures`` at all ``frequencies``, and where its columns are.

    ``shifts`` are the zone's, for a dialect that knows none. With ``words`` it answers them for each word of a column;
    this needs grouping sets. ``held`` are the first and the last local day of which there are records at all.
    """
    quoted = dialect.quoted
    outputs = list(dict.fromkeys(text for m in measures for text in (m.count, *m.outputs)))
    layout = Layout({text: 3 + index for index, text in enumerate(outputs)}, by_word=words is not None)
    used = {quoted(found.name) for m in measures for word in m.used if (found := table.column(word))}
    names = sorted(used | {quoted(words.column.name)} if words else used)
    chosen = sorted(set(frequencies), key=list(Frequency).index)
    where, parameters = _inside(day, span, calendar, dialect)
    local = dialect.day(day, calendar.timezone, shifts)
    records = f"SELECT {', '.join([*names, f'{local} AS {DAY}'])}\n  FROM {table.reference}"
    if day.kind is Kind.TEXT:
        records = f"SELECT * FROM (\n  {records}\n  ) dated\n  WHERE {where}"
    else:
        records = f"{records}\n  WHERE {where}"
    first, last = held or (span.start, span.last_day)
    buckets = {frequency: bucket(dialect, frequency, DAY, calendar, first, last) for frequency in chosen}
    # Drivers that give rows as mappings lose columns of one name, and those that bear none are named after their text.
    bare = ["COUNT(*) AS kpisheets_records", *(f"{text} AS kpisheets_{i}" for i, text in enumerate(outputs))]
    columns = ",\n  ".join(bare)
    if grouping_sets:
        keys = {frequency: f"kpisheets_{frequency.value.lower()}" for frequency in chosen}
        keyed = ", ".join(f"{buckets[f]} AS {keys[f]}" for f in chosen)
        which = " ".join(f"WHEN {keys[f]} IS NOT NULL THEN {literal(f.value)}" for f in chosen)
        # With one argument COALESCE is refused by some engines.
        start = f"COALESCE({', '.join(keys.values())})" if len(chosen) > 1 else keys[chosen[0]]
        looked_up = _calendar(first, last, buckets, keys, dialect)
        if looked_up:
            keyed = ", ".join(keys.values())
        source = f"(\n  SELECT records.*, {keyed} FROM (\n  {records}\n  ) records{looked_up}\n) bucketed"
        sets = [f"({key})" for key in keys.values()]
        if words:
            listed = ", ".join(f"({place}, {dialect.literal(word)})" for place, word in enumerate(words.words))
            source += (
                f"\nLEFT JOIN (VALUES {listed}) AS kpisheets_words (kpisheets_place, kpisheets_word)"
                f"\n  ON bucketed.{quoted(words.column.name)} = kpisheets_word"
            )
            columns += ",\n  kpisheets_place"
            sets = [f"({key}, kpisheets_place)" for key in keys.values()]
        text = (
            f"SELECT CASE {which} END AS kpisheets_frequency, {start} AS kpisheets_start,\n  {columns}\n"
            f"FROM {source}\nGROUP BY GROUPING SETS ({', '.join(sets)})"
        )
    else:
        parts = (
            f"SELECT {literal(f.value)} AS kpisheets_frequency, {buckets[f]} AS kpisheets_start,\n  {columns}\n"
            f"FROM records\nGROUP BY {buckets[f]}"
            for f in chosen
        )
        hint = " MATERIALIZED" if dialect.materialized else ""
        text = f"WITH records AS{hint} (\n  {records}\n)\n" + "\nUNION ALL\n".join(parts)
    return Statement(text, parameters), layout


_MOST_DAYS = 100_000


def _calendar(
    first: date, last: date, buckets: Mapping[Frequency, str], keys: Mapping[Frequency, str], dialect: Dialect
) -> str:
    """The days from ``first`` to ``last``, joined, each with the first days of its periods.

    Blank where the dialect makes no such list, where there is nothing to look up, or where it would be a long one.
    """
    quick = {DAY, dialect.month.format(day=DAY)}
    if not dialect.days or quick.issuperset(buckets.values()) or not 0 <= (last - first).days < _MOST_DAYS:
        return ""
    each = "kpisheets_date"
    found = ", ".join(f"{text.replace(DAY, each)} AS {keys[frequency]}" for frequency, text in buckets.items())
    listed = dialect.days.format(day=each, first=first, after=last + timedelta(days=1))
    return f"\n  JOIN (SELECT {each}, {found} FROM (\n  {listed}\n  )) calendar ON {DAY} = {each}"


def extent(table: Table, day: Column, calendar: Calendar, *, dialect: Dialect) -> Statement:
    """The quick look at a date column that is no text: records, those with a date, the earliest and the latest date.

    The dates are NULL where one lies outside a sheet's range. An engine that keeps the bounds of each column answers it
    without reading a record.
    """
    where, parameters = _inside(day, Window(FIRST_DAY, _AFTER), calendar, dialect)
    name = dialect.quoted(day.name)
    lower, _, upper = where.partition(" AND ")
    test = f"{lower.replace(name, f'MIN({name})', 1)} AND {upper.replace(name, f'MAX({name})', 1)}"
    text = (
        f"SELECT COUNT(*) AS kpisheets_records, COUNT({name}) AS kpisheets_dated,\n"
        f"  CASE WHEN {test} THEN MIN({name}) END AS kpisheets_earliest,\n"
        f"  CASE WHEN {test} THEN MAX({name}) END AS kpisheets_latest\n"
        f"FROM {table.reference}"
    )
    return Statement(text, parameters * 2)


def census(table: Table, day: Column, calendar: Calendar, *, dialect: Dialect) -> Statement:
    """The query that counts records: all, those with something in the date column, with a date, in a sheet's range.

    Its last outputs are the earliest and the latest date of these.
    """
    where, parameters = _inside(day, Window(FIRST_DAY, _AFTER), calendar, dialect)
    name = dialect.quoted(day.name)
    usable = DAY if day.kind is Kind.TEXT else name
    found = f"{name}, {dialect.day(day, calendar.timezone, ())} AS {DAY}" if day.kind is Kind.TEXT else name
    text = (
        f"SELECT COUNT(*) AS kpisheets_records,\n"
        f"  COUNT({name}) AS kpisheets_dated, COUNT({usable}) AS kpisheets_usable,\n"
        f"  COUNT(CASE WHEN {where} THEN 1 END) AS kpisheets_inside,\n"
        f"  MIN(CASE WHEN {where} THEN {usable} END) AS kpisheets_earliest,\n"
        f"  MAX(CASE WHEN {where} THEN {usable} END) AS kpisheets_latest\n"
        f"FROM (SELECT {found} FROM {table.reference}) dated"
    )
    return Statement(text, parameters * 3)


def changed(
    table: Table, day: Column, updated: Column, since: date, before: date, calendar: Calendar, *, dialect: Dialect
) -> Statement:
    """The query for the earliest local day before ``before`` of the records that changed on ``since`` or later."""
    local = dialect.day(day, calendar.timezone, ())
    where, parameters = _inside(updated, Window(since, _AFTER), calendar, dialect)
    last = dialect.date.format(mark="?")
    columns = f"{local} AS kpisheets_dated, {dialect.day(updated, calendar.timezone, ())} AS {DAY}"
    inner = f"SELECT {columns} FROM {table.reference}"
    text = f"SELECT MIN(kpisheets_dated) AS kpisheets_earliest FROM (\n  {inner}"
    outer = f"kpisheets_dated < {last}"
    if updated.kind is Kind.TEXT:
        return Statement(f"{text}\n) dated\nWHERE {where} AND {outer}", (*parameters, before.isoformat()))
    return Statement(f"{text}\n  WHERE {where}\n) dated\nWHERE {outer}", (*parameters, before.isoformat()))


def latest(table: Table, column: Column, *, dialect: Dialect) -> Statement:
    """The query for the greatest value of a column."""
    return Statement(f"SELECT MAX({dialect.quoted(column.name)}) FROM {table.reference}", ())


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


def _inside(day: Column, span: Window, calendar: Calendar, dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    """The condition that a record lies in the window: on the column itself where that lets an engine skip blocks."""
    name, days = dialect.quoted(day.name), (span.start.isoformat(), span.end.isoformat())
    match day.kind:
        case Kind.INSTANT:
            form, bound = name, dialect.instant
            # Where a clock change repeats midnight, records of the last day come after the first midnight.
            moments = (calendar.instant(span.start), calendar.instant(span.end, last=True))
            begin, end = (m.isoformat() if dialect.offsets else f"{m:%Y-%m-%d %H:%M:%S}" for m in moments)
            days = begin, end
        case Kind.TEXT:
            form, bound = DAY, dialect.date
        case Kind.DATE:
            form, bound = name, dialect.date
        case _:
            form, bound = name, dialect.local
    bound = bound.format(mark="?")
    return f"{form} >= {bound} AND {form} < {bound}", days
