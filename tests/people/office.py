"""LibreOffice as a person's program: it opens the workbook, does what a person does, saves it as xlsx."""

from __future__ import annotations

import json
import select
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from openpyxl.utils.datetime import to_excel

PROGRAM = Path(__file__).with_name("office_program.py")
SECONDS = 120
"""How long an answer may take."""


def python_with_uno() -> str | None:
    """The Python that has LibreOffice's bindings: Debian's, not the one of a virtual environment."""
    for python in ("/usr/bin/python3", shutil.which("python3")):
        if python and Path(python).exists():
            done = subprocess.run([python, "-c", "import uno"], capture_output=True, check=False)
            if done.returncode == 0:
                return python
    return None


class Office:
    """A running LibreOffice. Verbs and arguments are those of ``office_program.py``."""

    def __init__(self, python: str, soffice: str) -> None:
        self.process = subprocess.Popen(
            [python, str(PROGRAM), soffice],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._answer("start")

    def __call__(self, verb: str, *arguments: Any) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([verb, *arguments]) + "\n")
        self.process.stdin.flush()
        return self._answer(verb)

    def _answer(self, verb: str) -> Any:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], SECONDS)
        assert ready, f"LibreOffice did not answer to {verb} in {SECONDS} s"
        line = self.process.stdout.readline()
        assert line, f"LibreOffice ended during {verb}"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["ok"]

    @contextmanager
    def editing(self, path: Path) -> Iterator[Office]:
        """The workbook, opened; saved at the end."""
        self("open", str(path))
        try:
            yield self
            self("save")
        finally:
            self("close")

    def cells(self, path: Path) -> dict[str, dict[tuple[int, int], tuple[str | None, Any]]]:
        """Every cell as recalculated: tab → (row, column) → (formula, value); an error is ``{"error": code}``."""
        self("open", str(path))
        try:
            found = self("cells")
        finally:
            self("close")
        return {
            sheet: {(int(at.split(",")[0]), int(at.split(",")[1])): (cell[0], cell[1]) for at, cell in cells.items()}
            for sheet, cells in found.items()
        }

    def disagreements(
        self,
        path: Path,
        stored: Any,
        typed: Any,
        chosen: Callable[[tuple[str, int, int]], bool] = lambda cell: True,
    ) -> list[str]:
        """The ``chosen`` formula cells (tab, row, column) whose stored value is not what LibreOffice computes.

        ``stored`` and ``typed`` are those of ``reading.Seen``: values by place, and a workbook of formulas as text.
        """
        judged, found = self.cells(path), []
        for sheet in typed.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type != "f" or not chosen((sheet.title, cell.row, cell.column)):
                        continue
                    ours = stored[sheet.title].get((cell.row, cell.column))
                    _, theirs = judged[sheet.title].get((cell.row, cell.column), (None, None))
                    if not _agree(ours, theirs):
                        found.append(f"{sheet.title}!{cell.coordinate}: stored {ours!r}, LibreOffice says {theirs!r}")
        return found

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _agree(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, (datetime, time, timedelta)):  # a number in a cell that is formatted as a date or a time
        ours = to_excel(ours)
    if isinstance(theirs, dict):
        return isinstance(ours, str) and ours.startswith("#")
    if isinstance(ours, (int, float)) and isinstance(theirs, (int, float)):
        return abs(ours - theirs) <= 1e-9 * max(1.0, abs(ours), abs(theirs))
    return (ours or "") == (theirs or "")
