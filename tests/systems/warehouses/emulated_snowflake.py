"""Asks an emulated Snowflake through its real client and SQLAlchemy dialect, and compares each number with DuckDB's.

Then it runs the tests that every author of a connector inherits.

The emulator wants other versions than the project's environment has: `scripts/systems warehouses` makes one for it. It
is lenient about types: what passes here may still be refused by Snowflake.
"""

from __future__ import annotations

import random
import tempfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import fakesnow
import sqlalchemy

from kpisheets.connectors import collect
from kpisheets.core.metric import Asked, Metric, Source
from kpisheets.core.period import Calendar, Frequency
from kpisheets.testing import ConnectorTests

URL = "snowflake://reader:secret@account/shop/public?warehouse=w"
ZONES = ("UTC", "Asia/Kathmandu", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe")
METRICS = (
    {"value": "sum(amount)", "filter": "status = 'paid'"},
    {"value": "count(distinct status)"},
    {"value": "max(amount) - min(amount)"},
    {"numerator": "sum(amount)", "denominator": "sum(qty)"},
)


def rows() -> list[str]:
    rng = random.Random(3)
    moments = [datetime(2025, 10, 1, tzinfo=UTC) + timedelta(minutes=rng.randrange(600_000)) for _ in range(300)]
    return [
        f"('{m.date()}', '{m:%Y-%m-%d %H:%M:%S}', '{m:%Y-%m-%d %H:%M:%S}+00:00', {rng.randrange(9999) / 100}, "
        f"{rng.randrange(5)}, '{rng.choice(['paid', 'open'])}')"
        for m in moments
    ]


def facts(source: Source, root: Path, kind: str, calendar: Calendar) -> dict[tuple[str, str], str]:
    asked = [
        Asked(f"{place} {frequency}", Metric(str(place), "s", "orders", kind, **parts), frequency, None,
              calendar.period(frequency, date(2026, 12, 1)))
        for place, parts in enumerate(METRICS)
        for frequency in Frequency
    ]  # fmt: skip
    got = collect({"s": source}, asked, calendar=calendar, root=root, now=datetime(2026, 11, 20, tzinfo=UTC))
    if got.problems:
        raise SystemExit("\n".join(map(str, got.problems)))
    return {(f.kpi, f.period.label): "" if f.value is None else f"{float(f.value):.12g}" for f in got.facts}


class Contract(ConnectorTests):
    """Here without pytest, which the environment lacks."""

    table = "contract"

    def store(self, folder: Path) -> str:
        return URL

    def filled(self) -> list[str]:
        """The statements that put the records there."""
        names = tuple(self.names)
        records = ", ".join(f"({', '.join(_literal(record[name]) for name in names)})" for record in self.records)
        table = f"CREATE TABLE {self.table} (day DATE, amount DECIMAL(9,2), qty INT, status VARCHAR)"
        return [table, f"INSERT INTO {self.table} ({', '.join(names)}) VALUES {records}"]

    def run(self) -> int:
        """How many tests there were; AssertionError where one fails."""
        tests = [name for name in dir(self) if name.startswith("test_")]
        for name in tests:
            with tempfile.TemporaryDirectory() as folder:
                getattr(self, name)(Path(folder))
        return len(tests)


def _literal(value: object) -> str:
    if value is None or isinstance(value, (int, Decimal)):
        return "NULL" if value is None else str(value)
    return "'" + str(value).replace("'", "''") + "'"


def main() -> None:
    columns = "(day DATE, local {local}, instant {instant}, amount DECIMAL(9,2), qty INT, status VARCHAR)"
    values = f"INSERT INTO orders VALUES {', '.join(rows())}"
    with tempfile.TemporaryDirectory() as folder, fakesnow.patch():
        root = Path(folder)
        with duckdb.connect(str(root / "s.duckdb")) as db:
            db.execute("SET TimeZone = 'UTC'")
            db.execute(f"CREATE TABLE orders {columns.format(local='TIMESTAMP', instant='TIMESTAMPTZ')}")
            db.execute(values)
        with sqlalchemy.create_engine(URL).begin() as connection:
            kinds = columns.format(local="TIMESTAMP_NTZ", instant="TIMESTAMP_TZ")
            for statement in (f"CREATE TABLE orders {kinds}", values, *Contract().filled()):
                connection.execute(sqlalchemy.text(statement.replace(":", "\\:")))
        count = 0
        for kind in ("day", "local", "instant"):
            for place, zone in enumerate(ZONES):
                calendar = Calendar(1 + 3 * (place % 4), zone)
                found = facts(Source("s", URL), root, kind, calendar)
                judge = facts(Source("s", "duckdb:///s.duckdb"), root, kind, calendar)
                if found != judge:
                    wrong = [key for key in judge if found.get(key) != judge[key]]
                    raise SystemExit(f"{kind} in {zone}: {len(wrong)} of {len(judge)} differ, such as {wrong[:3]}")
                count += len(judge)
        print(f"{count:,} numbers are the same, {Contract().run()} tests passed")


if __name__ == "__main__":
    main()
