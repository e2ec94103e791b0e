"""One suite for both backends: the same hands on the same data lead to the same plan, cells and words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from kpisheets.core.workbook import ACTIONS, CATALOGUE, FIELDS, GUIDE, LOG, REVIEW, RITUALS, Table
from tests.backends import twins
from tests.backends.twins import ExcelHands, GoogleHands, Hands
from tests.google_people.sheet import SmallSheet
from tests.people.small import Small

pytestmark = pytest.mark.filterwarnings("ignore:Sparkline Group", "ignore:Print area", "ignore:Data Validation")
JANUARY, FEBRUARY, MARCH, WEEK = "revenue|2026-01", "revenue|2026-02", "revenue|2026-03", "orders|2026-W08"
Scenario = Callable[[Hands], None]


def nothing(_: Hands) -> None:
    pass


def typed_over(hands: Hands) -> None:
    """Actuals typed over, one of them with a formula, one of a KPI that has no source; a target, a comment."""
    hands.write(MARCH, "actual", 5000)
    hands.write(WEEK, "actual", "=2+3")
    hands.write("mood|2026-02", "actual", 7.5)
    hands.write(FEBRUARY, "target", 777.25)
    hands.write(FEBRUARY, "comment", "includes the fair")


def cleared(hands: Hands) -> None:
    hands.write(MARCH, "actual", None)
    hands.write(WEEK, "target", None)


def restated(hands: Hands) -> None:
    """The source changes what it says of a closed period and of an open one."""
    hands.small.sales.setdefault(date(2026, 1, 20), []).append(111)
    hands.small.sales.setdefault(date(2026, 3, 9), []).append(22)
    hands.small.write_source()


def no_numbers(hands: Hands) -> None:
    """Text, an error, a logical value, a date where a number belongs."""
    hands.write(JANUARY, "target", "n/a")
    hands.write(FEBRUARY, "target", "=1/0")
    hands.write(MARCH, "actual", "see note")
    hands.write(WEEK, "target", "0042")
    hands.write("orders|2026-W07", "target", True)


def rearranged(hands: Hands) -> None:
    hands.sort("actual", descending=True)
    hands.insert_row_above(FEBRUARY)
    hands.delete_row("orders|2026-W05")
    hands.insert_column("actual", "Mine")
    hands.move_column("comment", "target")
    hands.rename_header("kpi_tracking", "actual", "Reality")
    hands.rename_header("kpi_catalogue", "target", "Goal")
    hands.rename_tab("kpi_tracking", "Suivi 2026")
    hands.write(FEBRUARY, "actual", 12)


def own_formulas(hands: Hands) -> None:
    """People's own formulas and words in the tool's formula cells; a blank one comes back."""
    hands.write(JANUARY, "variance", "=1+1")
    hands.write(FEBRUARY, "status", "fine by me")
    hands.write(MARCH, "variance_pct", None)


def typed_row(hands: Hands) -> None:
    """A row that somebody begins by hand."""
    hands.type_row("Revenue", "2025-12", 900)


def doubled_row(hands: Hands) -> None:
    hands.double_row("mood|2026-01")


def catalogue(hands: Hands) -> None:
    """New KPIs, edited ones, ones that cannot be worked on."""
    hands.add_kpi({"id": "visits", "name": "Visits", "frequency": "Monthly", "metric": "orders", "unit": "count"})
    hands.add_kpi(
        {"id": "share", "name": "Share", "frequency": "Quarterly", "unit": "%", "active_from": date(2025, 11, 3)}
    )
    hands.add_kpi({"id": "odd", "name": "Odd", "direction": "Sideways", "metric": "nowhere"})
    hands.define("revenue", "name", "Turnover")
    hands.define("revenue", "direction", "Lower")
    hands.define("orders", "tolerance", "5%")
    hands.define("mood", "owner_email", "ada@example.org")


def doubled_kpi(hands: Hands) -> None:
    hands.add_kpi({"id": "Revenue", "name": "Again", "metric": "amount"})


def later(hands: Hands) -> None:
    """Three weeks on, everything has new rows."""
    hands.small.today = date(2026, 4, 2)


def missed(hands: Hands) -> None:
    """Targets that February and a week did not meet: each opens an action."""
    hands.write(FEBRUARY, "target", 100_000)
    hands.write("orders|2026-W09", "target", 50)


def acted(hands: Hands) -> None:
    hands.act(FEBRUARY, cause="no fair this year", action="call", owner="Bob", due=date(2026, 3, 20), status="Done")


def silent(hands: Hands) -> None:
    hands.small.break_source()


def behind(hands: Hands) -> None:
    """The source tells that it is complete up to a day of February; it is read by windows."""
    said = 'watermark = "SELECT until FROM loads"\nwindow = "open"\nlook_back = 0\n\n[metrics.amount]'
    config = hands.small.folder / "kpisheets.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("[metrics.amount]", said, 1), encoding="utf-8")
    (hands.small.folder / "data" / "loads.csv").write_text("until\n2026-02-10\n")
    later(hands)


def caught_up(hands: Hands) -> None:
    (hands.small.folder / "data" / "loads.csv").write_text("until\n2026-04-01\n")


def closed_and_late(hands: Hands) -> None:
    """February is closed by hand, and its target and source change afterwards."""
    hands.small.project().close("2026-02", by="Ann Example")
    hands.write(FEBRUARY, "target", 100_000)
    hands.small.sales.setdefault(date(2026, 2, 9), []).append(33)
    hands.small.write_source()


def reopened(hands: Hands) -> None:
    hands.small.project().reopen("2026-02", only=["revenue"], by="Ann Example")


def proposed(hands: Hands) -> None:
    """Targets of the year are proposed: in rows that there are, and in rows of periods to come."""
    hands.small.project().propose_targets("revenue", "2026", total="12001", method="even")


SCENARIOS: tuple[tuple[Scenario, ...], ...] = (
    (nothing, later),
    (typed_over, cleared),
    (restated, cleared),
    (no_numbers,),
    (rearranged, later),
    (own_formulas, restated),
    (typed_row, doubled_row),
    (catalogue, later),
    (doubled_kpi, silent),
    (behind, restated, caught_up),
    (missed, acted, later),
    (closed_and_late, reopened),
    (proposed, later),
)
MOVING = (rearranged, doubled_row)
"""After these an Excel file lacks what its formulas computed (openpyxl moves the cells), until the next run."""


@pytest.fixture(scope="session")
def excel_began(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return Small.begun(tmp_path_factory.mktemp("twins") / "small")


@pytest.fixture
def pair(excel_began: Small, small: SmallSheet, tmp_path: Path) -> Iterator[tuple[Hands, Hands]]:
    config = small.folder / "kpisheets.toml"
    text = config.read_text(encoding="utf-8")
    yield ExcelHands(excel_began.copied(tmp_path / "small")), GoogleHands(small)
    config.write_text(text, encoding="utf-8")
    (small.folder / "data" / "loads.csv").unlink(missing_ok=True)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda steps: " ".join(step.__name__ for step in steps))
def test_both_say_the_same(pair: tuple[Hands, Hands], scenario: tuple[Scenario, ...]) -> None:
    for step in scenario:
        for hands in pair:
            step(hands)
        projects = [hands.small.project() for hands in pair]
        seen = [project._desk.workbook().observe() for project in projects]
        done = [project.sync() for project in projects]
        same(*[twins.told(each) for each in done])
        if step not in MOVING:
            same(*[twins.planned(each.plan, before) for each, before in zip(done, seen, strict=True)])
    if scenario[-1] not in MOVING:
        same(*[twins.observed(project) for project in projects])
    same(*[twins.reported(project) for project in projects])
    same(*[twins.checked(project) for project in projects])


def test_both_open_and_close_actions(pair: tuple[Hands, Hands]) -> None:
    found = []
    for hands in pair:
        for step in (missed, acted, later, nothing):
            step(hands)
            hands.small.sync()
        table = hands.small.project()._desk.workbook().observe().tables[ACTIONS]
        rows = [{field: table.value(row, field) or None for field in FIELDS[ACTIONS]} for row in range(len(table))]
        found.append(next(row for row in rows if row["key"] == FEBRUARY))
        assert len({row["key"] for row in rows}) == len(rows)
    same(*found)
    assert (found[0]["owner"], found[0]["status"], found[0]["cause"]) == ("Bob", "Done", "no fair this year")
    assert found[0]["closed"] is not None


def test_both_keep_the_guide_by_owner(pair: tuple[Hands, Hands]) -> None:
    found: list[Any] = []
    for hands in pair:
        hands.define("orders", "owner", "Bob Example")
        hands.define("orders", "target", 4)
        calls: dict[str, Any] = {"id": "calls", "name": "Calls", "frequency": "Quarterly", "direction": "Lower"}
        more = {"owner": "Ada Example", "target": 25, "tolerance": 0.05, "unit": "count", "active_from": "2026-01-01"}
        hands.add_kpi(calls | more)
        hands.define("mood", "active_to", date(2026, 3, 1))
        hands.small.sync()
        observed = hands.small.project()._desk.workbook().observe()
        table = observed.tables[GUIDE]
        rows = [{field: table.value(row, field) or None for field in FIELDS[GUIDE]} for row in range(len(table))]
        found.append([rows, [observed.named[name] for name in RITUALS.values()]])
        again = hands.small.project().sync(dry_run=True).plan.changes
        assert not any(getattr(change, "table", "") == GUIDE for change in again)
    same(*found)
    rows, rituals = found[0]
    assert [(row["owner"], row["id"]) for row in rows] == [
        ("Ada Example", "calls"),
        ("Bob Example", "orders"),
        ("no owner", "revenue"),
    ]
    assert rows[0]["reading"] == "Lower is better. Met at 25 or less, at risk up to 26.25."
    # The week that runs has its row, with the target of then: people edit that one.
    assert rows[1]["reading"] == "Higher is better. Met at 3 or more, at risk down to 2.7."
    assert (rows[1]["frequency"], rows[1]["figure"]) == ("Weekly", "from shop.orders")
    assert rows[0]["figure"] == "typed in Tracking"
    assert ["Orders" in rituals[0], "Revenue" in rituals[1], "Calls" in rituals[2]] == [True] * 3


def test_both_review_and_carry_out(pair: tuple[Hands, Hands]) -> None:
    """Nobody owns revenue, and nobody has said how the mood is: the one gets a new target, the other is retired."""
    found = []
    for hands in pair:
        hands.small.today = date(2026, 4, 20)
        hands.small.project().sync(review=True)
        keys = {"revenue": "revenue|no_owner||2026-04-20", "mood": "mood|no_data||2026-04-20"}
        hands.decide(keys["revenue"], decision="Recalibrate", new_target=12_345, note="as agreed")
        hands.decide(keys["mood"], decision="Retire")
        hands.small.sync()
        again = hands.small.sync().plan
        assert not list(again.news)
        seen = hands.small.project()._desk.workbook().observe()
        review, kpis, log = seen.tables[REVIEW], seen.tables[CATALOGUE], seen.tables[LOG]
        rows = [{name: review.value(row, name) or None for name in FIELDS[REVIEW]} for row in range(len(review))]
        places = {kpi: list(kpis.columns["id"]).index(kpi) for kpi in keys}
        whys = [
            log.value(row, "why") for row in range(len(log)) if "decided in the review" in str(log.value(row, "why"))
        ]
        target = kpis.value(places["revenue"], "target")
        found.append((rows, target, str(kpis.value(places["mood"], "active_to"))[:10], whys))
        assert seen.tables["kpi_tracking"].columns["key"].count("mood|2026-01") == 1
    same(*found)
    rows, target, last, whys = found[0]
    assert (target, last, len(whys)) == (12_345, "2026-04-20", 2)
    done = {row["key"].partition("|")[0]: (row["note"], row["carried"]) for row in rows if row["carried"]}
    assert done == {"revenue": ("as agreed", "Recalibrate"), "mood": (None, "Retire")}


def test_both_wait_for_a_source_that_is_behind(pair: tuple[Hands, Hands]) -> None:
    status: dict[str, list[Any]] = {}
    for hands in pair:
        for step in (behind, caught_up):
            step(hands)
            hands.small.sync()
            table = hands.small.project()._desk.workbook().observe().tables["kpi_tracking"]
            keys = list(table.columns["key"])
            for key in (FEBRUARY, MARCH):
                row = keys.index(key)
                status.setdefault(key, []).append((table.value(row, "status"), table.value(row, "as_of")))
    # March was made up to date in March; the source then told that it knows February's first days alone.
    waiting, whole = datetime(2026, 2, 10, 23, 59, 59), datetime(2026, 4, 1, 23, 59, 59)  # noqa: DTZ001
    assert [word for word, _ in status[MARCH]] == ["◔ In progress", "✔ Met"] * 2
    assert [stamp for _, stamp in status[MARCH]] == [waiting, whole] * 2


def test_both_let_tracking_follow_the_targets_tab(pair: tuple[Hands, Hands]) -> None:
    found = []
    for hands in pair:
        config = hands.small.folder / "kpisheets.toml"
        text = config.read_text(encoding="utf-8").replace("[workbook]", "[workbook]\ntargets_tab = true")
        config.write_text(text, encoding="utf-8")
        assert hands.small.project().provision().tabs == {"Targets": "Targets"}
        hands.small.sync()
        assert hands.small.project().provision().tabs == {}
        hands.plan("revenue", "2026", m1=1100, m2=1200, m3=1300, m4=1400)
        hands.write(FEBRUARY, "target", 5)  # typed by somebody at the same time: theirs stays
        told = [twins.told(hands.small.sync())]
        hands.plan("revenue", "2026", m2=1250, m3=1350)
        hands.small.today = date(2026, 4, 2)
        told.append(twins.told(hands.small.sync()))
        seen = hands.small.project()._desk.workbook().observe().tables
        table, wide = seen["kpi_tracking"], seen["kpi_targets"]
        targets = dict(zip(table.columns["key"], table.columns["target"], strict=True))
        found.append([told, [targets[f"revenue|2026-0{month}"] for month in (1, 2, 3, 4)], list(wide.columns["kpi"])])
        assert [item["new"] for item in told[-1]["kept_targets"]] == [1250]
        assert [*hands.small.sync().plan.news] == []
    same(*found)
    assert found[0][1] == [1100, 5, 1350, 1400]
    assert found[0][2] == ["Revenue", "Mood"] * 2


def test_both_hand_the_catalogue_over_while_they_read(pair: tuple[Hands, Hands]) -> None:
    for hands in pair:
        early: list[Table] = []
        seen = hands.small.project()._desk.workbook().observe(early=early.append)
        assert early == [seen.tables[CATALOGUE]]
        assert len(early[0]) > 0


def test_both_explain_alike(pair: tuple[Hands, Hands]) -> None:
    for hands in pair:
        typed_over(hands)
        hands.small.sync()
    same(*[twins.explained(hands.small.project(), "revenue", "2026-03") for hands in pair])


def same(a: Any, b: Any, where: str = "") -> None:
    """Equal, down to where they differ: the whole of a workbook on one line would help nobody."""
    if isinstance(a, dict) and isinstance(b, dict):
        assert list(a) == list(b) or a.keys() == b.keys(), f"{where}: {sorted(a.keys() ^ b.keys())}"
        for key in a:
            same(a[key], b[key], f"{where}/{key}")
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for number, (one, other) in enumerate(zip(a, b, strict=True)):
            same(one, other, f"{where}/{number}")
    elif isinstance(a, float) and isinstance(b, (int, float)):
        assert a == pytest.approx(b, rel=1e-12), where
    else:
        assert a == b, where
