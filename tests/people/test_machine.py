"""People at random between syncs: whatever they do, nothing of theirs is lost and every number stands by its key."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from kpisheets.backends.excel.ooxml import Book
from kpisheets.errors import BadData
from tests.people import hands
from tests.people.judge import Cells, Judge
from tests.people.office import Office
from tests.people.reading import Seen, load
from tests.people.small import Small

pytestmark = pytest.mark.filterwarnings("ignore:Sparkline Group", "ignore:Print area")

numbers = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6).filter(lambda found: found == 0 or abs(found) > 1e-6)
words = st.sampled_from(["n/a", "see note", "1,5", "–", "#DIV/0!", "00042", "é|*?~", "'quoted"])
anything = st.none() | numbers | words
any_index = st.integers(0, 10**6)
fields = st.sampled_from(
    ("kpi", "period", "target", "actual", "variance", "status", "comment", "key", "source_value", "as_of")
)


class People(RuleBasedStateMachine):
    """One sitting after another: edits are made in the open workbook and saved before the next sync."""

    begun: Small
    office: Office | None

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="people-")
        self.small = self.begun.copied(Path(self.folder.name) / "small")
        self.judge = Judge(self.small)
        self.book: openpyxl.Workbook | None = None
        self.named = 0
        self.foreign = self.in_trouble = False
        self.mixed = False  # a formula of theirs feeds ours

    def teardown(self) -> None:
        try:
            if not self.in_trouble:
                self.syncs()
                self.settles()
        finally:
            self.folder.cleanup()

    # --- the sitting ---

    @property
    def open(self) -> openpyxl.Workbook:
        if self.book is None:
            self.book = load(self.small.path)
        return self.book

    def save(self) -> None:
        if self.book is not None:
            self.book.save(self.small.path)
            self.book = None

    def keys(self) -> list[str]:
        sheet, place = hands.tracking(self.open)
        found = [sheet.cell(row, place.columns["key"]).value for row in place.rows]
        return [key for key in found if key is not None]

    def name(self, what: str) -> str:
        self.named += 1
        return f"{what} {self.named}"

    # --- people ---

    @rule(
        at=any_index,
        field=st.sampled_from(("target", "actual", "actual", "comment", "owner", "variance", "status")),
        value=anything | st.sampled_from(("=6*7", "=1/0", "=A1", "=SUM(1,2)")),
    )
    def types(self, at: int, field: str, value: Any) -> None:
        keys = self.keys()
        _, place = hands.tracking(self.open)
        if keys and field in place.columns:
            hands.write(self.open, keys[at % len(keys)], field, value)
            self.mixed |= isinstance(value, str) and value.startswith("=")

    @precondition(lambda self: self.book is None)
    @rule(at=any_index, field=st.sampled_from(("target", "actual", "comment")), value=st.none() | numbers)
    def types_with_care(self, at: int, field: str, value: Any) -> None:
        """By a program that keeps the rest of the file byte for byte."""
        book = Book.open(self.small.path)
        span, keys = book.range_of(f"kpi_tracking_{field}"), book.range_of("kpi_tracking_key")
        assert keys is not None
        if span is None:
            return
        known = book.grid(keys.sheet).column(keys.left, keys.top + 1, keys.bottom)
        filled = [row for row, key in enumerate(known, keys.top + 1) if key]
        edit = book.edit()
        edit.set(span.sheet, filled[at % len(filled)], span.left, value)
        edit.write()

    @rule(field=fields, descending=st.booleans())
    def sorts(self, field: str, descending: bool) -> None:
        hands.sort(self.open, field, descending=descending)

    @rule(at=any_index, count=st.integers(1, 2))
    def inserts_rows(self, at: int, count: int) -> None:
        sheet, place = hands.tracking(self.open)
        hands.insert_rows(self.open, sheet, 1 + at % (place.bottom + 1), count)

    @rule(at=any_index)
    def deletes_a_row(self, at: int) -> None:
        sheet, place = hands.tracking(self.open)
        if len(place.rows) > 3:
            hands.delete_row(self.open, sheet, place.rows[at % len(place.rows)])

    @rule(at=any_index, values=st.lists(anything, min_size=1, max_size=4), formula=st.booleans())
    def inserts_a_column(self, at: int, values: list[Any], formula: bool) -> None:
        """A column of one's own inside the table, with values, or a formula that refers to the row's Actual."""
        sheet, place = hands.tracking(self.open)
        columns = sorted(place.columns.values())
        column = columns[at % len(columns)]
        hands.insert_column(self.open, sheet, column, self.name("Mine"))
        self.foreign |= formula
        _, place = hands.tracking(self.open)
        for row in list(place.rows)[: len(values)]:
            if formula:
                actual = sheet.cell(row, place.columns["actual"]).coordinate
                sheet.cell(row, column).value = f"={actual}*2"
            else:
                sheet.cell(row, column).value = values[row % len(values)]

    @rule(gap=st.integers(1, 2), values=st.lists(anything, min_size=1, max_size=4))
    def writes_beside_the_table(self, gap: int, values: list[Any]) -> None:
        sheet, place = hands.tracking(self.open)
        column = sheet.max_column + gap
        sheet.cell(place.header, column).value = self.name("Beside")
        for row, value in zip(place.rows, values, strict=False):
            sheet.cell(row, column).value = value

    @rule(at=any_index, to=any_index)
    def moves_a_column(self, at: int, to: int) -> None:
        sheet, place = hands.tracking(self.open)
        columns = sorted(place.columns.values())
        hands.move_column(self.open, sheet, columns[at % len(columns)], columns[to % len(columns)])

    @rule(at=any_index, table=st.sampled_from(("kpi_tracking", "kpi_catalogue", "kpi_log")))
    def renames_a_header(self, at: int, table: str) -> None:
        place = hands.spot(self.open, table)
        columns = sorted(place.columns.values())
        hands.rename_header(self.open[place.sheet], place.header, columns[at % len(columns)], self.name("Ours"))

    @rule(at=any_index, name=st.sampled_from(("Suivi", "KPI's 2026", "a b", "Données")))
    def renames_a_tab(self, at: int, name: str) -> None:
        titles = self.open.sheetnames
        hands.rename_tab(self.open, titles[at % len(titles)], self.name(name))

    @rule()
    def adds_a_tab(self) -> None:
        sheet, _ = hands.tracking(self.open)
        self.foreign = True
        own = self.open.create_sheet(self.name("Own"))
        quoted = "'" + sheet.title.replace("'", "''") + "'"
        own["A1"], own["A2"], own["B1"] = "Total", f"=SUM({quoted}!$D$4:$D$9)", 12.5
        own["A3"] = "=SUM(kpi_tracking_actual)"

    @rule(at=any_index, hidden=st.booleans())
    def hides(self, at: int, hidden: bool) -> None:
        sheet, place = hands.tracking(self.open)
        sheet.row_dimensions[place.rows[at % len(place.rows)]].hidden = hidden
        sheet.column_dimensions["C"].hidden = hidden

    # --- the catalogue ---

    def ids(self) -> list[str]:
        place = hands.spot(self.open, "kpi_catalogue")
        sheet = self.open[place.sheet]
        found = [sheet.cell(row, place.columns["id"]).value for row in place.rows]
        return [identity for identity in found if identity]

    @precondition(lambda self: self.named < 40)
    @rule(
        metric=st.sampled_from(("amount", "orders", None, "nowhere")),
        frequency=st.sampled_from(("Monthly", "Weekly", None)),
        months=st.integers(0, 2),
    )
    def adds_a_kpi(self, metric: str | None, frequency: str | None, months: int) -> None:
        start = self.small.today.replace(day=1) - timedelta(days=28 * months)
        found = {"name": self.name("Kpi"), "metric": metric, "frequency": frequency, "target": 5, "active_from": start}
        hands.add_kpi(self.open, {"id": f"kpi_{self.named}", **found})

    @rule(at=any_index)
    def renames_a_kpi(self, at: int) -> None:
        ids = self.ids()
        hands.define(self.open, ids[at % len(ids)], "name", self.name("Renamed"))

    @rule(
        at=any_index,
        edit=st.sampled_from(
            (("direction", "Lower"), ("direction", "Higher"), ("tolerance", 0.5), ("tolerance", None), ("target", 77))
        ),
    )
    def redefines_a_kpi(self, at: int, edit: tuple[str, Any]) -> None:
        ids = self.ids()
        hands.define(self.open, ids[at % len(ids)], *edit)

    @rule(at=any_index)
    def retires_a_kpi(self, at: int) -> None:
        ids = self.ids()
        hands.define(self.open, ids[at % len(ids)], "active_to", max(self.small.today, date(2026, 3, 1)))

    # --- the world ---

    @rule(days=st.integers(1, 20))
    def time_passes(self, days: int) -> None:
        self.small.today = min(self.small.today + timedelta(days=days), date(2026, 8, 1))

    @rule(back=st.integers(0, 80), amount=st.integers(-50, 500))
    def the_source_changes(self, back: int, amount: int) -> None:
        day = max(self.small.today - timedelta(days=back), date(2026, 1, 1))
        self.small.sales.setdefault(day, []).append(amount)
        self.small.write_source()

    # --- syncs ---

    @rule()
    def syncs(self) -> None:
        self.save()
        self.in_trouble = True
        self.judge.sync()
        self.in_trouble = False

    @rule()
    def syncs_without_its_source(self) -> None:
        self.save()
        self.small.break_source()
        self.judge.sync(broken=True)
        self.small.write_source()

    @rule(at=any_index)
    def a_doubled_row_stops_one_kpi(self, at: int) -> None:
        sheet, place = hands.tracking(self.open)
        filled = [row for row in place.rows if sheet.cell(row, place.columns["key"]).value]
        row = filled[at % len(filled)]
        hands.double_row(self.open, sheet, row)
        self.save()
        with_double = self.judge.sync()
        assert with_double.plan.problems
        hands.delete_row(self.open, hands.tracking(self.open)[0], row)

    @rule(field=st.sampled_from(("key", "actual", "target", "source_value", "status", "flag")))
    def a_deleted_column_refuses(self, field: str) -> None:
        self.save()
        kept = self.small.path.read_bytes()
        sheet, place = hands.tracking(self.open)
        hands.delete_column(self.open, sheet, place.columns[field])
        self.save()
        without = self.small.path.read_bytes()
        with pytest.raises(BadData) as refused:
            self.small.sync()
        assert "\n" not in str(refused.value)
        assert self.small.path.read_bytes() == without
        self.small.path.write_bytes(kept)

    @rule()
    def notes_below_the_table_refuse_growth(self) -> None:
        self.save()
        kept = self.small.path.read_bytes()
        sheet, place = hands.tracking(self.open)
        note = (place.bottom + 2, place.columns["kpi"])
        sheet.cell(*note).value = "Reviewed"
        self.save()
        with_note = self.small.path.read_bytes()
        refused = ""
        try:
            self.small.sync()
        except BadData as error:
            refused = str(error)
        if refused:
            assert "\n" not in refused
            assert self.small.path.read_bytes() == with_note
        else:
            sheet, _ = hands.tracking(self.open)
            assert sheet.cell(*note).value == "Reviewed"
            self.book = None
        self.small.path.write_bytes(kept)

    # --- the end ---

    def settles(self) -> None:
        """Another program opens the file: what is stored is what it computes."""
        if self.office is None:
            return
        if not self.mixed:
            ours = Cells(self.small.path).tools
            self.agrees(ours.__contains__)
        if self.foreign or self.mixed:
            # Values behind people's formulas are the spreadsheet program's to compute; it does, and saves.
            with self.office.editing(self.small.path):
                pass
            self.small.sync()
            self.agrees(lambda cell: True)

    def agrees(self, chosen: Callable[[tuple[str, int, int]], bool]) -> None:
        assert self.office is not None
        seen = Seen(self.small.path)
        found = self.office.disagreements(self.small.path, seen.shown, seen.typed, chosen)
        assert not found, found[:5]


def test_people(begun: Small, office_if_any: Office | None) -> None:
    People.begun, People.office = begun, office_if_any
    thorough = settings.default.max_examples > 1000
    run_state_machine_as_test(
        People,
        settings=settings(
            max_examples=200 if thorough else 8,
            stateful_step_count=20 if thorough else 11,
            deadline=None,
            # A dozen steps can be read as they are; making them fewer takes minutes.
            phases=list(Phase) if thorough else [Phase.explicit, Phase.reuse, Phase.generate],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
