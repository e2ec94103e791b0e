"""The same on Google Sheets: the report goes out, a request is taken up, and the spreadsheet tells of both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kpisheets.project import Project
from tests.google_build.conftest import Google, team
from tests.sheets_emulator.emulator import Emulator

MORE = """
[reports.weekly]
to = ["ann@example.org"]
schedule = "0 7 * * MON"
[mail]
from = "kpi@example.org"
"""
MONDAY = datetime(2026, 11, 23, 6, 5, tzinfo=UTC)


def cell(google: Google, id: str, name: str, value: str | None = None) -> Any:
    """The value of a named cell; ``value`` is what a person types there."""
    if value is not None:
        path = f"/v4/spreadsheets/{id}/values/{name}?valueInputOption=USER_ENTERED"
        google.ask("PUT", path, json={"values": [[value]]})
    return google.ask("GET", f"/v4/spreadsheets/{id}/values/{name}").get("values", [[""]])[0][0]


def test_a_scheduled_run_on_google_sheets(tmp_path: Path) -> None:
    with Emulator() as emulator:
        google = Google(emulator)
        mine = team(tmp_path / "acme", google)
        config = mine.folder / "kpisheets.toml"
        config.write_text(config.read_text(encoding="utf-8") + MORE, encoding="utf-8")
        mine.provision()
        done = Project.load(mine.folder, lambda: MONDAY).run_due()
        assert (done.problems, done.synced, [one.state for one in done.deliveries]) == ((), True, ["sent"])
        assert cell(google, mine.id, "kpi_outcome") == "mails sent: 1"
        cell(google, mine.id, "kpi_request", "Email report")
        done = Project.load(mine.folder, lambda: MONDAY + timedelta(hours=1)).run_due()
        assert (done.problems, done.requests, [one.state for one in done.deliveries]) == (
            (),
            ("Email report",),
            ["sent"],
        )
        assert cell(google, mine.id, "kpi_request") == ""
        done = Project.load(mine.folder, lambda: MONDAY + timedelta(hours=2)).run_due()
        assert (done.problems, done.requests, done.deliveries) == ((), (), ())
    assert len(list(mine.folder.glob("outbox/*.eml"))) == 2
