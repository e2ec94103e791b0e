"""The same project twice, its workbook once an Excel file and once a spreadsheet, and the same hands for both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, Protocol

from kpisheets.backends.excel.ooxml import Book, CellError
from kpisheets.core.plan import AddRow, Plan, SetCell, SetNamed
from kpisheets.core.workbook import LOG, Observed, Value
from kpisheets.printing import explanation_document, problem_document, sync_document
from kpisheets.project import Project, Synced
from tests.google_people import hands as google
from tests.google_people.sheet import SheetCells, SmallSheet
from tests.people import hands as excel
from tests.people.judge import RUN
from tests.people.small import Small


class Hands(Protocol):
    """What people do, whatever the program. Rows and columns are told by keys and fields."""

    small: Small

    def write(self, key: str, field: str, value: Any) -> None: ...
    def sort(self, field: str, *, descending: bool = False) -> None: ...
    def insert_row_above(self, key: str) -> None: ...
    def delete_row(self, key: str) -> None: ...
    def double_row(self, key: str) -> None: ...
    def type_row(self, kpi: str, period: str | date, target: float) -> None: ...
    def insert_column(self, before: str, header: str) -> None: ...
    def move_column(self, field: str, before: str) -> None: ...
    def rename_header(self, table: str, field: str, text: str) -> None: ...
    def rename_tab(self, table: str, title: str) -> None: ...
    def define(self, identity: str, field: str, value: Any) -> None: ...
    def add_kpi(self, kpi: dict[str, Any]) -> None: ...
    def act(self, key: str, **cells: Any) -> None: ...
    def plan(self, identity: str, year: str, **months: float) -> None: ...
    def decide(self, key: str, **cells: Any) -> None: ...


SHOWS: dict[str, Any] = {"=2+3": 5, "=1+1": 2, "=1/0": CellError("#DIV/0!")}
"""What the formulas compute that people type in these tests."""


class ExcelHands:
    """By an editor that keeps what formulas computed, as Excel does; where cells move by openpyxl, which forgets it."""

    def __init__(self, small: Small) -> None:
        self.small = small

    def _type(self, table: str, row: int, cells: dict[str, Any]) -> None:
        book = Book.open(self.small.path)
        edit = book.edit()
        for field, value in cells.items():
            span = book.range_of(f"{table}_{field}")
            assert span is not None
            formula = value[1:] if isinstance(value, str) and value.startswith("=") else None
            if isinstance(value, date):
                value = datetime.combine(value, time())
            edit.set(span.sheet, row, span.left, SHOWS.get(value, value) if formula else value, formula=formula)
        edit.write()

    def _row(self, table: str, field: str, wanted: Any) -> int:
        """The first row in whose ``field`` that value stands."""
        book = Book.open(self.small.path)
        span = book.range_of(f"{table}_{field}")
        assert span is not None
        row = span.top + 1
        while book.grid(span.sheet).value(row, span.left) != wanted:
            row += 1
        return row

    def write(self, key: str, field: str, value: Any) -> None:
        self._type("kpi_tracking", self._row("kpi_tracking", "key", key), {field: value})

    def type_row(self, kpi: str, period: str | date, target: float) -> None:
        typed = {"kpi": kpi, "period": period, "target": target}
        self._type("kpi_tracking", self._row("kpi_tracking", "key", None), typed)

    def define(self, identity: str, field: str, value: Any) -> None:
        self._type("kpi_catalogue", self._row("kpi_catalogue", "id", identity), {field: value})

    def add_kpi(self, kpi: dict[str, Any]) -> None:
        self._type("kpi_catalogue", self._row("kpi_catalogue", "id", None), kpi)

    def act(self, key: str, **cells: Any) -> None:
        self._type("kpi_actions", self._row("kpi_actions", "key", key), cells)

    def plan(self, identity: str, year: str, **months: float) -> None:
        row = self._row("kpi_targets", "id", identity)
        assert self._row("kpi_targets", "year", year) <= row
        self._type("kpi_targets", row, months)

    def decide(self, key: str, **cells: Any) -> None:
        self._type("kpi_review", self._row("kpi_review", "key", key), cells)

    def sort(self, field: str, *, descending: bool = False) -> None:
        with excel.hands(self.small.path) as book:
            excel.sort(book, field, descending=descending)

    def insert_row_above(self, key: str) -> None:
        with excel.hands(self.small.path) as book:
            excel.insert_rows(book, excel.tracking(book)[0], excel.row_of(book, key))

    def delete_row(self, key: str) -> None:
        with excel.hands(self.small.path) as book:
            excel.delete_row(book, excel.tracking(book)[0], excel.row_of(book, key))

    def double_row(self, key: str) -> None:
        with excel.hands(self.small.path) as book:
            excel.double_row(book, excel.tracking(book)[0], excel.row_of(book, key))

    def insert_column(self, before: str, header: str) -> None:
        with excel.hands(self.small.path) as book:
            sheet, place = excel.tracking(book)
            excel.insert_column(book, sheet, place.columns[before], header)

    def move_column(self, field: str, before: str) -> None:
        with excel.hands(self.small.path) as book:
            sheet, place = excel.tracking(book)
            source, target = place.columns[field], place.columns[before]
            excel.move_column(book, sheet, source, target - (source < target))

    def rename_header(self, table: str, field: str, text: str) -> None:
        with excel.hands(self.small.path) as book:
            place = excel.spot(book, table)
            excel.rename_header(book[place.sheet], place.header, place.columns[field], text)

    def rename_tab(self, table: str, title: str) -> None:
        with excel.hands(self.small.path) as book:
            excel.rename_tab(book, excel.spot(book, table).sheet, title)


class GoogleHands:
    """By requests of the emulator's people."""

    small: SmallSheet

    def __init__(self, small: SmallSheet) -> None:
        self.small = small

    def _do(self, deed: Callable[[SheetCells], google.Action]) -> None:
        self.small.person(deed(google.look(self.small)))

    def write(self, key: str, field: str, value: Any) -> None:
        self._do(lambda cells: google.write(cells, key, field, value))

    def sort(self, field: str, *, descending: bool = False) -> None:
        self._do(lambda cells: google.sort(cells, field, descending=descending))

    def insert_row_above(self, key: str) -> None:
        self._rows("insertDimension", key)

    def delete_row(self, key: str) -> None:
        self._rows("deleteDimension", key)

    def _rows(self, what: str, key: str) -> None:
        self._do(
            lambda cells: google.dimension(cells, what, cells.places["kpi_tracking"].sheet, "ROWS", cells.rows[key])
        )

    def double_row(self, key: str) -> None:
        self.insert_row_above(key)
        cells = google.look(self.small)
        place, row = cells.places["kpi_tracking"], cells.rows[key]
        right = google.width(cells, place)
        source = google.grid(cells, place, row, 1, row, right)
        target = google.grid(cells, place, row - 1, 1, row - 1, right)
        self.small.person({"requests": [{"copyPaste": {"source": source, "destination": target}}]})

    def type_row(self, kpi: str, period: str | date, target: float) -> None:
        cells = google.look(self.small)
        place, row = cells.places["kpi_tracking"], max(cells.rows.values()) + 1
        typed = {"kpi": kpi, "period": period, "target": target}.items()
        self.small.person(*(google.put(cells, place.sheet, row, place.columns[field], value) for field, value in typed))

    def insert_column(self, before: str, header: str) -> None:
        cells = google.look(self.small)
        place = cells.places["kpi_tracking"]
        column = place.columns[before]
        self.small.person(
            google.dimension(cells, "insertDimension", place.sheet, "COLUMNS", column),
            google.put(cells, place.sheet, place.header, column, header),
        )

    def move_column(self, field: str, before: str) -> None:
        self._do(
            lambda cells: google.move_column(cells, *(cells.places["kpi_tracking"].columns[f] for f in (field, before)))
        )

    def rename_header(self, table: str, field: str, text: str) -> None:
        cells = google.look(self.small)
        place = cells.places[table]
        self.small.person(google.put(cells, place.sheet, place.header, place.columns[field], text))

    def rename_tab(self, table: str, title: str) -> None:
        self._do(lambda cells: google.rename_tab(cells, cells.places[table].sheet, title))

    def define(self, identity: str, field: str, value: Any) -> None:
        google.define(self.small, identity, field, value)

    def add_kpi(self, kpi: dict[str, Any]) -> None:
        google.add_kpi(self.small, kpi)

    def act(self, key: str, **cells: Any) -> None:
        self._fill("kpi_actions", "key", key, cells)

    def decide(self, key: str, **cells: Any) -> None:
        self._fill("kpi_review", "key", key, cells)

    def plan(self, identity: str, year: str, **months: float) -> None:
        self._fill("kpi_targets", "id", identity, months)

    def _fill(self, table: str, field: str, wanted: str, cells: dict[str, Any]) -> None:
        """Type into the first row in whose ``field`` that value stands."""
        seen = google.look(self.small)
        place = seen.places[table]
        row = next(row for row in place.rows if seen.typed[place.sheet].get((row, place.columns[field])) == wanted)
        self.small.person(*(google.put(seen, place.sheet, row, place.columns[name], it) for name, it in cells.items()))


# --- what is compared --------------------------------------------------------------------------------------------


def observed(project: Project) -> dict[str, Any]:
    """All that the core is told of a workbook, but for where it stands."""
    seen = project._desk.workbook().observe()
    return {
        "tables": {name: _table(seen, name) for name in seen.tables},
        "named": {name: _cell(value) for name, value in seen.named.items() if name not in RUN},
        "formulas": dict(seen.named_formulas),
        "problems": seen.problems,
    }


def _table(seen: Observed, name: str) -> dict[str, Any]:
    table = seen.tables[name]
    # A run without news has a line in an Excel file's Log alone, and each program draws trends in its own way.
    rows = [row for row in range(len(table)) if name != LOG or table.value(row, "kpi")]
    fields = [field for field in table.columns if field != "trend"]
    return {
        "tab": table.tab,
        "headers": {field: table.headers[field] for field in fields},
        "values": {field: [_cell(table.value(row, field)) for row in rows] for field in fields},
        "formulas": {field: [table.formula(row, field) for row in rows] for field in fields},
    }


def _cell(value: Value) -> Value:
    return None if value == "" else value


def planned(plan: Plan, seen: Observed) -> list[Any]:
    """The changes of a plan, in words, but for new values of formulas that stand where they should: Sheets computes
    them itself, and of a file that openpyxl saved none are stored."""
    found: list[Any] = []
    for change in plan.changes:
        match change:
            case SetCell(table, row, field, _, _, after, _) if after.formula and (
                seen.tables[table].formula(row, field) == after.formula.canonical
            ):
                continue
            case SetNamed(name, _, after, _) if after.formula and (
                seen.named_formulas.get(name) == after.formula.canonical
            ):
                continue
            case SetNamed(name=name) if name in RUN:
                continue
            case SetCell(table, _, field, key, before, after, why):
                # What a formula showed before is its program's: Sheets has computed it anew.
                was = None if seen.tables[table].formula(change.row, field) else _cell(before)
                found.append([table, key, field, was, _content(after), why])
            case AddRow(table, key, cells, why):
                found.append([table, key, {field: _content(content) for field, content in cells.items()}, why])
            case SetNamed(name, before, after, why):
                found.append([name, _cell(before), _content(after), why])
    return found


def _content(content: Any) -> Any:
    return [_cell(content.value), content.formula and content.formula.canonical, content.unit]


def told(done: Synced) -> dict[str, Any]:
    """``sync --json``, but for the workbook's address."""
    return {**sync_document(done), "workbook": None}


def reported(project: Project) -> dict[str, str]:
    """The report in every form, without the workbook's address."""
    from kpisheets.reports import render

    summary = replace(project.summary(), workbook="")
    return {form: render(summary, form, project.language) for form in ("text", "md", "html", "json")}


def checked(project: Project) -> tuple[int, list[Any]]:
    code, problems = project.check()
    return code, [problem_document(problem) for problem in problems]


def explained(project: Project, identity: str, period: str) -> dict[str, Any]:
    found = explanation_document(project.explain(identity, period))
    return {**found, "queries": [{**query, "seconds": 0} for query in found["queries"]]}
