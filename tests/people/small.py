"""A small project for people to work in: a catalogue of a few KPIs, one CSV source that changes, a clock that moves."""

from __future__ import annotations

import copy
import csv
import shutil
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from kpisheets.backends.excel.ooxml import Book
from kpisheets.project import Project, Synced

START = date(2026, 1, 1)
CONFIG = """[project]
name = "Small"
language = "{language}"
timezone = "UTC"
templates = []
active_from = "2026-01-01"
close_after_days = 5

[workbook]
path = "Small KPIs.xlsx"

[sources.shop]
url = "data/"

[metrics.amount]
source = "shop"
table = "sales"
date = "day"
value = "sum(amount)"

[metrics.orders]
source = "shop"
table = "sales"
date = "day"
value = "count(*)"
"""

KPIS: tuple[dict[str, Any], ...] = (
    {"id": "revenue", "name": "Revenue", "frequency": "Monthly", "metric": "amount", "target": 1000},
    {"id": "orders", "name": "Orders", "frequency": "Weekly", "metric": "orders", "target": 3, "unit": "count"},
    {"id": "mood", "name": "Mood", "frequency": "Monthly", "metric": None, "target": 7, "owner": "Ada Example"},
)


class Small:
    """The project's folder, its source, its clock; ``sync`` is a fresh start of the program each time."""

    def __init__(self, folder: Path, *, language: str = "en", today: date = date(2026, 3, 10)) -> None:
        self.folder, self.today = folder, today
        self.path = folder / "Small KPIs.xlsx"
        self.sales: dict[date, list[int]] = {}
        folder.mkdir(parents=True)
        (folder / "kpisheets.toml").write_text(CONFIG.format(language=language), encoding="utf-8")
        for week in range(12):
            self.sales[START + timedelta(days=3 + 7 * week)] = [100 + week, 150 + week, 20]
        self.write_source()

    def write_source(self) -> None:
        """The source as it is now; sales of days to come are not in it."""
        (self.folder / "data").mkdir(exist_ok=True)
        with (self.folder / "data" / "sales.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["day", "amount"])
            writer.writerows((day, amount) for day in sorted(self.sales) for amount in self.sales[day])

    def break_source(self) -> None:
        shutil.rmtree(self.folder / "data", ignore_errors=True)

    def says(self, metric: str | None, first: date, end: date) -> int | None:
        """What the source says of the days from ``first`` up to but without ``end``."""
        found = [amount for day, amounts in self.sales.items() if first <= day < end for amount in amounts]
        if metric is None or not found:
            return None
        return sum(found) if metric == "amount" else len(found)

    def project(self) -> Project:
        return Project.load(self.folder, lambda: datetime.combine(self.today, time(9), UTC))

    @classmethod
    def begun(cls, folder: Path, *, language: str = "en") -> Small:
        """Provisioned, with three KPIs, synced."""
        made = cls(folder, language=language)
        made.provision()
        made.fill_catalogue()
        made.sync()
        return made

    def copied(self, folder: Path) -> Small:
        """A copy of the project in another folder."""
        made = copy.copy(self)
        made.folder, made.path, made.sales = folder, folder / self.path.name, copy.deepcopy(self.sales)
        shutil.copytree(self.folder, folder)
        return made

    def provision(self) -> None:
        self.project().provision()

    def sync(self) -> Synced:
        return self.project().sync()

    def fill_catalogue(self, kpis: tuple[dict[str, Any], ...] = KPIS, *, row: int = 4) -> None:
        """Type KPIs into the catalogue, from ``row`` downwards, by its headers' order in a new workbook."""
        book = Book.open(self.path)
        edit = book.edit()
        for place, kpi in enumerate(kpis):
            cells = {"direction": "Higher", "tolerance": 0.1, "active_from": "2026-01-01", **kpi}
            for field, value in cells.items():
                span = book.range_of(f"kpi_catalogue_{field}")
                assert span is not None
                edit.set(span.sheet, row + place, span.left, value)
        edit.write()
