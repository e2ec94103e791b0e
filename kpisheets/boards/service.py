"""Requests to a vendor's service: JSON both ways, patient where it is asked to be, its refusals in words."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from kpisheets.errors import BadConfig, BadData, KpisheetsError, NotAllowed, TryLater, Uncertain, Unreachable
from kpisheets.web.exchange import Answer, exchange

_MOST = 20_000_000
"""Bytes of one answer: a thousand cards with long texts."""
_ATTEMPTS = 4
_LONGEST = 20.0
"""Seconds: who asks for a longer pause is asked again by the next sync."""
_BUSY = (429, 503)


class Service:
    """The API under ``root``. ``headers`` hold the credentials; ``where`` is what messages call it."""

    def __init__(
        self,
        root: str,
        headers: Mapping[str, str],
        context: ssl.SSLContext,
        where: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._root, self._headers, self._context, self._where = root.rstrip("/"), headers, context, where
        self._sleep = sleep

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """What the answer says in JSON; see ``Board`` for the errors. It is asked again only where it says that it did
        nothing."""
        url = f"{self._root}{path}" + (f"?{urlencode(query)}" if query else "")
        headers = {"Accept": "application/json", **self._headers}
        content = None
        if body is not None:
            content = json.dumps(body, ensure_ascii=False).encode()
            headers["Content-Type"] = "application/json"
        for attempt in range(1, _ATTEMPTS + 1):
            answer = self._exchange(method, url, content, headers)
            pause = answer.after or 2.0**attempt
            if answer.status not in _BUSY or attempt == _ATTEMPTS or pause > _LONGEST:
                break
            self._sleep(pause)
        if 200 <= answer.status < 300:
            return answer.json
        raise self._judged(method, answer)

    def _exchange(self, method: str, url: str, content: bytes | None, headers: Mapping[str, str]) -> Answer:
        try:
            return exchange(method, url, self._context, where=self._where, content=content, headers=headers, most=_MOST)
        except Uncertain as error:
            if method != "GET":
                raise
            said = "its answer broke off, or did not come"
            raise Unreachable(said, where=self._where, mend="the next sync asks again") from error

    def _judged(self, method: str, answer: Answer) -> KpisheetsError:
        where, said = self._where, f"{answer.status} {answer.said}".strip()
        match answer.status:
            case 429 | 503:
                what = f"it takes no more requests for now ({said})"
                return TryLater(what, where=where, mend="the next sync asks again", after=answer.after)
            case 401 | 403:
                mend = "give its token the right to read and write, and check key and token; see docs/boards.md"
                return NotAllowed(f"it does not let us in ({said})", where=where, mend=mend)
            case 404 | 410:
                mend = "correct its url, and share the board with the token's owner"
                return BadConfig(f"there is no such board or card ({said})", where=where, mend=mend)
            case status if 300 <= status < 400:
                return BadConfig(f"the address leads elsewhere ({said})", where=where, mend="correct its api_root")
            case status if status >= 500 and method != "GET":
                what = f"it failed with a card in its hands ({said}): it may be there"
                return Uncertain(what, where=where, mend="the next sync looks for it")
            case status if status >= 500:
                return Unreachable(f"it failed ({said})", where=where, mend="the next sync asks again")
        return BadData(f"it refuses a card ({said})", where=where, mend="see docs/boards.md")
