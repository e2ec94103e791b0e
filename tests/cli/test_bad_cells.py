"""Cells that people spoil: the KPI that they concern stops with a line that says where, and all others go on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cli.conftest import MONTHS, Folder, assert_helpful

# The cell, what stands in it, and what the line must name.
CATALOGUE = [
    ("Metric", "no_such_metric", ("KPIs!J4", "no_such_metric", "leads, orders, revenue")),
    ("Direction", "Sideways", ("KPIs!H4", "Sideways", "Higher, Lower, Range")),
    ("Frequency", "Hourly", ("KPIs!I4", "Hourly", "Monthly")),
    ("Roll-up", "Median", ("KPIs!O4", "Median", "Average")),
    ("Target", "#DIV/0!", ("KPIs!K4", "#DIV/0!", "formula")),
    ("Target", "many", ("KPIs!K4", "many", "number")),
    ("Direction", "#REF!", ("KPIs!H4", "#REF!")),
    ("Active from", "soon", ("KPIs!P4", "soon", "2026-01-31")),
    ("Active from", "#N/A", ("KPIs!P4", "#N/A")),
    ("Tolerance %", -1, ("KPIs!N4", "negative")),
    ("ID", None, ("KPIs!A4", "no ID")),
    ("ID", "#NAME?", ("KPIs!A4", "#NAME?")),
    ("ID", "a|b", ("KPIs!A4", "a|b")),
]


def _stops_alone(folder: Folder, *words: str, goes_on: tuple[str, ...] = ("orders", "leads")) -> None:
    """One line about the spoilt KPI; the others still take what their source says, spoilt rows keep their numbers."""
    with folder.edited() as tab:
        before = {key: tab[key, "Actual"] for key in (f"revenue|{month}" for month in MONTHS)}
        for identity in goes_on:
            tab[f"{identity}|2025-02", "Actual"] = tab[f"{identity}|2025-02", "Source value"] = None
    done = folder.run("sync", "--json")
    assert (done.code, done.err) == (1, "")
    (problem,) = done.json["problems"]
    assert_helpful(f"{problem['where']}: {problem['what']}; {problem['mend']}", *words)
    changed = [change["key"] for change in done.json["changes"]]
    assert changed == [f"{identity}|2025-02" for identity in goes_on]
    tab = folder.tab("Tracking")
    assert {key: tab[key, "Actual"] for key in before} == before
    plain = folder.run("sync")
    assert (plain.code, len(plain.err.splitlines())) == (1, 1)
    assert_helpful(plain.err.strip(), *words)


@pytest.mark.parametrize(("header", "value", "words"), CATALOGUE, ids=[f"{c[0]}={c[1]}" for c in CATALOGUE])
def test_a_spoilt_line_of_the_catalogue(folder: Folder, header: str, value: object, words: tuple[str, ...]) -> None:
    with folder.edited("KPIs") as tab:
        tab["revenue", header] = value
    _stops_alone(folder, *words)


def test_two_kpis_with_one_id(folder: Folder) -> None:
    with folder.edited("KPIs") as tab:
        tab["orders", "ID"] = "REVENUE"
    _stops_alone(folder, "KPIs!A5", "KPIs!A4", "another ID", goes_on=("leads",))


def test_two_rows_with_one_key(folder: Folder) -> None:
    with folder.edited() as tab:
        row = tab.sheet.max_row + 1
        for column in tab.columns.values():
            tab.sheet.cell(row, column).value = tab.sheet.cell(tab.row("revenue|2025-01"), column).value
    _stops_alone(folder, f"Tracking!J{row}", "revenue", "2025-01", "Tracking!J4", "delete one")
    shown = folder.run("explain", "revenue", "2025-01")
    assert shown.code == 1  # the number may be the other row's
    assert "Problem: Tracking!J" in shown.out


def test_a_key_that_names_no_period(folder: Folder) -> None:
    with folder.edited() as tab:
        row = tab.row("revenue|2025-02")
        tab["revenue|2025-02", "Key"] = "revenue|2025-99"
    with folder.edited() as tab:
        tab.sheet.cell(row, tab.columns["Key"]).value = "revenue|soon"
    done = folder.run("sync")
    assert done.code == 1
    assert_helpful(done.err.strip(), f"Tracking!J{row}", "revenue|soon", "clear the cell")
    assert "0 rows added" in done.out
    with folder.edited() as tab:  # doing what the line says mends it
        tab.sheet.cell(row, tab.columns["Key"]).value = None
    assert folder.run("sync", "--json").json["problems"] == []
    assert folder.tab("Tracking").row("revenue|2025-02") == row


def test_a_key_that_shows_an_error_is_found_again(folder: Folder) -> None:
    with folder.edited() as tab:
        row = tab.row("revenue|2025-02")
        tab["revenue|2025-02", "Key"] = "#REF!"
    done = folder.run("sync", "--json")
    assert (done.code, done.json["rows_added"]) == (0, 0)
    assert folder.tab("Tracking").row("revenue|2025-02") == row


@pytest.mark.parametrize("header", ["Target", "Actual"])
@pytest.mark.parametrize("value", ["#DIV/0!", "about ten"])
def test_a_number_cell_without_a_number(folder: Folder, header: str, value: str) -> None:
    with folder.edited() as tab:
        tab["revenue|2025-01", header] = value
        place = f"Tracking!{tab.cell('revenue|2025-01', header).coordinate}"
    done = folder.run("sync")
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert_helpful(done.err.strip(), place, value)
    tab = folder.tab("Tracking")
    assert tab["revenue|2025-01", header] == value  # it is the person's
    assert tab["revenue|2025-02", "Actual"] == 20.25
    assert folder.run("report").code == 0


def _deleted(folder: Folder, header: str) -> None:
    with folder.edited() as tab:
        for row in range(1, tab.sheet.max_row + 1):
            tab.sheet.cell(row, tab.columns[header]).value = None


@pytest.mark.parametrize("header", ["Actual", "Key", "Period"])
def test_a_deleted_column(folder: Folder, intact: Callable[..., None], header: str) -> None:
    _deleted(folder, header)
    intact()
    line = folder.run("sync").refused(65, "Tracking", "column", "deleted")
    assert header.casefold() in line.casefold()
    folder.run("report").refused(65, "Tracking")
    assert folder.run("check").code == 65


@pytest.mark.parametrize("text", ["=1+1", '=HYPERLINK("http://example.org","x")', "+1", "-x", "@SUM(A1)", "a\tb"])
def test_text_that_looks_like_a_formula_stays_text(fresh: Folder, text: str) -> None:
    """What people type as text in the catalogue reaches other tabs as text."""
    with fresh.edited("KPIs") as tab:
        for header in ("KPI", "Owner"):
            cell = tab.cell("revenue", header)
            cell.value, cell.data_type = text, "s"
    assert fresh.run("sync").code == 0
    with fresh.edited() as tab:  # formulas, not their values
        for header, shown in (("KPI", text), ("Owner", text)):
            cell = tab.cell("revenue|2025-01", header)
            assert (cell.value, cell.data_type) == (shown, "s")
    with fresh.edited("KPIs") as tab:
        cell = tab.cell("revenue", "Definition")
        cell.value, cell.data_type = text, "s"
    assert fresh.run("sync").code == 0  # the Log tells of the new definition
    with fresh.edited("Log") as tab:
        told = [cell for row in tab.sheet.iter_rows() for cell in row if cell.value == text]
        assert [cell.data_type for cell in told] == ["s"]
