"""What people do between syncs, told one by one."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pandas
import pytest
from click.testing import CliRunner
from openpyxl import Workbook

from kpisheets.cli import main
from kpisheets.errors import BadData
from tests.libreoffice import disagreements
from tests.people import hands
from tests.people.reading import Seen, check_tables, data_cells, load, spot
from tests.people.small import KPIS, Small

pytestmark = pytest.mark.filterwarnings("ignore:Sparkline Group", "ignore:Print area", "ignore:The default engine")
JANUARY, FEBRUARY, MARCH = "revenue|2026-01", "revenue|2026-02", "revenue|2026-03"


def actual(small: Small, key: str) -> tuple[object, object]:
    """The stored (Actual, Source value) of a row."""
    row = Seen(small.path).values("kpi_tracking", "key")[key]
    return row["actual"], row["source_value"]


def sell(small: Small, day: date, amount: int) -> None:
    small.sales.setdefault(day, []).append(amount)
    small.write_source()


def test_a_number_typed_over_the_source_stays_and_clearing_gives_it_back(small: Small) -> None:
    says = small.says("amount", date(2026, 3, 1), date(2026, 4, 1))
    with hands.hands(small.path) as book:
        hands.write(book, MARCH, "actual", 5000)
        hands.write(book, MARCH, "comment", "includes the fair")
    for _ in range(2):
        plan = small.sync().plan
        assert [(noted.key, noted.old, noted.new) for noted in plan.overrides] == [(MARCH, 5000, says)]
        assert actual(small, MARCH) == (5000, says)
    sell(small, date(2026, 3, 9), 400)
    small.sync()
    assert actual(small, MARCH) == (5000, says + 400)
    with hands.hands(small.path) as book:
        hands.write(book, MARCH, "actual", None)
    plan = small.sync().plan
    assert (plan.written, plan.overrides) == (1, ())
    row = Seen(small.path).tracking()[MARCH]
    assert (row["actual"], row["source_value"], row["flag"]) == (says + 400, says + 400, None)
    assert row["comment"] == "includes the fair"


def test_a_closed_period_that_the_source_restates_waits_for_a_person(small: Small) -> None:
    before, _ = actual(small, JANUARY)
    sell(small, date(2026, 1, 20), 111)
    shown = CliRunner().invoke(main, ["--project", str(small.folder), "sync", "--json", "--dry-run"])
    assert shown.exit_code == 0, shown.output
    plan = small.sync().plan
    assert [(noted.key, noted.old, noted.new) for noted in plan.restatements][:1] == [(JANUARY, before, before + 111)]
    assert [noted.key for noted in plan.restatements] == [JANUARY, "orders|2026-W04"]
    assert plan.overrides == ()
    assert actual(small, JANUARY) == (before, before + 111)
    logged = [row for row in Seen(small.path).log() if row["kpi"] == "revenue" and row["period"] == "2026-01"]
    assert [(row["old"], row["new"]) for row in logged] == [(before, before + 111)]
    # It is listed as long as it waits, and logged once.
    assert [noted.key for noted in small.sync().plan.restatements] == [JANUARY, "orders|2026-W04"]
    assert len([row for row in Seen(small.path).log() if row["period"] == "2026-01"]) == 1
    with hands.hands(small.path) as book:
        hands.write(book, JANUARY, "actual", None)
    plan = small.sync().plan
    assert (plan.written, [noted.key for noted in plan.restatements]) == (1, ["orders|2026-W04"])
    assert actual(small, JANUARY) == (before + 111, before + 111)


def test_the_json_of_a_sync_lists_overrides_and_restatements(small: Small) -> None:
    before, _ = actual(small, JANUARY)
    sell(small, date(2026, 1, 20), 111)
    with hands.hands(small.path) as book:
        hands.write(book, FEBRUARY, "actual", 1)
    # The program's own clock is today's: no period of early 2026 is open any more.
    done = CliRunner().invoke(main, ["--project", str(small.folder), "sync", "--json", "--kpi", "revenue"])
    told = json.loads(done.stdout)
    assert [(item["key"], item["old"]) for item in told["restatements"]] == [(JANUARY, before)]
    assert [(item["key"], item["old"]) for item in told["overrides"]] == [(FEBRUARY, 1)]


def test_an_open_period_simply_updates(small: Small) -> None:
    before, _ = actual(small, MARCH)
    sell(small, date(2026, 3, 9), 77)
    plan = small.sync().plan
    assert (plan.written, plan.restatements, plan.overrides) == (2, (), ()), "the month and the week"
    assert actual(small, MARCH) == (before + 77, before + 77)


def test_a_period_closes_days_after_its_end(small: Small) -> None:
    small.today = date(2026, 4, 5)
    sell(small, date(2026, 3, 20), 50)
    small.sync()
    says = small.says("amount", date(2026, 3, 1), date(2026, 4, 1))
    assert actual(small, MARCH) == (says, says)
    small.today = date(2026, 4, 6)
    sell(small, date(2026, 3, 20), 50)
    assert [noted.key for noted in small.sync().plan.restatements][:1] == [MARCH]
    assert actual(small, MARCH) == (says, says + 50)


def test_a_kpi_typed_below_the_table(small: Small) -> None:
    kpi = {"id": "visits", "name": "Visits", "frequency": "Monthly", "metric": "orders", "target": 9}
    with hands.hands(small.path) as book:
        hands.add_kpi(book, kpi)
    plan = small.sync().plan
    assert (plan.rows_added, plan.problems) == (3, ())
    seen = Seen(small.path)
    check_tables(seen.typed)
    assert "visits" in seen.values("kpi_catalogue", "id")
    row = seen.tracking()["visits|2026-02"]
    assert (row["kpi"], row["target"], row["actual"]) == (
        "Visits",
        9,
        small.says("orders", date(2026, 2, 1), date(2026, 3, 1)),
    )
    assert "visits" in seen.values("kpi_report", "id")


def test_a_renamed_kpi_keeps_its_rows(small: Small) -> None:
    with hands.hands(small.path) as book:
        hands.define(book, "revenue", "name", "Turnover")
        hands.write(book, JANUARY, "kpi", "Revenue (old shop)")  # a label that somebody made their own
    plan = small.sync().plan
    assert (plan.rows_added, plan.written, plan.problems) == (0, 0, ())
    rows = Seen(small.path).tracking()
    assert [rows[key]["kpi"] for key in (JANUARY, FEBRUARY, MARCH)] == ["Revenue (old shop)", "Turnover", "Turnover"]
    assert any((row["old"], row["new"]) == ("Revenue", "Turnover") for row in Seen(small.path).log())


def test_a_retired_kpi_keeps_its_rows_and_gets_no_more(small: Small) -> None:
    with hands.hands(small.path) as book:
        hands.define(book, "revenue", "active_to", date(2026, 2, 28))
    small.today = date(2026, 5, 2)
    small.sync()
    rows = Seen(small.path).tracking()
    assert [key for key in rows if key.startswith("revenue")] == [JANUARY, FEBRUARY, MARCH]
    assert [key for key in rows if key.startswith("mood")] == [f"mood|2026-0{month}" for month in range(1, 6)]


def test_a_doubled_row_stops_its_kpi_alone(small: Small) -> None:
    with hands.hands(small.path) as book:
        sheet, _ = hands.tracking(book)
        source = hands.row_of(book, MARCH)
        hands.double_row(book, sheet, source)
    sell(small, date(2026, 3, 9), 60)
    before = load(small.path)
    plan = small.sync().plan
    assert [problem.kpi for problem in plan.problems] == ["revenue"]
    assert plan.written == 1, "the orders of the running week"
    after = load(small.path)
    sheet, place = hands.tracking(after)
    actuals = [
        [each[sheet.title].cell(row, place.columns["actual"]).value for row in place.rows] for each in (before, after)
    ]
    keys = [sheet.cell(row, place.columns["key"]).value for row in place.rows]
    assert [(k, a) for k, a in zip(keys, actuals[0], strict=True) if k.startswith("revenue")] == [
        (k, a) for k, a in zip(keys, actuals[1], strict=True) if k.startswith("revenue")
    ]


@pytest.mark.parametrize("field", ["key", "actual", "source_value", "period"])
def test_a_needed_column_that_was_deleted_stops_the_sync(small: Small, field: str) -> None:
    with hands.hands(small.path) as book:
        sheet, place = hands.tracking(book)
        hands.delete_column(book, sheet, place.columns[field])
    before = small.path.read_bytes()
    with pytest.raises(BadData) as caught:
        small.sync()
    assert "\n" not in str(caught.value)
    assert small.path.read_bytes() == before


@pytest.mark.parametrize("field", ["owner", "comment"])
def test_a_column_that_is_not_needed_may_go(small: Small, field: str) -> None:
    with hands.hands(small.path) as book:
        sheet, place = hands.tracking(book)
        hands.delete_column(book, sheet, place.columns[field])
    small.today = date(2026, 4, 20)
    assert small.sync().plan.problems == ()
    check_tables(load(small.path))


def test_notes_below_the_table_are_never_overwritten(small: Small) -> None:
    with hands.hands(small.path) as book:
        sheet, place = hands.tracking(book)
        sheet.cell(place.bottom + 2, 1).value = "Reviewed by Ada"
    before = small.path.read_bytes()
    small.sync()
    note = load(small.path)
    sheet, place = hands.tracking(note)
    assert sheet.cell(place.bottom + 2, 1).value == "Reviewed by Ada"
    small.today = date(2026, 4, 20)
    before = small.path.read_bytes()
    with pytest.raises(BadData) as caught:
        small.sync()
    assert "\n" not in str(caught.value)
    assert f"A{place.bottom + 2}" in str(caught.value)
    assert small.path.read_bytes() == before


def test_a_source_that_fails_leaves_every_number(small: Small) -> None:
    before = data_cells(small.path)
    small.break_source()
    done = small.sync()
    assert done.unreachable
    assert done.plan.problems
    assert data_cells(small.path) == before
    small.write_source()
    assert small.sync().plan.problems == ()


def test_whatever_is_typed_into_a_number_stays(small: Small) -> None:
    typed = {
        (f"orders|2026-W{3 + week:02}", field): text
        for week, text in enumerate(("n/a", "#DIV/0!", "=1/0", "=6*7"))
        for field in ("actual", "target")
    }
    with hands.hands(small.path) as book:
        for (key, field), text in typed.items():
            hands.write(book, key, field, text)
    small.sync()
    rows = Seen(small.path).tracking()
    assert {cell: rows[cell[0]][cell[1]] for cell in typed} == typed
    assert small.sync().plan.written == 0


def test_an_error_in_a_status_takes_no_other_kpi_from_the_lists(small: Small, soffice: str, tmp_path: Path) -> None:
    small.sync()
    latest = max(key for key in Seen(small.path).tracking() if key.startswith("orders|"))
    before = max(key for key in Seen(small.path).tracking() if key.startswith("orders|") and key != latest)
    with hands.hands(small.path) as book:
        for key in (latest, before):
            hands.write(book, key, "status", "#DIV/0!")
    small.sync()
    assert disagreements(soffice, small.path, tmp_path / "judged") == []


def test_a_formula_or_value_of_ones_own_replaces_the_standard_one(small: Small) -> None:
    typed = {
        (f"orders|2026-W{3 + week:02}", field): own
        for week, own in enumerate(("=1+1", 12, "fine"))
        for field in ("variance", "variance_pct", "status")
    }
    with hands.hands(small.path) as book:
        for (key, field), own in typed.items():
            hands.write(book, key, field, own)
    small.sync()
    rows = Seen(small.path).tracking()
    assert {cell: rows[cell[0]][cell[1]] for cell in typed} == typed
    with hands.hands(small.path) as book:
        for key, field in typed:
            hands.write(book, key, field, None)
    small.sync()
    rows = Seen(small.path).tracking()
    assert all(str(rows[key][field]).startswith("=IF(COUNT(") for key, field in typed)


def test_a_french_workbook(tmp_path: Path) -> None:
    small = Small(tmp_path / "petit", language="fr")
    small.provision()
    french = {"Monthly": "Mensuelle", "Weekly": "Hebdomadaire"}
    small.fill_catalogue(
        tuple({**kpi, "frequency": french[kpi["frequency"]], "direction": "À maximiser"} for kpi in KPIS)
    )
    plan = small.sync().plan
    assert plan.problems == ()
    assert plan.rows_added == 17
    with hands.hands(small.path) as book:
        hands.write(book, FEBRUARY, "actual", 3)
        hands.sort(book, "target", descending=True)
    assert [noted.key for noted in small.sync().plan.overrides] == [FEBRUARY]
    before = data_cells(small.path)
    assert small.sync().plan.written == 0
    assert data_cells(small.path) == before


def test_a_catalogue_that_pandas_replaced(small: Small) -> None:
    """The tab is a new one: no table, no names, every cell a plain value."""
    frame = pandas.read_excel(small.path, sheet_name="KPIs", header=2)
    frame.loc[frame["ID"] == "revenue", "Target"] = 1234
    with pandas.ExcelWriter(small.path, mode="a", if_sheet_exists="replace", engine="openpyxl") as writer:
        frame.to_excel(writer, sheet_name="KPIs", index=False)
    small.today = date(2026, 4, 10)
    plan = small.sync().plan
    assert plan.problems == ()
    seen = Seen(small.path)
    check_tables(seen.typed)
    assert spot(seen.typed, "kpi_catalogue").header == 1
    assert seen.tracking()["revenue|2026-04"]["target"] == 1234
    before = data_cells(small.path)
    assert small.sync().plan.written == 0
    assert data_cells(small.path) == before


def test_a_tracking_tab_that_pandas_replaced(small: Small) -> None:
    """Even the tool's own table: formulas became values, which are then people's."""
    frame = pandas.read_excel(small.path, sheet_name="Tracking", header=2)
    with pandas.ExcelWriter(small.path, mode="a", if_sheet_exists="replace", engine="openpyxl") as writer:
        frame.to_excel(writer, sheet_name="Tracking", index=False)
    small.today += timedelta(days=30)
    assert small.sync().plan.problems == ()
    seen = Seen(small.path)
    check_tables(seen.typed)
    assert seen.tracking()["revenue|2026-04"]["target"] == 1000


def test_catalogue_rows_written_by_openpyxl_over_the_blank_one(tmp_path: Path) -> None:
    """An empty catalogue is a table with one blank row; a program fills it and goes on below, the range untouched."""
    small = Small(tmp_path / "small")
    small.provision()
    with hands.hands(small.path) as book:
        for kpi in KPIS:
            hands.add_kpi(book, {"direction": "Higher", "active_from": date(2026, 1, 1), **kpi})
    plan = small.sync().plan
    assert (plan.problems, plan.rows_added) == ((), 17)
    check_tables(load(small.path))


def test_a_row_begun_by_hand_gets_its_key(small: Small) -> None:
    with hands.hands(small.path) as book:
        sheet, place = hands.tracking(book)
        sheet.cell(place.bottom + 1, place.columns["kpi"]).value = "Mood"
        sheet.cell(place.bottom + 1, place.columns["period"]).value = "2025-12"
        sheet.cell(place.bottom + 1, place.columns["actual"]).value = 6
        sheet.cell(place.bottom + 1, place.columns["target"]).value = 5
    assert small.sync().plan.problems == ()
    seen = Seen(small.path)
    check_tables(seen.typed)
    row = seen.tracking()["mood|2025-12"]
    assert (row["actual"], row["target"], seen.values("kpi_tracking", "key")["mood|2025-12"]["variance"]) == (6, 5, 1)


def _two_headers_alike(book: Workbook) -> None:
    sheet, place = hands.tracking(book)
    sheet.cell(place.header, place.columns["comment"]).value = "Owner"


def _a_totals_row(book: Workbook) -> None:
    sheet, place = hands.tracking(book)
    table = sheet.tables["kpi_tracking"]
    table.totalsRowCount, table.ref = 1, table.ref.replace(str(place.bottom), str(place.bottom + 1))
    sheet.cell(place.bottom + 1, 1).value = "Total"


def _merged_cells_below(book: Workbook) -> None:
    sheet, place = hands.tracking(book)
    sheet.merge_cells(start_row=place.bottom + 1, end_row=place.bottom + 1, start_column=1, end_column=3)


def _no_log(book: Workbook) -> None:
    del book["Log"]


def _no_report(book: Workbook) -> None:
    del book["Report"]


def _no_guide(book: Workbook) -> None:
    del book["Guide"]


def _a_column_that_nothing_follows(book: Workbook) -> None:
    """As a script inserts it: formulas, names and the table stay where they were."""
    hands.tracking(book)[0].insert_cols(3)


def _a_key_deleted(book: Workbook) -> None:
    hands.write(book, FEBRUARY, "key", None)


def _a_key_broken(book: Workbook) -> None:
    hands.write(book, FEBRUARY, "key", "#REF!")


@pytest.mark.parametrize("edit", [_two_headers_alike, _a_totals_row, _merged_cells_below, _no_log])
def test_what_stops_growth_is_said_in_one_line(small: Small, edit: Callable[[Workbook], None]) -> None:
    with hands.hands(small.path) as book:
        edit(book)
    small.today = date(2026, 4, 20)
    before = small.path.read_bytes()
    with pytest.raises(BadData) as refused:
        small.sync()
    assert "\n" not in str(refused.value)
    assert small.path.read_bytes() == before


@pytest.mark.parametrize("edit", [_no_report, _no_guide, _a_column_that_nothing_follows, _a_key_deleted, _a_key_broken])
def test_what_a_sync_lives_with(small: Small, edit: Callable[[Workbook], None]) -> None:
    before = Seen(small.path).tracking()
    with hands.hands(small.path) as book:
        edit(book)
    small.today = date(2026, 4, 20)
    plan = small.sync().plan
    assert (plan.problems, plan.overrides, plan.rows_added) == ((), (), 8)
    after = Seen(small.path).tracking()
    for key, row in before.items():
        kept = ("target", "actual", "comment", "source_value")
        if key not in ("orders|2026-W11", MARCH):  # these went on
            assert [row[name] for name in kept] == [after[key][name] for name in kept], key


def test_a_script_that_sorts_values_and_leaves_formulas_where_they_were(small: Small) -> None:
    """As a script does that reads rows, sorts them and writes them back: each formula speaks of its former row."""
    with hands.hands(small.path) as book:
        sheet, found = hands.tracking(book)
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(found.header + 1, found.bottom)]
        for number, row in enumerate(reversed(rows), found.header + 1):
            for column, value in enumerate(row, 1):
                sheet.cell(number, column, value)
    small.sync()
    rows_now = Seen(small.path).values("kpi_tracking", "key")
    assert len(rows_now) == len(rows)
    for key, row in rows_now.items():
        if row["actual"] is not None and row["target"] is not None:
            assert row["variance"] == pytest.approx(row["actual"] - row["target"]), key
    assert small.project().check() == (0, ())
    assert small.sync().plan.written == 0


def test_a_script_that_deletes_a_row_and_leaves_formulas_as_they_were(small: Small) -> None:
    with hands.hands(small.path) as book:
        sheet, _ = hands.tracking(book)
        sheet.delete_rows(hands.row_of(book, FEBRUARY))
    small.sync()
    for key, row in Seen(small.path).values("kpi_tracking", "key").items():
        if row["actual"] is not None and row["target"] is not None:
            assert row["variance"] == pytest.approx(row["actual"] - row["target"]), key
    assert actual(small, FEBRUARY)[0] is not None, "the deleted row is made again"


def test_a_target_formula_without_a_stored_value_is_no_edit(small: Small) -> None:
    with hands.hands(small.path) as book:
        hands.write(book, MARCH, "target", "=1000+1000")
    small.sync()
    assert not any(row["field"] == "Target" for row in Seen(small.path).log())
    with hands.hands(small.path) as book:
        sheet, _ = hands.tracking(book)
        assert "=1000+1000" in [cell.value for row in sheet.iter_rows() for cell in row]


def test_a_kpi_below_a_gap_under_the_catalogue_is_named(small: Small) -> None:
    with hands.hands(small.path) as book:
        place = spot(book, "kpi_catalogue")
        book[place.sheet].cell(place.bottom + 3, place.columns["id"], "far_away")
    (problem,) = small.sync().plan.problems
    assert "far_away" in problem.what
    assert problem.where.endswith(str(place.bottom + 3))
