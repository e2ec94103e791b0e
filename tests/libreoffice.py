"""LibreOffice as an independent judge: it recalculates a workbook from nothing and says what every cell shows."""

from __future__ import annotations

import atexit
import os
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import openpyxl

from tests.stored import load_both

# 0 is "always recalculate on load": cached values, ours among them, are ignored.
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item>
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse">
<value>{locale}</value></prop></item>
</oor:items>
"""
# Comma, double quote, UTF-8, from line 1 on, American English, numbers as displayed.
_AS_SHOWN = "44,34,76,1,,1033,false,true"
# Ends with whoever holds its standard input, even if that is killed.
_KEPT = '"$@" </dev/null & cat >/dev/null; kill -KILL 0'
_STARTS = 60
"""Seconds in which it has started; else each conversion starts its own."""


class _Office:
    """A LibreOffice that waits: a conversion with the same profile is handed to it, and starts nothing."""

    def __init__(self, soffice: str, locale: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="lo-profile-", ignore_cleanup_errors=True)
        profile, pipe = Path(self._folder.name), f"kpi{os.getpid()}{locale}"
        (profile / "user").mkdir()
        (profile / "user" / "registrymodifications.xcu").write_text(
            _SETTINGS.replace("{locale}", locale), encoding="utf-8"
        )
        self.command = [soffice, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nologo"]
        self._process = subprocess.Popen(
            ["sh", "-c", _KEPT, "sh", *self.command, "--nodefault", f"--accept=pipe,name={pipe};urp;"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        until = time.monotonic() + _STARTS
        while not any(Path("/tmp").glob(f"OSL_PIPE_*{pipe}")) and time.monotonic() < until:  # LibreOffice names it so
            time.sleep(0.05)

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(20)
        self._folder.cleanup()


_running: dict[tuple[str, str], _Office] = {}


def _office(soffice: str, locale: str) -> _Office:
    """The one of this process that speaks ``locale``."""
    if (soffice, locale) not in _running:
        _running[soffice, locale] = _Office(soffice, locale)
    return _running[soffice, locale]


@atexit.register
def _end() -> None:
    while _running:
        _running.popitem()[1].end()


def convert(soffice: str, path: Path, form: str, folder: Path, *, seconds: float = 120, locale: str = "en-US") -> Path:
    """``path`` opened in LibreOffice, recalculated and saved as ``form`` in ``folder``.

    ``form`` is ``xlsx``, ``pdf``, ``ods``, or ``csv``: the first sheet's cells as they are displayed to a reader whose
    system speaks ``locale``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f"{path.stem}.{form}"
    assert made != path
    made.unlink(missing_ok=True)
    filters = {"xlsx": "xlsx:Calc MS Excel 2007 XML", "csv": f"csv:Text - txt - csv (StarCalc):{_AS_SHOWN}"}
    command = [
        *_office(soffice, locale).command,
        "--convert-to",
        filters.get(form, form),
        "--outdir",
        str(folder),
        str(path),
    ]
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds, cwd=folder, check=False)
    except subprocess.TimeoutExpired:
        _end()
        raise
    assert made.exists(), (done.stdout + done.stderr).decode(errors="replace")
    return made


def recalculated(soffice: str, path: Path, folder: Path) -> dict[str, dict[str, Any]]:
    """Every cell's value as LibreOffice computes it: sheet → cell → value."""
    return values(convert(soffice, path, "xlsx", folder))


def values(path: Path) -> dict[str, dict[str, Any]]:
    """Every cell's stored value, as openpyxl reads it: sheet → cell → value."""
    book = openpyxl.load_workbook(path, data_only=True)
    return {
        sheet.title: {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row}
        for sheet in book.worksheets
    }


def disagreements(soffice: str, path: Path, folder: Path, *, least: int = 1) -> list[str]:
    """Every formula cell whose stored value is not the one that LibreOffice computes; there are ``least`` of them."""
    judged, (written, stored) = recalculated(soffice, path, folder), load_both(path)
    found, count = [], 0
    for sheet in written.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    count += 1
                    ours, theirs = stored[sheet.title][cell.row, cell.column], judged[sheet.title].get(cell.coordinate)
                    if not _agree(ours, theirs):
                        formula = f"{sheet.title}!{cell.coordinate} {cell.value}"
                        found.append(f"{formula}: stored {ours!r}, LibreOffice says {theirs!r}")
    assert count >= least, f"{path.name} has {count} formulas"
    return found


def _agree(ours: Any, theirs: Any) -> bool:
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (ours, theirs))
    if numbers:
        return abs(ours - theirs) <= 1e-9 * max(1.0, abs(ours), abs(theirs))
    # A formula that gives "" is stored as an empty text by one program and as no value by another.
    return (ours or "") == (theirs or "") if not isinstance(ours, bool) else ours is theirs
