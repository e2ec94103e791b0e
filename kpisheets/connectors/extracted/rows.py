"""Records of any kind → a table of DuckDB: frames and Arrow tables as they are, dicts by the types of all values."""

# ruff: noqa: S608 — identifiers are quoted; values are bound

from __future__ import annotations

import json
import numbers
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kpisheets.connectors.base import Kind, Refused, first_line, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_BATCH = 20_000
_BLANK = {Kind.DATE: "DATE", Kind.LOCAL: "TIMESTAMP", Kind.INSTANT: "TIMESTAMPTZ", Kind.NUMBER: "DOUBLE"}
_MEND = "give a pandas DataFrame, an Arrow table, or dicts, one a record"


def created(
    sql: DuckDBPyConnection,
    reference: str,
    data: object,
    name: str,
    *,
    wanted: Iterable[str],
    known: Mapping[str, Kind] | None = None,
) -> None:
    """Create the table ``reference`` of these records. Refused when they are none.

    Where there is no record at all, its columns are those that are ``wanted``. A column that is blank throughout is of
    the kind that is ``known`` of it: nothing else would tell an engine which of its functions is meant.
    """
    import duckdb

    if type(data).__module__.partition(".")[0] == "pandas" or hasattr(data, "__arrow_c_stream__"):
        if not hasattr(data, "columns") and not hasattr(data, "schema"):
            raise Refused(f"“{name}” comes as {type(data).__name__}, which is no table", _MEND)
        try:
            sql.register("kpisheets_incoming", data)
            sql.execute(f"CREATE TEMP TABLE {reference} AS SELECT * FROM kpisheets_incoming")
            sql.unregister("kpisheets_incoming")
        except (duckdb.Error, ValueError, TypeError) as error:
            raise Refused(f"the records of “{name}” can't be used: {first_line(error)}", _MEND) from None
        return
    columns = _columns(data, name) or {column: [] for column in sorted(wanted)}
    if not columns:
        raise Refused(f"“{name}” has no records, and so no columns", "name its columns, or wait for the first record")
    blank = {column: _BLANK.get(kind, "VARCHAR") for column, kind in (known or {}).items()}
    kinds = {column: _kind(values, blank.get(column, "VARCHAR")) for column, values in columns.items()}
    made = ", ".join(f"{quoted(column)} {kind}" for column, kind in kinds.items())
    sql.execute(f"CREATE TEMP TABLE {reference} ({made})")
    insert = f"INSERT INTO {reference} SELECT {', '.join(f'unnest(CAST(? AS {kind}[]))' for kind in kinds.values())}"
    ready = [[_value(value, kinds[column]) for value in values] for column, values in columns.items()]
    count = len(ready[0])
    try:
        for start in range(0, count, _BATCH):
            sql.execute(insert, [values[start : start + _BATCH] for values in ready])
    except (duckdb.Error, ValueError, TypeError, OverflowError) as error:
        raise Refused(f"the records of “{name}” can't be used: {first_line(error)}", _MEND) from None


def _columns(data: object, name: str) -> dict[str, list[Any]]:
    """Column → values; a record that lacks a column has None there."""
    if isinstance(data, str | bytes | Mapping) or not isinstance(data, Iterable):
        raise Refused(f"“{name}” comes as {type(data).__name__}, which is no table", _MEND)
    found: dict[str, list[Any]] = {}
    count = 0
    for record in data:
        if not isinstance(record, Mapping):
            raise Refused(f"“{name}” holds {type(record).__name__} where a record should be", _MEND)
        for column, value in record.items():
            values = found.setdefault(str(column), [])
            if len(values) < count:
                values += [None] * (count - len(values))
            # A number that is none is how data frames spell a blank.
            values.append(None if value is None or value != value else value)
        count += 1
    for values in found.values():
        values += [None] * (count - len(values))
    return found


def _kind(values: list[Any], blank: str) -> str:
    """The DuckDB type that holds every value without loss; text where it is text, ``blank`` for no value."""
    types = {_family(value) for value in values if value is not None}
    match sorted(types):
        case []:
            return blank
        case ["truth"]:
            return "BOOLEAN"
        case ["whole"]:
            return "BIGINT" if all(v is None or -(2**63) <= v < 2**63 for v in values) else "DOUBLE"
        case ["decimal"] | ["decimal", "whole"]:
            return _decimal(values)
        case ["real"] | ["real", "whole"] | ["decimal", "real"] | ["decimal", "real", "whole"]:
            return "DOUBLE"
        case ["instant"]:
            return "TIMESTAMPTZ"
        case ["date"]:
            return "DATE"
        case ["local"] | ["date", "local"]:
            return "TIMESTAMP"
    return "VARCHAR"


def _family(value: object) -> str:
    match value:
        case bool():
            return "truth"
        case Decimal():
            return "decimal"
        case numbers.Integral():
            return "whole"
        case numbers.Real():
            return "real"
        case datetime():
            return "instant" if value.tzinfo else "local"
        case date():
            return "date"
        case str():
            return "text"
    return "other"


def _decimal(values: Iterable[Any]) -> str:
    """An exact type for decimals, or DOUBLE where 38 digits are too few."""
    scale = whole = 0
    for value in values:
        if value is None:
            continue
        exponent = Decimal(value).normalize().as_tuple()
        if not isinstance(exponent.exponent, int):
            return "DOUBLE"
        scale = max(scale, -exponent.exponent)
        whole = max(whole, len(exponent.digits) + exponent.exponent)
    return f"DECIMAL(38, {scale})" if whole + scale <= 38 else "DOUBLE"


def _value(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "DOUBLE":
        return float(value)
    if kind == "BIGINT":
        return int(value)
    if kind == "VARCHAR" and not isinstance(value, str):
        return value.isoformat() if isinstance(value, date) else _text(value)
    return value


def _text(value: object) -> str:
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
