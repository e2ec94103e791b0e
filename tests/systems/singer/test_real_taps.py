"""Taps of two generations (Meltano's SDK, singer-python), judged by the parser of the Singer makers' own library."""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import pytest

from kpisheets.connectors import collect
from kpisheets.core.metric import Asked, Collected, Metric, Source
from kpisheets.core.period import Calendar, Frequency

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
CALENDAR = Calendar(1, "Europe/Paris")
PLAIN, JUDGE = (Path(__file__).with_name(name) for name in ("plain_tap.py", "judge.py"))


def rows(first: int, last: int) -> list[dict[str, object]]:
    return [
        {"id": n, "day": f"2026-{1 + n % 11:02}-{1 + n % 28:02}", "amount": round(n * 1.37, 2), "word": f"w{n % 7}"}
        for n in range(first, last)
    ]


class Real:
    """A project on one real tap."""

    def __init__(self, root: Path, systems: Path, kind: str) -> None:
        self.root, self.kind = root, kind
        self.judge = systems / "singer-judge" / "bin" / "python"
        self.tap = "tap-jsonl" if kind == "jsonl" else "tap-plain"
        self.command = [systems / "singer" / "bin" / "tap-jsonl"] if kind == "jsonl" else [self.judge, PLAIN]
        for program in (self.command[0], self.judge):
            if not program.exists():
                pytest.skip(f"{program.name} is not installed: run scripts/systems singer")
        self.data = root / "data"
        self.data.mkdir()
        config = (
            {"path": f"{self.data}/*.jsonl", "stream_name": "orders", "primary_keys": ["id"]}
            if kind == "jsonl"
            else {"path": str(self.data)}
        )
        (root / "tap.json").write_text(json.dumps(config))

    def write(self, name: str, records: list[dict[str, object]]) -> None:
        if self.kind == "jsonl":
            text = "".join(json.dumps(record) + "\n" for record in records)
            (self.data / f"{name}.jsonl").write_text(text)
        else:
            lines = [",".join(records[0]), *(",".join(str(value) for value in record.values()) for record in records)]
            (self.data / f"{name}.csv").write_text("\n".join(lines) + "\n")

    def ask(self) -> Collected:
        metrics = [
            Metric("total", "shop", "orders", "day", "sum(amount)"),
            Metric("words", "shop", "orders", "day", "count(distinct word)"),
        ]
        last = CALENDAR.period(Frequency.MONTHLY, NOW.date())
        asked = [Asked(one.name, one, Frequency.MONTHLY, None, last) for one in metrics]
        url = f"singer:{self.tap}?config=tap.json&command={quote(' '.join(map(str, self.command)))}"
        return collect({"shop": Source("shop", url)}, asked, calendar=CALENDAR, root=self.root, now=NOW)

    def expected(self) -> dict[tuple[str, str], Decimal]:
        """The same by the tap's raw output, read by singer-python."""
        raw = subprocess.run(
            [*self.command, "--config", "tap.json"], cwd=self.root, capture_output=True, check=True, timeout=120
        )
        said = subprocess.run([self.judge, JUDGE], input=raw.stdout, capture_output=True, check=True, timeout=120)
        totals: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        words: dict[str, set[str]] = defaultdict(set)
        for line in said.stdout.decode().splitlines():
            record = json.loads(line, parse_float=Decimal)
            month = record["day"][:7]
            totals["total", month] += Decimal(record["amount"])
            words[month].add(record["word"])
        return {**totals, **{("words", month): Decimal(len(found)) for month, found in words.items()}}


@pytest.fixture(params=["jsonl", "plain"])
def real(request: pytest.FixtureRequest, tmp_path: Path, systems: Path) -> Real:
    return Real(tmp_path, systems, request.param)


def given(got: Collected) -> dict[tuple[str, str], Decimal | None]:
    assert not got.problems
    return {(fact.kpi, fact.period.label): fact.value for fact in got.facts}


def test_the_numbers_are_those_of_its_records(real: Real) -> None:
    real.write("a", rows(0, 400))
    assert given(real.ask()) == real.expected()
    # Again, from the state that it left; then with more.
    assert given(real.ask()) == real.expected()
    real.write("b", rows(390, 500))
    assert given(real.ask()) == real.expected()


def test_what_it_says_went_wrong_is_told(real: Real) -> None:
    (real.root / "tap.json").write_text('{"path": 5}' if real.kind == "jsonl" else "{}")
    got = real.ask()
    (problem,) = got.problems
    assert problem.code == 69
    assert "ended with" in problem.what
    assert got.unreachable == {"shop"}
