"""A web service as a source that brings records: a table's pages are read one after the other."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from kpisheets.connectors.base import Capabilities, Opening, Records, Refused, Window
from kpisheets.connectors.rest.answer import Answer, found
from kpisheets.connectors.rest.asking import Request, asked
from kpisheets.connectors.rest.client import Client
from kpisheets.connectors.rest.paging import Pages
from kpisheets.connectors.rest.picking import Rows, records_of
from kpisheets.core.period import FIRST_DAY
from kpisheets.errors import BadConfig
from kpisheets.services.values import Service, ServiceTable


class RestSource:
    """The tables of a service. What has been brought is kept: two metrics that ask the same thing ask once."""

    def __init__(self, client: Client, service: Service) -> None:
        self.client = client
        self.service = service
        self.engine = service.title
        rate = f"{service.limits.rate:g} requests a second" if service.limits.rate else ""
        self.capabilities = Capabilities(updated_at=service.updated_at, quota=rate)
        self._brought: list[tuple[str, Request, Records]] = []

    def tables(self) -> list[str]:
        return list(self.service.tables)

    def close(self) -> None:
        self.client.transport.close()

    def records(self, table: str, window: Window) -> Records | None:
        described = self.service.tables.get(table)
        if described is None:
            return None
        earlier = timedelta(days=described.look_back)
        window = replace(window, start=window.start - min(earlier, window.start - FIRST_DAY))
        request = asked(described, window)
        for name, known, brought in self._brought:
            if (name, known) == (table, request):
                return brought
        brought = self._read(described, request, trial=window.trial)
        self._brought.append((table, request, brought))
        return brought

    def _read(self, table: ServiceTable, request: Request, *, trial: bool) -> Records:
        """All pages; the first one alone for a trial, which looks at what tells the next one too."""
        pages, rows = Pages(table, request), Rows(self.service, table)
        self.client.transport.refill()
        following: Request | None = pages.first()
        count = 0
        while following is not None:
            count += 1
            if count > self.service.limits.pages:
                said = f"“{table.name}” has more than {self.service.limits.pages} pages"
                raise Refused(said, "ask for less, or set pages in its limits")
            answer = self.client.get(following, table)
            if answer.empty:
                break
            self._complain(table, answer)
            records = records_of(table, answer.content)
            rows.add(records)
            following = pages.following(answer, records)
            if trial:
                break
        return Records(rows.finished(), table.key, notes=self._notes(table, count, rows), columns=tuple(table.columns))

    def _complain(self, table: ServiceTable, answer: Answer) -> None:
        """Refused where an answer that looks well says that something went wrong."""
        for path in filter(None, (table.error, self.service.error)):
            try:
                wrong = found(path, answer.content)
            except ValueError as error:
                raise Refused(f"an answer for “{table.name}” can't be read: {error}", "correct error") from None
            if wrong:
                said = " ".join(str(wrong).split())[:200] if isinstance(wrong, str) else f"“{path}” is set"
                raise Refused(f"the answer for “{table.name}” says: {said}", "correct the table in kpisheets.toml")

    def _notes(self, table: ServiceTable, pages: int, rows: Rows) -> tuple[str, ...]:
        read = f"{pages} page{'' if pages == 1 else 's'} of {self.client.host} read"
        return (read, *(f"no record of “{table.name}” has “{name}”" for name in rows.missing))


def open_service(opening: Opening) -> RestSource:
    """The service that the URL names (``rest+https://…``), as its settings describe it."""
    service = opening.settings
    if not isinstance(service, Service):
        mend = "write its tables under [sources.NAME.tables.TABLE] of kpisheets.toml"
        raise BadConfig("a web service is not described", mend=mend)
    address = re.sub(r"^\w+\+", "", opening.url.value)
    kept = opening.root / ".kpisheets" / "tokens"
    return RestSource(Client(address, service, seconds=opening.timeout, kept=kept), service)
