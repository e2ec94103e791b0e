"""Records of an answer → rows: which records there are, which columns they have, how their values are read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from kpisheets.connectors.base import Refused
from kpisheets.connectors.rest.answer import found, outline
from kpisheets.services.values import Service, ServiceColumn, ServiceTable

_PLAIN_PATH = re.compile(r'(?:\w+|"[^"\\]+")(?:\.(?:\w+|"[^"\\]+"))*')
_PART = re.compile(r'"([^"]+)"|(\w+)')
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MEND = "compare kpisheets.toml with the service's documentation"


def records_of(table: ServiceTable, answer: object) -> list[dict[str, Any]]:
    """The records of an answer. Refused where they do not stand where they should."""
    try:
        held = found(table.records, answer)
    except ValueError as error:
        raise Refused(f"the records of “{table.name}” can't be found: {error}", _MEND) from None
    if held is None:
        said = f"the answer for “{table.name}” has no records at “{table.records}”"
        raise Refused(f"{said}: {outline(answer)}", _MEND)
    if isinstance(held, dict):
        held = [held]
    if not isinstance(held, list) or any(not isinstance(one, dict) for one in held):
        said = f"what the answer for “{table.name}” holds at “{table.records}” is no list of records"
        raise Refused(f"{said}: {outline(held)}", _MEND)
    return held


class Rows:
    """The rows of a table, picked from its records one page after the other."""

    def __init__(self, service: Service, table: ServiceTable) -> None:
        self.service = service
        self.table = table
        self.rows: list[dict[str, Any]] = []
        self._records = 0
        paths = {path for column in table.columns.values() for path in (column.path, column.currency) if path}
        self._names = {path: names_in(path) for path in paths}
        self._unseen = {name for name, one in table.columns.items() if not one.optional and self._names[one.path]}

    def add(self, records: list[dict[str, Any]]) -> None:
        for record in records:
            for one in self._items(record):
                self._records += 1
                self._unseen -= {name for name in self._unseen if _has(self._names[self.table.columns[name].path], one)}
                self.rows.append(self._row(one))

    def finished(self) -> list[dict[str, Any]]:
        """All rows. A column that no record has is left out of them: whoever asks for it is told that it is missing."""
        if self._records:
            for name in self._unseen:
                for row in self.rows:
                    del row[name]
        return self.rows

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(sorted(self._unseen)) if self._records else ()

    def _items(self, record: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if not self.table.each:
            yield record
            return
        for item in self._found(self.table.each, record) or ():
            yield {**record, "item": item}

    def _row(self, record: dict[str, Any]) -> dict[str, Any]:
        if not self.table.columns:
            return flat(record)
        return {name: self._value(name, column, record) for name, column in self.table.columns.items()}

    def _value(self, name: str, column: ServiceColumn, record: dict[str, Any]) -> object:
        value = self._found(column.path, record)
        if value is None or not column.read:
            return value
        try:
            if column.read == "minor":
                return self._major(value, self._found(column.currency, record))
            seconds = _number(value) / (1000 if column.read == "unix_ms" else 1)
            return _EPOCH + timedelta(microseconds=int(seconds * 1_000_000))
        except (ValueError, OverflowError) as error:
            said = f"“{name}” of a record of “{self.table.name}” can't be read as {column.read}: {error}"
            raise Refused(said, _MEND) from None

    def _major(self, amount: object, currency: object) -> Decimal:
        """An amount in minor units as its worth in the currency, exactly."""
        if not isinstance(currency, str):
            raise ValueError("it has no currency")
        return _number(amount).scaleb(-self.service.decimals.get(currency.upper(), 2))

    def _found(self, path: str, record: dict[str, Any]) -> Any:
        if names := self._names.get(path):
            return walked(names, record)
        try:
            return found(path, record)
        except ValueError as error:
            raise Refused(f"a record of “{self.table.name}” can't be read: {error}", _MEND) from None


def flat(record: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Every field as a column; one inside an object is called after both: ``customer_name``. Lists stay as they are."""
    found: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            for inner, one in flat(value, f"{prefix}{name}_").items():
                found.setdefault(inner, one)
        else:
            found[f"{prefix}{name}"] = value
    return found


def _number(value: object) -> Decimal:
    """A number, which may be written as text. ValueError where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError(f"it is {type(value).__name__}")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"“{str(value)[:40]}” is no number") from None
    if not number.is_finite():
        raise ValueError(f"{str(value)[:40]} is no number")
    return number


def names_in(path: str) -> tuple[str, ...]:
    """The names in a plain path such as ``total.amount``; none where it is any other JMESPath."""
    plain = _PLAIN_PATH.fullmatch(path) is not None
    return tuple(quoted or bare for quoted, bare in _PART.findall(path)) if plain else ()


def walked(names: tuple[str, ...], value: Any) -> Any:
    """What stands at a plain path. It is what JMESPath gives, in a tenth of its time: most columns are such."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _has(names: tuple[str, ...], record: object) -> bool:
    """Whether a record has the field at a plain path; where an object on the way is null, it does."""
    for name in names:
        if record is None:
            return True
        if not isinstance(record, dict) or name not in record:
            return False
        record = record[name]
    return True
