"""LibreOffice as an independent judge: it recalculates a workbook from nothing and says what every cell shows."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import openpyxl

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


def convert(soffice: str, path: Path, form: str, folder: Path, *, seconds: float = 120, locale: str = "en-US") -> Path:
    """``path`` opened in LibreOffice, recalculated and saved as ``form`` in ``folder``.

    ``form`` is ``xlsx``, ``pdf``, ``ods``, or ``csv``: the first sheet's cells as they are displayed to a reader whose
    system speaks ``locale``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="lo-profile-") as profile:
        user = Path(profile) / "user"
        user.mkdir()
        (user / "registrymodifications.xcu").write_text(_SETTINGS.replace("{locale}", locale), encoding="utf-8")
        command = [soffice, f"-env:UserInstallation=file://{profile}", "--headless", "--norestore"]
        filters = {"xlsx": "xlsx:Calc MS Excel 2007 XML", "csv": f"csv:Text - txt - csv (StarCalc):{_AS_SHOWN}"}
        command += ["--convert-to", filters.get(form, form), "--outdir", str(folder), str(path)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, cwd=folder
        )
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise
    made = folder / f"{path.stem}.{form}"
    assert made.exists(), output.decode(errors="replace")
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


def formulas(path: Path) -> dict[str, dict[str, str]]:
    """Every formula: sheet → cell → text."""
    book = openpyxl.load_workbook(path)
    return {
        sheet.title: {
            cell.coordinate: str(cell.value) for row in sheet.iter_rows() for cell in row if cell.data_type == "f"
        }
        for sheet in book.worksheets
    }


def disagreements(soffice: str, path: Path, folder: Path) -> list[str]:
    """Every formula cell whose stored value is not the one that LibreOffice computes. No exceptions."""
    judged, stored, written = recalculated(soffice, path, folder), values(path), formulas(path)
    found = []
    for sheet, cells in written.items():
        for cell, formula in cells.items():
            ours, theirs = stored[sheet].get(cell), judged[sheet].get(cell)
            if not _agree(ours, theirs):
                found.append(f"{sheet}!{cell} {formula}: stored {ours!r}, LibreOffice says {theirs!r}")
    return found


def _agree(ours: Any, theirs: Any) -> bool:
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (ours, theirs))
    if numbers:
        return abs(ours - theirs) <= 1e-9 * max(1.0, abs(ours), abs(theirs))
    # A formula that gives "" is stored as an empty text by one program and as no value by another.
    return (ours or "") == (theirs or "") if not isinstance(ours, bool) else ours is theirs
