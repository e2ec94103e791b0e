"""What these systems have in common: pages by the key of the last record, days that bound a question."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from kpisheets.connectors.base import Capabilities, Opening, Refused, Window
from kpisheets.connectors.rest.answer import outline
from kpisheets.connectors.rest.client import Client
from kpisheets.core.period import FIRST_DAY
from kpisheets.errors import BadConfig
from kpisheets.services.values import Service

Record = dict[str, Any]


class System:
    """A system that is asked by table and fields, through the client of web services."""

    def __init__(self, opening: Opening) -> None:
        service = opening.settings
        if not isinstance(service, Service):
            raise BadConfig("the source is not described", mend="open it through kpisheets.toml")
        self.service = service
        self.client = client(address(opening), service, opening)
        self.engine = service.title
        rate = f"{service.limits.rate:g} requests a second" if service.limits.rate else ""
        self.capabilities = Capabilities(updated_at=service.updated_at, quota=rate)

    def close(self) -> None:
        self.client.transport.close()

    def by_key(self, table: str, ask: Callable[[int, int], object]) -> Iterator[list[Record]]:
        """The pages of a table: ``ask(last, size)`` brings the records whose ``id`` is beyond the last one's, in order.

        Records that come or go meanwhile move no other from one page to the next, as they would with offsets. Refused
        when there is no end.
        """
        last, size = 0, self.service.paging.size
        self.client.transport.refill()
        for _ in range(self.service.limits.pages):
            page = records_of(table, ask(last, size))
            if page:
                yield page
            if len(page) < size:
                return
            last = _key(table, page[-1], last)
        said = f"“{table}” has more than {self.service.limits.pages} pages"
        raise Refused(said, "ask for less, or set pages in its limits")


def client(base: str, service: Service, opening: Opening) -> Client:
    """The way to a system whose address is ``base``."""
    return Client(base, service, seconds=opening.timeout, kept=opening.root / ".kpisheets" / "tokens")


def address(opening: Opening) -> str:
    """The address of a system, without the name of its kind in front."""
    return re.sub(r"^\w+\+", "", opening.url.value).rstrip("/")


def last_part(base: str) -> tuple[str, str]:
    """An address without its last part, and that part; blank where it is only a server's."""
    scheme, _, rest = base.partition("://")
    before, _, part = rest.rpartition("/")
    return (f"{scheme}://{before}", part) if before else (base, "")


def records_of(table: str, content: object) -> list[Record]:
    """The records of an answer. Refused where it holds none."""
    if isinstance(content, list) and all(isinstance(one, dict) for one in content):
        return content
    raise Refused(f"the answer for “{table}” is no list of records: {outline(content)}", "check the url")


def bounds(window: Window, kind: str) -> tuple[str, str] | None:
    """The first value that is asked for, as ISO text, and the first one that is not any more.

    ``kind``: date (or local time), instant. None where the whole past is asked for.
    """
    if window.start <= FIRST_DAY:
        return None
    if kind == "date":
        return window.start.isoformat(), window.end.isoformat()
    return f"{window.begins:%Y-%m-%dT%H:%M:%S}", f"{window.ends:%Y-%m-%dT%H:%M:%S}"


def pages_read(count: int, host: str) -> str:
    return f"{count} page{'' if count == 1 else 's'} of {host} read"


def wanted(window: Window, known: Sequence[str]) -> list[str]:
    """Of the names that are known, those that a window's question needs; all of them for ``*``."""
    if "*" in window.columns:
        return list(known)
    asked = window.columns | {window.dated_by.casefold()}
    return [name for name in known if name.casefold() in asked]


def _key(table: str, record: Record, last: int) -> int:
    key = record.get("id")
    if not isinstance(key, int) or key <= last:
        raise Refused(f"the pages of “{table}” can't be read to the end: they are not in the order of id", "tell us")
    return key
