"""One exchange over HTTP: bounded in time and size, its failures told from one another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kpisheets.connectors.base import Refused
from kpisheets.connectors.rest.failures import Failed
from kpisheets.connectors.rest.patience import Passing
from kpisheets.errors import KpisheetsError, Unreachable

if TYPE_CHECKING:
    from requests import Response

_CONNECT = 10.0
_READ = 60.0
_CHUNK = 1 << 16
_LONGER = "sync again later, or give the source a longer timeout in kpisheets.toml"


class NoTime(Unreachable):
    """The time of the source is over."""


class Transport:
    """Exchanges with ``host``: ``seconds`` for all of them together, ``megabytes`` until ``refill``."""

    def __init__(
        self, host: str, headers: Mapping[str, str], *, seconds: float, megabytes: int, passing: Passing
    ) -> None:
        try:
            import jmespath  # noqa: F401 — the same extra brings it
            import requests
        except ImportError:
            said = "web services need requests and jmespath"
            raise Unreachable(said, mend="pip install 'kpisheets[rest]'") from None
        self.host = host
        self.passing = passing
        self._megabytes = megabytes
        self._bytes = 0
        self._ends = passing.clock() + seconds
        self._session = requests.Session()
        self._session.headers.update({"Accept": "application/json", **headers})
        self._session.auth = _as_it_is  # otherwise a .netrc would be read

    def close(self) -> None:
        self._session.close()

    def refill(self) -> None:
        """The bound of size counts from here."""
        self._bytes = 0

    def send(self, method: str, url: str, **parts: Any) -> tuple[Response, bytes]:
        """The answer and its body; where it redirects to is not followed. Failed where a repetition may succeed."""
        import requests

        left = self.left()
        waits = (min(_CONNECT, left), min(_READ, left))
        try:
            with self._session.request(
                method, url, stream=True, allow_redirects=False, timeout=waits, **parts
            ) as response:
                return response, self._read(response)
        except requests.exceptions.SSLError as error:
            said = f"the certificate of {urlsplit(url).netloc} can't be verified ({_reason(error)})"
            mend = "mend the server's certificate, or make this machine trust its issuer"
            raise Unreachable(said, mend=mend) from None
        except requests.exceptions.InvalidURL as error:
            raise Unreachable(f"{urlsplit(url).netloc} is no server's name ({error})", mend="correct the url") from None
        except requests.exceptions.ConnectTimeout as error:
            raise Failed(_lost(url, error), certain=True) from None
        except (requests.exceptions.RequestException, OSError) as error:
            raise Failed(_lost(url, error)) from None

    def _read(self, response: Response) -> bytes:
        """The body, within the bounds of size and time."""
        parts = []
        for chunk in response.iter_content(_CHUNK):
            parts.append(chunk)
            self._bytes += len(chunk)
            if self._bytes > self._megabytes * 1_000_000:
                said = f"{self.host} sends more than {self._megabytes} MB"
                raise Refused(said, "ask for less, or set megabytes in its limits")
            self.left()
        return b"".join(parts)

    def sleep(self, seconds: float) -> None:
        """Wait. NoTime at once where so many seconds are not left."""
        if seconds > self._ends - self.passing.clock():
            raise NoTime(f"{self.host} did not answer all that was asked in its time", mend=_LONGER)
        if seconds > 0:
            self.passing.sleep(seconds)

    def left(self) -> float:
        """The seconds that are left."""
        left = self._ends - self.passing.clock()
        if left <= 0:
            raise NoTime(f"{self.host} did not answer all that was asked in its time", mend=_LONGER)
        return left


def _as_it_is(prepared: Any) -> Any:
    """An auth of requests that adds nothing."""
    return prepared


def _lost(url: str, error: Exception) -> KpisheetsError:
    said = f"{urlsplit(url).netloc} can't be reached, or broke off ({_reason(error)})"
    return Unreachable(said, mend="check the url and the network, then sync again")


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
