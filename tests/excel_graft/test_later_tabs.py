"""A KPI workbook that was made when there were fewer tabs, or that lost one, gets the tabs that it lacks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from kpisheets.backends.excel.build import build
from kpisheets.backends.excel.lint import lint
from kpisheets.backends.tabs import OPTIONAL, Content
from kpisheets.core.kpi import Kpi
from kpisheets.templates import language
from tests.excel_graft.conftest import MAY_DIFFER, Team, opened, raw_entries

LATER = ("actions", "review")


def make_older(path: Path) -> None:
    spoken = language("en")
    kpis = [Kpi("revenue", "Revenue", unit="currency", metric="revenue", active_from=date(2026, 9, 1))]
    content = Content("Acme", kpis, spoken, "EUR", "UTC", date(2026, 11, 24), ("sales",), ("revenue",))
    build(path, content, {key: title for key, title in spoken.tabs.items() if key not in (*LATER, *OPTIONAL)})


def test_missing_tabs_are_added_and_the_rest_stays(ours: Callable[..., Team]) -> None:
    there = ours(make_older)
    there.project().sync()
    before = raw_entries(there.book)
    done = there.provision()
    assert (done.created, done.tabs) == (False, {"Actions": "Actions", "Review": "Review"})
    with opened(there.book) as book:
        assert book.sheetnames == ["Report", "Tracking", "KPIs", "Control", "Log", "Guide", "Actions", "Review"]
        assert "kpi_actions" in book["Actions"].tables
        assert {"kpi_actions_key", "kpi_review_decision"} <= {*book.defined_names}
    assert lint(there.book) == []
    after = raw_entries(there.book)
    kept = before.keys() - MAY_DIFFER - {"xl/calcChain.xml", "docProps/app.xml"}
    changed = {name for name in kept if after.get(name) != before[name]}
    # Provision also brings formulas and its own memory up to date.
    assert {name for name in changed if "sheet" not in name and "table" not in name} == set()
    assert there.provision().tabs == {}
    assert there.project().sync().problems == ()


def test_a_sync_does_without_them(ours: Callable[..., Team]) -> None:
    there = ours(make_older)
    assert there.project().sync().problems == ()
    with opened(there.book) as book:
        assert "Actions" not in book.sheetnames
