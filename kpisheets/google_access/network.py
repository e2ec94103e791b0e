"""What goes wrong on the way to Google, and whether a request can have arrived."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

import requests
from urllib3 import exceptions as urllib3_errors

from kpisheets.errors import KpisheetsError, TryLater, Unreachable
from kpisheets.google_access.retry import Failed


def failed(error: requests.RequestException, url: str, *, api_root: str = "") -> Failed | KpisheetsError:
    """``Failed`` where another attempt may help; an error where it can't."""
    host = urlsplit(url).hostname or url
    aimed = "check [google] api_root" if api_root else "check the network of this machine"
    chain = list(_chain(error))
    if isinstance(error, requests.exceptions.SSLError) and _is_distrust(chain):
        said = next((str(one) for one in reversed(chain) if "certificate" in str(one).lower()), str(chain[-1]))
        mend = (
            "check the clock of this machine; where an organisation's proxy looks into connections, let the variable "
            "REQUESTS_CA_BUNDLE name the file of its certificate"
        )
        mend = f"check [google] api_root, and {mend}" if api_root else mend
        return Unreachable(f"the connection to {host} is not secure ({_short(said)})", where="Google", mend=mend)
    if isinstance(error, requests.exceptions.ProxyError):
        said = f"the proxy does not let a connection to {host} through ({_short(chain[-1])})"
        return Failed(Unreachable(said, where="Google", mend="check the variable HTTPS_PROXY"), unreachable=True)
    names = any(isinstance(one, urllib3_errors.NameResolutionError) for one in chain)
    if names or any(isinstance(one, urllib3_errors.NewConnectionError | requests.ConnectTimeout) for one in chain):
        said = f"the name {host} is not found" if names else f"{host} cannot be reached ({_short(chain[-1])})"
        return Failed(Unreachable(said, where="Google", mend=aimed), unreachable=True)
    if isinstance(error, requests.Timeout):
        return Failed(TryLater(f"{host} did not answer in time", where="Google", mend="run it again in a few minutes"))
    said = f"the connection to {host} broke off ({_short(chain[-1])})"
    return Failed(TryLater(said, where="Google", mend="run it again in a few minutes"))


def _is_distrust(chain: Iterable[BaseException]) -> bool:
    """Whether the two could not agree to talk, before anything was said; other breaks come at any time."""
    texts = [str(one).lower() for one in chain]
    return any(sign in text for text in texts for sign in ("certificate", "wrong_version_number", "alert", "handshake"))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what is behind it, the deepest last."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        reason = getattr(error, "reason", None)
        inner = next((arg for arg in error.args if isinstance(arg, BaseException)), None)
        error = reason if isinstance(reason, BaseException) else inner or error.__cause__


def _short(error: object) -> str:
    text = str(error)
    text = text.rpartition(": ")[2] if "object at 0x" in text else text
    return " ".join(text.split()).strip("()'\"")[:120]
