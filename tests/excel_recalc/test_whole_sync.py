"""A person's own tab on the tool's figures shows the new ones after a sync, to whoever reads the file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from kpisheets.backends.excel.ooxml import Book
from tests.excel_recalc.conftest import agree, shown
from tests.libreoffice import recalculated
from tests.people.small import START, Small

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")

SUMS = {
    "A1": "=SUM(Tracking!D:D)",
    "A2": '=SUMIFS(kpi_tracking[Actual],kpi_tracking[KPI],"Revenue")',
    "A3": '=COUNTIF(Tracking!G:G,"✔ Met")',
    "A4": "=ROUND(A1/COUNT(kpi_tracking_actual),1)",
    "A5": '=IFERROR(INDEX(kpi_tracking[Actual],MATCH("revenue|2026-04",kpi_tracking[Key],0)),"no row")',
}


def _with_a_tab_of_their_own(small: Small, soffice: str, folder: Path) -> None:
    """Types formulas beside the tool's cells of Guide, stored with what LibreOffice computes."""
    for value in (None, recalculated):
        known: dict[str, Any] = value(soffice, small.path, folder)["Guide"] if value else {}
        book = Book.open(small.path)
        edit = book.edit()
        for cell, formula in SUMS.items():
            edit.set("Guide", 59 + int(cell[1:]), 1, known.get(f"A{59 + int(cell[1:])}", 0), _moved(formula))
        edit.write()


def _moved(formula: str) -> str:
    return formula.removeprefix("=").replace("A1/", "A60/")


def test_a_sync_refreshes_sums_over_the_tool_s_cells(soffice: str, tmp_path: Path) -> None:
    small = Small.begun(tmp_path / "project")
    _with_a_tab_of_their_own(small, soffice, tmp_path / "typed")
    before = shown(small.path)["Guide"]
    assert before["A60"] > 0
    small.today += timedelta(days=45)
    for week in range(10, 16):
        small.sales[START + timedelta(days=3 + 7 * week)] = [500, 250]
    small.write_source()
    done = small.sync()
    assert done.receipt is not None
    assert (done.receipt.refreshed, done.receipt.left) == (5, 0), done.receipt.why
    after, judged = shown(small.path)["Guide"], recalculated(soffice, small.path, tmp_path / "judged")["Guide"]
    cells = [f"A{row}" for row in range(60, 65)]
    assert all(agree(after[cell], judged[cell]) for cell in cells)
    assert [cell for cell in cells if after[cell] == before[cell] and cell != "A62"] == []
    actual = pd.read_excel(small.path, sheet_name="Tracking", header=2, engine="openpyxl")["Actual"]
    assert pd.read_excel(small.path, sheet_name="Guide", header=None, engine="openpyxl").iloc[59, 0] == pytest.approx(
        actual.sum()
    )
    written = openpyxl.load_workbook(small.path)["Guide"]
    assert [written[cell].value for cell in cells] == ["=" + _moved(formula) for formula in SUMS.values()]


def test_a_sync_of_the_tool_s_tabs_alone_starts_no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = Small.begun(tmp_path / "project")
    small.sales[START + timedelta(days=66)] = [500]
    small.write_source()
    started: list[object] = []
    monkeypatch.setattr("subprocess.Popen", lambda *a, **k: started.append(a))
    done = small.sync()
    assert done.receipt is not None
    assert done.receipt.cells > 0
    assert (done.receipt.refreshed, done.receipt.left, started) == (0, 0, [])
