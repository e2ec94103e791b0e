"""What a service's refusals mean for a person: the source as a whole, or one table of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpisheets.connectors.base import Refused
from kpisheets.errors import KpisheetsError, NotAllowed, TryLater, Unreachable
from kpisheets.services.values import ServiceTable

_TEMPORARY = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_AGAIN = "sync again later"


class Failed(Exception):
    """An attempt that may succeed when it is repeated, after ``wait`` seconds at the earliest.

    ``cause`` is what a person is told when no attempt is left. ``certain``: the service did nothing of what was asked.
    """

    def __init__(self, cause: KpisheetsError, *, wait: float = 0.0, certain: bool = False) -> None:
        super().__init__(str(cause))
        self.cause, self.wait, self.certain = cause, wait, certain


def passes(status: int, headers: Mapping[str, str]) -> bool:
    """Whether a status says that a repetition may succeed. Some services refuse who asks too often with 403."""
    return status in _TEMPORARY or (status == 403 and "Retry-After" in headers)


def temporary(host: str, status: int, wait: float) -> Failed:
    """A status that passes by."""
    if status in (403, 429):
        cause: KpisheetsError = Unreachable(
            f"{host} answers that it was asked too often ({status})", mend=f"{_AGAIN}, or set rate in its limits"
        )
        return Failed(cause, wait=wait, certain=True)
    return Failed(Unreachable(f"{host} answers with an error of its own ({status})", mend=_AGAIN), wait=wait)


def too_long(host: str, wait: float) -> KpisheetsError:
    """The service asks for more patience than there is time."""
    said = f"{host} asks to be left alone for {wait:.0f} seconds, longer than the source may take"
    return TryLater(said, mend=f"{_AGAIN}, or give the source a longer timeout")


def refusal(host: str, status: int, table: ServiceTable, path: str, said: str, *, shut_out: str = "") -> Exception:
    """A status that stays. ``said`` is what the service says of it, blank where that is not known.

    ``shut_out`` are words with which it lets nobody in, whatever the status.
    """
    words = f": {said}" if said else ""
    if status == 401 or (shut_out and shut_out in said):
        mend = "check the secrets of its auth: they may have expired or been withdrawn"
        return NotAllowed(f"{host} lets nobody in with these credentials ({status}){words}", mend=mend)
    if status == 403:
        needs = f"grant {table.needs}" if table.needs else "grant the key the right to read it"
        return Refused(f"{host} does not allow “{table.name}” to be read (403){words}", needs)
    if status in (404, 410):
        return Refused(f"{host} has nothing at {path} ({status}){words}", "correct the path of the table, or the url")
    return Refused(f"{host} refuses what “{table.name}” asks ({status}){words}", "correct the table in kpisheets.toml")


def words_of(content: object) -> str:
    """What an answer that refuses says for people, wherever services are used to put that."""
    for path in ("error_description", "message", "detail", "error", "errors", "title", "description", "value"):
        text = _text(content, path)
        if text:
            return " ".join(text.split())[:200]
    return ""


def _text(content: Any, name: str) -> str:
    if isinstance(content, list):
        content = content[0] if content else None
    held = content.get(name) if isinstance(content, dict) else None
    if isinstance(held, list):
        held = held[0] if held else None
    if isinstance(held, dict):
        return words_of(held)
    return held if isinstance(held, str) else ""
