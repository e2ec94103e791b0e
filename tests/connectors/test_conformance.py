"""Our own connectors pass the tests that every author inherits."""

from __future__ import annotations

import csv
import json
import sqlite3
from pathlib import Path

import duckdb
import pandas as pd

from kpisheets.testing import ConnectorTests


class TestCsv(ConnectorTests):
    absent = "nowhere/"

    def store(self, folder: Path) -> str:
        with (folder / "orders.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(self.records[0]))
            writer.writeheader()
            writer.writerows(self.records)
        return "."


class TestJsonLines(ConnectorTests):
    def store(self, folder: Path) -> str:
        lines = [json.dumps(record, default=str) for record in self.records]
        (folder / "orders.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return "*.jsonl"


class TestParquet(ConnectorTests):
    def store(self, folder: Path) -> str:
        pd.DataFrame(self.records).to_parquet(folder / "orders.parquet")
        return "orders.parquet"


class TestDuckDB(ConnectorTests):
    absent = "duckdb:///nowhere.duckdb"

    def store(self, folder: Path) -> str:
        with duckdb.connect(str(folder / "shop.duckdb")) as db:
            db.execute("CREATE TABLE orders (day DATE, amount DECIMAL(12, 2), qty INTEGER, status VARCHAR)")
            db.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", [tuple(r.values()) for r in self.records])
        return "duckdb:///shop.duckdb"


class TestSqlite(ConnectorTests):
    absent = "sqlite:///nowhere.db"

    def store(self, folder: Path) -> str:
        with sqlite3.connect(folder / "shop.db") as db:
            db.execute("CREATE TABLE orders (day TEXT, amount REAL, qty INTEGER, status TEXT)")
            rows = [(str(r["day"]), r["amount"] and float(r["amount"]), r["qty"], r["status"]) for r in self.records]
            db.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", rows)
        db.close()
        return "sqlite:///shop.db"


class _Own(ConnectorTests):
    """A function of the project's own that gives its records in one of the forms that are taken."""

    absent = "python:nowhere:records"
    form = ""

    def store(self, folder: Path) -> str:
        # The module finds the records here, as they are; what it gives is made from them by the text above.
        _Own.held = [dict(record) for record in self.records]  # type: ignore[attr-defined]
        (folder / "shop.py").write_text(
            f"import sys, pandas, pyarrow\nrows = sys.modules[{_Own.__module__!r}]._Own.held\n"
            f"def records(table, window):\n    return {self.form} if table == 'orders' else None\n"
        )
        return "python:shop:records"


class TestDicts(_Own):
    form = "rows"


class TestGenerator(_Own):
    form = "(dict(row) for row in rows)"


class TestTexts(_Own):
    form = "[{k: None if v is None else str(v) for k, v in row.items()} for row in rows]"


class TestFrame(_Own):
    form = "pandas.DataFrame(rows)"


class TestArrow(_Own):
    form = "pyarrow.Table.from_pylist(rows)"


class TestArrowReader(_Own):
    form = "pyarrow.Table.from_pylist(rows).to_reader()"
