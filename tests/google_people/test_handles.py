"""Handles that people lost or doubled: what they stood for is found all the same, and they come back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kpisheets.backends.base import NoKpiTabs
from kpisheets.errors import BadData
from tests.google_people import hands
from tests.google_people.sheet import SheetCells, SheetJudge, SmallSheet
from tests.google_people.test_window import cost, sell


def forget(small: SmallSheet, *names: str) -> None:
    """Take away the metadata of columns and the named ranges of these handles."""
    by_name = {item["name"]: item["namedRangeId"] for item in small.book.named_ranges}
    lost: list[dict[str, Any]] = []
    for name in names:
        lookup = {"metadataKey": "kpisheets", "metadataValue": name}
        lost.append({"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": lookup}}})
        lost.append({"deleteNamedRange": {"namedRangeId": by_name[name]}})
    small.person({"requests": lost})


def test_a_lost_handle_is_found_by_its_header_and_comes_back(small: SmallSheet) -> None:
    sell(small)
    forget(small, "kpi_tracking_actual", "kpi_tracking_key", "kpi_catalogue_target")
    cost(small)
    small.sync()
    assert cost(small) == (3, 1), "everything had to be read once, and which handles there are"
    SheetCells(small.book).check()
    SheetJudge(small).sync()
    assert cost(small) == (2, 0), "one read for each of two runs"


def test_lost_handles_come_back_without_any_news(small: SmallSheet) -> None:
    forget(small, "kpi_report_id")
    small.sync()
    SheetCells(small.book).check()


def test_a_tab_that_somebody_duplicated_is_left_alone(small: SmallSheet) -> None:
    cells = SheetCells(small.book)
    tracking = hands.sheet_id(cells, cells.places["kpi_tracking"].sheet)
    copied = {"sourceSheetId": tracking, "insertSheetIndex": 0, "newSheetName": "Archive"}
    small.person({"requests": [{"duplicateSheet": copied}]})
    before = _texts(small, "Archive")
    sell(small)
    assert small.sync().plan.written == 2
    assert _texts(small, "Archive") == before


def _texts(small: SmallSheet, title: str) -> dict[tuple[int, int], Any]:
    tab = small.book.titled(title)
    assert tab is not None
    return {(row, column): cell.value for row, cells in tab.cells() for column, cell in cells.items()}


def test_columns_that_nobody_needs_may_go(small: SmallSheet) -> None:
    for field in ("comment", "owner"):
        cells = SheetCells(small.book)
        place = cells.places["kpi_tracking"]
        small.person(hands.dimension(cells, "deleteDimension", place.sheet, "COLUMNS", place.columns[field]))
    sell(small)
    cost(small)
    small.sync()
    assert cost(small) == (1, 1)


@pytest.mark.parametrize("field", ["key", "actual", "source_value"])
def test_a_column_that_is_needed_stops_the_run(small: SmallSheet, field: str) -> None:
    cells = SheetCells(small.book)
    place = cells.places["kpi_tracking"]
    small.person(hands.dimension(cells, "deleteDimension", place.sheet, "COLUMNS", place.columns[field]))
    before = small.book
    with pytest.raises(BadData, match="deleted"):
        small.sync()
    assert small.book is before


def test_a_deleted_tab_and_a_foreign_spreadsheet(small: SmallSheet) -> None:
    cells = SheetCells(small.book)
    small.person({"requests": [{"deleteSheet": {"sheetId": hands.sheet_id(cells, "Tracking")}}]})
    with pytest.raises(BadData, match="Tracking"):
        small.sync()
    others = [title for title in cells.ids.values() if title not in ("Tracking", "Guide")]
    small.person(
        {"requests": [{"deleteSheet": {"sheetId": hands.sheet_id(cells, title)}} for title in others]},
    )
    with pytest.raises(NoKpiTabs, match="no KPI tabs"):
        small.sync()


def test_the_hidden_tab_may_be_deleted(small: SmallSheet) -> None:
    titles = {tab.title: tab.id for tab in small.book.tabs}
    small.person({"requests": [{"deleteSheet": {"sheetId": titles["kpisheets undo"]}}]})
    small.today = date(2026, 3, 11)
    sell(small)
    cost(small)
    SheetJudge(small).sync()
    assert cost(small)[1] == 1
    tab = small.book.titled("kpisheets undo")
    assert tab is not None
    assert tab.properties["hidden"]


def test_dates_and_words_that_people_type(small: SmallSheet) -> None:
    """A row begun by hand with a date for its period; a number typed as text; the report's date."""
    cells = SheetCells(small.book)
    place, row = cells.places["kpi_tracking"], max(cells.rows.values()) + 1
    typed: dict[str, Any] = {"kpi": "Revenue", "period": date(2025, 12, 5), "target": "12"}
    small.person(*(hands.put(cells, place.sheet, row, place.columns[field], value) for field, value in typed.items()))
    small.person(hands.put(cells, *cells.cell("kpi_report_date"), date(2026, 2, 20)))
    done = small.sync()
    assert SheetCells(small.book).tracking["revenue|2025-12"]["period"] == "2025-12"
    assert [problem.what for problem in done.problems] == ["“12” is not a number"]
    assert small.project().summary().report_date == date(2026, 2, 20)
