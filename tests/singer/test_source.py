"""Singer taps as sources, by a tap that plays scripts; real ones run in tests/systems/singer."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import duckdb
import pytest

from kpisheets.connectors import collect
from kpisheets.connectors.singer import process
from kpisheets.core.metric import Asked, Collected, Metric, Source
from kpisheets.core.period import Calendar, Frequency
from kpisheets.testing import ConnectorTests

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
CALENDAR = Calendar(1, "Europe/Paris")
HOME = ".kpisheets/taps/tap-absent"
TAP = Path(__file__).with_name("tap.py")
SCHEMA = {
    "type": "SCHEMA",
    "stream": "orders",
    "schema": {"properties": {"id": {"type": "integer"}, "day": {"type": "string", "format": "date"}, "amount": {}}},
    "key_properties": ["id"],
}
Line = dict[str, Any] | str | list[Any]


def record(id: int, amount: object, day: str = "2026-10-05", **more: object) -> Line:
    extra = {key: more.pop(key) for key in ("version", "stream") if key in more}
    found = {"id": id, "day": day, "amount": amount, **more}
    return {"type": "RECORD", "stream": "orders", "record": found, **extra}


def state(upto: object) -> Line:
    return {"type": "STATE", "value": {"bookmarks": {"orders": {"upto": upto}}}}


def metric(name: str = "m", value: str = "sum(amount)", **parts: str) -> Metric:
    return Metric(name, "shop", parts.pop("table", "orders"), parts.pop("date", "day"), value, where=name, **parts)


class Shop:
    """A project with a tap that plays what it is told."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.more = ""

    def plays(self, *runs: list[Line], method: str = "INCREMENTAL", discover: object = None) -> None:
        streams = [
            {
                "tap_stream_id": name,
                "schema": SCHEMA["schema"],
                "metadata": [
                    {"breadcrumb": [], "metadata": {"replication-method": method, "selected": True}},
                    {"breadcrumb": ["properties", "id"], "metadata": {"inclusion": "automatic"}},
                    {"breadcrumb": ["properties", "huge"], "metadata": {"selected-by-default": False}},
                ],
            }
            for name in ("orders", "other")
        ]
        script = {"discover": {"streams": streams} if discover is None else discover, "runs": list(runs)}
        (self.root / "script.json").write_text(json.dumps(script))
        (self.root / "handed.jsonl").unlink(missing_ok=True)

    @property
    def url(self) -> str:
        command = quote(f"{sys.executable} {TAP} {self.root}")
        return f"singer:tap-shop?command={command}{self.more}"

    @property
    def handed(self) -> list[dict[str, Any]]:
        """What the tap was handed, run by run; discovery left out."""
        found = [json.loads(line) for line in (self.root / "handed.jsonl").read_text().splitlines()]
        return [one for one in found if "--discover" not in one["words"]]

    def ask(self, *metrics: Metric, timeout: float = 30) -> Collected:
        last = CALENDAR.period(Frequency.MONTHLY, NOW.date())
        asked = [Asked(one.name, one, Frequency.MONTHLY, None, last) for one in metrics or (metric(),)]
        sources = {"shop": Source("shop", self.url, "kpisheets.toml:5", timeout)}
        return collect(sources, asked, calendar=CALENDAR, root=self.root, now=NOW)

    @property
    def total(self) -> Decimal | None:
        (fact,) = self.ask().facts
        return fact.value

    def stored(self) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """Records (id, amount) and states, as they are on the disk."""
        [path] = (self.root / ".kpisheets" / "singer").glob("*/orders.duckdb")
        with duckdb.connect(str(path), read_only=True) as sql:
            rows = sql.execute("SELECT id, amount FROM records ORDER BY ALL").fetchall()
            return rows, sql.execute("SELECT * FROM kpisheets_state").fetchall()


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_what_is_new_comes_with_the_next_run(shop: Shop) -> None:
    shop.plays(
        [SCHEMA, record(1, 10.10), record(2, 20), state(2)],
        [SCHEMA, record(2, 25), record(3, 0.05), state(3)],
    )
    assert shop.total == Decimal("30.10")
    assert shop.total == Decimal("35.15")
    first, second = shop.handed
    assert "--state" not in first
    assert second["--state"] == state(2)["value"]
    selected = {one["tap_stream_id"]: one["metadata"] for one in first["--catalog"]["streams"]}
    assert [one["metadata"].get("selected") for one in selected["orders"]] == [True, True, None]
    assert selected["other"][0]["metadata"]["selected"] is False


def test_a_stream_that_comes_whole_takes_the_place_of_the_former(shop: Shop) -> None:
    shop.plays([SCHEMA, record(1, 1), record(2, 2)], [SCHEMA, record(2, 3), state("x")], method="FULL_TABLE")
    assert shop.total == 3
    assert shop.total == 3
    assert shop.stored()[0] == [("2", "3")]


def test_a_version_that_is_activated_takes_the_others_away(shop: Shop) -> None:
    shop.plays(
        [SCHEMA, record(1, 1, version=7), record(2, 2, version=7), state(1)],
        [SCHEMA, record(2, 4, version=8), {"type": "ACTIVATE_VERSION", "stream": "orders", "version": 8}, state(2)],
    )
    assert (shop.total, shop.total) == (3, 4)


def test_records_without_a_key_that_are_equal_count_once(shop: Shop) -> None:
    keyless = {**SCHEMA, "key_properties": []}
    shop.plays([keyless, record(1, 1), record(2, 2), state(1)], [keyless, record(2, 2), record(3, 3), state(2)])
    assert (shop.total, shop.total) == (3, 6)


def test_what_a_log_says_is_deleted_is_gone(shop: Shop) -> None:
    gone = record(1, 1, _sdc_deleted_at="2026-11-01T00:00:00Z")
    shop.plays([SCHEMA, record(1, 1), record(2, 2), state(1)], [SCHEMA, gone, state(2)], method="LOG_BASED")
    assert (shop.total, shop.total) == (3, 2)


@pytest.mark.parametrize("end", [["exit", 3], ["die"]], ids=["fails", "is killed"])
def test_a_tap_that_stops_half_way(end: list[Any], shop: Shop) -> None:
    """What it brought up to its last state is kept, the source is not up to date, and the next run goes on there."""
    shop.plays(
        [SCHEMA, record(1, 1), state(1)],
        [SCHEMA, record(2, 2), state(2), record(3, 3), ["stderr", "ERROR the far end hung up"], end],
        [SCHEMA, record(3, 3), state(3)],
    )
    assert shop.total == 1
    got = shop.ask()
    (problem,) = got.problems
    assert got.unreachable == {"shop"}
    assert not got.facts
    assert "ERROR the far end hung up" in problem.what
    assert problem.code == 69
    rows, states = shop.stored()
    assert ("2", "2") in rows
    assert json.loads(states[0][0]) == state(2)["value"]
    assert shop.total == 6
    assert shop.handed[-1]["--state"] == state(2)["value"]


def test_a_whole_stream_that_stops_half_way_leaves_the_former(shop: Shop) -> None:
    shop.plays([SCHEMA, record(1, 1), state(1)], [SCHEMA, record(2, 2), state(2), ["exit", 1]], method="FULL_TABLE")
    assert shop.total == 1
    assert shop.ask().unreachable
    rows, states = shop.stored()
    assert rows == [("1", "1")]
    assert json.loads(states[0][0]) == state(1)["value"]


def test_a_tap_that_takes_too_long_is_ended(shop: Shop) -> None:
    shop.plays([SCHEMA, record(1, 1), state(1), ["sleep", 60]])
    began = time.monotonic()
    (problem,) = shop.ask(timeout=2).problems
    assert "took longer than" in problem.what or "did not answer within 2 seconds" in problem.what
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([record(1, 1)], "a record came before its schema"),
        ([SCHEMA, {"type": "BATCH", "stream": "orders", "manifest": []}], "hands over files in batches"),
        ([SCHEMA, "x" * 3000, state(1)], "wrote a line of more than"),
    ],
    ids=["no schema", "batch", "long line"],
)
def test_what_can_not_be_read_is_refused(
    lines: list[Line], said: str, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "LONGEST", 2000)
    shop.plays(lines)
    (problem,) = shop.ask().problems
    assert said in problem.what
    assert problem.mend


def test_junk_on_its_output_is_told(shop: Shop) -> None:
    shop.plays(
        [
            "Starting up…",
            SCHEMA,
            "{broken",
            '{"type": "RECORD"}',
            "[1, 2]",
            record(1, 1),
            {"type": "SPEAK", "stream": "orders"},
            {"type": "RECORD", "stream": "other", "record": {"id": 9}},
            state(1),
        ]
    )
    got = shop.ask()
    assert not got.problems
    assert got.facts[0].value == 1
    assert got.queries[0].notes == (
        "4 lines of its output were no messages",
        "messages of an unknown kind were left out: SPEAK",
    )


def test_columns_come_and_go_and_nest(shop: Shop) -> None:
    shop.plays(
        [
            SCHEMA,
            record(1, 1, who={"name": "Ada", "at": {"city": "Paris"}}, tags=["a", "b"]),
            record(2, "1e2", day="2026-10-06", Who__Name="Bob"),
            {**SCHEMA, "schema": {"properties": {"id": {}, "note": {"type": "string"}}}},
            record(3, None, note="=1+1"),
            state(1),
        ]
    )
    got = shop.ask(
        metric("all", "count(*)"),
        metric("city", "count(*)", filter="who__at__city = 'Paris'"),
        metric("people", "count(distinct who__name)"),
        metric("tags", "count(*)", filter='tags = \'["a", "b"]\''),
        metric("note", "count(*)", filter="note = '=1+1'"),
        metric("sum"),
    )
    assert not got.problems
    assert {fact.kpi: fact.value for fact in got.facts} == {
        **{"all": 3, "city": 1, "people": 2, "tags": 1, "note": 1},
        "sum": 101,
    }


def test_many_records_are_stored_in_batches_and_states_are_cheap(shop: Shop) -> None:
    many = [
        "repeat",
        12_000,
        {"type": "RECORD", "stream": "orders", "record": {"id": "$", "day": "2026-10-05", "amount": 1}},
    ]
    shop.plays([SCHEMA, many, ["repeat", 3_000, state("$")]])
    assert shop.total == 12_000


def test_its_configuration_holds_secrets_for_its_owner_alone(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", 'hunter"2')
    config = {"user": "ada", "password": "${env:SHOP_PASSWORD}", "deep": {"api_key": "written-as-it-is"}}
    (shop.root / "tap.json").write_text(json.dumps(config))
    shop.more = "&config=tap.json"
    said = 'ERROR no login for ada with hunter"2 and written-as-it-is'
    shop.plays([SCHEMA, ["stderr", said], ["exit", 1]])
    (problem,) = shop.ask().problems
    assert problem.what.endswith("ERROR no login for ada with ••• and •••")
    (handed,) = shop.handed
    assert handed["--config"] == {"user": "ada", "password": 'hunter"2', "deep": {"api_key": "written-as-it-is"}}
    assert handed["--config mode"] == "0o600"
    assert not Path(handed["--config path"]).exists()
    stored = b"".join(path.read_bytes() for path in (shop.root / ".kpisheets").rglob("*") if path.is_file())
    assert b"hunter" not in stored


def test_another_configuration_is_another_store(shop: Shop) -> None:
    (shop.root / "tap.toml").write_text("since = 2026-01-01\n")
    shop.more = "&config=tap.toml"
    shop.plays([SCHEMA, record(1, 1), state(1)])
    assert shop.total == 1
    assert shop.handed[0]["--config"] == {"since": "2026-01-01"}
    (shop.root / "tap.toml").write_text("since = 2025-01-01\n")
    shop.plays([SCHEMA, record(2, 2), state(1)])
    assert shop.total == 2
    assert "--state" not in shop.handed[0]


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("singer:tap-absent", 78, f"python -m venv {HOME} && {HOME}/bin/pip install tap-absent"),
        ("singer:shop", 78, "“shop” is not the name of a tap"),
        ("singer:tap-shop?command=/nowhere/tap", 69, "tap can't be started: no such file or directory"),
        ("singer:tap-shop?command=true&config=none.json", 78, "the tap's configuration none.json can't be read"),
        ("singer:tap-shop?command=true", 69, "tap-shop --discover gives no catalog"),
        ("singer:tap-shop?command=false", 69, "false ended with 1"),
    ],
)  # fmt: skip
def test_it_can_not_be_opened(url: str, code: int, said: str, shop: Shop) -> None:
    last = CALENDAR.period(Frequency.MONTHLY, NOW.date())
    asked = [Asked("m", metric(), Frequency.MONTHLY, None, last)]
    got = collect({"shop": Source("shop", url)}, asked, calendar=CALENDAR, root=shop.root, now=NOW)
    (problem,) = got.problems
    assert problem.code == code
    assert said in str(problem)


def test_a_stream_that_is_not_there(shop: Shop) -> None:
    shop.plays([SCHEMA, state(1)])
    (problem,) = shop.ask(metric(table="ordres")).problems
    assert "did you mean “orders”" in str(problem)
    (problem,) = shop.ask(metric(value="sum(amuont)")).problems
    assert "did you mean “amount”" in str(problem)


class TestTap(ConnectorTests):
    """What every connector must do."""

    table: ClassVar[str] = "orders"

    def store(self, folder: Path) -> str:
        shop = Shop(folder)
        schema = {**SCHEMA, "key_properties": []}
        values = [
            {
                "day": str(one["day"]),
                "amount": one["amount"] and float(one["amount"]),
                **{k: one[k] for k in ("qty", "status")},
            }
            for one in self.records
        ]
        lines = [{"type": "RECORD", "stream": "orders", "record": value} for value in values]
        for number, line in enumerate(lines):
            line["record"]["number"] = number
        shop.plays([schema, *lines, state(1)], method="FULL_TABLE")
        return shop.url
