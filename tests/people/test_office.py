"""The same people in LibreOffice: what it saves is what a spreadsheet program really leaves behind."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest
from openpyxl.utils import range_boundaries
from openxml_audit import OpenXmlValidator

from kpisheets.errors import BadData
from tests.people import hands
from tests.people.judge import Judge
from tests.people.office import Office
from tests.people.reading import Seen, Spot, load, spot
from tests.people.small import Small

pytestmark = pytest.mark.filterwarnings("ignore:Sparkline Group", "ignore:Print area")


def tracking(small: Small) -> Spot:
    return spot(load(small.path), "kpi_tracking")


def table_area(small: Small) -> tuple[str, int, int, int, int]:
    """(tab, left, first row, right, last row) of the tracking table."""
    book = load(small.path)
    sheet, _ = hands.tracking(book)
    left, top, right, bottom = range_boundaries(sheet.tables["kpi_tracking"].ref)
    return sheet.title, left, top + 1, right, bottom


def agrees(office: Office, small: Small) -> None:
    seen = Seen(small.path)
    found = office.disagreements(small.path, seen.shown, seen.typed)
    assert not found, found[:5]


def test_a_plain_save_changes_nothing(office: Office, small: Small) -> None:
    with office.editing(small.path):
        pass
    assert Judge(small).sync().plan.written == 0
    agrees(office, small)


def test_sorted_filtered_renamed_and_grown(office: Office, small: Small) -> None:
    sheet, left, top, right, bottom = table_area(small)
    place = tracking(small)
    with office.editing(small.path):
        office("sort", sheet, left, top, right, bottom, place.columns["actual"], True)
        office("filter", sheet, left, top - 1, right, bottom, place.columns["kpi"], "Orders")
        office("rename_tab", sheet, "Suivi d'équipe")
        office("type", "Suivi d'équipe", place.header, place.columns["actual"], "Réel")
        office("type", "Suivi d'équipe", top, place.columns["target"], 4321)
        office("hide_column", "Suivi d'équipe", place.columns["owner"])
    small.today = date(2026, 4, 20)
    plan = Judge(small).sync().plan
    assert plan.rows_added > 5
    assert tracking(small).sheet == "Suivi d'équipe"
    agrees(office, small)


def test_rows_and_columns_inserted_and_moved(office: Office, small: Small) -> None:
    sheet, *_ = table_area(small)
    place = tracking(small)
    with office.editing(small.path):
        office("insert_rows", sheet, 1, 2)
        office("insert_rows", sheet, place.header + 6, 1)
        office("insert_columns", sheet, place.columns["actual"], 1)
        office("type", sheet, place.header + 2, place.columns["actual"], "Mine")
        office("type", sheet, place.header + 3, place.columns["actual"], "a note")
        office("move_column", sheet, place.columns["comment"] + 1, 1)
    small.today = date(2026, 4, 20)
    plan = Judge(small).sync().plan
    assert plan.problems == ()
    agrees(office, small)


def test_overrides_formulas_and_tabs_of_ones_own(office: Office, small: Small) -> None:
    place, book = tracking(small), load(small.path)
    column = place.columns["actual"]
    row, other = (hands.row_of(book, key) for key in ("revenue|2026-01", "orders|2026-W02"))
    with office.editing(small.path):
        office("type", place.sheet, row, column, "=6*7")
        office("type", place.sheet, other, column, 55)
        office("type", place.sheet, other, place.columns["comment"], "fine")
        office("add_tab", "Board")
        office("type", "Board", 1, 1, "=SUM(kpi_tracking_actual)")
        office("type", "Board", 2, 1, f"=$'{place.sheet}'.C5*2")
    plan = Judge(small).sync().plan
    assert len(plan.overrides) == 2
    with office.editing(small.path):
        office("type", place.sheet, row, column, None)
        office("type", place.sheet, other, column, None)
    assert Judge(small).sync().plan.written == 2


@pytest.mark.parametrize("field", ["key", "target"])
def test_a_deleted_column_refuses(office: Office, small: Small, field: str) -> None:
    place = tracking(small)
    with office.editing(small.path):
        office("delete_columns", place.sheet, place.columns[field], 1)
    before = small.path.read_bytes()
    with pytest.raises(BadData) as refused:
        small.sync()
    assert "\n" not in str(refused.value)
    assert small.path.read_bytes() == before


def test_a_walk(office: Office, small: Small) -> None:
    """A short random walk, the same every time: three sittings of three edits, a sync after each."""
    chance, judge = random.Random(20260310), Judge(small)
    for sitting in range(3):
        place = tracking(small)
        sheet, left, top, right, bottom = table_area(small)
        row = chance.choice(place.rows)
        fields = ("target", "actual", "comment", "kpi", "period")
        with office.editing(small.path):
            office("sort", sheet, left, top, right, bottom, place.columns[chance.choice(fields)], chance.random() < 0.5)
            office("type", sheet, row, place.columns["actual"], chance.choice((None, 12.5, "n/a", 0)))
            office("type", sheet, row, place.columns["target"], chance.choice((None, 99, 0)))
            office("delete_rows", sheet, chance.choice(place.rows), 1)
            office("insert_rows", sheet, chance.choice(place.rows), 1)
            office("insert_columns", sheet, chance.randint(left, right), 1)
            office("rename_tab", sheet, f"Tab {sitting}")
        small.today = date(2026, 4 + sitting, 2)
        judge.sync()
        agrees(office, small)


def test_the_standards_validator_finds_nothing_new(begun: Small, small: Small, tmp_path: Path) -> None:
    """The file after a person's edit by a program that keeps the rest, a growth, and an override."""

    def errors(path: Path) -> set[str]:
        return {error.description for error in OpenXmlValidator(max_errors=1000).validate(str(path)).errors}

    fresh = Small(tmp_path / "fresh")
    fresh.provision()
    small.fill_catalogue(({"id": "visits", "name": "Visits", "metric": "orders", "target": 5},), row=7)
    small.today = date(2026, 5, 5)
    Judge(small).sync()
    assert errors(small.path) <= errors(fresh.path)


def test_a_column_cut_out_of_the_table_grows_over_nobodys_notes(office: Office, small: Small) -> None:
    place = tracking(small)
    with office.editing(small.path):
        office("move_column", place.sheet, place.columns["actual"], 1)
        office("type", place.sheet, place.bottom + 2, 1, "Reviewed")
    assert Judge(small).sync().plan.rows_added == 0
    small.today = date(2026, 4, 20)
    before = small.path.read_bytes()
    with pytest.raises(BadData, match=f"A{place.bottom + 2}"):
        small.sync()
    assert small.path.read_bytes() == before
