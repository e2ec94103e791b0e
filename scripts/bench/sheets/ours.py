"""The job done by kpisheets: its own commands, each a process of its own as cron starts it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import gspread
from job import TITLE, Job


class Kpisheets:
    name = "kpisheets"

    def __init__(self, folder: Path, job: Job, client: gspread.Client, api_root: str, key: Mapping[str, str]) -> None:
        self._folder, self._job, self._client = folder, job, client
        job.project(folder, api_root, dict(key))

    def provision(self, title: str) -> None:  # noqa: ARG002 - kpisheets.toml has it
        self._run("provision")

    @property
    def id(self) -> str:
        found: str = next(file["id"] for file in self._client.list_spreadsheet_files(TITLE))
        return found

    def sync(self, facts: Mapping[tuple[str, str], float]) -> None:
        late = facts == self._job.totals(late=True)
        self._job.records(self._folder / "data" / "facts.parquet", late=late)
        self._run("sync")

    def report(self) -> None:
        self._run("report")

    def _run(self, command: str) -> None:
        words = [sys.executable, "-m", "kpisheets", "--project", str(self._folder), "--quiet", command]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
