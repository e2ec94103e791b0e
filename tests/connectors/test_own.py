"""A project's own Python and installed packages as sources: what they may give, and what happens when they fail."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from kpisheets.connectors import Capabilities, collect, probe
from kpisheets.connectors.files.tables import Files
from kpisheets.core.metric import Asked, Collected, Metric, Source
from kpisheets.core.period import Calendar, Frequency
from kpisheets.errors import Problem

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
CALENDAR = Calendar(1, "Europe/Paris")


def metric(name: str = "m", table: str = "orders", **parts: str) -> Metric:
    return Metric(name, "shop", table, parts.pop("date", "day"), where="kpisheets.toml:9", **parts)


def gather(root: Path, url: str, *metrics: Metric, first: str | None = None) -> Collected:
    begin = CALENDAR.parse(first) if first else None
    asked = [Asked(m.name, m, Frequency.MONTHLY, begin, CALENDAR.parse("2026-12")) for m in metrics]
    return collect({"shop": Source("shop", url, "kpisheets.toml:5")}, asked, calendar=CALENDAR, root=root, now=NOW)


def own(root: Path, text: str) -> str:
    (root / "shop.py").write_text(text)
    return "python:shop:records"


def one(got: Collected) -> Problem:
    (problem,) = got.problems
    assert "\n" not in str(problem)
    assert problem.mend
    return problem


TOTAL = metric(value="sum(amount)")


def test_the_window_says_what_is_needed(tmp_path: Path) -> None:
    url = own(
        tmp_path,
        "from pathlib import Path\n"
        "def records(table, window):\n"
        "    with Path(__file__).with_name('asked').open('a') as f:\n"
        "        print(table, window.start, window.end, window.begins.isoformat(), window.dated_by,\n"
        "              *sorted(window.columns), file=f)\n"
        "    return []\n",
    )
    got = gather(
        tmp_path,
        url,
        metric("a", value="sum(amount)", filter="status = 'paid'"),
        metric("b", value="count(*)", date="paid_on"),
        metric("c", value="sum(qty)"),
        first="2026-03",
    )
    assert (got.problems, got.facts) == ((), ())
    assert sorted((tmp_path / "asked").read_text().splitlines()) == [
        "orders 2026-03-01 2027-01-01 2026-02-28T23:00:00+00:00 day amount day qty status",
        "orders 2026-03-01 2027-01-01 2026-02-28T23:00:00+00:00 paid_on paid_on",
    ]


def test_an_empty_answer_is_no_problem(tmp_path: Path) -> None:
    got = gather(tmp_path, own(tmp_path, "def records(table, window): return []"), TOTAL)
    assert (got.problems, got.facts) == ((), ())


@pytest.mark.parametrize(
    ("values", "total"),
    [
        ("[1, 2, None]", "3"),
        ("[Decimal('1.10'), 2]", "3.10"),
        ("[0.1, 0.2, float('nan')]", "0.3"),
        ("['1.10', '2']", "3.10"),
        ("[Decimal('0.1')] * 10", "1.0"),
        ("[True, False, True]", "2"),
        ("[2**62, 2**62]", "9223372036854775808"),
        ("[Decimal('12345678901234567890.12'), 1]", "12345678901234567891.12"),
    ],
)
def test_numbers_keep_their_worth(tmp_path: Path, values: str, total: str) -> None:
    text = "from decimal import Decimal\ndef records(t, w):\n    return [{'day': '2026-01-05', 'amount': v} for v in "
    value = "sum(CASE WHEN amount THEN 1 ELSE 0 END)" if "True" in values else "sum(amount)"
    got = gather(tmp_path, own(tmp_path, f"{text}{values}]"), metric(value=value))
    assert got.problems == ()
    assert [fact.value for fact in got.facts] == [Decimal(total)]


@pytest.mark.parametrize(
    "day",
    [
        "date(2026, 10, 31)",
        "datetime(2026, 10, 31, 22, 30)",
        "datetime(2026, 10, 31, 22, 30, tzinfo=timezone.utc)",
        "'2026-10-31'",
        "'2026-10-31T22:30:00Z'",
        "'2026-10-31T22:30:00'",
    ],
)
def test_days_of_every_kind(tmp_path: Path, day: str) -> None:
    """22:30 UTC on 31 October is 23:30 in Paris: still October. 23:30 UTC is November there, 23:30 local is not."""
    text = "from datetime import *\ndef records(table, window):\n    return [{'day': DAY, 'n': 1}]"
    url = own(tmp_path, text.replace("DAY", day))
    assert [f.period.label for f in gather(tmp_path, url, metric(value="count(*)")).facts] == ["2026-10"]
    url = own(tmp_path, text.replace("DAY", day.replace("22", "23")))
    aware = "utc" in day or "Z" in day
    found = [f.period.label for f in gather(tmp_path, url, metric(value="count(*)")).facts]
    assert found == ["2026-11" if aware else "2026-10"]


def test_records_that_come_twice_count_once_and_are_told(tmp_path: Path) -> None:
    url = own(
        tmp_path,
        "from kpisheets.connectors import Records\n"
        "def records(table, window):\n"
        "    rows = [{'id': i % 3, 'day': '2026-01-05', 'amount': i} for i in range(5)]\n"
        "    rows.append({'id': None, 'day': '2026-01-06', 'amount': 100})\n"
        "    return Records(rows, key=('id',), notes=('the service left out small groups',))\n",
    )
    got = gather(tmp_path, url, TOTAL)
    assert [(fact.value, fact.rows) for fact in got.facts] == [(Decimal(2 + 3 + 4 + 100), 4)]
    assert got.problems == ()
    assert "small groups" in got.queries[0].notes[0]
    assert "2 records of “orders” came again" in got.queries[0].notes[1]


def test_a_class_may_list_its_tables_and_take_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_KEY", "s3cret")
    (tmp_path / "shop.py").write_text(
        "from pathlib import Path\n"
        "from kpisheets.connectors import Capabilities\n"
        "class Shop:\n"
        "    engine = 'the shop'\n"
        "    capabilities = Capabilities(look_back_days=40, quota='10 calls a minute')\n"
        "    def __init__(self, key): self.key = key\n"
        "    def tables(self): return ['orders', 'visits']\n"
        "    def records(self, table, window):\n"
        "        if table == 'visits': raise ValueError(f'no visits for {self.key}')\n"
        "        assert self.key == 's3cret' and str(window.start) == '2026-01-20', window.start\n"
        "        return [{'day': '2026-03-05', 'amount': 3}]\n"
        "    def close(self): Path(__file__).with_name('closed').touch()\n"
    )
    url = "python:shop:Shop?key=${env:SHOP_KEY}"
    got = gather(tmp_path, url, TOTAL, metric("v", "visits", value="count(*)"), first="2026-03")
    assert [fact.value for fact in got.facts] == [3]
    assert one(got).what == "the table “visits” can't be brought: ValueError: no visits for •••"
    assert got.queries[0].engine == "the shop, added up by DuckDB"
    assert got.queries[0].notes == ("quota: 10 calls a minute",)
    assert (tmp_path / "closed").exists()
    assert "did you mean “orders”" in one(gather(tmp_path, url, metric(table="order", value="count(*)"))).mend
    assert "s3cret" not in str(got)


def test_what_a_source_can_do_is_told_and_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shop.py").write_text(
        "from datetime import *\n"
        "from kpisheets.connectors import Capabilities, Records\n"
        "class Shop:\n"
        "    capabilities = Capabilities(updated_at='changed', deletes=False)\n"
        "    def records(self, table, window):\n"
        "        assert 'changed' in window.columns\n"
        "        changed = datetime(2026, 11, 19, 8, tzinfo=timezone.utc)\n"
        "        row = {'day': date(2026, 1, 5), 'amount': 1, 'changed': changed}\n"
        "        return [row] if table == 'orders' else Records([row], watermark=date(2026, 11, 18))\n"
    )
    got = gather(tmp_path, "python:shop:Shop", TOTAL, metric("v", "visits", value="count(*)"))
    assert got.problems == ()
    marks = {query.table: query.watermark for query in got.queries}
    assert marks["visits"] == "2026-11-18"
    assert datetime.fromisoformat(marks["orders"]) == datetime(2026, 11, 19, 8, tzinfo=UTC)
    assert "what was deleted at the source still counts" in got.queries[0].notes

    (tmp_path / "orders.csv").write_text("day,amount\n2026-01-05,3\n")
    monkeypatch.setattr(Files, "capabilities", Capabilities(exact_distinct=False))
    rough = gather(tmp_path, "orders.csv", TOTAL, metric("d", value="count(distinct amount)"))
    assert [fact.kpi for fact in rough.facts] == ["m"]
    assert "only roughly" in one(rough).what


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def records(table, window): return 7", "comes as int, which is no table"),
        ("def records(table, window): return 'day,amount'", "comes as str"),
        ("def records(table, window): return [('2026-01-05', 1)]", "holds tuple where a record should be"),
        ("def records(table, window): return None", "there is no table “orders”"),
        ("def records(table): return []", "takes 1 positional argument"),
        ("def records(table, window):\n    yield {'day': '2026-01-05', 'amount': 1}\n    1/0", "ZeroDivisionError"),
        ("def records(t, w): return [{'day': '2026-01-05', 'amount': a} for a in (1, 'n/a')]", "“n/a”"),
        ("def records(table, window): return [{'day': '2026-01-05', 'amount': [1]}]", "is text"),
        ("def records(table, window): return [{'day': '2026-01-05'}]", "no column “amount”"),
    ],
)
def test_code_that_fails_concerns_its_table_alone(tmp_path: Path, text: str, said: str) -> None:
    got = gather(tmp_path, own(tmp_path, text), TOTAL)
    problem = one(got)
    assert said in str(problem)
    assert problem.kpi == "m"
    assert not got.unreachable


@pytest.mark.parametrize(
    ("url", "text", "said"),
    [
        ("python:shop:records", "import no_such_module", "no_such_module"),
        ("python:shop:records", "def records(:", "SyntaxError"),
        ("python:shop:record", "def records(table, window): return []", "no attribute 'record'"),
        ("python:shop", "", "does not name a function"),
        ("python:nowhere:records", "", "nowhere.py"),
        ("python:shop:X", "X = 3", "is no function"),
        ("python:shop:records", "def records(table, window): raise ConnectionError('gone')", "can't be reached"),
        ("python:shop:records", "def records(table, window):\n    raise TimeoutError('slow')", "slow"),
    ],
)
def test_code_that_cannot_be_reached_is_a_source_that_cannot(tmp_path: Path, url: str, text: str, said: str) -> None:
    own(tmp_path, text)
    got = gather(tmp_path, url, TOTAL)
    assert got.unreachable == {"shop"}
    assert said in str(one(got))
    assert [str(p) for p in probe(Source("shop", url, "kpisheets.toml:5"), [TOTAL], root=tmp_path)] == [str(one(got))]


def test_what_it_prints_does_not_reach_stdout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gather(
        tmp_path,
        own(tmp_path, "print('loading')\ndef records(table, window):\n    print('hello')\n    return []"),
        TOTAL,
    )
    assert capsys.readouterr().out == ""


def test_two_projects_with_modules_of_one_name(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        own(tmp_path / name, f"def records(table, window): return [{{'day': '2026-01-05', 'amount': {ord(name)}}}]")
    found = [gather(tmp_path / name, "python:shop:records", TOTAL).facts[0].value for name in ("a", "b")]
    assert found == [97, 98]


def test_an_installed_package_brings_a_scheme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry point as a package's installer writes it: a folder of metadata beside the module."""
    metadata = tmp_path / "site" / "kpisheets_acme-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: kpisheets-acme\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[kpisheets.connectors]\nacme = kpisheets_acme:Acme\nbroken = kpisheets_acme:No\n"
    )
    (tmp_path / "site" / "kpisheets_acme.py").write_text(
        "class Acme:\n"
        "    def __init__(self, opening): self.shop = opening.options['shop']\n"
        "    def records(self, table, window):\n"
        "        return [{'day': window.last_day, 'shop': self.shop, 'amount': 5}]\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    got = gather(tmp_path, "acme://host/?shop=paris", metric(value="sum(amount)", filter="shop = 'paris'"))
    assert [(fact.period.label, fact.value) for fact in got.facts] == [("2026-12", Decimal(5))]
    assert "can't be loaded" in one(gather(tmp_path, "broken://host/", TOTAL)).what
    sys.modules.pop("kpisheets_acme", None)
