"""What the making of a workbook relies on: it is made on the real service and looked at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ground import Ground, create, grid, refusal, remove, written
from questions import NO, UNKNOWN, YES, Finding, found, question

from kpisheets.backends.google.build import draw
from kpisheets.backends.google.reading.snapshot import METADATA_KEY
from kpisheets.backends.tabs import Content
from kpisheets.templates import language, pack

_THEIRS = Finding("not asked", "this run works in a spreadsheet of yours")
_FIELDS = (
    "namedRanges,sheets(properties(sheetId),tables(name,range),conditionalFormats,protectedRanges(range),charts(chartId),"
    "data(rowData(values(dataValidation))))"
)


@question("Has the one tab of a new spreadsheet the id 0?", YES)
def first_tab(here: Ground) -> Finding:
    if not here.own:
        return _THEIRS
    made = create(here.api, here.folder)
    try:
        said = here.api.request("GET", f"/v4/spreadsheets/{made}", params={"fields": "sheets(properties(sheetId))"})
    finally:
        remove(here.api, made)
    ids = [sheet["properties"].get("sheetId", 0) for sheet in said["sheets"]]
    return found(ids == [0], f"{ids}")


@question("Is a whole workbook taken as it is sent, and kept as it was meant?", YES)
def workbook(here: Ground) -> Finding:
    if not here.own:
        return _THEIRS
    spoken = language("fr")
    kpis = pack("sales").catalogue(spoken)
    today = datetime.now(UTC).date()
    drawing = draw(Content("Live", kpis, spoken, "EUR", "Europe/Paris", today, ("sales",), ("revenue",)), fresh=0)
    made = create(here.api, here.folder)
    path = f"/v4/spreadsheets/{made}"
    try:
        body = {"requests": drawing.requests}
        if said := refusal(lambda: here.api.request("POST", f"{path}:batchUpdate", body=body, repeatable=False)):
            return Finding(NO, said)
        seen = here.api.request("GET", path, params={"fields": _FIELDS})
        wanted = {"dataFilters": [{"developerMetadataLookup": {"metadataKey": METADATA_KEY}}]}
        marks = here.api.request("POST", f"{path}/developerMetadata:search", body=wanted)
    finally:
        remove(here.api, made)
    sent = {
        "names": _sent(drawing.requests, "addNamedRange"),
        "tables": _sent(drawing.requests, "addTable"),
        "handles": _sent(drawing.requests, "createDeveloperMetadata"),
        "rules": _sent(drawing.requests, "addConditionalFormatRule"),
        "protections": _sent(drawing.requests, "addProtectedRange"),
        "charts": _sent(drawing.requests, "addChart"),
    }
    kept = _counted(seen, marks)
    lost = [f"{kind}: {kept[kind]} of {number}" for kind, number in sent.items() if kept[kind] != number]
    validated = kept["validated"] > 0
    return found(not lost and validated, "; ".join(lost) or ("" if validated else "no cell has a validation"))


def _sent(requests: list[dict[str, Any]], kind: str) -> int:
    return sum(kind in request for request in requests)


def _counted(seen: Mapping[str, Any], marks: Mapping[str, Any]) -> dict[str, int]:
    sheets = seen["sheets"]
    data = [block for sheet in sheets for block in sheet.get("data", ())]
    return {
        "names": len(seen.get("namedRanges", ())),
        "tables": sum(len(sheet.get("tables", ())) for sheet in sheets),
        "handles": len(marks.get("matchedDeveloperMetadata", ())),
        "rules": sum(len(sheet.get("conditionalFormats", ())) for sheet in sheets),
        "protections": sum(len(sheet.get("protectedRanges", ())) for sheet in sheets),
        "charts": sum(len(sheet.get("charts", ())) for sheet in sheets),
        "validated": sum(
            "dataValidation" in cell
            for block in data
            for row in block.get("rowData", ())
            for cell in row.get("values", ())
        ),
    }


@question("Does a sparkline take its settings from cells?", UNKNOWN)
def sparkline_settings(here: Ground) -> Finding:
    tab = here.tab()
    settings = [["charttype", "line"], ["color", "#1F6F8B"], ["linewidth", 2], ["empty", "ignore"]]
    here.batch(
        written(tab, 0, 0, settings),
        written(tab, 5, 0, [[1, 3, 2]]),
        written(tab, 6, 0, [["=SPARKLINE(A6:C6;A1:B4)"]]),
    )
    shown = here.values(tab, "A7:A7")
    return found("#" not in str(shown), f"the cell shows {shown}")


@question("Have rows that are inserted below another its validation?", UNKNOWN)
def inserted_rules(here: Ground) -> Finding:
    tab = here.tab()
    rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "a"}]}, "strict": True}
    span = {"sheetId": tab, "dimension": "ROWS", "startIndex": 2, "endIndex": 4}
    here.batch(
        {"setDataValidation": {"range": grid(tab, (1, 2), (0, 1)), "rule": rule}},
        {"insertDimension": {"range": span, "inheritFromBefore": True}},
        written(tab, 2, 0, [["x"]]),
    )
    said = here.get(ranges=f"'live {tab}'!A3", fields="sheets(data(rowData(values(dataValidation))))")
    return found("ONE_OF_LIST" in str(said))
