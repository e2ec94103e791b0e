"""What refers to cells follows them when rows and columns come, go and move: told by the cells' own values.

Every cell of a block holds a text of its own. Formulas, a named range, developer metadata, a conditional format, a
validation, a protection and a chart each point at one; whatever is inserted, deleted or moved, they point at the
text that they pointed at, or at nothing when it is gone.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sheets_emulator import Emulator

from .conftest import Message, Sheets

ROWS, COLUMNS = 6, 5
DATA, LOOKS = 11, 22  # the tab of the texts, and the one that looks at them
NAMES = [f"{'ABCDE'[column]}{row + 1}" for row in range(ROWS) for column in range(COLUMNS)]


def _grid(row: int, column: int) -> Message:
    return {
        "sheetId": DATA,
        "startRowIndex": row,
        "endRowIndex": row + 1,
        "startColumnIndex": column,
        "endColumnIndex": column + 1,
    }


def _span(dimension: str, start: int, end: int) -> Message:
    return {"sheetId": DATA, "dimension": dimension, "startIndex": start, "endIndex": end}


@st.composite
def _changes(draw: st.DrawFn) -> list[tuple[str, str, int, int, int]]:
    """Kind, dimension, start, length and target of changes; numbers are taken modulo what there is then."""
    kinds = st.sampled_from(["insertDimension", "deleteDimension", "moveDimension"])
    numbers = st.integers(0, 40)
    one = st.tuples(kinds, st.sampled_from(["ROWS", "COLUMNS"]), numbers, st.integers(1, 2), numbers)
    return draw(st.lists(one, min_size=1, max_size=5))


def _request(change: tuple[str, str, int, int, int], size: int) -> Message:
    kind, dimension, start, length, target = change
    start %= size
    end = min(start + length, size)
    if kind == "deleteDimension" and end - start == size:  # the last ones stay
        if size == 1:
            kind = "insertDimension"
        end = start + 1
    if kind != "moveDimension":
        return {kind: {"range": _span(dimension, start, end)}}
    target %= size + 1
    if start < target < end:
        target = end
    return {kind: {"source": _span(dimension, start, end), "destinationIndex": target}}


class Model:
    """The block as a plain list of lists: the independent idea of what a change does."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = [NAMES[row * COLUMNS : (row + 1) * COLUMNS] for row in range(ROWS)]

    def change(self, request: Message) -> None:
        kind, given = next(iter(request.items()))
        span = given.get("range") or given["source"]
        start, end = span["startIndex"], span["endIndex"]
        lines = self.rows if span["dimension"] == "ROWS" else [list(line) for line in zip(*self.rows, strict=True)]
        if kind == "insertDimension":
            lines[start:start] = [[""] * len(lines[0]) for _ in range(end - start)]
        elif kind == "deleteDimension":
            del lines[start:end]
        else:
            block = lines[start:end]
            to = given["destinationIndex"]
            lines = [*lines[: min(start, to)], *lines[min(start, to) :]]
            before = [line for index, line in enumerate(lines[:to]) if not start <= index < end]
            after = [line for index, line in enumerate(lines) if index >= to and not start <= index < end]
            lines = [*before, *block, *after]
        self.rows = lines if span["dimension"] == "ROWS" else [list(line) for line in zip(*lines, strict=True)]

    def find(self, name: str) -> tuple[int, int] | None:
        for row, line in enumerate(self.rows):
            if name in line:
                return row, line.index(name)
        return None


@pytest.fixture(scope="module")
def shared() -> Any:
    with Emulator() as running:
        yield Sheets(running)


def _provision(sheets: Sheets) -> None:
    grid = {"rowCount": ROWS, "columnCount": COLUMNS}
    sheets.create({"sheetId": DATA, "title": "My data", "gridProperties": grid}, {"sheetId": LOOKS, "title": "Looks"})
    model = Model()
    sheets.put("'My data'!A1", model.rows, "RAW")
    sheets.put("Looks!A1", [[f"='My data'!{name}"] for name in NAMES])
    column = {"metadataKey": "column", "visibility": "DOCUMENT", "location": {"dimensionRange": _span("COLUMNS", 2, 3)}}
    row = {"metadataKey": "row", "visibility": "DOCUMENT", "location": {"dimensionRange": _span("ROWS", 3, 4)}}
    rule = {
        "ranges": [_grid(1, 1)],
        "booleanRule": {
            "condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=B2>0"}]},
            "format": {"textFormat": {"bold": True}},
        },
    }
    series = {"series": {"sourceRange": {"sources": [_grid(4, 4)]}}}
    chart = {
        "spec": {"basicChart": {"chartType": "LINE", "series": [series]}},
        "position": {"overlayPosition": {"anchorCell": {"sheetId": LOOKS}}},
    }
    sheets.batch(
        {"addNamedRange": {"namedRange": {"name": "one_cell", "range": _grid(2, 3)}}},
        {"createDeveloperMetadata": {"developerMetadata": column}},
        {"createDeveloperMetadata": {"developerMetadata": row}},
        {"addConditionalFormatRule": {"rule": rule}},
        {"addProtectedRange": {"protectedRange": {"range": _grid(0, 0)}}},
        {"addChart": {"chart": chart}},
        {"setDataValidation": {"range": _grid(5, 1), "rule": {"condition": {"type": "BOOLEAN"}}}},
    )


def _place(range_: Message | None) -> tuple[int, int] | None:
    return None if range_ is None else (range_["startRowIndex"], range_["startColumnIndex"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=_changes())
def test_references_follow_their_cells(shared: Sheets, changes: list[tuple[str, str, int, int, int]]) -> None:
    sheets = shared
    _provision(sheets)
    model = Model()
    for change in changes:
        request = _request(change, len(model.rows) if change[1] == "ROWS" else len(model.rows[0]))
        sheets.batch(request)
        model.change(request)
    shown = [line[0] if line else "" for line in sheets.values("Looks!A1:A30")]
    assert shown == [name if model.find(name) else "#REF!" for name in NAMES]
    padded = [line + [""] * (len(model.rows[0]) - len(line)) for line in sheets.values("'My data'")]
    assert padded + [[""] * len(model.rows[0])] * (len(model.rows) - len(padded)) == model.rows
    _check_objects(sheets, model)


def _check_objects(sheets: Sheets, model: Model) -> None:
    book = sheets.get()
    data, looks = book["sheets"]
    named = book.get("namedRanges", [])
    assert _place(named[0]["range"] if named else None) == model.find("D3")
    rules = data.get("conditionalFormats", [])
    assert _place(rules[0]["ranges"][0] if rules else None) == model.find("B2")
    if rules:
        address = model.find("B2")
        assert address is not None
        text = rules[0]["booleanRule"]["condition"]["values"][0]["userEnteredValue"]
        assert text == f"={'ABCDEFGHIJKLMNOP'[address[1]]}{address[0] + 1}>0"
    protected = data.get("protectedRanges", [])
    assert _place(protected[0]["range"] if protected else None) == model.find("A1")
    series = looks["charts"][0]["spec"]["basicChart"]["series"][0]["series"]
    sources = series["sourceRange"].get("sources")
    assert _place(sources[0] if sources else None) == model.find("E5")
    lookup = {"dataFilters": [{"developerMetadataLookup": {"visibility": "DOCUMENT"}}]}
    found = sheets.post("/developerMetadata:search", lookup).get("matchedDeveloperMetadata", [])
    places = {
        item["developerMetadata"]["metadataKey"]: item["developerMetadata"]["location"]["dimensionRange"]["startIndex"]
        for item in found
    }
    columns = [address[1] for name in NAMES if name[0] == "C" and (address := model.find(name))]
    rows = [address[0] for name in NAMES if name[1] == "4" and (address := model.find(name))]
    # A column whose cells are all gone may still be there, between rows that came later.
    assert not columns or places["column"] == columns[0]
    assert not rows or places["row"] == rows[0]
    where = model.find("B6")
    cells = sheets.get(ranges="My data", fields="sheets.data.rowData.values.dataValidation")
    lines = cells["sheets"][0]["data"][0].get("rowData", [])
    validated = [
        (row, column) for row, line in enumerate(lines) for column, cell in enumerate(line.get("values", [])) if cell
    ]
    assert validated == ([where] if where else [])
