"""The way to a service: one host, bounded time and size, asked again where that does no harm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import SplitResult, parse_qsl, urljoin, urlsplit

from kpisheets.connectors.base import Refused
from kpisheets.connectors.rest import failures, patience
from kpisheets.connectors.rest.answer import Answer, content
from kpisheets.connectors.rest.asking import Request, query
from kpisheets.connectors.rest.entering import Entry
from kpisheets.connectors.rest.failures import Failed
from kpisheets.connectors.rest.patience import Pace, Passing
from kpisheets.errors import BadConfig, KpisheetsError, NotAllowed, Unreachable
from kpisheets.services.values import Service, ServiceTable

if TYPE_CHECKING:
    from requests import Response

T = TypeVar("T")

_CONNECT = 10.0
_READ = 60.0
_CHUNK = 1 << 16
_REDIRECTS = 5
_PORTS = {"http": 80, "https": 443}


class Client:
    """Requests to one service, at ``base``. ``seconds`` is the time for all of them together."""

    def __init__(self, base: str, service: Service, seconds: float, passing: Passing | None = None) -> None:
        try:
            import jmespath  # noqa: F401 — the same extra brings it
            import requests
        except ImportError:
            raise BadConfig("web services need requests and jmespath", mend="pip install 'kpisheets[rest]'") from None
        self.base = base.rstrip("/") + "/"
        self.host = urlsplit(base).netloc
        self.service = service
        self.bytes = 0
        self._passing = passing or Passing()
        self._ends = self._passing.clock() + seconds
        self._pace = Pace(service.limits, self._passing)
        self.entry = Entry(service.auth, self._exchange)
        self._session = requests.Session()
        self._session.headers.update({"Accept": "application/json", **service.headers})
        self._session.auth = _as_it_is  # otherwise a .netrc would be read

    def close(self) -> None:
        self._session.close()

    def get(self, request: Request, table: ServiceTable) -> Answer:
        """The answer to a request. Refused where it concerns the table alone, else Unreachable or NotAllowed."""
        url = self._own(urljoin(self.base, request.url.removeprefix("/")))
        renewed = False
        while True:
            status, answer = self._persist(lambda: self._asked(request, url, table), repeatable=request.repeatable)
            if answer is not None:
                return answer
            if renewed or not self.entry.renewable:
                raise failures.refusal(self.host, status, table, urlsplit(url).path, "")
            # A session that ended in the middle: once more with a new one.
            self.entry.forget()
            renewed = True

    def _asked(self, request: Request, url: str, table: ServiceTable) -> tuple[int, Answer | None]:
        """An answer; its status alone where the credentials have to be renewed."""
        headers = self.entry.headers()
        given = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        parameters = query(
            {**request.parameters, **{k: v for k, v in self.entry.parameters().items() if k not in given}}
        )
        for _ in range(_REDIRECTS + 1):
            body = None if request.body is None else dict(request.body)
            response = self._send(request.method, url, params=parameters, json=body, headers=headers)
            with response:
                text = self._read(response)
            if not response.is_redirect or request.method != "GET":
                break
            url, parameters = self._own(urljoin(response.url, response.headers["Location"])), []
        else:
            raise Refused(
                f"{self.host} leads from one address to the next without end", "correct the path of the table"
            )
        return self._judged(response, text, table)

    def _judged(self, response: Response, text: bytes, table: ServiceTable) -> tuple[int, Answer | None]:
        status = response.status_code
        wall = self._passing.wall()
        self._pace.pause(patience.quota_wait(response.headers, self.service.limits, wall))
        if status in failures.TEMPORARY:
            raise failures.temporary(self.host, status, patience.asked_for(response.headers, wall))
        if status == 401 and self.entry.renewable:
            return status, None
        if not 200 <= status < 300:
            raise failures.refusal(self.host, status, table, urlsplit(response.url).path, _words(text))
        try:
            held = content(text)
        except ValueError:
            kind = response.headers.get("Content-Type", "nothing that it names").partition(";")[0]
            said = f"{self.host} answers with {kind} where JSON should be, or with half of it"
            raise Failed(Unreachable(said, mend="check the url and the path of the table")) from None
        following = response.links.get("next", {}).get("url", "")
        return status, Answer(held, response.url, len(text), urljoin(response.url, following) if following else "")

    def _send(self, method: str, url: str, **parts: Any) -> Response:
        import requests

        left = self._left()
        try:
            return self._session.request(
                method,
                url,
                **parts,
                stream=True,
                allow_redirects=False,
                timeout=(min(_CONNECT, left), min(_READ, left)),
            )
        except requests.exceptions.SSLError as error:
            said = f"the certificate of {urlsplit(url).netloc} can't be verified ({_reason(error)})"
            raise Unreachable(
                said, mend="mend the server's certificate, or make this machine trust its issuer"
            ) from None
        except requests.exceptions.ConnectTimeout as error:
            raise Failed(self._lost(url, error), certain=True) from None
        except requests.exceptions.InvalidURL as error:
            raise Unreachable(f"{urlsplit(url).netloc} is no server's name ({error})", mend="correct the url") from None
        except (requests.exceptions.RequestException, OSError) as error:
            raise Failed(self._lost(url, error)) from None

    def _read(self, response: Response) -> bytes:
        """The body, within the bounds of size and time."""
        import requests

        parts, most = [], self.service.limits.megabytes * 1_000_000
        try:
            for chunk in response.iter_content(_CHUNK):
                parts.append(chunk)
                self.bytes += len(chunk)
                if self.bytes > most:
                    said = f"{self.host} sends more than {self.service.limits.megabytes} MB"
                    raise Refused(said, "ask for less, or set megabytes under [….limits]")
                self._left()
        except (requests.exceptions.RequestException, OSError) as error:
            raise Failed(self._lost(response.url, error)) from None
        return b"".join(parts)

    def _exchange(self, address: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Any:
        """Fetch a token, wherever the configuration says that tokens are given."""
        url = urljoin(self.base, address)
        host = urlsplit(url).netloc
        response = self._send("POST", url, data=dict(form), headers=dict(headers))
        with response:
            text = self._read(response)
        if response.status_code in failures.TEMPORARY:
            wait = patience.asked_for(response.headers, self._passing.wall())
            raise failures.temporary(host, response.status_code, wait)
        if not 200 <= response.status_code < 300:
            said = f": {words}" if (words := _words(text)) else ""
            mend = "check the client_id and the secrets under [….auth]: they may have expired or been withdrawn"
            raise NotAllowed(f"{host} gives no token ({response.status_code}){said}", mend=mend)
        try:
            return content(text)
        except ValueError:
            raise NotAllowed(f"{host} gives no token: its answer is no JSON", mend="check the token_url") from None

    def _persist(self, attempt: Callable[[], T], *, repeatable: bool) -> T:
        """What ``attempt`` gives; while it fails in a way that passes, it is repeated as long as there is time."""
        count = 0
        while True:
            self._sleep(self._pace.wait())
            self._pace.sent()
            try:
                return attempt()
            except Failed as failed:
                count += 1
                if count >= patience.ATTEMPTS or not (repeatable or failed.certain):
                    raise failed.cause from None
                try:
                    self._sleep(failed.wait + patience.delay(count, self._passing.dice()))
                except _NoTime:
                    raise (failures.too_long(self.host, failed.wait) if failed.wait else failed.cause) from None

    def _sleep(self, seconds: float) -> None:
        if seconds > self._ends - self._passing.clock():
            raise _NoTime(f"{self.host} did not answer all that was asked in its time", mend=_LONGER)
        if seconds > 0:
            self._passing.sleep(seconds)

    def _left(self) -> float:
        """The seconds that are left."""
        left = self._ends - self._passing.clock()
        if left <= 0:
            raise _NoTime(f"{self.host} did not answer all that was asked in its time", mend=_LONGER)
        return left

    def _own(self, url: str) -> str:
        """The address. Refused where it is not on the service's own host: no secret goes anywhere else."""
        parts = urlsplit(url)
        if _place(parts) != _place(urlsplit(self.base)):
            said = f"{self.host} leads to another server ({parts.scheme}://{parts.hostname})"
            raise Refused(said, "if that is meant, write its address as the url of a source")
        return url

    def _lost(self, url: str, error: Exception) -> KpisheetsError:
        return Unreachable(
            f"{urlsplit(url).netloc} can't be reached, or broke off ({_reason(error)})",
            mend="check the url and the network, then sync again",
        )


class _NoTime(Unreachable):
    """The time of the source is over."""


_LONGER = "sync again later, or give the source a longer timeout in kpisheets.toml"


def _as_it_is(prepared: Any) -> Any:
    """An auth of requests that adds nothing."""
    return prepared


def _place(parts: SplitResult) -> tuple[str, str, int | None]:
    return parts.scheme, (parts.hostname or "").casefold(), parts.port or _PORTS.get(parts.scheme)


def _words(text: bytes) -> str:
    try:
        return failures.words_of(content(text))
    except ValueError:
        return ""


def _reason(error: BaseException) -> str:
    """The innermost reason in a few words: libraries wrap it several times, with addresses and objects in it."""
    inner: Any = error
    for _ in range(10):
        held = (getattr(inner, "reason", None), inner.__cause__, *inner.args)
        deeper = next((one for one in held if isinstance(one, BaseException)), None)
        if deeper is None:
            break
        inner = deeper
    if isinstance(inner, OSError) and inner.strerror:
        return str(inner.strerror).lower()
    name = type(inner).__name__
    return {
        "NameResolutionError": "its name is not known",
        "ReadTimeoutError": "it takes too long",
        "ConnectTimeoutError": "it takes too long",
        "IncompleteRead": "half an answer",
        "TimeoutError": "it takes too long",
        "RemoteDisconnected": "no answer",
    }.get(name, name)
