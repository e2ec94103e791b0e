"""What was asked: every request with its kind, its answer's status, and the bytes both ways."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Entry:
    """A request: `api` is `sheets`, `drive` or `auth`, `kind` is `read` or `write`, bodies are counted in bytes."""

    method: str
    path: str
    api: str
    call: str
    kind: str
    status: int
    bytes_in: int
    bytes_out: int
    email: str


@dataclass
class Journal:
    entries: list[Entry] = field(default_factory=list)

    def reset(self) -> None:
        self.entries.clear()

    def summary(self) -> dict[str, Any]:
        """Counts and bytes, whole and by kind, without the requests for tokens."""
        own = [entry for entry in self.entries if entry.api != "auth"]
        return {
            "requests": len(own),
            "reads": sum(entry.kind == "read" for entry in own),
            "writes": sum(entry.kind == "write" for entry in own),
            "sheets": sum(entry.api == "sheets" for entry in own),
            "drive": sum(entry.api == "drive" for entry in own),
            "bytes_in": sum(entry.bytes_in for entry in own),
            "bytes_out": sum(entry.bytes_out for entry in own),
        }

    def listed(self) -> list[dict[str, Any]]:
        return [asdict(entry) for entry in self.entries]
