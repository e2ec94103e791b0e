"""Odoo: ``odoo+https://erp.example.org/database``; by JSON-2 with a key, by JSON-RPC with a user and a password."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

from kpisheets.connectors.base import Kind, Opening, Records, Refused, Window
from kpisheets.connectors.erp.asking import Record, System, bounds, client, last_part, pages_read, wanted
from kpisheets.connectors.rest.asking import Request
from kpisheets.errors import BadConfig, NotAllowed
from kpisheets.services.values import Auth, ServiceTable

_MANY = frozenset({"one2many", "many2many", "binary", "image", "properties", "properties_definition"})
"""Kinds of fields that are no column of a record."""
_EVERYTHING = MappingProxyType({"active_test": False})
"""Archived records count too: a lost lead of Odoo's CRM is an archived one."""


class Odoo(System):
    """Any model is a table, its fields are the columns. What a field leads to is told by its number; its name is
    ``partner_id.name``."""

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)
        base, self.database = last_part(self.client.base.rstrip("/"))
        if not self.database:
            raise BadConfig("the url does not name a database", mend="write odoo+https://HOST/DATABASE")
        auth = self.service.auth
        self._login = (auth.user, auth.password) if auth.kind == "basic" else None
        # JSON-RPC has user and password in the body of its requests, and nowhere else.
        service = replace(self.service, auth=Auth()) if self._login else self.service
        self.client = client(base, service, opening)
        self._user = 0
        self._kinds: dict[str, dict[str, str]] = {}

    def tables(self) -> list[str] | None:
        """The models; None where the user may not read their list, as most may not."""
        try:
            found = self._call("ir.model", "search_read", domain=[], fields=["model"], order="id")
        except Refused:
            return None
        return [str(record["model"]) for record in found] if isinstance(found, list) else None

    def records(self, table: str, window: Window) -> Records:
        kinds = self._of(table)
        names = [f"{name}.name" for name, kind in kinds.items() if kind == "many2one"]
        columns = wanted(window, [*kinds, *names])
        fields = list(dict.fromkeys(["id", *(column.removesuffix(".name") for column in columns)]))
        domain = self._domain(kinds, window)
        rows: list[Record] = []
        count = 0

        def ask(last: int, size: int) -> object:
            bounded = [*domain, ["id", ">", last]]
            return self._call(table, "search_read", domain=bounded, fields=fields, limit=size, order="id")

        for page in self.by_key(table, ask):
            count += 1
            rows += [_row(record, columns, kinds) for record in page]
        notes = (pages_read(max(count, 1), self.client.host),)
        return Records(rows, ("id",), notes=notes, kinds={"id": Kind.NUMBER, **_kinds(columns, kinds)})

    def _of(self, table: str) -> dict[str, str]:
        """Field → kind, of a model's fields that can be columns, as Odoo tells them to this user."""
        if table not in self._kinds:
            told = self._call(table, "fields_get", allfields=[], attributes=["type"])
            if not isinstance(told, dict):
                raise Refused(f"the fields of “{table}” can't be read", "check the url")
            kinds = {name: str(field.get("type")) for name, field in told.items() if isinstance(field, dict)}
            self._kinds[table] = {name: kind for name, kind in kinds.items() if kind not in _MANY}
        return self._kinds[table]

    def _domain(self, kinds: Mapping[str, str], window: Window) -> list[object]:
        """What bounds the question to the days of the window."""
        name = window.dated_by.casefold()
        kind = kinds.get(name)
        between = bounds(window, "date" if kind == "date" else "instant")
        if kind not in ("date", "datetime") or between is None:
            return []
        first, end = (bound.replace("T", " ") for bound in between)
        return [[name, ">=", first], [name, "<", end]]

    def _call(self, model: str, method: str, **parts: Any) -> Any:
        """What a method gives that only reads. Refused where Odoo refuses it."""
        parts = {**parts, "context": dict(_EVERYTHING)}
        if self._login is None:
            headers = MappingProxyType({"X-Odoo-Database": self.database})
            request = Request(f"json/2/{model}/{method}", "POST", body=parts, repeatable=True, headers=headers)
            return self.client.get(request, ServiceTable(model, request.url, "POST", needs=_needed(model))).content
        if not self._user:
            login, password = self._login
            self._user = self._rpc("common", "authenticate", [self.database, login, password, {}], model)
            if not isinstance(self._user, int) or not self._user:
                self._user = 0
                said = f"{self.client.host} lets nobody in with this user and password"
                raise NotAllowed(said, mend="check the user, the password or key, and the database in the url")
        called = [self.database, self._user, self._login[1], model, method, [], parts]
        return self._rpc("object", "execute_kw", called, model)

    def _rpc(self, service: str, method: str, arguments: Sequence[object], model: str) -> Any:
        params = {"service": service, "method": method, "args": list(arguments)}
        body = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}
        request = Request("jsonrpc", "POST", body=body, repeatable=True)
        answer = self.client.get(request, ServiceTable(model, "jsonrpc", "POST")).content
        if not isinstance(answer, dict) or not ("result" in answer or "error" in answer):
            raise Refused(f"{self.client.host} answers with something that is no JSON-RPC", "check the url")
        if "error" in answer:
            raise _wrong(self.client.host, model, answer["error"])
        return answer.get("result")


def _wrong(host: str, model: str, error: Any) -> Exception:
    """What an error of JSON-RPC, which comes with the status 200, means for a person."""
    data = error.get("data") if isinstance(error, dict) else None
    data = data if isinstance(data, dict) else {}
    kind = str(data.get("name", "")).rpartition(".")[2]
    lines = str(data.get("message") or (error.get("message") if isinstance(error, dict) else "") or kind).splitlines()
    said = (lines or [""])[0][:200]
    if kind == "AccessDenied":
        return NotAllowed(f"{host} lets nobody in with these credentials: {said}", mend="check the password or key")
    if kind == "AccessError":
        return Refused(f"{host} does not allow “{model}” to be read: {said}", f"grant {_needed(model)}")
    return Refused(f"{host} refuses what “{model}” asks: {said}", "correct the table and its columns")


def _needed(model: str) -> str:
    return f"the user a group that may read {model}"


_KINDS = {
    "date": Kind.DATE,
    "datetime": Kind.INSTANT,
    **dict.fromkeys(("integer", "float", "monetary"), Kind.NUMBER),
}


def _kinds(columns: Sequence[str], kinds: Mapping[str, str]) -> dict[str, Kind]:
    return {column: _KINDS.get(kinds.get(column, ""), Kind.OTHER) for column in columns}


def _row(record: Record, columns: Sequence[str], kinds: Mapping[str, str]) -> Record:
    row = {"id": record.get("id")}
    for column in columns:
        name = column if column in kinds else column.removesuffix(".name")
        if name in record:
            row[column] = _value(record[name], kinds[name], named=column != name)
    return row


def _value(said: Any, kind: str, *, named: bool) -> object:
    """A value as Python's own. Odoo says false where there is none, unless the field holds truths."""
    if kind == "boolean":
        return said is True
    if said is False or said is None:
        return None
    match kind:
        case "many2one" | "reference" if isinstance(said, list) and len(said) == 2:
            return said[1] if named else said[0]
        case "date":
            return date.fromisoformat(str(said))
        case "datetime":
            return datetime.fromisoformat(str(said)).replace(tzinfo=UTC)
    return said


def open_odoo(opening: Opening) -> Odoo:
    """The database that the URL names."""
    return Odoo(opening)
