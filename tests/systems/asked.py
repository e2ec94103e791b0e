"""A project whose sources are a real system: its KPIs through the command line, and its facts as numbers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from kpisheets.config import load
from kpisheets.connectors import collect
from kpisheets.core.metric import Asked, Collected
from kpisheets.core.period import Frequency
from kpisheets.recipes import text
from tests.cli.conftest import BOOK, HEADER, Folder

FIRST, LAST = date(2025, 1, 1), date(2026, 12, 1)
ACTIVE_FROM = datetime(2025, 11, 1)  # noqa: DTZ001 - what a cell holds
HEAD = f"""
[project]
name = "Furniture"
timezone = "Europe/Paris"
templates = []

[workbook]
path = "{BOOK}"
"""


def recipe(name: str, url: str) -> str:
    """A project whose metrics are those of a recipe, on the system at ``url``."""
    pasted = text(name)
    [source] = tomllib.loads(pasted)["sources"].values()
    return HEAD + pasted.replace(source["url"], url)


@dataclass(frozen=True)
class Project:
    """A project's folder with its ``kpisheets.toml``; ``secrets`` are environment variables."""

    folder: Path
    secrets: Mapping[str, str] = field(default_factory=dict)

    def written(self, toml: str) -> Project:
        (self.folder / "kpisheets.toml").write_text(toml, encoding="utf-8")
        return self

    def provisioned(self, *kpis: str) -> None:
        """A workbook with these monthly KPIs, each filled by the metric of its name."""
        folder = Folder(self.folder)
        done = self.run("provision")
        assert done.returncode == 0, done.stderr
        with folder.edited("KPIs") as tab:
            for row, kpi in enumerate(kpis, HEADER + 1):
                cells = {"ID": kpi, "KPI": kpi, "Metric": kpi, "Frequency": "Monthly", "Active from": ACTIVE_FROM}
                for header, value in cells.items():
                    tab.sheet.cell(row, tab.columns[header]).value = value

    def run(self, *words: str, **secrets: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, **self.secrets, **secrets, "NO_COLOR": "1", "COLUMNS": "200"}
        command = [sys.executable, "-m", "kpisheets", *words]
        return subprocess.run(
            command, cwd=self.folder, env=env, capture_output=True, text=True, timeout=120, check=False
        )

    def json(self, *words: str) -> dict[str, object]:
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        found: dict[str, object] = json.loads(done.stdout)
        return found

    def collected(self, monkeypatch, **secrets: str) -> Collected:
        """What every metric gives by month, from the first day of 2025 to the end of 2026."""
        for name, value in {**self.secrets, **secrets}.items():
            monkeypatch.setenv(name, value)
        config = load(self.folder / "kpisheets.toml")
        first, last = (config.calendar.period(Frequency.MONTHLY, day) for day in (FIRST, LAST))
        asked = [Asked(name, metric, Frequency.MONTHLY, first, last) for name, metric in config.metrics.items()]
        return collect(
            config.sources, asked, calendar=config.calendar, root=self.folder, now=datetime(2026, 11, 28, tzinfo=UTC)
        )


def by_month(collected: Collected, kpi: str) -> dict[str, Decimal]:
    """Month → number, to ten digits; months without one are left out."""
    return {
        fact.period.label: rounded(fact.value) for fact in collected.facts if fact.kpi == kpi and fact.value is not None
    }


def rounded(value: object) -> Decimal:
    return Decimal(f"{Decimal(str(value)):.10g}").normalize()


def months(rows: object) -> dict[str, Decimal]:
    """The same of a judge's rows: month, number."""
    return {str(month): rounded(value) for month, value in rows if value is not None}  # type: ignore[attr-defined]
