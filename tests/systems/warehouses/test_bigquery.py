"""BigQuery through Google's own client and SQLAlchemy dialect, against an emulator.

What the emulator can't judge, and so stays untried: what BigQuery says to a wrong query (its answer holds the error,
which the client overlooks, and no rows), default datasets (ours are spelled out), whether a job is stopped when its
time is over, and who may read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from kpisheets.connectors import Opening, connect, probe
from kpisheets.core.metric import Metric, Source
from kpisheets.secrets import reveal
from kpisheets.testing import ConnectorTests
from tests.connectors.test_databases import CASES, COLUMNS, check, rows
from tests.systems.warehouses.emulator import PROJECT, account, bigquery

URL = f"bigquery://{PROJECT}/app"
KINDS = {
    "day": "DATE",
    "local": "DATETIME",
    "instant": "TIMESTAMP",
    "Amount": "NUMERIC",
    "qty": "INT64",
    "order": "INT64",
}
ORDERS = {"day": "DATE", "amount": "NUMERIC", "qty": "INT64"}


def filled(name: str, kinds: dict[str, str], records: list[dict[str, object]]) -> None:
    from google.cloud.bigquery import Client, SchemaField, Table

    def told(column: str, value: object) -> object:
        if isinstance(value, datetime):
            return value.isoformat() + ("+00:00" if column == "instant" else "")
        return value.isoformat() if isinstance(value, date) else value

    client = Client(project=PROJECT)
    client.create_dataset("app", exists_ok=True)
    fields = [SchemaField(column, kinds.get(column, "STRING")) for column in records[0]]
    table = client.create_table(Table(f"{PROJECT}.app.{name}", schema=fields))
    texts = [{c: None if v is None else str(told(c, v)) for c, v in record.items()} for record in records]
    assert client.insert_rows_json(table, texts) == []


@pytest.fixture(scope="module", autouse=True)
def emulated(systems: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    pytest.importorskip("sqlalchemy_bigquery", reason="BigQuery's client: pip install 'kpisheets[bigquery]'")
    folder = tmp_path_factory.mktemp("bigquery")
    with account(folder) as key, bigquery(systems, folder) as address, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key))
        patch.setenv("BIGQUERY_EMULATOR_HOST", address)
        filled("sales", KINDS, [{name: row[name] for name in COLUMNS} for row in rows()])
        filled("orders", ORDERS, [dict(record) for record in ConnectorTests.records])
        yield


@pytest.mark.parametrize(("kind", "zone", "start"), [case for case in CASES if not case[0].startswith("text")])
def test_bigquery_agrees_with_pandas(tmp_path: Path, kind: str, zone: str, start: int) -> None:
    check("bigquery", Source("s", URL), tmp_path, kind, zone, start, table="sales")


class TestContract(ConnectorTests):
    """The tests that every author of a connector inherits, but for those in which BigQuery says what is wrong."""

    def store(self, folder: Path) -> str:
        return URL

    test_what_is_wrong_with_one_metric_stops_that_one = None  # type: ignore[assignment]
    test_checking_finds_what_collecting_would = None  # type: ignore[assignment]


def test_what_is_found_before_anything_is_asked_is_one_line(tmp_path: Path) -> None:
    wrong = {
        "table": Metric("table", "s", "nothing", "day", "count(*)", where="table"),
        "column": Metric("column", "s", "sales", "day", "sum(nothing)", where="column"),
        "text": Metric("text", "s", "sales", "text_day", "count(*)", where="text"),
        "two": Metric("two", "s", "sales", "day", "sum(qty); DROP TABLE sales", where="two"),
    }
    problems = probe(Source("s", URL), list(wrong.values()), root=tmp_path)
    assert {problem.where for problem in problems} == wrong.keys()
    assert all(problem.mend and "\n" not in str(problem) for problem in problems)


def test_every_job_is_bound_in_time(tmp_path: Path) -> None:
    with_bound = connect(Opening(reveal(URL, tmp_path), tmp_path, "UTC", 12.5))
    client = with_bound.sql.connection.dbapi_connection._client  # type: ignore[attr-defined]
    assert client.default_query_job_config.job_timeout_ms in (12500, "12500")
    with_bound.close()
