"""A project in years of whole weeks, from the sync to the report and its schedule."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import openpyxl
import pytest

from kpisheets.schedule import Job, Rules, upcoming
from tests.time.conftest import World

RETAIL = 'calendar = "4-5-4"\nyear_ends = "nearest Saturday to the end of January"\nyear_named_by = "start"'


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_from_the_records_to_the_report(engine: str, world: Callable[..., World]) -> None:
    one = world(engine, RETAIL, Active_from=datetime(2023, 11, 26, tzinfo=UTC).replace(tzinfo=None))
    for place, day in enumerate(("2023-11-26", "2023-12-30", "2023-12-31", "2024-02-03", "2024-02-04", "2024-03-02")):
        one.order(place, day, 10**place)
    for frequency in ("Weekly", "Quarterly", "Yearly"):
        one.add_kpi(frequency.lower(), Metric="revenue", Frequency=frequency)
    done = one.sync("2024-03-08T09:00")
    assert done.problems == ()
    assert one.actuals() == {"FY2023-P11": 11, "FY2023-P12": 1100, "FY2024-P01": 110_000, "FY2024-P02": None}
    assert one.actuals("quarterly") == {"FY2023-Q4": 1111, "FY2024-Q1": 110_000}
    assert one.actuals("yearly") == {"FY2023": 1111, "FY2024": 110_000}
    weeks = one.actuals("weekly")
    assert len(weeks) == 15
    assert {label: value for label, value in weeks.items() if value is not None} == {
        "FY2023-W44": 1, "FY2023-W48": 10, "FY2023-W49": 100, "FY2023-W53": 1000, "FY2024-W01": 10_000,
        "FY2024-W04": 100_000,
    }  # fmt: skip
    # What people type is read, in a cell and at the command line; a row of a calendar that was is left alone.
    with one.edited("Tracking") as (sheet, columns):
        last = max(row for row in range(4, sheet.max_row + 1) if sheet.cell(row, columns["Key"]).value)
        for offset, (kpi, period) in enumerate((("revenue", "p10 fy23"), ("revenue", "2023-10-03")), 1):
            sheet.cell(last + offset, columns["KPI"]).value = kpi
            sheet.cell(last + offset, columns["Period"]).value = period
        sheet.tables[next(iter(sheet.tables))].ref = f"A3:{sheet.cell(last + 2, sheet.max_column).coordinate}"
    one.put("revenue|FY2023-P12", "Key", "revenue|2024-01")
    done = one.sync("2024-03-08T10:00", since="FY2023-P11")
    assert done.problems == ()
    assert {"FY2023-P10", "FY2023-P09", "FY2023-P12"} <= one.actuals().keys()
    shown = json.loads(one.project.render("json"))
    lines = {line["id"]: line for line in shown["kpis"]}
    assert (lines["revenue"]["period"], lines["revenue"]["so_far"]) == ("FY2024-P01", None)
    assert [point["period"] for point in lines["revenue"]["trend"][-3:]] == ["FY2023-P11", "FY2023-P12", "FY2024-P01"]
    assert lines["weekly"]["period"] == "FY2024-W04"
    assert "period 1, FY2024" in one.project.render("text")
    assert one.project.explain("revenue", "fy23p12").period.days == 35
    book = openpyxl.load_workbook(one.book, data_only=True)
    ((tab, area),) = book.defined_names["kpi_elapsed_monthly"].destinations
    assert book[tab][area.replace("$", "")].value == pytest.approx(5 / 35)


def test_closing_follows_the_periods(world: Callable[..., World]) -> None:
    one = world("sqlite", RETAIL)
    rules = Rules(one.project.config.calendar)
    after = datetime(2024, 1, 20, tzinfo=UTC)
    slots = [f"{slot:%a %m-%d}" for slot in upcoming(Job("report r", "close+3"), after, rules, 3)]
    assert slots == ["Wed 02-07", "Wed 03-06", "Wed 04-10"]
    weeks = [f"{slot:%a %m-%d}" for slot in upcoming(Job("report r", "close+1 weekly"), after, rules, 2)]
    assert weeks == ["Mon 01-22", "Mon 01-29"]
