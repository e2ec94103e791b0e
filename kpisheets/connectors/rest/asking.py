"""What is asked of a service, as values: a table and a window make a request, paging makes the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, cast

from kpisheets.connectors.base import Window
from kpisheets.services.placeholders import filled, values_of
from kpisheets.services.values import ServiceTable


@dataclass(frozen=True, slots=True)
class Request:
    """``url`` is whole or the path behind the source's address; ``body`` goes along as JSON where it is not None.

    ``headers`` go before those of the service. ``raw``: the answer is no JSON, its content are its bytes.
    """

    url: str
    method: str = "GET"
    parameters: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    body: Mapping[str, object] | None = None
    repeatable: bool = True
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    raw: bool = False

    def having(self, name: str, value: object) -> Request:
        """With one parameter more: in the body of a POST, where dots lead inwards, else in the query."""
        if self.body is None:
            return replace(self, parameters=MappingProxyType({**self.parameters, name: value}))
        return replace(self, body=_put(self.body, name.split("."), value))


def asked(table: ServiceTable, window: Window) -> Request:
    """The first request for the records of a table that a window needs.

    Only where the service can filter by the metric's date column it is asked for these days alone.
    """
    added = table.windows.get(window.dated_by.casefold(), {})
    values = values_of(window.start, window.end, window.begins, window.ends)

    def complete(said: Mapping[str, object]) -> Mapping[str, Any]:
        return MappingProxyType(cast(dict[str, Any], filled(said, values)))

    if table.method == "GET":
        return Request(table.path, parameters=complete({**table.parameters, **added}))
    body = complete({**table.body, **added})
    return Request(table.path, table.method, complete(table.parameters), body, table.repeat)


def query(parameters: Mapping[str, object]) -> list[tuple[str, str]]:
    """Parameters as they stand in an address: a list is repeated, true and false are in small letters."""
    found = []
    for name, value in parameters.items():
        for one in value if isinstance(value, list | tuple) else (value,):
            found.append((name, str(one).lower() if isinstance(one, bool) else str(one)))
    return found


def _put(body: Mapping[str, object], names: list[str], value: object) -> Mapping[str, object]:
    name, *inner = names
    held = body.get(name)
    if inner:
        value = _put(held if isinstance(held, Mapping) else {}, inner, value)
    return {**body, name: value}
