"""What a project remembers of its spreadsheet, in ``.kpisheets/google.json``: which one it is, how far it was made.

It may be lost at any time: Drive and the spreadsheet itself tell the same, with a request more.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kpisheets.errors import CannotWrite
from kpisheets.files import replaced


@dataclass(frozen=True, slots=True)
class Remembered:
    """``project`` is the mark by which Drive knows the project (blank for a spreadsheet of people's), ``built`` whether
    the KPI tabs are in it."""

    id: str
    project: str = ""
    built: bool = False


class Memory:
    """``path`` is the file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Remembered | None:
        try:
            found: Any = json.loads(self.path.read_text(encoding="utf-8"))
            known = Remembered(found["id"], found["project"], found["built"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return known if isinstance(known.id, str) and known.id else None

    def write(self, known: Remembered) -> None:
        """CannotWrite where the folder cannot be written."""
        if self.read() == known:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with replaced(self.path) as file:
                file.write(json.dumps(asdict(known), indent=1).encode())
        except OSError as error:
            said = f"cannot be written ({(error.strerror or str(error)).lower()})"
            raise CannotWrite(said, where=str(self.path), mend="check the folder's space and permissions") from error
