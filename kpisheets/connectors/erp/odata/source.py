"""A service that speaks OData: ``odata+https://erp.example.org/sap/opu/odata/sap/API_SALES_ORDER_SRV``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from kpisheets.connectors.base import Kind, Opening, Records, Refused, Window
from kpisheets.connectors.erp.asking import Record, System, bounds, pages_read, records_of, wanted
from kpisheets.connectors.erp.odata.metadata import EntitySet, Metadata, Property, parsed
from kpisheets.connectors.erp.odata.values import kind_of, literal, value_of
from kpisheets.connectors.rest.asking import Request
from kpisheets.services.values import ServiceTable

_DAYS = ("Edm.Date", "Edm.DateTime")


class OData(System):
    """Its entity sets are the tables, their properties the columns."""

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)
        self._known: Metadata | None = None

    def tables(self) -> list[str]:
        return list(self._metadata().sets)

    def records(self, table: str, window: Window) -> Records | None:
        sets = self._metadata().sets
        held = sets.get(table) or next((sets[name] for name in sets if name.casefold() == table.casefold()), None)
        if held is None:
            return None
        plain = {name: one for name, one in held.properties.items() if one.is_plain}
        names = dict.fromkeys((*held.key, *wanted(window, list(plain))))
        asked = {name: plain[name] for name in names if name in plain}
        rows: list[Record] = []
        count = 0
        for page in self._pages(held, *self._question(held, asked, window)):
            count += 1
            rows += [self._row(table, record, asked) for record in page]
        return Records(rows, held.key, notes=(pages_read(count, self.client.host),), kinds=_kinds(asked))

    def _metadata(self) -> Metadata:
        if self._known is None:
            asked = Request("$metadata", headers=MappingProxyType({"Accept": "application/xml"}), raw=True)
            answer = self.client.get(asked, ServiceTable("$metadata", "$metadata"))
            self._known = parsed(cast(bytes, answer.content))
        return self._known

    def _question(
        self, held: EntitySet, asked: Mapping[str, Property], window: Window
    ) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """The parameters of a question, and its headers."""
        version = self._metadata().version
        parameters = {"$select": ",".join(asked)}
        if held.key:
            # Pages that are cut from no order in particular may give a record twice, and another one never.
            parameters["$orderby"] = ",".join(held.key)
        if condition := self._filter(held, window, version):
            parameters["$filter"] = condition
        if version == 4:
            parameters |= {"$count": "true"} if held.countable else {}
            # Decimals as texts: else some services make them binary fractions on the way.
            accept = "application/json;IEEE754Compatible=true"
        else:
            parameters |= {"$format": "json"} | ({"$inlinecount": "allpages"} if held.countable else {})
            accept = "application/json"
        return parameters, {"Accept": accept}

    def _filter(self, held: EntitySet, window: Window, version: int) -> str:
        """What bounds the question to the days of the window, where the date column has an order of days."""
        day = next((one for one in held.properties.values() if one.name.casefold() == window.dated_by.casefold()), None)
        between = bounds(window, "date" if day and day.kind in _DAYS else "instant")
        if day is None or between is None:
            return ""
        first, end = (literal(bound, day, version) for bound in between)
        return f"{day.name} ge {first} and {day.name} lt {end}" if first else ""

    def _pages(
        self, held: EntitySet, parameters: Mapping[str, str], headers: Mapping[str, str]
    ) -> Iterator[list[Record]]:
        """The pages that the service cuts, to their end. Refused where fewer records come than it told."""
        received, seen = 0, set[str]()
        total = None
        self.client.transport.refill()
        for _ in range(self.service.limits.pages):
            # Spaces as %20: SAP's own server takes no plus for one.
            query = urlencode(parameters, quote_via=quote, safe="$,':")
            request = Request(f"{held.name}?{query}", headers=headers)
            content = self.client.get(request, ServiceTable(held.name, held.name)).content
            page, following, told = _read(held.name, content)
            total = told if total is None else total
            received += len(page)
            yield page
            if not following:
                if total is not None and received < total:
                    raise _endless(held.name, f"{received} of {total} records came")
                return
            if following in seen:
                raise _endless(held.name, f"the page after {received} records is one that was read already")
            seen.add(following)
            # Its query alone: behind a proxy the address may name a server that is not to be reached from here.
            parameters = {**parameters, **dict(parse_qsl(urlsplit(following).query, keep_blank_values=True))}
        raise _endless(held.name, f"it has more than {self.service.limits.pages} pages")

    def _row(self, table: str, record: Record, asked: Mapping[str, Property]) -> Record:
        row = {}
        for name, kind in asked.items():
            try:
                row[name] = value_of(record.get(name), kind)
            except (ValueError, ArithmeticError):
                said = f"“{name}” of a record of “{table}” is no {kind.kind}: {str(record.get(name))[:40]}"
                raise Refused(said, "tell whoever runs the service") from None
        return row


def _kinds(asked: Mapping[str, Property]) -> dict[str, Kind]:
    return {name: kind_of(one) for name, one in asked.items()}


def _read(table: str, content: Any) -> tuple[list[Record], str, int | None]:
    """An answer's records, the address of the next page (blank at the end), and how many records there are."""
    if isinstance(content, dict) and "value" in content:
        return (
            records_of(table, content["value"]),
            str(content.get("@odata.nextLink", content.get("@nextLink", "")) or ""),
            _count(content.get("@odata.count", content.get("@count"))),
        )
    inner = content.get("d") if isinstance(content, dict) else None
    if isinstance(inner, dict):
        return records_of(table, inner.get("results")), str(inner.get("__next") or ""), _count(inner.get("__count"))
    return records_of(table, inner if inner is not None else content), "", None


def _count(said: object) -> int | None:
    return int(str(said)) if str(said).isdecimal() else None


def _endless(table: str, what: str) -> Refused:
    mend = "ask for less, or tell whoever runs the service"
    return Refused(f"the pages of “{table}” can't be read to the end: {what}", mend)


def open_odata(opening: Opening) -> OData:
    """The service that the URL names."""
    return OData(opening)
