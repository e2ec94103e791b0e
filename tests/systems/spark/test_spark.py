"""Spark for real: the same numbers as everywhere, from two workers; one of them killed; time running out."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kpisheets.connectors import collect, probe
from kpisheets.core.metric import Asked, Collected, Metric, Source
from kpisheets.core.period import Calendar, Frequency
from kpisheets.testing import ConnectorTests
from tests.connectors.test_databases import CASES, COLUMNS, check, rows
from tests.systems.spark.cluster import Cluster, running

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
CALENDAR = Calendar(1, "UTC")


@pytest.fixture(scope="module")
def cluster(systems: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(systems, tmp_path_factory.mktemp("spark")) as found:
        yield found


@pytest.fixture(scope="module")
def lake(cluster: Cluster) -> Path:
    """A folder of Parquet files, as the cluster and this machine see it."""
    folder = cluster.folder / "lake"
    folder.mkdir()
    utc = [row | {"instant": row["instant"] and row["instant"].replace(tzinfo=UTC)} for row in rows()]
    table = pa.Table.from_pylist([{name: row[name] for name in COLUMNS} for row in utc])
    kinds = {"local": pa.timestamp("us"), "instant": pa.timestamp("us", "UTC"), "Amount": pa.decimal128(12, 2)}
    kinds |= {"qty": pa.int32(), "order": pa.int32()}
    schema = pa.schema([pa.field(f.name, kinds.get(f.name, f.type)) for f in table.schema])
    (folder / "sales.parquet").mkdir()  # a folder of parts, as Spark itself writes them
    half = table.num_rows // 2
    for place, part in enumerate((table.slice(0, half), table.slice(half))):
        pq.write_table(part.cast(schema), folder / "sales.parquet" / f"part-{place}.parquet")
    # Enough work that a worker can be lost in the middle of it.
    duckdb.sql(f"""
        COPY (SELECT DATE '2024-01-01' + CAST(i // 10000 AS INTEGER) AS day, 'k' || (i % 40) AS kpi,
                     CAST(i % 9973 / 100 AS DECIMAL(12, 2)) AS amount
              FROM range(8000000) r(i)) TO '{folder / "many.parquet"}' (ROW_GROUP_SIZE 250000)
    """)
    return folder


def by_word(value: str = "sum(amount)") -> list[Asked]:
    last = CALENDAR.period(Frequency.MONTHLY, date(2026, 12, 1))
    return [
        Asked(word, Metric(word, "s", "many", "day", value, filter=f"kpi = '{word}'"), Frequency.MONTHLY, None, last)
        for word in (f"k{number}" for number in range(40))
    ]


def gather(url: str, asked: list[Asked], timeout: float = 300) -> Collected:
    source = Source("s", url, "kpisheets.toml:5", timeout)
    return collect({"s": source}, asked, calendar=CALENDAR, root=Path(), now=NOW)


def judged(lake: Path) -> dict[tuple[str, str], Decimal]:
    found = duckdb.sql(f"SELECT kpi, strftime(day, '%Y-%m'), sum(amount) FROM '{lake / 'many.parquet'}' GROUP BY ALL")
    return {(word, month): value for word, month, value in found.fetchall()}


def values(got: Collected) -> dict[tuple[str, str], Decimal]:
    return {(fact.kpi, fact.period.label): round(fact.value, 2) for fact in got.facts if fact.value is not None}


def busy(cluster: Cluster) -> int:
    """How many tasks the cluster works at now, as Spark itself says."""
    with urllib.request.urlopen(f"{cluster.ui}/api/v1/applications", timeout=20) as answer:
        (application,) = json.load(answer)
    where = f"{cluster.ui}/api/v1/applications/{application['id']}/stages?status=active"
    with urllib.request.urlopen(where, timeout=20) as answer:
        return sum(int(stage["numActiveTasks"]) for stage in json.load(answer))


def until(ready: bool, cluster: Cluster, seconds: float = 60) -> bool:
    """Wait until the cluster is at work, or at rest."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if (busy(cluster) > 0) is ready:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(("kind", "zone", "start"), CASES)
def test_spark_agrees_with_pandas(cluster: Cluster, lake: Path, kind: str, zone: str, start: int) -> None:
    check("spark", Source("s", f"{cluster.url}/?files={lake}"), lake, kind, zone, start, table="sales")


class TestContract(ConnectorTests):
    """The tests that every author of a connector inherits, on a table of the cluster's catalogue."""

    absent = "sc://127.0.0.1:9"
    url = ""
    made = False

    @pytest.fixture(autouse=True)
    def _cluster(self, cluster: Cluster) -> None:
        type(self).url = cluster.url
        if not TestContract.made:
            from pyspark.sql.connect.session import SparkSession

            parts = cluster.folder / "orders"
            pd.DataFrame(self.records).to_parquet(parts)
            session = SparkSession.builder.remote(cluster.url).create()
            session.read.parquet(str(parts)).write.saveAsTable("orders")
            session.stop()
            TestContract.made = True

    def store(self, folder: Path) -> str:
        return self.url


def test_hundreds_of_words_are_one_query_that_spark_itself_runs(cluster: Cluster, lake: Path) -> None:
    got = gather(f"{cluster.url}/?files={lake}", by_word())
    assert got.problems == ()
    assert values(got) == judged(lake)
    [query] = got.queries
    assert query.engine == "Spark"
    assert "GROUPING SETS" in query.text


def test_a_select_of_ones_own_joins_what_the_cluster_has(cluster: Cluster, lake: Path) -> None:
    text = "SELECT day, amount FROM many WHERE kpi = 'k3' AND day >= :start"
    metric = Metric("m", "s", "", "day", "sum(amount)", sql=text)
    month = CALENDAR.parse("2024-03")
    got = gather(f"{cluster.url}/?files={lake}", [Asked("m", metric, Frequency.MONTHLY, month, month)])
    assert got.problems == ()
    assert values(got) == {("m", "2024-03"): judged(lake)["k3", "2024-03"]}


def test_what_is_wrong_is_one_line(cluster: Cluster, lake: Path) -> None:
    wrong = {
        "file": Metric("file", "s", "../etc", "day", "count(*)"),
        "table": Metric("table", "s", "nothing", "day", "count(*)"),
        "text": Metric("text", "s", "many", "day", "sum(kpi)"),
        "broken": Metric("broken", "s", "many", "day", "sum(1 / (amount - amount))"),
    }
    last = CALENDAR.parse("2026-12")
    asked = [Asked(name, metric, Frequency.MONTHLY, None, last) for name, metric in wrong.items()]
    got = gather(f"{cluster.url}/?files={lake}", asked)
    assert {problem.kpi for problem in got.problems} == wrong.keys()
    assert all("\n" not in str(problem) and problem.mend for problem in got.problems)
    assert not got.unreachable


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sc://127.0.0.1:9/;token=s3cret", "can't be reached"),
        ("sc://127.0.0.1:9/?fils=x", "knows no option"),
        ("spark://127.0.0.1:7077", "answers no queries"),
    ],
)
def test_a_cluster_that_is_not_there_is_one_line(url: str, said: str) -> None:
    [problem] = probe(Source("s", url, "kpisheets.toml:5"), [], root=Path())
    assert said in problem.what
    assert "s3cret" not in str(problem)


def test_a_worker_killed_in_the_middle_costs_time_and_no_number(cluster: Cluster, lake: Path) -> None:
    found: list[Collected] = []
    slow = "sum(amount * CASE WHEN sha2(repeat(kpi, 400), 512) <> kpi THEN 1 END)"
    asking = threading.Thread(target=lambda: found.append(gather(f"{cluster.url}/?files={lake}", by_word(slow))))
    asking.start()
    try:
        assert until(True, cluster), "it was never seen at work"
        cluster.kill("worker 1")
        asking.join(280)
        assert not asking.is_alive()
        (got,) = found
        assert got.problems == ()
        assert values(got) == judged(lake)
    finally:
        asking.join(300)
        cluster.add_worker("worker 3")


def test_time_that_runs_out_stops_the_work_on_the_cluster(cluster: Cluster, lake: Path) -> None:
    endless = "sum(amount * CASE WHEN sha2(repeat(kpi, 40000), 512) <> kpi THEN 1 END)"
    got = gather(f"{cluster.url}/?files={lake}", by_word(endless), timeout=8)
    assert (got.unreachable, got.facts) == ({"s"}, ())
    [problem] = got.problems
    assert "did not answer within 8 seconds" in problem.what
    assert until(False, cluster, 30), "the cluster goes on for nobody"


def test_a_server_that_is_killed_leaves_the_source_unreachable(cluster: Cluster, lake: Path) -> None:
    found: list[Collected] = []
    slow = "sum(amount * CASE WHEN sha2(repeat(kpi, 4000), 512) <> kpi THEN 1 END)"
    asking = threading.Thread(target=lambda: found.append(gather(f"{cluster.url}/?files={lake}", by_word(slow), 120)))
    asking.start()
    assert until(True, cluster), "it was never seen at work"
    cluster.kill("connect")
    asking.join(125)
    (got,) = found
    assert (got.unreachable, got.facts) == ({"s"}, ())
    [problem] = got.problems
    assert "\n" not in str(problem)
