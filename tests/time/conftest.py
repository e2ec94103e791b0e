"""A project whose source, clock and workbook are in the test's hands: records change, time passes, syncs are run."""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import openpyxl
import pytest

from kpisheets.project import Project, Synced
from tests.repairs import watch_writes

HEADER = 3  # the row of the headers in the tabs of a new workbook


class World:
    """One KPI (``revenue``, the sum of amounts), others as a test adds them, in a folder of its own."""

    def __init__(self, folder: Path, engine: str, project: str = "", source: str = "", **kpi: object) -> None:
        self.folder, self.engine = folder, engine
        self.book = folder / "Acme KPIs.xlsx"
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self._read: tuple[object, list[dict[str, Any]]] = (None, [])
        url = {"sqlite": "sqlite:///shop.db", "duckdb": "duckdb:///shop.duckdb"}.get(engine, engine)
        (folder / "kpisheets.toml").write_text(
            f'[project]\nname = "Acme"\ntemplates = []\n{project}\n[sources.shop]\nurl = "{url}"\n{source}\n'
            '[metrics.revenue]\nsource = "shop"\ntable = "orders"\ndate = "day"\nvalue = "sum(amount)"\n'
        )
        if engine in ("sqlite", "duckdb"):
            self.run("CREATE TABLE orders (id INTEGER, day DATE, amount INTEGER, changed TIMESTAMP)")
        self.project = Project.load(folder, lambda: self.now)
        self.project.provision()
        self.add_kpi("revenue", Metric="revenue", **kpi)

    def run(self, text: str, *values: object) -> None:
        """Change the source."""
        if self.engine == "sqlite":
            with sqlite3.connect(self.folder / "shop.db") as db:
                db.execute(text, values)
            db.close()
        else:
            with duckdb.connect(str(self.folder / "shop.duckdb")) as db:
                db.execute(text, list(values))

    def order(self, identity: int, day: str, amount: int, changed: str = "2026-01-01 00:00:00") -> None:
        self.run("DELETE FROM orders WHERE id = ?", identity)
        self.run("INSERT INTO orders VALUES (?, ?, ?, ?)", identity, day, amount, changed)

    def at(self, moment: str) -> None:
        """Set the clock to a local moment."""
        zone = ZoneInfo(self.project.config.project.timezone)
        self.now = datetime.fromisoformat(moment).replace(tzinfo=zone).astimezone(UTC)

    def sync(self, moment: str, **options: Any) -> Synced:
        """Sync at a local moment."""
        self.at(moment)
        return self.project.sync(**options)

    def add_kpi(self, identity: str, **cells: object) -> None:
        values = {"ID": identity, "KPI": identity.title(), "Frequency": "Monthly", "Target": 100, **cells}
        with self.edited("KPIs") as (sheet, columns):
            row = HEADER + 1
            while sheet.cell(row, columns["ID"]).value is not None:
                row += 1
            for header, value in values.items():
                sheet.cell(row, columns[header.replace("_", " ")]).value = value

    def edited(self, title: str) -> _Edited:
        return _Edited(self.book, title)

    def put(self, key: str, header: str, value: object) -> None:
        """Type into a cell of the Tracking tab."""
        with self.edited("Tracking") as (sheet, columns):
            for row in range(HEADER + 1, sheet.max_row + 1):
                if sheet.cell(row, columns["Key"]).value == key:
                    sheet.cell(row, columns[header]).value = value
                    return
        raise AssertionError(f"no row {key}")

    def rows(self, title: str = "Tracking") -> list[dict[str, Any]]:
        """The rows of a tab by their headers, as another program reads them."""
        version = (title, self.book.stat().st_mtime_ns)
        if self._read[0] != version:
            with _Edited(self.book, title, values=True) as (sheet, columns):
                rows = [
                    dict(zip(columns, cells, strict=False)) for cells in sheet.iter_rows(HEADER + 1, values_only=True)
                ]
            self._read = version, [row for row in rows if any(value is not None for value in row.values())]
        return self._read[1]

    def __getitem__(self, period: str) -> dict[str, Any]:
        """The row of ``revenue`` in a period."""
        [row] = [row for row in self.rows() if row["Key"] == f"revenue|{period}"]
        return row

    def actuals(self, kpi: str = "revenue") -> dict[str, Any]:
        return {row["Period"]: row["Actual"] for row in self.rows() if str(row["Key"]).startswith(f"{kpi}|")}


class _Edited:
    """A tab opened by another program, and saved unless only ``values`` are read."""

    def __init__(self, book: Path, title: str, *, values: bool = False) -> None:
        self.path, self.title, self.values = book, title, values

    def __enter__(self) -> tuple[Any, dict[str, int]]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.book = openpyxl.load_workbook(self.path, data_only=self.values)
        sheet = self.book[self.title]
        return sheet, {str(cell.value): cell.column for cell in sheet[HEADER] if cell.value is not None}

    def __exit__(self, kind: object, *_: object) -> None:
        if not self.values and kind is None:
            self.book.save(self.path)


@pytest.fixture
def world(tmp_path: Path) -> Callable[..., World]:
    """Makes a project on ``sqlite``, ``duckdb`` or the URL of a source."""

    def make(engine: str = "sqlite", project: str = "", source: str = "", **kpi: object) -> World:
        return World(tmp_path, engine, project, source, **kpi)

    return make


@pytest.fixture(autouse=True)
def no_repairs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """Whatever a test writes with the editor, Excel opens without repairing it."""
    yield from watch_writes(monkeypatch)
