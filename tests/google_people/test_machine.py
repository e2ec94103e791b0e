"""People at random before, between and after a run's read and write: nothing of theirs is lost, whatever they do."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.google_people import hands
from tests.google_people.hands import Action
from tests.google_people.sheet import SheetCells, SheetJudge, SmallSheet
from tests.google_people.window import Deed, Window

numbers = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6).filter(lambda found: found == 0 or abs(found) > 1e-6)
words = st.sampled_from(["n/a", "see note", "1,5", "–", "00042", "é|*?~", "'quoted"])
anything = st.none() | numbers | words
any_index = st.integers(0, 10**6)
fields = st.sampled_from(
    ("kpi", "period", "target", "actual", "variance", "status", "comment", "key", "source_value", "as_of")
)


def _types(at: int, field: str, value: Any) -> Deed:
    def deed(cells: SheetCells) -> Action | None:
        keys = list(cells.rows)
        known = keys and field in cells.places["kpi_tracking"].columns
        return hands.write(cells, keys[at % len(keys)], field, value) if known else None

    return deed


def _inserts_rows(tab: str, at: int, count: int) -> Deed:
    def deed(cells: SheetCells) -> Action:
        place = cells.places[tab]
        return hands.dimension(cells, "insertDimension", place.sheet, "ROWS", 1 + at % (place.bottom + 1), count)

    return deed


def _deletes_a_row(at: int) -> Deed:
    def deed(cells: SheetCells) -> Action | None:
        rows, place = hands.filled(cells), cells.places["kpi_tracking"]
        if len(rows) < 4:
            return None
        return hands.dimension(cells, "deleteDimension", place.sheet, "ROWS", rows[at % len(rows)])

    return deed


def _inserts_a_column(at: int, values: list[Any]) -> Deed:
    def deed(cells: SheetCells) -> Action:
        place = cells.places["kpi_tracking"]
        columns = sorted(place.columns.values())
        column = columns[at % len(columns)]
        made = hands.dimension(cells, "insertDimension", place.sheet, "COLUMNS", column)["requests"]
        for row, value in zip(hands.filled(cells), values, strict=False):
            made += hands.put(cells, place.sheet, row, column, value)["requests"]
        return {"requests": made}

    return deed


def _moves_a_column(at: int, to: int) -> Deed:
    def deed(cells: SheetCells) -> Action | None:
        columns = sorted(cells.places["kpi_tracking"].columns.values())
        source, target = columns[at % len(columns)], columns[to % len(columns)]
        return None if target in (source, source + 1) else hands.move_column(cells, source, target)

    return deed


def _sorts(field: str, descending: bool) -> Deed:
    return lambda cells: hands.sort(cells, field, descending=descending) if field in _columns(cells) else None


def _columns(cells: SheetCells) -> dict[str, int]:
    return cells.places["kpi_tracking"].columns


def _renames_a_tab(at: int, name: str) -> Deed:
    def deed(cells: SheetCells) -> Action | None:
        titles = list(cells.typed)
        free = name not in titles
        return hands.rename_tab(cells, titles[at % len(titles)], name) if free else None

    return deed


def _renames_a_header(at: int, table: str, name: str) -> Deed:
    def deed(cells: SheetCells) -> Action:
        place = cells.places[table]
        columns = sorted(place.columns.values())
        return hands.put(cells, place.sheet, place.header, columns[at % len(columns)], name)

    return deed


def _pastes(at: int, text: str) -> Deed:
    def deed(cells: SheetCells) -> Action | None:
        # Not below the table: what stands there moves down when rows are inserted above it.
        rows, column = hands.filled(cells), _columns(cells).get("comment")
        rows = [row for row in rows if row + text.count("\n") <= rows[-1]]
        return hands.paste(cells, rows[at % len(rows)], column, text) if column and rows else None

    return deed


def _writes_beside(gap: int, value: Any) -> Deed:
    def deed(cells: SheetCells) -> Action | None:
        place = cells.places["kpi_tracking"]
        column = max(place.columns.values()) + gap
        if column > hands.width(cells, place):
            return None
        return hands.put(cells, place.sheet, hands.filled(cells)[-1], column, value)

    return deed


def _filters() -> Deed:
    return lambda cells: hands.hide_by_filter(cells, "Orders")


deeds: st.SearchStrategy[Deed] = st.one_of(
    st.builds(_types, any_index, st.sampled_from(("target", "comment", "owner", "variance", "status")), anything),
    st.builds(_types, any_index, st.sampled_from(("actual", "target")), anything | st.sampled_from(("=6*7", "=1/0"))),
    st.builds(_inserts_rows, st.just("kpi_tracking"), any_index, st.integers(1, 2)),
    st.builds(_inserts_rows, st.sampled_from(("kpi_catalogue", "kpi_log", "kpi_report")), st.just(0), st.just(1)),
    st.builds(_deletes_a_row, any_index),
    st.builds(_inserts_a_column, any_index, st.lists(anything, max_size=4)),
    st.builds(_moves_a_column, any_index, any_index),
    st.builds(_sorts, fields, st.booleans()),
    st.builds(_renames_a_tab, any_index, st.sampled_from(("Suivi", "KPI's 2026", "a b", "Données"))),
    st.builds(_renames_a_header, any_index, st.sampled_from(("kpi_tracking", "kpi_catalogue")), st.just("Ours")),
    st.builds(_pastes, any_index, st.sampled_from(("one", "one\ntwo", "1\n2\n3"))),
    st.builds(_writes_beside, st.integers(1, 2), anything),
    st.builds(_filters),
)


class People(RuleBasedStateMachine):
    started: SmallSheet

    def __init__(self) -> None:
        super().__init__()
        self.small = self.started.again()
        self.judge, self.window = SheetJudge(self.small), Window(self.small)
        self.in_trouble = False

    def teardown(self) -> None:
        try:
            if not self.in_trouble:
                self.syncs([])
        finally:
            self.small.done()

    @rule(deed=deeds)
    def somebody_works(self, deed: Deed) -> None:
        if (action := deed(SheetCells(self.small.book))) is not None:
            self.small.person(action)

    @rule(edit=st.sampled_from((("direction", "Lower"), ("tolerance", 0.5), ("target", 77), ("name", "Renamed"))))
    def somebody_redefines_a_kpi(self, edit: tuple[str, Any]) -> None:
        hands.define(self.small, "revenue", *edit)

    @rule(days=st.integers(1, 20))
    def time_passes(self, days: int) -> None:
        self.small.today = min(self.small.today + timedelta(days=days), date(2026, 8, 1))

    @rule(back=st.integers(0, 80), amount=st.integers(-50, 500))
    def the_source_changes(self, back: int, amount: int) -> None:
        day = max(self.small.today - timedelta(days=back), date(2026, 1, 1))
        self.small.sales.setdefault(day, []).append(amount)
        self.small.write_source()

    @rule(between=st.lists(deeds, max_size=3))
    def syncs(self, between: list[Deed]) -> None:
        self.in_trouble = True
        self.window.deeds = list(between)
        self.window.sync(self.judge) if between else self.judge.sync()
        self.in_trouble = False


def test_people(started: SmallSheet) -> None:
    People.started = started
    thorough = settings.default.max_examples > 1000
    run_state_machine_as_test(
        People,
        settings=settings(
            max_examples=150 if thorough else 6,
            stateful_step_count=15 if thorough else 6,
            deadline=None,
            phases=list(Phase) if thorough else [Phase.explicit, Phase.reuse, Phase.generate],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
