"""Sources as they come: broken, half written, foreign, locked, and expressions that want more than a number."""

from __future__ import annotations

import gzip
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from kpisheets.connectors import collect, probe
from kpisheets.core.metric import Asked, Collected, Metric, Source
from kpisheets.core.period import Calendar, Frequency
from kpisheets.errors import NotAllowed, Problem
from kpisheets.secrets import reveal

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
CALENDAR = Calendar(1, "Europe/Paris")
LAST = CALENDAR.parse("2026-12")


def metric(name: str = "m", table: str = "orders", date: str = "day", **parts: str) -> Metric:
    return Metric(name, "shop", table, date, where="kpisheets.toml:9", **(parts or {"value": "sum(amount)"}))


def gather(root: Path, url: str, *metrics: Metric) -> Collected:
    asked = [Asked(m.name, m, Frequency.MONTHLY, None, LAST) for m in metrics]
    return collect({"shop": Source("shop", url, "kpisheets.toml:5")}, asked, calendar=CALENDAR, root=root, now=NOW)


def values(got: Collected) -> dict[str, Decimal | None]:
    return {f.period.label: f.value for f in got.facts}


def one(got: Collected) -> Problem:
    (problem,) = got.problems
    assert "\n" not in str(problem)
    assert problem.mend
    return problem


def engine_of(root: Path, engine: str) -> str:
    """A source with one paid order, in that engine."""
    if engine == "csv":
        (root / "orders.csv").write_text("day,amount,status\n2026-01-05,12.50,paid\n")
        return "."
    if engine == "sqlite":
        with sqlite3.connect(root / "s.db") as db:
            db.execute("CREATE TABLE orders (day TEXT, amount REAL, status TEXT)")
            db.execute("INSERT INTO orders VALUES ('2026-01-05', 12.5, 'paid')")
        db.close()
        return "sqlite:///s.db"
    with duckdb.connect(str(root / "s.duckdb")) as db:
        db.execute("CREATE TABLE orders AS SELECT DATE '2026-01-05' AS day, 12.50 AS amount, 'paid' AS status")
    return "duckdb:///s.duckdb"


ENGINES = pytest.mark.parametrize("engine", ["csv", "sqlite", "duckdb"])


@pytest.mark.parametrize(
    ("name", "content", "total"),
    [
        ("orders.csv", b"day;amount\n2026-01-05;1 234,5\n2026-01-06;12,34\n", "1246.84"),
        ("orders.csv", "day;amount\n2026-01-05;1\u202f234,50\n2026-01-06;1234,56\n".encode(), "2469.06"),
        ("orders.csv", b"day;amount\n05/10/2026;1.234,50\n31/10/2026;2,5\n", "1237"),
        ("orders.csv", b'day,amount\n2026-01-05,"1,234.50"\n2026-01-06,-2\n', "1232.5"),
        ("orders.csv", "\ufeffday,amount\n2026-01-05,0.1\n2026-01-06,0.2\n".encode(), "0.3"),
        ("orders.csv", "day,amount,who\n2026-01-05,7,Zoé\n".encode("cp1252"), "7"),
        ("orders.csv", "day;amount;who\n2026-01-05;7,5;Zoé\n".encode("utf-16"), "7.5"),
        ("orders.csv", "day;amount;who\n2026-01-05;7,5;Zoé\n".encode("utf-16-le"), "7.5"),
        ("orders.tsv", b"day\tamount\n2026-01-05\t7\n", "7"),
        ("orders.csv.gz", gzip.compress("day,amount,who\n2026-01-05,7,Zoé\n".encode("cp1252"), mtime=0), "7"),
        ("orders.csv", b'day,amount,note\n2026-01-05,7,"=1+1,\n two"\n', "7"),
        ("orders.jsonl", b'{"day":"2026-01-05","amount":7.10}\n{"day":"2026-01-06","amount":"0.2"}\n', "7.3"),
        ("orders.csv", b"day,amount\r\n2026-01-05,7\r\n,100\r\n", "7"),
    ],
)
def test_files_in_the_forms_that_programs_write(tmp_path: Path, name: str, content: bytes, total: str) -> None:
    (tmp_path / name).write_bytes(content)
    got = gather(tmp_path, ".", metric())
    assert got.problems == ()
    assert sum(v for v in values(got).values() if v is not None) == Decimal(total)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("orders.csv", b"", "empty"),
        ("orders.csv", b"day,amount,x\n2026-01-05,7,1\n2026-01-06,8", "half written"),
        ("orders.csv", b"day,amount\n2026-01-05,7\n2026-01-06,n/a\n", "1 of 2 values are not numbers, such as “n/a”"),
        ("orders.csv", b'day,amount\n2026-01-05,"1,234"\n', "two ways"),
        ("orders.csv", b"day,amount\n05/10/2026,7\n", "two ways"),
        ("orders.csv", b"day,amount\nyesterday,7\n", "is a date"),
        ("orders.csv", b"day,amount\n,7\n", "has a date"),
        ("orders.csv", b"day,total\n2026-01-05,7\n", "no column “amount”"),
        ("orders.csv.gz", gzip.compress(b"day,amount\n2026-01-05,7\n" * 99, mtime=0)[:-20], "can't be read"),
        ("orders.parquet", b"PAR1 half", "half written"),
        ("orders.jsonl", b'{"day":"2026-01-05","amount":7}\n{"day', "half written"),
        ("visits.csv", b"day\n2026-01-05\n", "no table “orders”"),
    ],
)
def test_a_broken_file_is_one_line_and_concerns_itself_alone(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "leads.csv").write_text("day,n\n2026-01-05,3\n")
    got = gather(tmp_path, ".", metric(), metric("leads", "leads", value="sum(n)"))
    assert said in one(got).what
    assert one(got).kpi == "m"
    assert [(f.kpi, f.value) for f in got.facts] == [("leads", Decimal(3))]
    assert not got.unreachable


def test_a_header_alone_gives_no_facts_and_no_problem(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("day,amount,status\n")
    got = gather(tmp_path, ".", metric(value="sum(amount)", filter="status = 'paid'"))
    assert (got.facts, got.problems) == ((), ())


def test_two_files_for_one_table_are_ambiguous(tmp_path: Path) -> None:
    for name in ("orders.csv", "orders.tsv"):
        (tmp_path / name).write_text("day\tamount\n")
    assert "orders.csv, orders.tsv" in one(gather(tmp_path, ".", metric())).what


@pytest.mark.parametrize("url", ["duckdb:///no.duckdb", "sqlite:///no.db", "no/", "no-*.csv", "no.csv", "nosuch://x/y"])
def test_a_missing_source_is_unreachable_and_never_created(tmp_path: Path, url: str) -> None:
    got = gather(tmp_path, url, metric())
    assert got.unreachable == {"shop"}
    assert one(got).where == "kpisheets.toml:5"
    assert list(tmp_path.iterdir()) == []
    assert [str(p) for p in probe(Source("shop", url, "kpisheets.toml:5"), [metric()], root=tmp_path)] == [
        str(one(got))
    ]


def test_files_that_are_no_databases_are_unreachable(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("hello " * 500)
    assert all(gather(tmp_path, f"{s}:///x", metric()).unreachable for s in ("duckdb", "sqlite"))


def test_a_database_that_a_writer_holds_is_named_so(tmp_path: Path) -> None:
    engine_of(tmp_path, "duckdb")
    code = f"import duckdb; c = duckdb.connect({str(tmp_path / 's.duckdb')!r}); print('held', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as held:
        assert held.stdout is not None
        held.stdout.readline()
        got = gather(tmp_path, "duckdb:///s.duckdb", metric())
        held.communicate("\n")
    assert "locked by a program that writes" in one(got).what
    assert got.unreachable == {"shop"}


@ENGINES
@pytest.mark.parametrize(
    "value",
    [
        "sum(amount); DROP TABLE orders",
        "sum(amount) FROM orders; DELETE FROM orders",
        "(SELECT max(amount) FROM orders)",
        "sum((SELECT 1))",
        "sum(amount) UNION SELECT 1",
        "DROP TABLE orders",
        "ATTACH 'other.db'",
        "COPY orders TO 'x.csv'",
        "PRAGMA database_list",
        "INSTALL httpfs",
        "read_csv('/etc/hostname')",
        "max(read_text('/etc/hostname'))",
        "max(getenv('HOME'))",
        "max(load_extension('x'))",
        "max(readfile('/etc/hostname'))",
        "max(current_setting('threads'))",
        "sum(random())",
        "count(*) OVER ()",
        "sum(amount) AS x",
        "sum(amount), count(*)",
        "sum(sum(amount))",
        "amount",
        "amount * count(*)",
        "sum(columns('a.*'))",
        "sum(?)",
        "*",
        "",
        "sum(",
        "'",
        "(" * 3000 + "sum(amount)" + ")" * 3000,
    ],
)
def test_only_pure_aggregates_are_expressions(tmp_path: Path, engine: str, value: str) -> None:
    url = engine_of(tmp_path, engine)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    got = gather(tmp_path, url, metric(value=value), metric("good"))
    assert one(got).kpi == "m"
    assert values(got) == {"2026-01": Decimal("12.5")}
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


@ENGINES
@pytest.mark.parametrize(
    "condition", ["1=1; DROP TABLE orders", "status IN (SELECT 1)", "sum(amount) > 1", "1 = 1) --"]
)
def test_only_pure_conditions_are_filters(tmp_path: Path, engine: str, condition: str) -> None:
    got = gather(tmp_path, engine_of(tmp_path, engine), metric(value="sum(amount)", filter=condition))
    assert one(got).kpi == "m"


@ENGINES
@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"value": "sum(amout)"}, "did you mean “amount”?"),
        ({"value": "sum(amount)", "date": "dya"}, "did you mean “day”?"),
        ({"value": "sum(amount)", "table": "order"}, "did you mean “orders”?"),
        ({"value": "sum(amount)", "table": 'orders" WHERE 1; --'}, "orders"),
    ],
)
def test_probe_and_collect_suggest_what_was_meant(
    tmp_path: Path, engine: str, parts: dict[str, str], said: str
) -> None:
    url = engine_of(tmp_path, engine)
    assert said in one(gather(tmp_path, url, metric(**parts))).mend
    (problem,) = probe(Source("shop", url), [metric(**parts), metric("good")], root=tmp_path)
    assert said in problem.mend


@ENGINES
def test_one_query_serves_a_table_and_a_bad_metric_stands_alone(tmp_path: Path, engine: str) -> None:
    url = engine_of(tmp_path, engine)
    good = [metric(f"good{i}", value=f"sum(amount) + {i} * count(*)") for i in range(20)]
    got = gather(tmp_path, url, *good, metric("text", value="sum(status)"), metric("word", value="max(status)"))
    assert {p.kpi for p in got.problems} == {"text", "word"}
    assert len(got.facts) == 20
    assert len(got.queries) == 1
    assert all("FILTER" not in q.text and q.rows == 1 for q in got.queries)


def test_what_fails_only_while_it_runs_is_isolated(tmp_path: Path) -> None:
    url = engine_of(tmp_path, "duckdb")
    bad = metric("bad", value="sum(CAST(status AS INTEGER))")
    got = gather(tmp_path, url, metric("a"), bad, metric("b", value="count(*)"))
    assert one(got).kpi == "bad"
    assert {f.kpi: f.value for f in got.facts} == {"a": Decimal("12.50"), "b": Decimal(1)}


def test_numbers_that_are_none_become_no_value(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "s.duckdb")) as db:
        db.execute(
            "CREATE TABLE orders AS SELECT * FROM (VALUES (DATE '2026-01-05', 'nan'::DOUBLE, 1), "
            "('2026-02-05', 'inf', 0), ('2026-03-05', '-inf', 3), ('2026-04-05', NULL, NULL), ('2026-05-05', 0.1, 3)) "
            "AS t(day, amount, n)"
        )
    url = "duckdb:///s.duckdb"
    got = gather(tmp_path, url, metric())
    assert values(got) == {f"2026-0{m}": None for m in (1, 2, 3, 4)} | {"2026-05": Decimal("0.1")}
    assert ["2026-0" in p.what and p.kpi for p in got.problems] == ["m"] * 3
    ratio = gather(tmp_path, url, metric(numerator="count(*)", denominator="sum(n)"))
    assert list(values(ratio).values()) == [1, None, Decimal(1) / 3, None, Decimal(1) / 3]
    assert [f.denominator for f in ratio.facts] == [1, 0, 3, None, 3]


@ENGINES
def test_dates_outside_a_sheet_are_skipped_and_counted(tmp_path: Path, engine: str) -> None:
    rows = [("1815-06-18", 1), ("1900-03-01", 2), ("9998-12-31", 4), ("9999-12-31", 8), (None, 16), ("2026-01-05", 32)]
    if engine == "csv":
        (tmp_path / "orders.csv").write_text("day,amount\n" + "".join(f"{d or ''},{a}\n" for d, a in rows))
        url = "."
    else:
        url = f"{engine}:///s.db"
        with (sqlite3 if engine == "sqlite" else duckdb).connect(str(tmp_path / "s.db")) as db:
            db.execute(f"CREATE TABLE orders (day {'TEXT' if engine == 'sqlite' else 'DATE'}, amount INTEGER)")
            db.executemany("INSERT INTO orders VALUES (?, ?)", rows)
        db.close()
    last = {f: CALENDAR.parse("9998-12-31", f) for f in Frequency}
    asked = [Asked(f, metric(), f, None, last[f]) for f in Frequency]
    got = collect({"shop": Source("shop", url)}, asked, calendar=CALENDAR, root=tmp_path, now=NOW)
    assert "2 of 6 records" in one(got).what
    assert one(got).kpi is None
    assert {f.kpi: [] for f in got.facts} == {f: [] for f in Frequency}
    assert {sum(f.value or 0 for f in got.facts if f.kpi == kpi) for kpi in Frequency} == {Decimal(38)}


def test_daylight_saving_moves_records_into_the_right_month(tmp_path: Path) -> None:
    lines = ["2026-03-31T21:59:59Z", "2026-03-31T22:00:00Z", "2026-10-31T22:59:59+00:00", "2026-11-01T00:00:00+01:00"]
    (tmp_path / "orders.csv").write_text("day,amount\n" + "".join(f"{t},1\n" for t in lines))
    assert list(values(gather(tmp_path, ".", metric()))) == ["2026-03", "2026-04", "2026-10", "2026-11"]


def test_secrets_are_resolved_and_never_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_TOKEN", "s3cr/et@x")
    (tmp_path / "token").write_text("hidden-word\n")
    revealed = reveal("postgresql://u:${env:KPI_TOKEN}@127.0.0.1/x?k=${file:token}", tmp_path)
    assert revealed.value == "postgresql://u:s3cr%2Fet%40x@127.0.0.1/x?k=hidden-word"
    told = revealed.masked(f"{revealed.value} {revealed!r} s3cr/et@x") + repr(revealed) + str(revealed)
    assert "s3cr" not in told
    assert "hidden-word" not in told
    for url in (
        "${env:KPI_TOKEN}/data",
        "duckdb:///${env:KPI_TOKEN}.db",
        "nosuch://u:${env:KPI_TOKEN}@h/${file:token}",
    ):
        got = gather(tmp_path, url, metric())
        assert got.unreachable == {"shop"}
        assert "s3cr" not in str(got)
        assert "hidden-word" not in str(got)


def test_a_missing_secret_lists_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(NotAllowed) as error:
        reveal("x://${env:KPI_NOT_SET}:${file:none}@${vault:a}", tmp_path, where="kpisheets.toml:5")
    for word in ("KPI_NOT_SET", str(tmp_path / "none"), "vault", "kpisheets.toml:5"):
        assert word in str(error.value)
    assert gather(tmp_path, "duckdb:///${env:KPI_NOT_SET}", metric()).unreachable == {"shop"}
