"""Requests, bytes and seconds of the same job on Google Sheets, done by kpisheets and as scripts do it.

Usage: python scripts/bench/sheets [--kpis 20 200 2000] [--months 36] [--without NAME]

The emulator of the tests answers, and its journal counts: requests without those for tokens, and the bytes of their
bodies as they travel (answers packed with gzip, as the service packs them). Seconds are those of the processor that a
command takes; while it runs, wall seconds are printed too, the emulator's own among them. Cell by cell, the first sync
is measured for the smallest number of KPIs alone; for more it is derived by rule of three. Needs the extras ``google``,
``test`` and ``bench``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import gspread
from batches import Batches
from cell_by_cell import CellByCell
from frames import Frames
from job import TITLE, Job
from layout import Rival
from ours import Kpisheets
from people import check, type_catalogue
from service import PERSON, Service
from table import Figure, markdown

FIRST = "first sync"
RIVALS: tuple[type[Rival], ...] = (CellByCell, Batches, Frames)


class Run:
    """One way of doing one job, on an emulator of its own: what another left behind slows it down."""

    def __init__(self, name: str, job: Job, service: Service, folder: Path) -> None:
        self.name, self.job, self.service = name, job, service
        self.client: gspread.Client = service.client()
        rival = next((rival for rival in RIVALS if rival.name == name), None)
        key = service.control("user", email=PERSON)
        self.way = rival(self.client) if rival else Kpisheets(folder, job, self.client, service.url, key)

    def costs(self, derived: Figure | None) -> dict[str, Figure]:
        """Each command's; the first sync's is not measured where it is given."""
        early, late = self.job.totals(late=False), self.job.totals(late=True)
        found = {"provision": self._measured("provision", lambda: self.way.provision(TITLE))}
        type_catalogue(self.client.open_by_key(self.way.id), self.job)
        if derived:
            quicker = Batches(self.client)
            quicker.id = self.way.id
            quicker.sync(early)
        found[FIRST] = derived or self._measured(FIRST, lambda: self.way.sync(early))
        found["sync, nothing new"] = self._measured("sync, nothing new", lambda: self.way.sync(early))
        found["sync, late records"] = self._measured("sync, late records", lambda: self.way.sync(late))
        found["report"] = self._measured("report", self.way.report)
        check(self.client.open_by_key(self.way.id), self.job)
        return found

    def _measured(self, command: str, work: Callable[[], object]) -> Figure:
        figure = self.service.measured(work)
        print(
            f"{self.job.kpis:6,} KPIs  {self.name:38} {command:19} {figure}, wall {figure.wall:.1f} s",
            file=sys.stderr,
            flush=True,
        )
        return figure


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kpis", type=int, nargs="+", default=[20, 200, 2000])
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--without", nargs="+", default=[], help="ways to leave out")
    given = parser.parse_args()
    names = [name for name in (Kpisheets.name, *(rival.name for rival in RIVALS)) if name not in given.without]
    figures: dict[tuple[int, str], dict[str, Figure]] = {}
    fewest = min(given.kpis)
    for kpis in sorted(given.kpis):
        job = Job(kpis, given.months, date.today())  # noqa: DTZ011 - the months of whoever runs it
        for name in names:
            derived = None
            if name == CellByCell.name and kpis > fewest:
                derived = figures[fewest, FIRST][name].times(kpis / fewest)
            with tempfile.TemporaryDirectory(prefix="kpisheets-bench-") as folder, Service() as service:
                for command, figure in Run(name, job, service, Path(folder)).costs(derived).items():
                    figures.setdefault((kpis, command), {})[name] = figure
    print(markdown(names, figures))


if __name__ == "__main__":
    main()
