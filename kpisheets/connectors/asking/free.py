"""Metrics that bring their own SQL: one SELECT in the source's dialect, ``:start`` and ``:end`` bound to a window."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING

from kpisheets.connectors.asking.facts import number, ratio
from kpisheets.connectors.base import Connection, Refused, Window, literal
from kpisheets.core.metric import Asked, Fact, Query, Source
from kpisheets.core.period import Calendar

if TYPE_CHECKING:
    from sqlglot import exp

MOST_PERIODS = 1000
_MEND = "write one SELECT"


def tables_of(text: str, dialect: str) -> tuple[str, ...]:
    """The tables that a SELECT reads. Refused when it is anything else, or several statements."""
    from sqlglot import exp

    tree = _parsed(text, dialect)
    own = {cte.alias.casefold() for cte in tree.find_all(exp.CTE)}
    found = [".".join(part.name for part in table.parts) for table in tree.find_all(exp.Table) if table.name]
    return tuple(dict.fromkeys(name for name in found if name.casefold() not in own))


def _parsed(text: str, dialect: str) -> exp.Expr:
    import sqlglot
    from sqlglot import errors, exp

    try:
        trees = [tree for tree in sqlglot.parse(text, dialect=dialect) if tree is not None]
    except errors.SqlglotError as error:
        details = getattr(error, "errors", None) or [{}]
        said = details[0].get("description") or str(error).split("\n")[0]
        raise Refused(f"sql can't be read: {said}", _MEND) from None
    except RecursionError:
        raise Refused("sql is nested too deeply", _MEND) from None
    if len(trees) != 1:
        raise Refused("sql holds more than one statement" if trees else "sql is empty", _MEND)
    writing = (exp.DML, exp.DDL, exp.Command, exp.Into, exp.Lock, exp.Set, exp.Pragma)
    if not isinstance(trees[0], exp.Query) or any(
        isinstance(node, writing) and not isinstance(node, exp.Query) for node in trees[0].walk()
    ):
        raise Refused("sql does more than read", _MEND)
    return trees[0]


def filled(text: str, dialect: str, window: Window) -> str:
    """The SELECT as it is written, with a window's bounds in place of its names.

    ``:start`` and ``:end`` become dates (the end is excluded), ``:start_at`` and ``:end_at`` UTC times.
    """
    import sqlglot

    days = {"start": window.start.isoformat(), "end": window.end.isoformat()}
    moments = {"start_at": f"{window.begins:%Y-%m-%d %H:%M:%S}", "end_at": f"{window.ends:%Y-%m-%d %H:%M:%S}"}
    pieces, end = [], 0
    # Token by token: a name in a text, a comment or behind a double colon is none of ours.
    for token in sqlglot.tokenize(text, dialect=dialect):
        name, before = text[token.start : token.end + 1].casefold(), text[: token.start]
        if name.startswith(":"):
            name, before = name[1:], before + ":"
        if (name not in days and name not in moments) or not before.endswith(":") or before.endswith("::"):
            continue
        value = days.get(name) or moments[name]
        kind = "DATE" if name in days else "TIMESTAMP"
        bound = literal(value) if dialect == "sqlite" else _CAST.get(dialect, "{kind} {value}")
        pieces += [text[end : len(before) - 1], bound.format(kind=kind, value=literal(value))]
        end = token.end + 1
    return "".join([*pieces, text[end:]]).strip().rstrip(";")


_CAST = {
    # An instant, whatever zone the session is in.
    "duckdb": "CAST({value} AS {kind})",
    "postgres": "{kind} {value}",
    "tsql": "CAST({value} AS {kind}2)",
}


def singly(
    connection: Connection, source: Source, one: Asked, width: int, calendar: Calendar, now: datetime
) -> tuple[list[Fact], Query]:
    """The facts of a SELECT that gives one number (``width`` 1) or numerator and denominator (2) for each period.

    Refused when the KPI has no start, or when a period gives several rows or no number.
    """
    if one.first is None:
        mend = "fill “Active from” in the KPIs tab, or give date and value, so that one query answers all periods"
        raise Refused("its sql is asked period by period, and the KPI has no start", mend)
    periods = list(calendar.span(one.first, one.last))
    if len(periods) > MOST_PERIODS:
        mend = "give date and value, so that one query answers all periods, or a later “Active from”"
        raise Refused(f"its sql would be asked for {len(periods)} periods", mend)
    facts, text, began = [], "", time.perf_counter()
    for period in periods:
        window = Window(period.start, period.end, calendar.timezone)
        text = filled(one.metric.sql, connection.dialect, window)
        rows = connection.run(text, ())
        if len(rows) > 1:
            mend = "let it give one, or give date and value, so that its rows are put into periods"
            raise Refused(f"its sql gives {len(rows)} rows for {period}", mend)
        for row in rows:
            try:
                values = [number(value) for value in row]
            except (TypeError, ValueError) as error:
                raise Refused(f"{period}: {error}", "let the sql give a number") from None
            if width == 1 and values[0] is not None:
                facts.append(Fact(one.kpi, period, values[0], 1, now))
            elif width == 2 and values != [None, None]:
                facts.append(Fact(one.kpi, period, ratio(*values), 1, now, *values))
    seconds = time.perf_counter() - began
    said = (one.first.start.isoformat(), one.last.end.isoformat())
    query = Query(
        source.name, "", connection.engine, text, said, (one.kpi,), seconds, len(facts),
        notes=(f"asked for each of {len(periods)} periods; the query of the last one is shown",),
    )  # fmt: skip
    return facts, query
