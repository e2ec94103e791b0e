"""No file that is written makes Excel repair it: what the file had before is not held against the writer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kpisheets.backends.excel.lint import findings_in
from kpisheets.backends.excel.ooxml.edit import Edit


def assert_no_repair(path: Path, baseline: Path | bytes | None = None) -> None:
    """The workbook has no error that ``baseline``, the file before, had not."""
    found = findings_in(path, None, baseline)
    assert not found, "Excel would repair it:\n" + "\n".join(map(str, found))


def watch_writes(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """From now on every file that the editor writes is linted against what it was before; gives their paths.

    For a fixture: ``yield from watch_writes(monkeypatch)``.
    """
    written: list[Path] = []
    write = Edit.write

    def watched(self: Edit, *arguments: Any, **named: Any) -> Any:
        path = self._book.path
        before = path.read_bytes() if path.exists() else None  # somebody may have taken it away
        done = write(self, *arguments, **named)
        if path.read_bytes() != before:
            assert_no_repair(path, before)
            written.append(path)
        return done

    monkeypatch.setattr(Edit, "write", watched)
    yield written
