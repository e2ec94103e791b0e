"""An edit of a workbook that holds what editors tend to lose changes the cells that it was to change, no byte else."""

# Cells have no time zone.
# ruff: noqa: DTZ001
from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.datetime import from_excel

from kpisheets.backends.excel.ooxml import Book
from tests.excel_editor.features import BASES, FEATURES, build, inject, suffix
from tests.excel_editor.features.bases import BOTTOM, OTHER, TAB, TABLE
from tests.excel_editor.features.compare import changed, content, differences, entries, inserted, sheet
from tests.excel_editor.features.seen import opened, seen
from tests.people.small import Small

CHAIN = {"xl/calcChain.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"}
STRINGS = "xl/sharedStrings.xml"
BOOK = "xl/workbook.xml"
PARTS = {TAB: "xl/worksheets/sheet1.xml", OTHER: "xl/worksheets/sheet2.xml"}
MOMENT = dt.datetime(2027, 3, 4, 5, 6)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("features")


@pytest.fixture(params=[(feature, base) for feature in FEATURES for base in BASES], ids="-".join)
def sample(request: pytest.FixtureRequest, built: Path) -> tuple[Path, Path]:
    """A workbook with a feature, and a copy of it to edit."""
    source = build(request.param[0], built, request.param[1])
    return source, Path(shutil.copy(source, source.with_stem(source.stem + "-edited")))


# What openpyxl must see of a feature (the rest it does not know): a fixture that lost it would prove nothing.
THERE: dict[str, Callable[[dict[str, Any]], bool]] = {
    "chart": lambda seen: len(seen[TAB]["charts"]) == 2,
    "controls": lambda seen: seen[TAB]["charts"] == [],
    "days_from_1904": lambda seen: "1904" in seen["epoch"],
    "external_links": lambda seen: seen["links"] == ["file:///C:/plans/Plan%202026.xlsx"],
    "filtered": lambda seen: seen[TAB]["filter"] == ("I3:J6", 1) and seen[TAB]["rows"][5][1],
    "formats": lambda seen: len(seen[TAB]["formats"]) == 2,
    "hyperlinks": lambda seen: len(seen[TAB]["links"]) == 2,
    "macros": lambda seen: seen["macros"],
    "more_tabs": lambda seen: seen["tabs"][2:] == [("Chart of all", "visible"), ("Secret", "veryHidden")],
    "notes": lambda seen: len(seen[TAB]["notes"]) == 2,
    "outline": lambda seen: seen[TAB]["columns"]["I"][2] == 1 and seen[TAB]["rows"][4][1:] == (True, 1),
    "panes": lambda seen: seen[TAB]["panes"] == "C4",
    "pivot": lambda seen: seen[TAB]["pivots"] == [("Regions", 4)],
    "pivot_slicer": lambda seen: seen["names"]["Slicer_Region"] == ("#N/A", None),
    "power_query": lambda seen: "Sales" in seen[TAB]["tables"],
    "printing": lambda seen: seen[TAB]["page"] == ("landscape", "&G", 1),
    "properties": lambda seen: "goal" in seen[TAB]["names"] and seen["names"]["rate"] == ("0.2", True),
    "protection": lambda seen: seen["guarded"] and seen[TAB]["guarded"] == (True, "c2FtcGxl"),
    "shared_formulas": lambda seen: seen[TAB]["merged"] == ["I8:K9"],
    "threads": lambda seen: "is this final?" in seen[TAB]["notes"]["I3"],
    "validations": lambda seen: len(seen[TAB]["validations"]) == 1,
}
PARTS_OF = {
    "chart": ["charts/chart2", "charts/colors2"],
    "controls": ["ctrlProps/ctrlProp1", "ctrlProps/ctrlProp2", "drawings/vmlDrawing1"],
    "custom_xml": ["customXml/item1", "customXml/itemProps1"],
    "data_model": ["model/item.data", "connections"],
    "dynamic_arrays": ["metadata"],
    "images": ["media/image2.png", "media/image1.svg"],
    "ink": ["ink/ink1"],
    "new_charts": ["charts/chartEx1", "charts/chartEx2"],
    "ole_object": ["embeddings/oleObject1"],
    "rich_values": ["richData/rdrichvalue", "metadata"],
    "table_slicer": ["slicers/slicer1", "slicerCaches/slicerCache1"],
    "threads": ["threadedComments/threadedComment1", "persons/person"],
    "timeline": ["timelines/timeline1", "timelineCaches/timelineCache1", "pivotCache/pivotCacheRecords1"],
}
MARKS = {
    "dynamic_arrays": b' cm="1"',
    "formats": b"<x14:conditionalFormattings",
    "prefixed": b"<x:sheetData",
    "revision_marks": b"x14ac:dyDescent",
    "rich_values": b' vm="1"',
    "sparklines": b"<x14:sparklineGroups",
    "unknown_extensions": b"<acme:seal",
    "validations": b"<x14:dataValidations",
}


@pytest.mark.parametrize("feature", FEATURES)
def test_the_feature_is_there(feature: str, built: Path) -> None:
    path = build(feature, built)
    assert THERE.get(feature, bool)(seen(opened(path)))
    for part in PARTS_OF.get(feature, []):
        assert any(part in name for name in entries(path)), part
    assert MARKS.get(feature, b"<") in content(path, PARTS[TAB])
    assert len(entries(path)) > len(PARTS) + 6


Cells = dict[tuple[int, int], tuple[Any, str | None]]

VALUES: Cells = {
    (5, 4): (12.75, None),
    (6, 1): ("a <b> & “c”", None),
    (9, 3): (None, None),
    (10, 2): (MOMENT, None),
    (21, 2): (True, None),
    (40, 1): ("far below", None),
}
FORMULAS: Cells = {(7, 5): (None, None), (8, 7): (3, "SUM(C5:C6)*2"), (40, 2): (2, "1+1")}
ROWS: Cells = {
    (row, column): value
    for row in range(BOTTOM + 1, BOTTOM + 4)
    for column, value in enumerate([(f"new {row}", None), (MOMENT, None), (1.5, None), (2, None)], 1)
}


def put(path: Path, tab: str, cells: Cells, **more: Any) -> set[str]:
    """Edits with our editor; the cells in A1 notation."""
    edit = Book.open(path).edit()
    for (row, column), (value, formula) in cells.items():
        edit.set(tab, row, column, value, formula)
    if "bottom" in more:
        edit.resize_table(TABLE, more["bottom"])
    if "name" in more:
        edit.define_name(more["name"], f"'{tab}'!$A$1:$B$2")
    edit.write()
    return {f"{get_column_letter(column)}{row}" for row, column in cells}


def test_edits_change_their_cells_and_no_byte_else(sample: tuple[Path, Path]) -> None:
    source, path = sample
    old, known = entries(source), seen(opened(source))
    chained = CHAIN if "xl/calcChain.xml" in old else set()

    for tab, part in PARTS.items():
        before, now = entries(path), content(path, part)
        edited = put(path, tab, VALUES)
        # A text may be kept with the shared ones; formulas stay, so their chain stays too.
        assert changed(before, entries(path)) - {STRINGS} == {part}
        assert differences(now, content(path, part), edited) == []

        before, now = entries(path), content(path, part)
        edited = put(path, tab, FORMULAS)
        assert changed(before, entries(path)) == {part} | (chained & before.keys() if tab == TAB else set())
        assert differences(now, content(path, part), edited) == []
    assert "xl/calcChain.xml" not in entries(path)

    before, part = entries(path), PARTS[TAB]
    edited = put(path, TAB, ROWS, bottom=BOTTOM + 3)
    moved = changed(before, entries(path)) - {STRINGS}
    assert len(moved) == 2
    assert part in moved
    (table,) = moved - {part}
    assert content(path, table).replace(b"F%d" % (BOTTOM + 3), b"F%d" % BOTTOM) == content(source, table)

    before = entries(path)
    put(path, TAB, {}, name="added_here")
    assert changed(before, entries(path)) == {BOOK}
    new = inserted(content(source, BOOK), content(path, BOOK))
    assert new is not None
    assert b"added_here" in new

    before, book = entries(path), Book.open(path)
    edit = book.edit()
    edit.set(OTHER, 3, 3, 5, style=edit.style_like(book.grid(OTHER).cell(3, 3).style, '0.00 "t"'))
    edit.write()
    assert changed(before, entries(path)) == {"xl/styles.xml", PARTS[OTHER]}

    book = opened(path)
    assert book[OTHER]["C3"].number_format == '0.00 "t"'
    for tab in PARTS:
        for (row, column), (value, formula) in {**VALUES, **FORMULAS}.items():
            stored = book[tab].cell(row, column).value
            if isinstance(value, dt.datetime) and isinstance(stored, float):  # a cell that is not formatted as a date
                stored = from_excel(stored, book.epoch)
            assert stored == (f"={formula}" if formula else value), (tab, row, column)
    assert book[TAB].tables[TABLE].ref == f"A3:F{BOTTOM + 3}"
    after = seen(book)
    assert after["names"].pop("added_here")
    assert after == known


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return Small.begun(tmp_path_factory.mktemp("kpis") / "project")


TOOLS = {f"xl/worksheets/sheet{number}.xml" for number in range(1, 9)}
TRACKING = "xl/worksheets/sheet2.xml"
COLUMN = 40  # right of the tool's own columns


@pytest.mark.parametrize("feature", FEATURES)
def test_syncs_change_the_cells_of_the_tool_and_no_byte_else(feature: str, begun: Small, tmp_path: Path) -> None:
    """The feature is on the tab that each sync writes."""
    project = begun.copied(tmp_path / "project")
    inject(feature, project.path, "Tracking", 4, COLUMN)
    if suffix(feature) == ".xlsm":
        project.path = project.path.rename(project.path.with_suffix(".xlsm"))
        config = project.folder / "kpisheets.toml"
        config.write_text(config.read_text(encoding="utf-8").replace(".xlsx", ".xlsm"), encoding="utf-8")
    project.sales[date(2026, 2, 11)] = [1000]
    project.sales[date(2026, 3, 12)] = [7]
    project.today = date(2026, 4, 10)
    project.write_source()
    source = Path(shutil.copy(project.path, tmp_path))
    done = project.sync()
    assert done.plan.problems == ()
    assert done.receipt is not None
    before, after = entries(source), entries(project.path)
    moved = changed(before, after)
    # The tabs of the tool that had news, the tables that grew, the names that span them, the chain of formulas.
    assert TRACKING in moved
    assert not {name for name in moved if name not in {BOOK, STRINGS, *CHAIN, *TOOLS} and "/tables/" not in name}
    written = 0
    for part in moved & TOOLS:
        one, other = content(source, part), content(project.path, part)
        rows = set(range(1, 500))
        old, new = sheet(one, rows), sheet(other, rows, sheet(one, rows).rows)
        assert old.outside == new.outside
        assert old.rows.items() <= new.rows.items()
        cells = {cell for cell in old.cells.keys() | new.cells.keys() if old.cells.get(cell) != new.cells.get(cell)}
        if part == TRACKING:
            assert all(column_index_from_string(cell.rstrip("0123456789")) < COLUMN for cell in cells)
        # A new row's blank cells get their style; no plan counts them.
        written += sum(cell in old.cells or new.cells[cell].count(b"<") > 1 for cell in cells)
    assert 50 < written <= done.receipt.cells
    one, other = seen(opened(source)), seen(opened(project.path))
    for found in (one, other):
        found["names"] = {name: text for name, text in found["names"].items() if not name.startswith("kpi_")}
    assert one == other
