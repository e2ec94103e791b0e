"""What Google answered when it did not do what it was asked, and the one line that a person gets for it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_RATES = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error answer. ``reason`` and ``details`` as Google's envelope has them; ``foreign``: it was no such envelope.

    ``after``: the seconds that the answer asks to be left alone.
    """

    code: int
    message: str
    reason: str = ""
    status: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    foreign: bool = False
    after: float = 0.0

    @property
    def is_rate(self) -> bool:
        """Too many requests: certainly not carried out, and good for another attempt."""
        return self.code == 429 or (self.code == 403 and self.reason in _RATES)

    @property
    def is_passing(self) -> bool:
        """Google failed, perhaps after it did what it was asked."""
        return self.code in (408, 500, 502, 503, 504) or self.status == "ABORTED"

    @property
    def is_certain(self) -> bool:
        """It was certainly not carried out."""
        return self.is_rate or self.status == "ABORTED"


def refusal(code: int, headers: Mapping[str, str], body: bytes, now: float) -> Refusal:
    """The answer, read; both envelopes, that of Sheets and that of Drive. ``now``: seconds since 1970."""
    after = _after(headers, now)
    try:
        error = json.loads(body)["error"]
        details = [one for one in error.get("details", []) if isinstance(one, dict)]
        first: dict[str, Any] = next(iter(error.get("errors", [])), {})
        info: dict[str, Any] = next((one for one in details if str(one.get("@type", "")).endswith("ErrorInfo")), {})
        return Refusal(
            code=int(error.get("code", code)),
            message=str(error.get("message", "")),
            reason=str(info.get("reason") or first.get("reason") or ""),
            status=str(error.get("status", "")),
            metadata={str(key): str(value) for key, value in info.get("metadata", {}).items()},
            after=max([after, *(_delay(one.get("retryDelay")) for one in details)]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return Refusal(code, _plain(body), foreign=True, after=after)


def _after(headers: Mapping[str, str], now: float) -> float:
    """Retry-After: seconds, or a date."""
    from email.utils import parsedate_to_datetime

    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, TypeError):
        return 0.0


def _delay(text: Any) -> float:
    found = re.fullmatch(r"(\d{1,9}(?:\.\d+)?)s", text) if isinstance(text, str) else None
    return float(found[1]) if found else 0.0


def _plain(body: bytes) -> str:
    """The first words of a page that was not meant for programs."""
    text = re.sub(r"<(style|script)\b.*?</\1>|<[^>]*>", " ", body[:4000].decode("utf-8", "replace"), flags=re.S | re.I)
    return " ".join(text.split())[:120]
