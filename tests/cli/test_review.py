"""A review on the command line: printed without a trace, held, decided, carried out once."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from tests.cli.conftest import Folder


def still_followed(folder: Folder) -> None:
    with folder.edited("KPIs") as tab:
        for key in ("revenue", "orders", "leads", "mood"):
            tab[key, "Active to"] = None


def test_printed_held_and_carried_out(folder: Folder) -> None:
    still_followed(folder)
    today = dt.datetime.now(ZoneInfo("Europe/Paris")).date()
    before = folder.snapshot()
    said = folder.run("review").out
    assert "Mood: No data. No actual for" in said
    assert "    Connect a source" in said
    found = folder.run("review", "--json").json
    assert [one["reason"] for one in found["suggestions"] if one["kpi"] == "mood"] == ["no_data"]
    assert found["waiting"] == []
    planned = folder.run("review", "--now", "--dry-run").out
    assert "+ mood|no_data||" in planned
    assert folder.snapshot() == before
    assert "suggestions added." in folder.run("review", "--now").out
    assert "Awaiting a decision in the workbook:" in folder.run("review").out
    [key] = [
        value
        for (value,) in folder.tab("Review").sheet.iter_rows(4, 20, 11, 11, values_only=True)
        if "mood" in str(value)
    ]
    with folder.edited("Review") as tab:
        tab[key, "Decision"] = "Retire"
    assert f"~ mood  active_to blank → {today}  (retired in the review)" in folder.run("sync", "--dry-run").out
    done = folder.run("sync", "--json").json
    assert (done["decided"], done["suggested"]) == (1, 0)
    assert {"retired", "decided"} <= {change["why"] for change in done["changes"]}
    assert folder.tab("KPIs")["mood", "Active to"].date() == today
    assert folder.tab("Review")[key, "What came of it"].startswith("Retired.")
    again = folder.run("sync", "--json").json
    assert (again["decided"], again["changes"]) == (0, [])
