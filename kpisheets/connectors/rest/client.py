"""The way to a service: let in, at its pace, to its own host alone, asked again where that does no harm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import SplitResult, parse_qsl, urljoin, urlsplit

from kpisheets.connectors.base import Refused
from kpisheets.connectors.rest import failures, patience
from kpisheets.connectors.rest.answer import Answer, content
from kpisheets.connectors.rest.asking import Request, query
from kpisheets.connectors.rest.entering import Entry
from kpisheets.connectors.rest.failures import Failed
from kpisheets.connectors.rest.kept import Kept
from kpisheets.connectors.rest.patience import Pace, Passing
from kpisheets.connectors.rest.transport import NoTime, Transport
from kpisheets.errors import NotAllowed, Unreachable
from kpisheets.services.values import Service, ServiceTable

if TYPE_CHECKING:
    from requests import Response

T = TypeVar("T")

_REDIRECTS = 5
_NOTHING = 204
_PORTS = {"http": 80, "https": 443}


class Client:
    """Requests to one service, at ``base``. ``seconds`` is the time for all of them together.

    ``kept`` is the folder for tokens that it replaces.
    """

    def __init__(
        self, base: str, service: Service, *, seconds: float, kept: Path, passing: Passing | None = None
    ) -> None:
        self.base = base.rstrip("/") + "/"
        self.host = urlsplit(base).netloc
        self.service = service
        self._passing = passing or Passing()
        self.transport = Transport(
            self.host, service.headers, seconds=seconds, megabytes=service.limits.megabytes, passing=self._passing
        )
        self._pace = Pace(service.limits, self._passing)
        self._entry = Entry(service.auth, self._exchange, Kept(kept, service.auth))

    def get(self, request: Request, table: ServiceTable) -> Answer:
        """The answer to a request. Refused where it concerns the table alone, else Unreachable or NotAllowed."""
        url = self._own(urljoin(self.base, request.url.removeprefix("/")))
        renewed = False
        while True:
            status, answer = self._persist(lambda: self._asked(request, url, table), repeatable=request.repeatable)
            if answer is not None:
                return answer
            if renewed or not self._entry.renewable:
                raise failures.refusal(self.host, status, table, urlsplit(url).path, "")
            # A session that ended in the middle: once more with a new one.
            self._entry.forget()
            renewed = True

    def _asked(self, request: Request, url: str, table: ServiceTable) -> tuple[int, Answer | None]:
        """An answer; its status alone where the credentials have to be renewed."""
        headers = {**request.headers, **self._entry.headers()}
        given = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        parameters = query(
            {**request.parameters, **{k: v for k, v in self._entry.parameters().items() if k not in given}}
        )
        for _ in range(_REDIRECTS + 1):
            body = None if request.body is None else dict(request.body)
            response, text = self.transport.send(request.method, url, params=parameters, json=body, headers=headers)
            if not response.is_redirect or request.method != "GET":
                break
            url, parameters = self._own(urljoin(response.url, response.headers["Location"])), []
        else:
            raise Refused(
                f"{self.host} leads from one address to the next without end", "correct the path of the table"
            )
        return self._judged(response, text, table, raw=request.raw)

    def _judged(self, response: Response, text: bytes, table: ServiceTable, *, raw: bool) -> tuple[int, Answer | None]:
        status = response.status_code
        wall = self._passing.wall()
        self._pace.pause(patience.quota_wait(response.headers, self.service.limits, wall))
        if failures.passes(status, response.headers):
            raise failures.temporary(self.host, status, patience.asked_for(response.headers, wall))
        if status == 401 and self._entry.renewable:
            return status, None
        if not 200 <= status < 300:
            raise failures.refusal(
                self.host, status, table, urlsplit(response.url).path, _words(text), shut_out=self.service.shut_out
            )
        if status == _NOTHING:
            return status, Answer(None, response.url, empty=True)
        try:
            held = text if raw else content(text)
        except ValueError:
            kind = response.headers.get("Content-Type", "nothing that it names").partition(";")[0]
            said = f"{self.host} answers with {kind} where JSON should be, or with half of it"
            raise Failed(Unreachable(said, mend="check the url and the path of the table")) from None
        following = response.links.get("next", {}).get("url", "")
        return status, Answer(held, response.url, urljoin(response.url, following) if following else "")

    def _exchange(self, address: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Any:
        """Fetch a token, wherever the configuration says that tokens are given."""
        url = urljoin(self.base, address)
        host = urlsplit(url).netloc
        try:
            response, text = self.transport.send("POST", url, data=dict(form), headers=dict(headers))
        except Failed as failed:  # of the question itself, nothing was sent yet
            raise Failed(failed.cause, wait=failed.wait, certain=True) from None
        if failures.passes(response.status_code, response.headers):
            wait = patience.asked_for(response.headers, self._passing.wall())
            raise failures.temporary(host, response.status_code, wait)
        if not 200 <= response.status_code < 300:
            said = f": {words}" if (words := _words(text)) else ""
            mend = "check client_id and the secrets of its auth: they may have expired or been withdrawn"
            raise NotAllowed(f"{host} gives no token ({response.status_code}){said}", mend=mend)
        try:
            return content(text)
        except ValueError:
            raise NotAllowed(f"{host} gives no token: its answer is no JSON", mend="check the token_url") from None

    def _persist(self, attempt: Callable[[], T], *, repeatable: bool) -> T:
        """What ``attempt`` gives; while it fails in a way that passes, it is repeated as long as there is time."""
        count = 0
        while True:
            self._take_turn()
            try:
                return attempt()
            except Failed as failed:
                count += 1
                if count >= patience.ATTEMPTS or not (repeatable or failed.certain):
                    raise failed.cause from None
                try:
                    self.transport.sleep(failed.wait + patience.delay(count, self._passing.dice()))
                except NoTime:
                    raise (failures.too_long(self.host, failed.wait) if failed.wait else failed.cause) from None

    def _take_turn(self) -> None:
        """Wait until the next request may be sent. TryLater where that is later than there is time."""
        wait = self._pace.wait()
        try:
            self.transport.sleep(wait)
        except NoTime:
            if wait < 1:
                raise
            raise failures.too_long(self.host, wait) from None
        self._pace.sent()

    def _own(self, url: str) -> str:
        """The address. Refused where it is not on the service's own host: no secret goes anywhere else."""
        parts = urlsplit(url)
        if _place(parts) != _place(urlsplit(self.base)):
            said = f"{self.host} leads to another server ({parts.scheme}://{parts.hostname})"
            raise Refused(said, "if that is meant, write its address as the url of a source")
        return url


def _place(parts: SplitResult) -> tuple[str, str, int | None]:
    return parts.scheme, (parts.hostname or "").casefold(), parts.port or _PORTS.get(parts.scheme)


def _words(text: bytes) -> str:
    try:
        return failures.words_of(content(text))
    except ValueError:
        return ""
