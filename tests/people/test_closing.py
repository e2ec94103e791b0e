"""Periods that time or people close and open again, and the target that a closed one is judged by."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from kpisheets.backends.excel.ooxml import Book
from kpisheets.cli import main
from kpisheets.core.kpi import Status
from kpisheets.printing import marked_document, marked_lines
from tests.libreoffice import disagreements
from tests.people.small import Small

pytestmark = pytest.mark.filterwarnings("ignore:Sparkline Group", "ignore:Print area", "ignore:Data Validation")
FEBRUARY = "revenue|2026-02"


@pytest.fixture(scope="module")
def march(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """Begun on 3 March, when February is over and still open."""
    made = Small(tmp_path_factory.mktemp("closing") / "small", today=date(2026, 3, 3))
    made.provision()
    made.fill_catalogue()
    made.sync()
    return made


@pytest.fixture
def small(march: Small, tmp_path: Path) -> Small:
    return march.copied(tmp_path / "small")


def write(small: Small, key: str, **cells: Any) -> None:
    book = Book.open(small.path)
    edit = book.edit()
    for field, value in cells.items():
        edit.set(*_at(book, key, field), value)
    edit.write()


def read(small: Small, key: str, *fields: str) -> list[Any]:
    book = Book.open(small.path)
    found = []
    for field in fields:
        sheet, row, column = _at(book, key, field)
        found.append(book.grid(sheet).value(row, column))
    return found


def _at(book: Book, key: str, field: str) -> tuple[str, int, int]:
    keys, column = book.range_of("kpi_tracking_key"), book.range_of(f"kpi_tracking_{field}")
    assert keys is not None
    assert column is not None
    row = next(row for row in range(keys.top, keys.bottom + 1) if book.grid(keys.sheet).value(row, keys.left) == key)
    return keys.sheet, row, column.left


def log(small: Small, key: str) -> list[tuple[Any, ...]]:
    kpi, period = key.split("|")
    entries = small.project().explain(kpi, period).log
    return [tuple(entry[name] for name in ("old", "new", "why")) for entry in entries if entry["period"] == period]


def test_time_closes_a_period_with_its_target(small: Small, soffice: str, tmp_path: Path) -> None:
    actual = read(small, FEBRUARY, "actual")[0]
    write(small, FEBRUARY, target=actual + 500)  # in time: before it is closed, though no run sees it until then
    small.today = date(2026, 3, 10)
    small.sync()
    assert read(small, FEBRUARY, "variance", "status", "flag") == [-500, "✖ Missed", "closed"]

    write(small, FEBRUARY, target=actual - 500)  # too late
    done = small.sync()
    assert read(small, FEBRUARY, "target", "variance", "status") == [actual - 500, -500, "✖ Missed"]
    assert [(item.key, item.old, item.new) for item in done.plan.late_targets] == [
        (FEBRUARY, actual + 500, actual - 500)
    ]
    assert log(small, FEBRUARY)[-1][:2] == (actual + 500, actual - 500)
    # Whoever computes the workbook says the same, in every tab; and so do the report and the actions.
    assert disagreements(soffice, small.path, tmp_path / "judged", least=50) == []
    assert [(one.kpi.id, one.period, one.kept, one.says) for one in small.project().summary().waiting] == [
        ("revenue", "2026-02", actual + 500, actual - 500)
    ]
    line = next(line for line in small.project().summary().lines if line.kpi.id == "revenue")
    assert (line.period, line.target, line.verdict.status) == ("2026-02", actual + 500, Status.MISSED)
    assert next(point.target for point in line.trend if point.period == "2026-02") == actual + 500
    book = Book.open(small.path)
    ids, targets = book.range_of("kpi_report_id"), book.range_of("kpi_report_target")
    assert ids is not None
    assert targets is not None
    grid = book.grid(ids.sheet)
    shown = {grid.value(row, ids.left): grid.value(row, targets.left) for row in range(ids.top + 1, ids.bottom + 1)}
    assert shown["revenue"] == actual + 500
    # The same again tells and writes nothing new.
    entries = log(small, FEBRUARY)
    assert small.sync().plan.late_targets == done.plan.late_targets
    assert log(small, FEBRUARY) == entries
    # Taking the edit back ends it.
    write(small, FEBRUARY, target=actual + 500)
    assert small.sync().plan.late_targets == ()
    assert read(small, FEBRUARY, "variance", "flag") == [-500, "closed"]


def test_a_reopened_period_follows_source_and_people_until_it_is_closed_anew(small: Small) -> None:
    small.today = date(2026, 3, 10)
    small.sync()
    actual = read(small, FEBRUARY, "actual")[0]
    small.sales[date(2026, 2, 10)] = [1000]
    small.write_source()
    write(small, FEBRUARY, target=1)
    assert FEBRUARY in [item.key for item in small.sync().plan.restatements]
    flag = f"restated {float(actual)}; closed; target 1.0"
    small.project().reopen("2026-02", only=["revenue"], dry_run=True)
    assert read(small, FEBRUARY, "actual", "flag") == [actual, flag]

    small.project().reopen("2026-02", only=["revenue"], by="Ann Example")
    assert read(small, FEBRUARY, "target_seen", "variance") == [1, actual - 1]
    assert ("closed", "open", "Opened again by Ann Example") in log(small, FEBRUARY)
    small.sync()
    says = small.says("amount", date(2026, 2, 1), date(2026, 3, 1))
    assert read(small, FEBRUARY, "actual", "flag") == [says, "reopened"]
    code, problems = small.project().check()
    assert (code, ["2026-02" in problem.what for problem in problems]) == (0, [True])
    done = small.project().reopen("2026-02", only=["revenue"])
    assert (done.changed, done.already, next(iter(marked_lines(done)))[:13]) == ((), (FEBRUARY,), "Nothing to do")

    small.today = date(2026, 5, 20)
    small.sync()
    assert read(small, FEBRUARY, "flag") == ["reopened"]  # time alone does not close it again
    closed = marked_document(small.project().close("2026-02", only=["revenue"]))
    assert (closed["state"], closed["changed"], closed["problems"]) == ("closed", [FEBRUARY], [])
    small.sales[date(2026, 2, 11)] = [5]
    small.write_source()
    write(small, FEBRUARY, target=2)
    plan = small.sync().plan
    assert FEBRUARY in [item.key for item in plan.restatements]
    assert [item.new for item in plan.late_targets] == [2]
    assert small.project().close("2026-02", only=["revenue"]).exit_code == 0


def test_what_cannot_be_closed_is_said(small: Small) -> None:
    for words, said in {
        ("2199-03",): "has not ended",
        ("soon",): "is not a period",
        ("2019-05",): "no row",
        ("2026-02", "--kpi", "nothing"): "there is no KPI",
    }.items():
        refused = CliRunner().invoke(main, ["--project", str(small.folder), "close", *words])
        assert (refused.exit_code, refused.output.count("\n")) == (2, 1)
        assert said in refused.output
    # Nobody typed the mood: that stays open, the others are closed. A week belongs to the month in which it ends.
    done = small.project().close("2026-02")
    assert {*done.changed} == {FEBRUARY, *(f"orders|2026-W0{week}" for week in range(5, 9))}
    assert [problem.kpi for problem in done.problems] == ["mood"]
    assert done.exit_code == 1


def test_the_log_tells_who_saved_an_edited_target(small: Small) -> None:
    """As Excel writes it, and openpyxl for anyone who asks."""
    book = openpyxl.load_workbook(small.path)
    book.properties.lastModifiedBy = "Ann Example"
    book.save(small.path)
    write(small, FEBRUARY, target=77)
    small.sync()
    assert log(small, FEBRUARY)[-1] == (1000, 77, "A person changed the target (last saved by Ann Example)")


def test_a_period_that_was_over_before_its_row_was_made_takes_new_targets(small: Small) -> None:
    """History that is filled in afterwards can be given its targets; a person's word closes it."""
    write(small, "revenue|2026-01", target=7)
    assert small.sync().plan.late_targets == ()
    actual = read(small, "revenue|2026-01", "actual")[0]
    assert read(small, "revenue|2026-01", "variance", "flag") == [actual - 7, None]
    small.project().close("2026-01", by="Ann Example")
    write(small, "revenue|2026-01", target=8)
    assert [item.key for item in small.sync().plan.late_targets] == ["revenue|2026-01"]
    assert read(small, "revenue|2026-01", "variance") == [actual - 7]


@pytest.mark.parametrize(
    ("setting", "open_on", "closed_on"),
    [
        # 2 March 2026 is a Monday; the 4th is no working day.
        ('close_after = "3 working days"', date(2026, 3, 5), date(2026, 3, 6)),
        ('close_after = "2 days"', date(2026, 3, 2), date(2026, 3, 3)),
        ('close_after = "0 working days"', date(2026, 2, 28), date(2026, 3, 1)),
    ],
)
def test_working_days_are_counted_by_the_schedules_holidays(
    tmp_path: Path, setting: str, open_on: date, closed_on: date
) -> None:
    small = Small(tmp_path / "small")
    config = small.folder / "kpisheets.toml"
    text = config.read_text(encoding="utf-8").replace("close_after_days = 5", setting)
    config.write_text(text + '\n[schedule]\nholidays = ["2026-03-04"]\n', encoding="utf-8")
    desk = small.project()._desk
    ends = date(2026, 3, 1)
    assert desk._closed_until(open_on) < ends <= desk._closed_until(closed_on)
