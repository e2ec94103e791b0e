"""Figures that lack days are provisional until their source says that it is complete, and close only then."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime

import pytest

from tests.time.conftest import World

OCTOBER = datetime(2026, 10, 1)  # noqa: DTZ001 — what a cell holds
LOADS = 'watermark = "SELECT max(done) FROM loads"'


def loaded(one: World, until: str) -> None:
    one.run("CREATE TABLE IF NOT EXISTS loads (done TIMESTAMP)")
    one.run("DELETE FROM loads")
    one.run("INSERT INTO loads VALUES (?)", until)


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_a_period_closes_once_its_source_is_complete(engine: str, world: Callable[..., World]) -> None:
    one = world(engine, 'timezone = "Europe/Paris"', LOADS, Active_from=OCTOBER)
    one.order(1, "2026-10-20", 120)
    loaded(one, "2026-10-29 00:00:00")
    one.sync("2026-11-03T09:00")
    row = one["2026-10"]
    assert (row["Actual"], row["Status"], row["As of"]) == (120, "◔ In progress", datetime(2026, 10, 29))  # noqa: DTZ001
    text = one.project.render("text")
    assert "data up to 28 October 2026" in text
    [line] = json.loads(one.project.render("json"))["kpis"]
    assert (line["status"], line["in_progress"], line["data_until"]) == ("in_progress", True, "2026-10-29T00:00:00")

    # Long after the days of grace the figure still grows: nobody was ever told a final one.
    one.order(2, "2026-10-30", 30)
    loaded(one, "2026-10-31 12:00:00")
    done = one.sync("2026-11-20T09:00")
    assert (done.plan.restatements, one["2026-10"]["Actual"]) == ((), 150)
    assert one["2026-10"]["Status"] == "◔ In progress"
    assert "data up to 31 October 2026, 12:00" in one.project.render("text")

    one.order(3, "2026-10-31", 5)
    loaded(one, "2026-11-01 00:00:00")
    assert one.sync("2026-11-20T10:00").plan.written == 1
    assert (one["2026-10"]["Actual"], one["2026-10"]["Status"]) == (155, "✔ Met")

    # Now it is closed: what comes later waits for a person, wherever the watermark goes.
    one.order(4, "2026-10-31", 7)
    loaded(one, "2026-11-20 09:30:00")
    [restated] = one.sync("2026-11-20T11:00").plan.restatements
    assert (restated.key, one["2026-10"]["Actual"], one["2026-10"]["Source value"]) == ("revenue|2026-10", 155, 162)


def test_without_a_watermark_a_figure_is_as_old_as_its_reading(world: Callable[..., World]) -> None:
    one = world("sqlite", Active_from=OCTOBER)
    one.order(1, "2026-10-20", 120)
    one.sync("2026-10-30T09:00")
    assert one["2026-10"]["Status"] == "◔ In progress: on track"
    # The month has ended, and was never read to its end: the next reading is no restatement, however late.
    one.at("2026-11-20T09:00")
    [line] = json.loads(one.project.render("json"))["kpis"]
    assert (line["in_progress"], line["data_until"]) == (True, "2026-10-30T09:00:00")
    one.order(2, "2026-10-31", 30)
    assert one.sync("2026-11-20T09:00").plan.restatements == ()
    assert (one["2026-10"]["Actual"], one["2026-10"]["Status"]) == (150, "✔ Met")
    one.order(3, "2026-10-31", 1)
    assert len(one.sync("2026-11-20T10:00").plan.restatements) == 1


def test_what_a_person_typed_is_whole(world: Callable[..., World]) -> None:
    one = world("sqlite", "", LOADS, Active_from=OCTOBER)
    one.order(1, "2026-10-20", 20)
    loaded(one, "2026-10-29")
    one.sync("2026-11-03T09:00")
    one.put("revenue|2026-10", "Actual", 99)
    one.sync("2026-11-03T10:00")
    assert (one["2026-10"]["Status"], one["2026-10"]["Source value"]) == ("✖ Missed", 20)


def test_a_connector_tells_up_to_which_day_it_is_complete(world: Callable[..., World]) -> None:
    one = world("python:till:records", Active_from=OCTOBER)
    said = "import datetime\nfrom kpisheets.connectors import Records\n"
    said += "def records(table, window):\n    rows = [{'day': '2026-10-20', 'amount': 120}]\n"
    (one.folder / "till.py").write_text(f"{said}    return Records(rows, watermark=datetime.date(2026, 10, 30))\n")
    one.sync("2026-11-03T09:00")
    assert (one["2026-10"]["Status"], one["2026-10"]["As of"]) == ("◔ In progress", datetime(2026, 10, 30, 23, 59, 59))  # noqa: DTZ001
    assert "data up to 30 October 2026" in one.project.render("text")
    (one.folder / "till.py").write_text(
        f"{said}    return Records(rows, watermark=datetime.date(2026, 10, 31))  # later\n"
    )
    one.sync("2026-11-03T10:00")
    assert one["2026-10"]["Status"] == "✔ Met"


def test_a_watermark_that_says_nothing_stops_no_figure(world: Callable[..., World]) -> None:
    one = world("sqlite", "", 'watermark = "SELECT"', Active_from=OCTOBER)
    one.order(1, "2026-10-20", 120)
    config = one.folder / "kpisheets.toml"
    for select, words in (
        ("SELECT 'soon' FROM orders", "is no time"),
        ("SELECT 5 FROM orders", "is no time"),
        ("SELECT day FROM nowhere", "nowhere"),
        ("SELECT id, day FROM orders", "2 columns"),
        ("DELETE FROM orders", "does more than read"),
    ):
        config.write_text(re.sub("watermark = .*", f'watermark = "{select}"', config.read_text()))
        one.project = type(one.project).load(one.folder, lambda: one.now)
        done = one.sync("2026-11-03T09:00", dry_run=True)
        [problem] = done.problems
        assert words in problem.what
        assert problem.where.startswith("kpisheets.toml:")
        assert problem.mend
        assert done.plan.written == 1
    assert [str(problem) for problem in one.project.check()[1]] == [str(problem)]


def test_a_source_that_lags_gives_no_pace(world: Callable[..., World]) -> None:
    one = world("sqlite", "", LOADS, Active_from=OCTOBER)
    one.order(1, "2026-11-02", 10)
    loaded(one, "2026-11-19")
    one.sync("2026-11-20T09:00")
    assert one["2026-11"]["Status"].startswith("◔ In progress: ")
    loaded(one, "2026-11-10")
    one.sync("2026-11-20T10:00")
    assert one["2026-11"]["Status"] == "◔ In progress"
    assert "data up to 10 November 2026" in one.project.render("text")
