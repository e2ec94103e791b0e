"""One HTTP request that must not be sent twice by itself, and what its answer, or its silence, means."""

from __future__ import annotations

import http.client
import json
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from kpisheets.errors import BadConfig, BadData, KpisheetsError, NotAllowed, TryLater, Uncertain, Unreachable
from kpisheets.web.trust import is_this_machine, trouble

TIMEOUT = 30.0
_PATIENCE = 60.0
_MOST = 65536


@dataclass(frozen=True, slots=True)
class Answer:
    """A status with its headers (names in lower case) and its body, or the beginning of it."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def document(self) -> dict[str, Any]:
        """The JSON object that the body is; empty where it is none."""
        found = self.json
        return found if isinstance(found, dict) else {}

    @property
    def json(self) -> Any:
        """What the body says in JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def after(self) -> float:
        """The seconds that it asks to be left alone (Retry-After: seconds, or a date); 0 where it does not say."""
        text = self.headers.get("retry-after", "").strip()
        if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
            return float(text)
        try:
            return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
        except (ValueError, TypeError):
            return 0.0

    @property
    def said(self) -> str:
        """In its own words, at most a line."""
        error = self.document.get("error")
        found = error.get("message") or error.get("code") if isinstance(error, dict) else error
        text = str(found) if found else re.sub(r"<[^>]*>", " ", self.body[:2000].decode("utf-8", "replace"))
        return " ".join(text.split())[:160]


class _NoWayOn(urllib.request.HTTPRedirectHandler):
    """What is sent once is not sent elsewhere too."""

    def redirect_request(self, *_: object) -> None:
        return None


def post(
    url: str,
    content: bytes,
    kind: str,
    context: ssl.SSLContext,
    *,
    where: str,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """The answer to one POST of ``content``, whose media type is ``kind``; see ``exchange``."""
    wanted = {"Content-Type": kind, **(headers or {})}
    return exchange("POST", url, context, where=where, content=content, headers=wanted)


def exchange(
    method: str,
    url: str,
    context: ssl.SSLContext,
    *,
    where: str,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    most: int = _MOST,
) -> Answer:
    """The answer to one request, with at most ``most`` bytes of its body. ``where`` is all that messages say of the
    address, which may hold a secret.

    Unreachable where the request did not leave whole, and so was not carried out; Uncertain where it left and no answer
    came. BadConfig for an address that is not encrypted, unless it is on this machine.
    """
    parts = urlsplit(url)
    here = is_this_machine(parts.hostname or "")
    if not parts.hostname or parts.scheme not in ("https", "http") or (parts.scheme == "http" and not here):
        raise BadConfig("the address does not begin with https://", where=where, mend="correct it")
    handlers: list[urllib.request.BaseHandler] = [urllib.request.HTTPSHandler(context=context), _NoWayOn()]
    if here:
        handlers.append(urllib.request.ProxyHandler({}))
    wanted = {"User-Agent": "kpisheets", **(headers or {})}
    mend = "check the address and the network, then send again"
    try:
        request = urllib.request.Request(url, data=content, headers=wanted, method=method)  # noqa: S310 - checked above
        with urllib.request.build_opener(*handlers).open(request, timeout=TIMEOUT) as answer:
            return _read(answer.status, answer, most)
    except urllib.error.HTTPError as error:
        with error:
            return _read(error.code, error, most)
    except urllib.error.URLError as error:
        # urllib says so of a request alone that could not be handed over to the last byte.
        reason = error.reason if isinstance(error.reason, BaseException) else error
        said = trouble(reason, TIMEOUT) or "it cannot be reached"
        raise Unreachable(said, where=where, mend=mend) from error
    except (UnicodeError, http.client.InvalidURL) as error:
        raise BadConfig("the address cannot be read", where=where, mend="correct it") from error
    except (OSError, http.client.HTTPException) as error:
        what = "no answer came after the whole message had left: it may have arrived"
        raise Uncertain(what, where=where, mend="look there before you send again") from error


def judged(answer: Answer, where: str, *, to: str, denied: str, gone: str) -> KpisheetsError:
    """The error for an answer that is no success. ``to``: whom it was for; ``denied`` and ``gone`` are the mends for
    credentials that are refused, and for an address that is not there."""
    said = f"{answer.status} {answer.said}".strip()
    match answer.status:
        case 429 | 503:
            what = f"it takes no more messages for now ({said})"
            return TryLater(what, where=where, mend="send again in some minutes", after=answer.after)
        case 401 | 403:
            return NotAllowed(f"it does not let us send ({said})", where=where, mend=denied)
        case 404 | 410:
            return BadConfig(f"nothing is there ({said})", where=where, mend=gone)
        case 413:
            mend = 'send it without the workbook: attach = ["none"]'
            return BadData(f"the message for {to} is too large ({said})", where=where, mend=mend)
        case status if 300 <= status < 400:
            return BadConfig(f"the address leads elsewhere ({answer.status})", where=where, mend=gone)
        case status if status >= 500:
            what = f"it failed with the message in its hands ({said}): it may have arrived"
            return Uncertain(what, where=where, mend="look there before you send again")
    return BadData(f"it refuses the message for {to} ({said})", where=where, mend="see docs/mail.md")


def _read(status: int, answer: Any, most: int) -> Answer:
    """What there is of the body: the status has been heard, so that a break changes nothing any more."""
    body, until = b"", time.monotonic() + _PATIENCE
    try:
        while len(body) < most and time.monotonic() < until and (more := answer.read1(4096)):
            body += more
    except (OSError, http.client.HTTPException, AttributeError):
        pass
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(status, headers, body)
