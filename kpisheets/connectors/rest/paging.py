"""How pages follow one another: an answer and the request that brought it make the next request, or the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urljoin

from kpisheets.connectors.base import Refused
from kpisheets.connectors.rest.answer import Answer, found
from kpisheets.connectors.rest.asking import Request
from kpisheets.services.values import ServiceTable

_MEND = "compare the pagination in kpisheets.toml with the service's documentation"


class Pages:
    """The pages of a table: ``first`` is the first request, ``following`` each next one."""

    def __init__(self, table: ServiceTable, request: Request) -> None:
        self.table = table
        self.paging = table.paging
        self.received = 0
        self._request = request
        self._number = self.paging.first
        self._seen: set[str] = set()
        self._last: object = None

    def first(self) -> Request:
        request = self._request
        if self.paging.size_parameter:
            request = request.having(self.paging.size_parameter, self.paging.size)
        self._request = request
        if self.paging.kind in ("page", "offset"):
            return request.having(self.paging.parameter, self._number)
        return request

    def following(self, answer: Answer, records: Sequence[dict[str, Any]]) -> Request | None:
        """The request for the page after ``answer``, which held ``records``; None at the end."""
        self.received += len(records)
        kind = self.paging.kind
        if kind == "none" or self._is_last(answer, records):
            self._complete(answer)
            return None
        if kind in ("page", "offset"):
            if records == self._last:
                raise self._refused(
                    f"pages {self._number - 1} and {self._number} are the same"
                    if kind == "page"
                    else f"what follows {self._number} records is the same again"
                )
            self._last = records
            self._number += 1 if kind == "page" else len(records)
            return self._request.having(self.paging.parameter, self._number)
        if kind == "after":
            mark = self._at(records[-1])
            if mark is None:
                raise self._refused(f"a record has no “{self.paging.at}” to begin the next page after")
        else:
            mark = answer.following if kind == "link" else self._at(answer.content)
            if mark in (None, "", False):
                self._complete(answer)
                return None
        if isinstance(mark, bool) or not isinstance(mark, str | int):
            raise self._refused(f"“{self.paging.at}” does not tell the next page")
        if str(mark) in self._seen:
            raise self._refused(f"the page after {self.received} records is one that was read already")
        self._seen.add(str(mark))
        if kind in ("next", "link"):
            return Request(urljoin(answer.url, str(mark)))
        return self._request.having(self.paging.parameter, mark)

    def _is_last(self, answer: Answer, records: Sequence[dict[str, Any]]) -> bool:
        if self.paging.more:
            more = self._told(self.paging.more, answer)
            if more is None:
                raise self._refused(f"“{self.paging.more}” does not tell whether there are more")
            if not more:
                return True
        if self.paging.total and self.received >= self._total(answer):
            return True
        return not records and self.paging.kind in ("page", "offset", "after")

    def _complete(self, answer: Answer) -> None:
        """Refused where fewer records came than the service says that it has."""
        if self.paging.total and (total := self._total(answer)) > self.received:
            raise self._refused(f"{self.received} of {total} records came")

    def _total(self, answer: Answer) -> int:
        total = self._told(self.paging.total, answer)
        if isinstance(total, bool) or not str(total).isdecimal():
            raise self._refused(f"“{self.paging.total}” does not tell how many records there are")
        return int(total)

    def _at(self, value: object) -> Any:
        try:
            return found(self.paging.at, value)
        except ValueError as error:
            raise self._refused(str(error)) from None

    def _told(self, path: str, answer: Answer) -> Any:
        try:
            return found(path, answer.content)
        except ValueError as error:
            raise self._refused(str(error)) from None

    def _refused(self, what: str) -> Refused:
        return Refused(f"the pages of “{self.table.name}” can't be read to the end: {what}", _MEND)
