"""The Guide tab of an Excel file: people's notes stay and stop nothing; old workbooks do without its table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kpisheets.core.workbook import GUIDE, RITUALS
from kpisheets.xlsx import Book
from tests.people.small import Small
from tests.people.test_reminders import fill

pytestmark = pytest.mark.filterwarnings("ignore:Sparkline Group", "ignore:Print area", "ignore:Data Validation")


@pytest.fixture(scope="module")
def began(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return Small.begun(tmp_path_factory.mktemp("guide") / "small")


@pytest.fixture
def small(began: Small, tmp_path: Path) -> Small:
    return began.copied(tmp_path / "small")


def add_kpis(small: Small, *names: str) -> None:
    kpis: list[dict[str, Any]] = [
        {"id": name, "name": name.title(), "frequency": "Monthly", "metric": None, "target": 1, "owner": "Zoe"}
        for name in names
    ]
    small.fill_catalogue(tuple(kpis), row=7)


def guide(small: Small) -> list[tuple[Any, Any]]:
    """(owner, id) of each row of the table, as openpyxl finds it."""
    book = openpyxl.load_workbook(small.path)
    sheet = book["Guide"]
    cells = sheet[sheet.tables[GUIDE].ref]
    return [(row[0].value, row[5].value) for row in cells[1:]]


def below(small: Small) -> tuple[str, int, int]:
    """The cell below the table's first column."""
    span = Book.open(small.path).range_of(f"{GUIDE}_owner")
    assert span is not None
    return span.sheet, span.bottom + 1, span.left


def note(small: Small, sheet: str, row: int, column: int, text: str) -> None:
    edit = Book.open(small.path).edit()
    edit.set(sheet, row, column, text)
    edit.write()


def test_a_note_below_stays_and_stops_nothing(small: Small) -> None:
    place = below(small)
    note(small, *place, "Ask Zoe about the fair")
    add_kpis(small, "calls", "visits")
    done = small.sync()
    assert done.exit_code == 1
    [problem] = done.problems
    assert (problem.where, "is not empty" in problem.what) == (f"Guide!B{place[1]}", True)
    assert guide(small) == [("Ada Example", "mood"), ("Zoe", "calls"), ("Zoe", "visits")]  # who is owned comes first
    assert Book.open(small.path).grid("Guide").value(place[1], 2) == "Ask Zoe about the fair"
    assert "calls|2026-03" in Book.open(small.path).grid("Tracking").column(10, 4, 60)  # all else went on
    edit = Book.open(small.path).edit()
    edit.set(*place, None)
    edit.write()
    assert small.sync().exit_code == 0
    assert [identity for _, identity in guide(small)] == ["mood", "calls", "visits", "revenue", "orders"]


def test_a_row_that_somebody_typed_into_the_table_is_left_alone(small: Small) -> None:
    sheet, row, column = below(small)
    edit = Book.open(small.path).edit()
    edit.set(sheet, row, column, "Our own rule")
    edit.resize_table(GUIDE, row)  # as Excel does when somebody types right below a table
    edit.write()
    add_kpis(small, "calls")
    assert small.sync().exit_code == 0
    found = guide(small)
    assert ("Our own rule", None) in found
    assert [identity for _, identity in found if identity] == ["mood", "calls", "revenue", "orders"]
    before = small.path.read_bytes()
    assert not any(getattr(change, "table", "") == GUIDE for change in small.project().sync(dry_run=True).plan.changes)
    assert small.path.read_bytes() == before


def test_a_kpi_that_ended_leaves_the_guide(small: Small) -> None:
    fill(small, "kpi_catalogue", lambda it: it == "revenue", "id", active_to="2026-02-28")
    small.sync()
    assert guide(small) == [("Ada Example", "mood"), ("no owner", "orders"), (None, None)]
    cell = Book.open(small.path).range_of(RITUALS["quarterly"])
    assert cell is not None
    assert "No KPI" in str(Book.open(small.path).grid("Guide").value(cell.top, cell.left))


def test_a_workbook_from_before_goes_on_without_the_table(small: Small) -> None:
    book = openpyxl.load_workbook(small.path)
    del book["Guide"].tables[GUIDE]
    book["Guide"].delete_rows(20, 100)
    for name in [name for name in book.defined_names if name.startswith(GUIDE) or name in RITUALS.values()]:
        del book.defined_names[name]
    book.save(small.path)
    texts = list(openpyxl.load_workbook(small.path)["Guide"].iter_rows(values_only=True))
    add_kpis(small, "calls")
    done = small.sync()
    assert (done.exit_code, done.plan.rows_added > 0) == (0, True)
    small.provision()
    assert list(openpyxl.load_workbook(small.path)["Guide"].iter_rows(values_only=True)) == texts
