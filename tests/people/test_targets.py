"""Targets that are proposed for a year: beside people's own, accepted by copying, in old workbooks too."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kpisheets.backends.excel.ooxml import Book
from kpisheets.backends.tabs import tracking
from kpisheets.cli import main
from kpisheets.core.workbook import FIELDS, TRACKING
from kpisheets.printing import targets_document, targets_lines
from tests.libreoffice import disagreements
from tests.people.small import Small

pytestmark = pytest.mark.filterwarnings("ignore:Sparkline Group", "ignore:Print area", "ignore:Data Validation")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return Small.begun(tmp_path_factory.mktemp("targets") / "small")


@pytest.fixture
def small(begun: Small, tmp_path: Path) -> Small:
    return begun.copied(tmp_path / "small")


def column(small: Small, field: str) -> dict[str, Any]:
    book = Book.open(small.path)
    keys, span = book.range_of("kpi_tracking_key"), book.range_of(f"kpi_tracking_{field}")
    assert keys is not None
    assert span is not None
    grid = book.grid(keys.sheet)
    return {grid.value(row, keys.left): grid.value(row, span.left) for row in range(keys.top + 1, keys.bottom + 1)}


def test_a_year_is_proposed_beside_peoples_targets(small: Small, soffice: str, tmp_path: Path) -> None:
    before = column(small, "target")
    done = small.project().propose_targets("revenue", "2026", method="working-days", total="12000.50")
    found = {key: value for key, value in column(small, "proposed").items() if value is not None}
    assert list(found) == [f"revenue|2026-{month:02d}" for month in range(1, 13)]
    assert sum(Decimal(str(value)) for value in found.values()) == Decimal("12000.50") == done.total
    assert found["revenue|2026-02"] < found["revenue|2026-07"]  # 20 and 23 working days
    # People's targets stay; rows of periods to come have the KPI's, as every new row has.
    after = column(small, "target")
    assert {key: after[key] for key in before} == before
    assert {after[key] for key in after.keys() - before.keys()} == {1000}
    assert disagreements(soffice, small.path, tmp_path / "judged", least=50) == []
    # Periods to come trouble no sync, no report and no year's end.
    lines = {line.kpi.id: line.period for line in small.project().summary().lines}
    assert lines["revenue"] == "2026-02"
    small.today = date(2026, 5, 12)
    again = small.sync()
    assert (again.plan.problems, again.plan.late_targets) == ((), ())
    assert len(column(small, "key")) == len(set(column(small, "key")))
    assert column(small, "actual")["revenue|2026-04"] is None
    document = targets_document(done)
    assert (document["total"], len(document["periods"]), document["dry_run"]) == (12000.5, 12, False)
    assert list(targets_lines(done))[-2].split() == ["2026", "12000.5"]


def test_a_workbook_from_before_gets_the_column_by_its_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as then:
        then.setitem(FIELDS, TRACKING, FIELDS[TRACKING][:-1])  # type: ignore[misc]
        then.delitem(tracking._WIDTHS, "proposed")
        small = Small.begun(tmp_path / "small")
    small.sync()
    before = small.path.read_bytes()
    done = small.project().propose_targets("revenue", "2027", total="1200")
    assert (done.exit_code, done.receipt, len(done.periods)) == (1, None, 12)
    assert "no column “Proposed target”" in str(done.problems[0])
    assert small.path.read_bytes() == before

    book = Book.open(small.path)
    edit, flag = book.edit(), book.range_of("kpi_tracking_flag")
    assert flag is not None
    edit.set(flag.sheet, flag.top, flag.left + 1, "Objetivo propuesto")  # in any language
    edit.write()
    assert small.project().propose_targets("revenue", "2027", total="1200").exit_code == 0
    assert column(small, "proposed")["revenue|2027-12"] == 100
    assert small.sync().plan.problems == ()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("revenue", "--year", "2027"), "either the year's total or the level"),
        (("revenue", "--year", "soon", "--total", "5"), "is no year"),
        (("revenue", "--year", "2027", "--total", "much"), "is no number"),
        (("revenue", "--year", "2027", "--total", "5", "--method", "seasonal"), "no full year"),
        (("revenue", "--year", "2027", "--total", "1250", "--round", "100"), "in steps of 100"),
        (("nothing", "--year", "2027", "--total", "5"), "there is no KPI"),
    ],
)
def test_what_cannot_be_proposed_is_one_line(small: Small, words: tuple[str, ...], said: str) -> None:
    done = CliRunner().invoke(main, ["--project", str(small.folder), "targets", "propose", *words])
    assert (done.exit_code, done.output.count("\n")) == (2, 1)
    assert said in done.output
