"""Contents of every pack in every language, spreadsheets of the emulator, and projects that live there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import requests

from kpisheets.backends.tabs import Content
from kpisheets.project import Project
from kpisheets.provisioning import Provisioned
from kpisheets.templates import language, languages, pack, packs
from tests.sheets_emulator.emulator import Emulator

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CONFIG = """\
[project]
name = "Acme"
language = "{language}"
timezone = "Europe/Paris"
templates = {templates}
active_from = "2026-08-01"
[workbook]
backend = "google"
{workbook}
[google]
credentials = "robot.json"
api_root = "{url}"
deadline = 5
[sources.shop]
url = "data/"
[metrics.revenue]
source = "shop"
table = "orders"
date = "day"
value = "sum(amount)"
"""
ORDERS = "day,amount\n" + "".join(f"2026-{month:02}-10,{month * 1000}\n" for month in range(1, 12))
CHOICES = [*zip(cycle(languages()), packs(), strict=False), ("en", *packs()), ("de", *packs()), ("fr",)]
"""Language and packs: each pack and each language once, all packs at once, and none."""


def content_of(code: str, *chosen: str) -> Content:
    """What a workbook of these packs is made from."""
    spoken = language(code)
    return Content(
        project="Acme",
        kpis=tuple(kpi for name in chosen for kpi in pack(name).catalogue(spoken, active_from=date(2025, 1, 1))),
        language=spoken,
        currency="EUR",
        timezone="Europe/Paris",
        today=NOW.date(),
        packs=chosen,
        metric_names=tuple(metric for name in chosen for metric in pack(name).metrics),
    )


class Google:
    """The emulator, and a person who may see everything in it."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator, self.url, self.control = emulator, emulator.url, emulator.control
        self.key = json.dumps(self.control.service_account("robot"))
        self._token = self.control.token("robot@kpis.iam.gserviceaccount.com")

    def ask(self, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = requests.request(method, self.url + path, headers=headers, timeout=60, **more)
        assert answer.ok, answer.text
        return answer.json()

    def spreadsheet(self, id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"/v4/spreadsheets/{id}?includeGridData=true")
        return found

    def blank(self, *titles: str, locale: str = "en_US") -> str:
        """A spreadsheet that a person made, with these tabs."""
        sheets = [{"properties": {"title": title}} for title in titles]
        body = {"properties": {"title": "Theirs", "locale": locale, "timeZone": "Asia/Tokyo"}, "sheets": sheets}
        return str(self.ask("POST", "/v4/spreadsheets", json=body)["spreadsheetId"])

    def batch(self, id: str, *wanted: dict[str, Any]) -> Any:
        return self.ask("POST", f"/v4/spreadsheets/{id}:batchUpdate", json={"requests": list(wanted)})

    def delete(self, id: str) -> None:
        """For good, past the bin."""
        headers = {"Authorization": f"Bearer {self._token}"}
        assert requests.delete(f"{self.url}/drive/v3/files/{id}", headers=headers, timeout=60).ok

    def calls(self) -> list[str]:
        """What was asked since the last time, sign-ins aside: ``create``, ``batchUpdate`` …"""
        found = [entry["call"].rpartition(".")[2] for entry in self.control.log() if entry["api"] != "auth"]
        self.control.reset_log()
        return found


@dataclass
class Team:
    """A project whose workbook is a Google spreadsheet."""

    folder: Path
    google: Google

    def project(self) -> Project:
        return Project.load(self.folder, lambda: NOW)

    def provision(self) -> Provisioned:
        self.google.calls()
        return self.project().provision()

    @property
    def id(self) -> str:
        return str(json.loads((self.folder / ".kpisheets" / "google.json").read_text("utf-8"))["id"])

    def spreadsheet(self) -> dict[str, Any]:
        return self.google.spreadsheet(self.id)


def team(
    folder: Path, google: Google, workbook: str = "", code: str = "en", templates: tuple[str, ...] = ("sales",)
) -> Team:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (folder / "robot.json").write_text(google.key, encoding="utf-8")
    chosen = json.dumps(templates)
    text = CONFIG.format(language=code, templates=chosen, workbook=workbook, url=google.url)
    (folder / "kpisheets.toml").write_text(text, encoding="utf-8")
    return Team(folder, google)


@pytest.fixture(scope="session")
def service() -> Iterator[Google]:
    """One service for tests that don't count files."""
    with Emulator() as emulator:
        yield Google(emulator)


@pytest.fixture
def google() -> Iterator[Google]:
    """A service that nobody has used yet."""
    with Emulator() as emulator:
        yield Google(emulator)
