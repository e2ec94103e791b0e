"""Tryton, by the REST application of its users: ``tryton+https://erp.example.org/database``."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from kpisheets.connectors.base import Kind, Opening, Records, Refused, Window
from kpisheets.connectors.erp.asking import Record, System, bounds, pages_read
from kpisheets.connectors.rest.asking import Request
from kpisheets.services.values import ServiceTable

_MANY = frozenset({"one2many", "many2many", "binary", "dict"})
"""Kinds of fields that are no column of a record."""
_INSTANTS = frozenset({"datetime", "timestamp"})
_DENIED = ("not allowed to access", "access denied")
_DAY = ("year", "month", "day")
_TIME = ("hour", "minute", "second", "microsecond")


@dataclass(frozen=True, slots=True)
class Field:
    """``kind`` is Tryton's name of it; ``relation`` the model that it leads to; ``searchable``: filters may name it."""

    kind: str
    relation: str = ""
    searchable: bool = False


class Tryton(System):
    """Any model is a table, its fields are the columns; ``product.cost_price`` is a field of the record it leads to."""

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)
        self._fields: dict[str, Mapping[str, Field]] = {}

    def tables(self) -> list[str] | None:
        """The models; None where the key may not read their list."""
        try:
            pages = self.by_key("ir.model", lambda last, size: self._search("ir.model", ["name"], (), last, size))
            return [str(record["name"]) for page in pages for record in page if record.get("name")]
        except Refused:
            return None

    def records(self, table: str, window: Window) -> Records:
        fields = self._asked_for(table, window)
        domain = self._domain(table, window)
        columns: list[Record] = []
        count = 0
        for page in self.by_key(table, lambda last, size: self._search(table, list(fields), domain, last, size)):
            count += 1
            columns += [self._row(record, fields) for record in page]
        return Records(columns, ("id",), notes=(pages_read(max(count, 1), self.client.host),), kinds=_kinds(fields))

    def _asked_for(self, table: str, window: Window) -> dict[str, Field]:
        """Path → field of what the window needs. One that does not exist is left out: it is missed where it is used."""
        if "*" in window.columns:
            return {name: field for name, field in self._of(table).items() if field.kind not in _MANY}
        asked = {}
        for path in sorted({*window.columns, window.dated_by.casefold(), "id"} - {""}):
            found = self._followed(table, path)
            if found is not None and found.kind not in _MANY:
                asked[path] = found
        return asked

    def _followed(self, table: str, path: str) -> Field | None:
        """The field at the end of a path such as ``product.cost_price``."""
        *steps, last = path.split(".")
        for step in steps:
            field = self._of(table).get(step)
            if field is None or field.kind != "many2one":
                return None
            table = field.relation
        return self._of(table).get(last)

    def _domain(self, table: str, window: Window) -> tuple[object, ...]:
        """What bounds the question to the days of the window, where Tryton can search by its date."""
        path = window.dated_by.casefold()
        field = self._followed(table, path) if path else None
        if field is None or not field.searchable or field.kind not in (*_INSTANTS, "date"):
            return ()
        between = bounds(window, "date" if field.kind == "date" else "instant")
        if between is None:
            return ()
        first, end = (_typed(text) for text in between)
        return ([path, ">=", first], [path, "<", end])

    def _of(self, table: str) -> Mapping[str, Field]:
        """The fields of a model, as Tryton tells them to this user."""
        if table not in self._fields:
            path = f"rest/model/{table}/fields_get"
            request = Request(path, "POST", body=MappingProxyType({}), repeatable=True)
            told = self._get(request, table)
            if not isinstance(told, dict):
                raise Refused(
                    f"the fields of “{table}” can't be read", "check that the url ends in the database's name"
                )
            self._fields[table] = {
                name: Field(str(field.get("type")), str(field.get("relation") or ""), field.get("searchable") is True)
                for name, field in told.items()
            }
        return self._fields[table]

    def _search(self, table: str, fields: list[str], domain: tuple[object, ...], last: int, size: int) -> object:
        parameters = {
            "d": _coded([*domain, ["id", ">", last]]),
            "o": _coded([["id", "ASC"]]),
            "s": size,
            "f": fields,
        }
        return self._get(Request(f"rest/model/{table}", parameters=MappingProxyType(parameters)), table)

    def _get(self, request: Request, table: str) -> object:
        try:
            return self.client.get(request, ServiceTable(table, request.url)).content
        except Refused as error:
            if any(word in error.what.casefold() for word in _DENIED):
                mend = f"let a group of the key's user read {table}: Administration, Models, Models Access"
                raise Refused(error.what, mend) from None
            raise

    def _row(self, record: Record, fields: Mapping[str, Field]) -> Record:
        return {path: value_of(_at(record, path), fields[path]) for path in fields if _has(record, path)}


_KINDS = {
    "date": Kind.DATE,
    **dict.fromkeys(_INSTANTS, Kind.INSTANT),
    **dict.fromkeys(("numeric", "float", "integer", "timedelta"), Kind.NUMBER),
}


def _kinds(fields: Mapping[str, Field]) -> dict[str, Kind]:
    return {path: _KINDS.get(field.kind, Kind.OTHER) for path, field in fields.items()}


def _at(record: Any, path: str) -> Any:
    for step in path.split("."):
        record = record.get(step) if isinstance(record, dict) else None
    return record


def _has(record: Any, path: str) -> bool:
    """Whether the record has the field: Tryton leaves out what the user may not read."""
    for step in path.split("."):
        if record is None:
            return True
        if not isinstance(record, dict) or step not in record:
            return False
        record = record[step]
    return True


def _coded(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode()


def _typed(bound: str) -> Record:
    """A day or a UTC time in ISO form, as Tryton writes it."""
    moment = datetime.fromisoformat(bound)
    name, parts = ("datetime", (*_DAY, *_TIME)) if "T" in bound else ("date", _DAY)
    return {"__class__": name, **{part: getattr(moment, part) for part in parts}}


def value_of(value: object, field: Field) -> object:
    """A value as Tryton's JSON has it, as Python's own: its numbers and dates say of which class they are."""
    if not isinstance(value, Mapping):
        return value
    match value.get("__class__"):
        case "Decimal":
            return Decimal(value["decimal"])
        case "date":
            return date(*(value[part] for part in _DAY))
        case "datetime":
            # Tryton's times bear no zone. Its programs send UTC, and so are those that the server notes itself.
            return datetime(*(value[part] for part in (*_DAY, *_TIME))).replace(tzinfo=UTC)  # noqa: DTZ001
        case "time":
            return time(value["hour"], value["minute"], value["second"]).isoformat()
        case "timedelta":
            return value["seconds"]
    return value.get("id") if field.kind in ("many2one", "one2one") else json.dumps(value, default=str)


def open_tryton(opening: Opening) -> Tryton:
    """The database that the URL names."""
    return Tryton(opening)
