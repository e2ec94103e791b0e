"""The job that the comparison for Google Sheets measures: monthly KPIs, their records, the project that kpisheets runs.

Each KPI has three records a month. Late records: one more for every other KPI in the month that runs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

RECORDS = 3
TITLE = "Bench KPIs"


@dataclass(frozen=True)
class Job:
    """So many KPIs over so many months, the last one the month of ``today``."""

    kpis: int
    months: int
    today: date

    @cached_property
    def periods(self) -> list[str]:
        """``2026-10``, oldest first."""
        last = self.today.year * 12 + self.today.month - 1
        return [f"{month // 12}-{month % 12 + 1:02d}" for month in range(last - self.months + 1, last + 1)]

    @cached_property
    def ids(self) -> list[str]:
        return [f"k{kpi:04d}" for kpi in range(self.kpis)]

    def totals(self, *, late: bool) -> dict[tuple[str, str], float]:
        """The sum of each KPI's records by period, KPI by KPI."""
        sums = {
            (kpi, period): float(sum(_amount(place, month, record) for record in range(RECORDS)))
            for place, kpi in enumerate(self.ids)
            for month, period in enumerate(self.periods)
        }
        for kpi in self.ids[::2] if late else ():
            sums[kpi, self.periods[-1]] += 7
        return sums

    def records(self, path: Path, *, late: bool) -> None:
        """The same as a Parquet file."""
        import pandas

        found = [
            (kpi, f"{period}-01", _amount(place, month, record))
            for place, kpi in enumerate(self.ids)
            for month, period in enumerate(self.periods)
            for record in range(RECORDS)
        ]
        found += [(kpi, f"{self.periods[-1]}-01", 7) for kpi in self.ids[::2] if late]
        path.parent.mkdir(parents=True, exist_ok=True)
        pandas.DataFrame(found, columns=["kpi", "day", "amount"]).to_parquet(path)

    @cached_property
    def catalogue(self) -> list[dict[str, str | float]]:
        """What people type into the KPIs tab, by the columns' roles."""
        return [
            {
                "id": kpi,
                "name": f"KPI {place}",
                "owner": f"Owner {place % 20}",
                "direction": "Higher",
                "frequency": "Monthly",
                "metric": kpi,
                "target": 600,
                "tolerance": 0.1,
                "roll_up": "Sum",
                "active_from": f"{self.periods[0]}-01",
            }
            for place, kpi in enumerate(self.ids)
        ]

    def project(self, folder: Path, api_root: str, credentials: dict[str, str]) -> None:
        """A project's folder, its source and its configuration."""
        self.records(folder / "data" / "facts.parquet", late=False)
        (folder / "key.json").write_text(json.dumps(credentials), encoding="utf-8")
        lines = [
            '[project]\nname = "Bench"\ntemplates = []\n',
            f'[workbook]\nbackend = "google"\ntitle = "{TITLE}"\n',
            f'[google]\napi_root = "{api_root}"\ncredentials = "key.json"\n',
            '[sources.facts]\nurl = "data/"\n',
        ]
        lines += [
            f'[metrics.{kpi}]\nsource = "facts"\ntable = "facts"\ndate = "day"\nvalue = "sum(amount)"\n'
            f"where = \"kpi = '{kpi}'\"\n"
            for kpi in self.ids
        ]
        (folder / "kpisheets.toml").write_text("\n".join(lines), encoding="utf-8")


def _amount(place: int, month: int, record: int) -> int:
    """Hardly any two sums are alike, some meet the target and some miss it."""
    return 150 + (place * 37 + month * 101 + record * 53) % 120
