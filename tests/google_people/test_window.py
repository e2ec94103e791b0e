"""What happens between a run's read and its write, told one by one, and what it costs in requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from kpisheets.backends.google.writing import batch
from kpisheets.errors import BadData, TryLater
from tests.google_people import hands
from tests.google_people.hands import Action
from tests.google_people.sheet import SheetCells, SheetJudge, SmallSheet
from tests.google_people.window import Deed, Window

JANUARY, MARCH, WEEK = "revenue|2026-01", "revenue|2026-03", "orders|2026-W11"
WRITE = r":batchUpdate$"


def cost(small: SmallSheet) -> tuple[int, int]:
    """(reads, writes) since the journal was last asked."""
    found = small.emulator.control.summary()
    small.emulator.control.reset_log()
    assert found["drive"] == 0
    return found["reads"], found["writes"]


def sell(small: SmallSheet, day: date = date(2026, 3, 9), amount: int = 77) -> None:
    small.sales.setdefault(day, []).append(amount)
    small.write_source()


def actual(small: SmallSheet, key: str) -> tuple[Any, Any]:
    row = SheetCells(small.book).tracking[key]
    return row["actual"], row["source_value"]


def says(small: SmallSheet) -> int | None:
    return small.says("amount", date(2026, 3, 1), date(2026, 4, 1))


# --- what a run costs --------------------------------------------------------------------------------------------


def test_one_read_and_one_write_and_none_without_news(small: SmallSheet) -> None:
    cost(small)
    assert small.sync().plan.written == 0
    assert cost(small) == (1, 0)
    sell(small)
    assert small.project().sync(dry_run=True).plan.written == 2
    assert cost(small) == (1, 0), "a dry run writes nothing"
    assert small.sync().plan.written == 2
    assert cost(small) == (1, 1)
    assert actual(small, MARCH) == (says(small), says(small))
    small.project().summary()
    assert cost(small) == (1, 0)


def test_a_run_is_on_record_each_day_and_with_each_new_trouble(small: SmallSheet) -> None:
    def lines() -> int:
        cells = SheetCells(small.book)
        place = cells.places["kpi_log"]
        return sum((row, place.columns["when"]) in cells.typed[place.sheet] for row in place.rows)

    cost(small)
    known = lines()
    small.today = date(2026, 3, 11)
    small.sync()
    assert (cost(small), lines()) == ((1, 1), known + 1), "a new day"
    small.break_source()
    for _ in range(2):
        assert small.sync().problems
    assert (cost(small), lines()) == ((2, 1), known + 2), "a new trouble, and then the same"
    small.write_source()
    for _ in range(2):
        small.sync()
    assert (cost(small), lines()) == ((2, 1), known + 3), "the trouble is over"


def test_a_write_is_split_only_where_it_must(small: SmallSheet, monkeypatch: pytest.MonkeyPatch) -> None:
    judge = SheetJudge(small)
    small.today = date(2026, 6, 30)
    monkeypatch.setattr(batch, "MOST_BYTES", 6_000)
    cost(small)
    judge.sync()
    sizes = [entry.bytes_in for entry in small.emulator.control.entries if entry.kind == "write"]
    assert cost(small)[0] == 2, "one read each, however many writes"
    assert len(sizes) > 2


# --- people in between -------------------------------------------------------------------------------------------


def sorts(cells: SheetCells) -> Action:
    return hands.sort(cells, "key", descending=True)


def inserts_a_row(cells: SheetCells) -> Action:
    return hands.dimension(cells, "insertDimension", cells.places["kpi_tracking"].sheet, "ROWS", 2, 2)


def inserts_a_column(cells: SheetCells) -> Action:
    place = cells.places["kpi_tracking"]
    made = hands.dimension(cells, "insertDimension", place.sheet, "COLUMNS", place.columns["actual"])["requests"]
    for row in hands.filled(cells):
        made += hands.put(cells, place.sheet, row, place.columns["actual"], f"mine {row}")["requests"]
    return {"requests": made}


def deletes_a_row(cells: SheetCells) -> Action:
    return hands.dimension(cells, "deleteDimension", cells.places["kpi_tracking"].sheet, "ROWS", cells.rows[JANUARY])


def moves_a_column(cells: SheetCells) -> Action:
    columns = cells.places["kpi_tracking"].columns
    return hands.move_column(cells, columns["actual"], columns["kpi"])


def renames_the_tab(cells: SheetCells) -> Action:
    return hands.rename_tab(cells, cells.places["kpi_tracking"].sheet, "Suivi")


def shifts_the_settings(cells: SheetCells) -> Action:
    made = []
    for table in ("kpi_report", "kpi_catalogue", "kpi_log"):
        made += hands.dimension(cells, "insertDimension", cells.places[table].sheet, "ROWS", 1)["requests"]
    control = cells.cell("kpi_last_run")[0]
    made += hands.dimension(cells, "insertDimension", control, "ROWS", 3, 2)["requests"]
    made += hands.put(cells, control, 3, 3, "a note")["requests"]
    return {"requests": made}


@pytest.mark.parametrize(
    "deed",
    [sorts, inserts_a_row, inserts_a_column, deletes_a_row, moves_a_column, renames_the_tab, shifts_the_settings],
)
@pytest.mark.parametrize("grows", [False, True])
def test_whoever_rearranges_in_between_loses_nothing(small: SmallSheet, deed: Deed, grows: bool) -> None:
    small.today = date(2026, 3, 28) if grows else small.today
    sell(small)
    sell(small, date(2026, 1, 20))
    window = Window(small, [deed])
    cost(small)
    window.sync(SheetJudge(small))
    _, writes = cost(small)
    assert writes <= 3, "the write, its repair, and the one of the run in peace at most"
    assert actual(small, MARCH) == (says(small), says(small))


def sorts_the_actions(cells: SheetCells) -> Action:
    place, rows = cells.places["kpi_actions"], list(actions(cells))
    order = {"dimensionIndex": place.columns["key"] - 1, "sortOrder": "ASCENDING"}
    area = hands.grid(cells, place, min(rows), 1, max(rows), hands.width(cells, place))
    return {"requests": [{"sortRange": {"range": area, "sortSpecs": [order]}}]}


def actions(cells: SheetCells) -> dict[int, dict[str, Any]]:
    """The rows of the tab that have a Key."""
    place = cells.places["kpi_actions"]
    typed = cells.typed[place.sheet]
    rows = [row for row, column in typed if column == place.columns["key"] and row > place.header]
    return {row: {name: typed.get((row, at)) for name, at in place.columns.items()} for row in sorted(rows)}


def test_an_action_that_is_sorted_away_in_between_is_closed_where_it_is(small: SmallSheet) -> None:
    for key in ("orders|2026-W09", "revenue|2026-02"):
        small.person(hands.write(hands.look(small), key, "target", 90_000))
    small.sync()
    known = actions(SheetCells(small.book))
    assert [row["key"] for row in known.values()] == ["revenue|2026-02", "orders|2026-W09"]
    first = min(known)
    place = hands.look(small).places["kpi_actions"]
    small.person(hands.put(hands.look(small), place.sheet, first, place.columns["status"], "Done"))
    Window(small, [sorts_the_actions]).sync(SheetJudge(small))
    now = actions(SheetCells(small.book))
    assert [row["key"] for row in now.values()] == [row["key"] for row in reversed(known.values())]
    assert {row["key"]: row["closed"] is not None for row in now.values()} == {
        row["key"]: at == first for at, row in known.items()
    }


def test_an_actual_that_somebody_types_in_between_stays(small: SmallSheet) -> None:
    sell(small)
    window = Window(small, [lambda cells: hands.write(cells, MARCH, "actual", 4321)])
    done = window.sync(SheetJudge(small))
    assert done.problems == ()
    assert actual(small, MARCH) == (4321, says(small))


def test_a_formula_typed_in_between_stays_to_the_letter(small: SmallSheet) -> None:
    sell(small)
    row = SheetCells(small.book).rows[MARCH]
    typed = f'=IF(C{row}>0;C{row}*2;"D{row}")'
    Window(small, [lambda cells: hands.write(cells, MARCH, "actual", typed)]).sync(SheetJudge(small))
    assert actual(small, MARCH)[0] == typed


def test_two_who_work_one_after_the_other(small: SmallSheet) -> None:
    """A sort before the write, another before its repair."""
    sell(small)
    sell(small, date(2026, 1, 20))
    window = Window(small, [sorts])
    then: list[Callable[[SheetCells], Action]] = [lambda cells: hands.sort(cells, "actual"), inserts_a_row]
    first = window.act

    def act(when: str, request: Any) -> None:
        sent = when == "before" and request.path.endswith(":batchUpdate") and not window.deeds
        if sent and window.then is not None and then:
            small.person(then.pop(0)(SheetCells(small.book)))
        first(when, request)

    small.emulator.world.people.act = act  # type: ignore[method-assign]
    small.sync()
    SheetJudge(small, waiting={JANUARY: actual(small, JANUARY)[0], "orders|2026-W04": 3}).sync()
    assert actual(small, MARCH) == (says(small), says(small))


def test_what_changed_once_more_is_reported_and_left(small: SmallSheet) -> None:
    """Somebody sorts in between, and types into a cell that was written over before it could come back."""
    sell(small)
    target = SheetCells(small.book).rows[MARCH]
    window = Window(small, [sorts])
    first = window.act
    hit: list[tuple[int, Any]] = []

    def act(when: str, request: Any) -> None:
        first(when, request)
        if when == "after" and request.path.endswith(":batchUpdate") and not hit:
            cells = SheetCells(small.book)
            place = cells.places["kpi_tracking"]
            hit.append((target, cells.typed[place.sheet].get((target, place.columns["actual"]))))
            small.person(hands.put(cells, place.sheet, target, place.columns["actual"], 99))

    small.emulator.world.people.act = act  # type: ignore[method-assign]
    done = small.sync()
    assert [problem.where for problem in done.problems] == [f"Tracking!D{target}"]
    assert "written over while somebody was editing" in done.problems[0].what
    cells = SheetCells(small.book)
    assert cells.typed["Tracking"][target, cells.places["kpi_tracking"].columns["actual"]] == 99


def test_a_column_deleted_in_between(small: SmallSheet) -> None:
    """The run stops, and what it wrote over to the right of the gap is as it was."""
    sell(small)
    sell(small, date(2026, 1, 20))

    def deletes(cells: SheetCells) -> Action:
        place = cells.places["kpi_tracking"]
        return hands.dimension(cells, "deleteDimension", place.sheet, "COLUMNS", place.columns["target"])

    window = Window(small, [deletes])
    with pytest.raises(BadData, match="Target"):
        small.sync()
    assert window.then is not None
    assert SheetCells(small.book).typed["Tracking"] == window.then.typed["Tracking"]


# --- faults ------------------------------------------------------------------------------------------------------


def test_a_write_that_was_carried_out_and_not_answered_is_not_sent_again(small: SmallSheet) -> None:
    sell(small)
    cost(small)
    small.emulator.control.fault("closed-after", path=WRITE)
    done = small.sync()
    assert done.receipt is not None
    assert cost(small)[1] == 1
    SheetJudge(small).sync()
    assert actual(small, MARCH) == (says(small), says(small))


def test_a_write_that_was_not_carried_out_waits_for_the_next_run(small: SmallSheet) -> None:
    before = small.book
    sell(small)
    small.emulator.control.fault("closed-before", path=WRITE)
    with pytest.raises(TryLater):
        small.sync()
    assert small.book is before
    SheetJudge(small).sync()
