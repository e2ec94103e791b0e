"""What is asked of the real service. Each question names what kpisheets relies on; ``?`` is what nobody knew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ground import Ground, create, grid, marked, metadata, refusal, remove, written

YES, NO, UNKNOWN = "yes", "no", "?"
LOCALES = ("en_US", "fr_FR", "de_DE", "es_ES", "pt_BR", "ru_RU", "sv_SE", "ja_JP")


@dataclass(frozen=True)
class Finding:
    """``answer`` is yes, no, or why it could not be asked; ``note`` says more."""

    answer: str
    note: str = ""


@dataclass(frozen=True)
class Question:
    name: str
    asks: str
    relied_on: str
    ask: Callable[[Ground], Finding]


_SCOPE = "https://www.googleapis.com/auth/"
_NO_CHOICE = "only the key of a service account can choose its scopes"
_THEIRS = "this run works in a spreadsheet of yours"
_NOTHING = {"updateSpreadsheetProperties": {"properties": {"title": "kpisheets live test"}, "fields": "title"}}

QUESTIONS: list[Question] = []


def question(asks: str, relied_on: str) -> Callable[[Callable[[Ground], Finding]], Callable[[Ground], Finding]]:
    def kept(ask: Callable[[Ground], Finding]) -> Callable[[Ground], Finding]:
        QUESTIONS.append(Question(ask.__name__, asks, relied_on, ask))
        return ask

    return kept


def found(yes: bool, note: str = "") -> Finding:
    return Finding(YES if yes else NO, note)


@question("Does a row's metadata follow the row when people sort?", UNKNOWN)
def metadata_sorted(here: Ground) -> Finding:
    tab, number = here.tab(), here.number()
    sort = {"sortRange": {"range": grid(tab, (0, 3), (0, 1)), "sortSpecs": [{"dimensionIndex": 0}]}}
    here.batch(written(tab, 0, 0, [["c"], ["a"], ["b"]]), metadata(tab, "ROWS", 0, number))
    here.batch(sort)
    return found(
        marked(here, number) == 2, f"the row went from 1 to 3, its mark is at {_one_based(marked(here, number))}"
    )


@question("Does it follow rows that are inserted above, and columns that are moved?", YES)
def metadata_moved(here: Ground) -> Finding:
    tab, row, column = here.tab(), here.number(), here.number()
    here.batch(metadata(tab, "ROWS", 3, row), metadata(tab, "COLUMNS", 1, column))
    above = {"sheetId": tab, "dimension": "ROWS", "startIndex": 0, "endIndex": 2}
    moved = {"sheetId": tab, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
    here.batch(
        {"insertDimension": {"range": above, "inheritFromBefore": False}},
        {"moveDimension": {"source": moved, "destinationIndex": 5}},
    )
    places = marked(here, row), marked(here, column)
    return found(places == (5, 4), f"row 4 → {_one_based(places[0])}, column 2 → {_one_based(places[1])}")


@question("Does it die with its row?", YES)
def metadata_deleted(here: Ground) -> Finding:
    tab, number = here.tab(), here.number()
    here.batch(metadata(tab, "ROWS", 3, number))
    here.batch({"deleteDimension": {"range": {"sheetId": tab, "dimension": "ROWS", "startIndex": 3, "endIndex": 4}}})
    return found(marked(here, number) is None)


@question("Does a masked get give columns' metadata without ranges?", NO)
def metadata_without_ranges(here: Ground) -> Finding:
    tab, number = here.tab(), here.number()
    here.batch(metadata(tab, "COLUMNS", 0, number))
    fields = "sheets(properties(sheetId),data(columnMetadata(developerMetadata(metadataId))))"
    without = str(number) in str(here.get(fields=fields))
    with_ranges = str(number) in str(here.get(fields=fields, ranges=f"'live {tab}'!A1:B2"))
    return found(without, f"with ranges: {'yes' if with_ranges else 'no'}")


@question("Do the ByDataFilter calls take a read-only scope?", NO)
def read_only_filter(here: Ground) -> Finding:
    reader = here.other.scoped([f"{_SCOPE}spreadsheets.readonly"])
    if reader is None:
        return Finding("not asked", _NO_CHOICE)
    body = {"dataFilters": [{"a1Range": "A1"}]}
    said = refusal(
        lambda: reader.request("POST", here.path(":getByDataFilter"), params={"fields": "spreadsheetId"}, body=body)
    )
    return found(not said, said)


@question("Is ; a separator in formulas of every locale?", YES)
def semicolons(here: Ground) -> Finding:
    results = _by_locale(here, "=SUM(1;2)")
    wrong = [locale for locale, value in results.items() if value != 3]
    return found(not wrong, _listed("not in", wrong))


@question("Is , a separator in formulas of every locale?", NO)
def commas(here: Ground) -> Finding:
    wrong = [locale for locale, value in _by_locale(here, "=SUM(1,2)").items() if value != 3]
    return found(not wrong, _listed("not in", wrong))


@question("Is 1.5 a number in formulas of every locale?", NO)
def decimals(here: Ground) -> Finding:
    wrong = [locale for locale, value in _by_locale(here, "=1.5*2").items() if value != 3]
    return found(not wrong, _listed("not in", wrong))


@question("Is {1;2} a column in formulas of every locale?", UNKNOWN)
def arrays(here: Ground) -> Finding:
    wrong = [locale for locale, value in _by_locale(here, "=ROWS({1;2})").items() if value != 2]
    return found(not wrong, _listed("not in", wrong))


@question("May one batch choose ids and refer to them?", YES)
def own_ids(here: Ground) -> Finding:
    tab, name, guard, chart, band, mark = (here.number() for _ in range(6))
    series = {"sourceRange": {"sources": [grid(tab, (0, 3), (1, 2))]}}
    domain = {"sourceRange": {"sources": [grid(tab, (0, 3), (0, 1))]}}
    basic = {"chartType": "LINE", "domains": [{"domain": domain}], "series": [{"series": series}]}
    anchor = {"overlayPosition": {"anchorCell": {"sheetId": tab, "rowIndex": 5, "columnIndex": 5}}}
    colours = {"firstBandColor": {"red": 1}, "secondBandColor": {"green": 1}}
    here.batch(
        {"addSheet": {"properties": {"sheetId": tab, "title": f"live {tab}"}}},
        written(tab, 0, 0, [["a", 1], ["b", 2], ["c", 3]]),
        {
            "addNamedRange": {
                "namedRange": {"namedRangeId": str(name), "name": f"live_{name}", "range": grid(tab, (0, 3))}
            }
        },
        {
            "addProtectedRange": {
                "protectedRange": {"protectedRangeId": guard, "range": grid(tab, (0, 1)), "warningOnly": True}
            }
        },
        {"addChart": {"chart": {"chartId": chart, "spec": {"basicChart": basic}, "position": anchor}}},
        {
            "addBanding": {
                "bandedRange": {"bandedRangeId": band, "range": grid(tab, (0, 3), (0, 2)), "rowProperties": colours}
            }
        },
        metadata(tab, "COLUMNS", 0, mark),
    )
    seen = str(here.get(fields="namedRanges,sheets(properties(sheetId),charts(chartId),protectedRanges,bandedRanges)"))
    seen += str(marked(here, mark) is not None and mark)
    kinds = {"tab": tab, "name": name, "protection": guard, "chart": chart, "banding": band, "metadata": mark}
    lost = [kind for kind, number in kinds.items() if str(number) not in seen]
    here.batch({"deleteNamedRange": {"namedRangeId": str(name)}}, {"deleteSheet": {"sheetId": tab}})
    return found(not lost, _listed("not of", lost))


@question("May the batch's sender write into cells that it protected?", YES)
def protected(here: Ground) -> Finding:
    tab = here.tab()
    here.batch({"addProtectedRange": {"protectedRange": {"range": grid(tab, (0, 3), (0, 1)), "warningOnly": False}}})
    said = refusal(lambda: here.batch(written(tab, 0, 0, [["mine"]])))
    return found(not said, said)


@question("May a named range have no end?", UNKNOWN)
def open_names(here: Ground) -> Finding:
    tab, name = here.tab(), here.number()
    endless = {"sheetId": tab, "startRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 1}
    asked = {"addNamedRange": {"namedRange": {"namedRangeId": str(name), "name": f"live_{name}", "range": endless}}}
    said = refusal(lambda: here.batch(asked))
    if said:
        return Finding(NO, said)
    names = here.get(fields="namedRanges(namedRangeId,range)").get("namedRanges", [])
    kept = next(each["range"] for each in names if each["namedRangeId"] == str(name))
    here.batch(written(tab, 0, 0, [["h"], ["x"], ["y"], ["z"]]), written(tab, 0, 1, [[f"=COUNTA(live_{name})"]]))
    counted = here.values(tab, "B1", valueRenderOption="UNFORMATTED_VALUE")
    here.batch({"deleteNamedRange": {"namedRangeId": str(name)}})
    return found("endRowIndex" not in kept, f"kept as {kept}; COUNTA of 3 cells: {counted}")


@question("Does appendCells with a tableId keep the values?", NO)
def table_append(here: Ground) -> Finding:
    tab, table = _table(here)
    rows = [{"values": [{"userEnteredValue": {"stringValue": "new"}}, {"userEnteredValue": {"numberValue": 3}}]}]
    asked = {"appendCells": {"sheetId": tab, "tableId": table, "rows": rows, "fields": "userEnteredValue"}}
    said = refusal(lambda: here.batch(asked))
    values = here.values(tab, "A1:B6")
    return Finding("refused", said) if said else found(["new", "3"] in values, f"{values}")


@question("Does values.append with INSERT_ROWS extend a table?", YES)
def values_append(here: Ground) -> Finding:
    tab, table = _table(here)
    body = {"values": [["new", 3]]}
    params = {"valueInputOption": "RAW", "insertDataOption": "INSERT_ROWS"}
    here.post(f"/values/{here.cells(tab, 'A1:B3')}:append", body, **params)
    tables = here.get(fields="sheets(tables(tableId,range))").get("sheets", [])
    ends = [
        each["range"]["endRowIndex"] for sheet in tables for each in sheet.get("tables", []) if each["tableId"] == table
    ]
    return found(ends == [4] and ["new", "3"] in here.values(tab, "A1:B6"), f"the table ends below row {ends}")


@question("Does a new text in a table's header rename the column?", UNKNOWN)
def table_header(here: Ground) -> Finding:
    tab, table = _table(here)
    said = refusal(lambda: here.batch(written(tab, 0, 1, [["Renamed"]])))
    tables = here.get(fields="sheets(tables(tableId,columnProperties))").get("sheets", [])
    columns = next(each for sheet in tables for each in sheet.get("tables", []) if each["tableId"] == table)
    return found("Renamed" in str(columns), said or str(columns.get("columnProperties")))


@question("May the same banding be added twice?", NO)
def banding_twice(here: Ground) -> Finding:
    tab = here.tab()
    colours = {"firstBandColor": {"red": 1}, "secondBandColor": {"green": 1}}
    band = {"addBanding": {"bandedRange": {"range": grid(tab, (0, 3), (0, 2)), "rowProperties": colours}}}
    here.batch(band)
    said = refusal(lambda: here.batch(band))
    return found(not said, said)


@question("Do conditional formats move up when one is deleted?", YES)
def formats_deleted(here: Ground) -> Finding:
    tab = here.tab()

    def rule(text: str) -> dict[str, object]:
        condition = {"type": "TEXT_EQ", "values": [{"userEnteredValue": text}]}
        return {"ranges": [grid(tab, (0, 3), (0, 1))], "booleanRule": {"condition": condition, "format": {}}}

    here.batch(*({"addConditionalFormatRule": {"rule": rule(text), "index": at}} for at, text in enumerate("abc")))
    here.batch({"deleteConditionalFormatRule": {"sheetId": tab, "index": 0}})
    sheets = here.get(fields="sheets(properties(sheetId),conditionalFormats(booleanRule(condition)))")["sheets"]
    rules = next(sheet["conditionalFormats"] for sheet in sheets if sheet["properties"]["sheetId"] == tab)
    texts = [each["booleanRule"]["condition"]["values"][0]["userEnteredValue"] for each in rules]
    return found(texts == ["b", "c"], f"left: {texts}")


@question("In values, does null skip a cell and an empty text clear it?", YES)
def null_values(here: Ground) -> Finding:
    tab = here.tab()
    here.batch(written(tab, 0, 0, [["a", "b", "c"]]))
    place = here.cells(tab, "A1:C1")
    body = {"values": [["A", None, ""]]}
    here.api.request("PUT", here.path(f"/values/{place}"), params={"valueInputOption": "RAW"}, body=body)
    values = here.values(tab, "A1:C1")
    return found(values == [["A", "b"]], f"{values}")


@question("Does a batch with one bad request change nothing?", YES)
def atomic(here: Ground) -> Finding:
    tab = here.tab()
    said = refusal(lambda: here.batch(written(tab, 0, 0, [["half"]]), written(here.number(), 0, 0, [["x"]])))
    return found(bool(said) and not here.values(tab, "A1:A1"), said)


@question("Does a batch's answer show computed formulas?", YES)
def answers_computed(here: Ground) -> Finding:
    tab = here.tab()
    here.batch(written(tab, 0, 1, [["=A1*2"]]))
    answer = here.batch(
        written(tab, 0, 0, [[21]]),
        includeSpreadsheetInResponse=True,
        responseRanges=[f"'live {tab}'!B1"],
        responseIncludeGridData=True,
        fields="updatedSpreadsheet(sheets(data(rowData(values(effectiveValue)))))",
    )
    return found("42" in str(answer), f"{answer.get('updatedSpreadsheet')}")


@question("May a data filter name a range, and is an unknown name refused?", YES)
def names_in_filters(here: Ground) -> Finding:
    tab, name = here.tab(), here.number()
    named = {"namedRangeId": str(name), "name": f"live_{name}", "range": grid(tab, (0, 1), (0, 1))}
    here.batch(written(tab, 0, 0, [["found"]]), {"addNamedRange": {"namedRange": named}})
    fields = "sheets(data(rowData(values(effectiveValue))))"
    seen = here.post(":getByDataFilter", {"dataFilters": [{"a1Range": f"live_{name}"}]}, fields=fields)
    said = refusal(lambda: here.post(":getByDataFilter", {"dataFilters": [{"a1Range": "live_nobody"}]}, fields=fields))
    here.batch({"deleteNamedRange": {"namedRangeId": str(name)}})
    return found("found" in str(seen) and bool(said), said or "an unknown name was not refused")


@question("Does a batch copy what was there before it writes?", YES)
def copied_first(here: Ground) -> Finding:
    tab = here.tab()
    here.batch(written(tab, 0, 0, [["before"]]))
    copied = {
        "source": grid(tab, (0, 1), (0, 1)),
        "destination": grid(tab, (0, 1), (2, 3)),
        "pasteType": "PASTE_VALUES",
    }
    here.batch({"copyPaste": copied}, written(tab, 0, 0, [["after"]]))
    values = here.values(tab, "A1:C1")
    return found(values == [["after", "", "before"]], f"{values}")


@question("Does a mark of the whole spreadsheet keep its id when it is updated?", YES)
def run_mark(here: Ground) -> Finding:
    number = here.number()
    lookup = {"developerMetadataLookup": {"metadataId": number}}
    mark = {"metadataId": number, "metadataKey": "live_run", "metadataValue": "1", "visibility": "DOCUMENT"}
    here.batch({"createDeveloperMetadata": {"developerMetadata": {**mark, "location": {"spreadsheet": True}}}})
    update = {"dataFilters": [lookup], "developerMetadata": {"metadataValue": "2"}, "fields": "metadataValue"}
    here.batch({"updateDeveloperMetadata": update})
    marks = here.get(fields="developerMetadata(metadataId,metadataValue)").get("developerMetadata", [])
    here.batch({"deleteDeveloperMetadata": {"dataFilter": lookup}})
    return found({"metadataId": number, "metadataValue": "2"} in marks, f"{marks}")


@question("Does a text that begins with = stay a text when it is typed as one?", YES)
def texts_stay(here: Ground) -> Finding:
    tab = here.tab()
    cell = {"userEnteredValue": {"stringValue": "=1+1"}}
    start = {"sheetId": tab, "rowIndex": 0, "columnIndex": 0}
    here.batch({"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}})
    values = here.values(tab, "A1:A1")
    return found(values == [["=1+1"]], f"{values}")


@question("Are answers packed?", YES)
def packed(here: Ground) -> Finding:
    tab = here.tab()
    here.batch(written(tab, 0, 0, [["the same text"] * 20] * 50))
    before = here.api.received
    values = here.values(tab, "A1:T50")
    taken = here.api.received - before
    return found(taken < len(str(values)) / 5, f"{taken} bytes for {len(str(values))} characters")


@question("Does Drive export with the scopes at hand?", YES)
def export(here: Ground) -> Finding:
    path = f"/drive/v3/files/{here.spreadsheet}/export"
    pdf: list[bytes] = []
    said = refusal(lambda: pdf.append(here.api.download(path, params={"mimeType": "application/pdf"})))
    return found(not said and pdf[0].startswith(b"%PDF"), said or f"{len(pdf[0])} bytes")


@question("Does it export with the scope spreadsheets alone?", NO)
def export_narrow(here: Ground) -> Finding:
    narrow = here.other.scoped([f"{_SCOPE}spreadsheets"])
    if narrow is None:
        return Finding("not asked", _NO_CHOICE)
    path = f"/drive/v3/files/{here.spreadsheet}/export"
    said = refusal(lambda: narrow.download(path, params={"mimeType": "application/pdf"}))
    return found(not said, said)


@question("Does drive.file cover every call to Sheets for a spreadsheet that it made?", YES)
def made_narrow(here: Ground) -> Finding:
    narrow = here.other.scoped([f"{_SCOPE}drive.file"])
    if narrow is None or not here.own:
        return Finding("not asked", _NO_CHOICE if here.own else _THEIRS)
    filters = {"dataFilters": [{"a1Range": "A1"}]}
    calls = (
        ("GET", "", None),
        ("POST", ":getByDataFilter", filters),
        ("POST", ":batchUpdate", {"requests": [_NOTHING]}),
    )
    said = [refusal(lambda: narrow.request(verb, here.path(rest), body=body)) for verb, rest, body in calls]  # noqa: B023
    return found(not any(said), "; ".join(filter(None, said)))


@question("May a service account own a spreadsheet?", NO)
def owns_files(here: Ground) -> Finding:
    if here.other.scoped([f"{_SCOPE}drive.file"]) is None:
        return Finding("not asked", "a person may")
    made: list[str] = []
    said = refusal(lambda: made.append(create(here.api, "")))
    for spreadsheet in made:
        remove(here.api, spreadsheet)
    return found(not said, said)


@question("May drive.file make a spreadsheet in a folder that people made?", UNKNOWN)
def folder_narrow(here: Ground) -> Finding:
    narrow = here.other.scoped([f"{_SCOPE}drive.file"])
    if narrow is None or not here.folder:
        return Finding("not asked", _NO_CHOICE if here.folder else "--folder names none")
    made: list[str] = []
    said = refusal(lambda: made.append(create(narrow, here.folder)))
    for spreadsheet in made:
        remove(here.api, spreadsheet)
    return found(not said, said)


@question("Is a spreadsheet found again by its appProperties?", YES)
def app_properties(here: Ground) -> Finding:
    if not here.own:
        return Finding("not asked", _THEIRS)
    query = "appProperties has { key='kpisheets' and value='live' } and trashed = false"
    params = {"q": query, "fields": "files(id)", "supportsAllDrives": "true", "includeItemsFromAllDrives": "true"}
    files = here.api.request("GET", "/drive/v3/files", params=params).get("files", [])
    return found(here.spreadsheet in [file["id"] for file in files])


@question("Does the same validation, set again, keep the chips' colours?", NO)
def chips(_: Ground) -> Finding:
    return Finding("not asked", "the API does not tell the colours: look at it in a browser")


def _by_locale(here: Ground, formula: str) -> dict[str, object]:
    """What a formula gives in spreadsheets of each locale; the spreadsheet's own locale is put back."""
    tab = here.tab()
    own = here.get(fields="properties(locale)")["properties"]["locale"]
    results: dict[str, object] = {}
    try:
        for locale in LOCALES:
            answer = here.batch(
                {"updateSpreadsheetProperties": {"properties": {"locale": locale}, "fields": "locale"}},
                written(tab, 0, 0, [[formula]]),
                includeSpreadsheetInResponse=True,
                responseRanges=[f"'live {tab}'!A1"],
                responseIncludeGridData=True,
                fields="updatedSpreadsheet(sheets(data(rowData(values(effectiveValue)))))",
            )
            data = answer["updatedSpreadsheet"]["sheets"][0]["data"][0]
            value = data["rowData"][0]["values"][0].get("effectiveValue", {})
            results[locale] = value.get("numberValue", value)
    finally:
        here.batch({"updateSpreadsheetProperties": {"properties": {"locale": own}, "fields": "locale"}})
    return results


def _table(here: Ground) -> tuple[int, str]:
    """A tab with a table of two columns and two rows: their ids."""
    tab, table = here.tab(), f"live{here.number()}"
    columns = [
        {"columnIndex": 0, "columnName": "Name", "columnType": "TEXT"},
        {"columnIndex": 1, "columnName": "Value", "columnType": "DOUBLE"},
    ]
    described = {"tableId": table, "name": table, "range": grid(tab, (0, 3), (0, 2)), "columnProperties": columns}
    here.batch(written(tab, 0, 0, [["Name", "Value"], ["a", 1], ["b", 2]]), {"addTable": {"table": described}})
    return tab, table


def _listed(words: str, names: list[str]) -> str:
    return f"{words} {', '.join(names)}" if names else ""


def _one_based(place: int | None) -> str:
    return "nowhere" if place is None else str(place + 1)
