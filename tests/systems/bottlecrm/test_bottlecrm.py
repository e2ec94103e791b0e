"""KPIs from a real BottleCRM equal what SQL finds in its PostgreSQL."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from tests.systems.asked import Project, by_month, months, recipe, rounded
from tests.systems.between import passing
from tests.systems.bottlecrm.conftest import Crm

LOCAL = "to_char(created_at AT TIME ZONE 'Europe/Paris', 'YYYY-MM')"
CLOSED, ISSUED = "to_char(closed_on, 'YYYY-MM')", "to_char(issue_date, 'YYYY-MM')"
STANDS = "CASE WHEN status NOT IN ('Draft', 'Cancelled') THEN"
JUDGE = {
    "leads": f"SELECT {LOCAL}, count(*) FROM lead WHERE status <> 'converted' GROUP BY 1",
    "revenue": f"""
        SELECT {CLOSED}, sum(CASE WHEN stage = 'CLOSED_WON' AND currency = 'USD' THEN amount END)
        FROM opportunity GROUP BY 1""",
    "win_rate": f"""
        SELECT {CLOSED}, avg(CASE stage WHEN 'CLOSED_WON' THEN 1.0 WHEN 'CLOSED_LOST' THEN 0 END)
        FROM opportunity GROUP BY 1""",
    "pipeline": f"""
        SELECT {CLOSED}, sum(CASE WHEN stage NOT IN ('CLOSED_WON', 'CLOSED_LOST') THEN amount * probability / 100 END)
        FROM opportunity GROUP BY 1""",
    "invoiced": f"SELECT {ISSUED}, sum({STANDS} total_amount END) FROM invoice GROUP BY 1",
    "open_invoices": f"SELECT {ISSUED}, count({STANDS} nullif(amount_due, 0) END) FROM invoice GROUP BY 1",
    "receivables": f"SELECT {ISSUED}, sum({STANDS} amount_due END) FROM invoice GROUP BY 1",
    "tickets": f'SELECT {LOCAL}, count(*) FROM "case" GROUP BY 1',
    "closed_tickets": f"""
        SELECT {LOCAL}, avg(CASE WHEN status = 'Closed' THEN 1.0 ELSE 0 END) FROM "case" GROUP BY 1""",
}


@pytest.fixture
def project(tmp_path: Path, crm: Crm) -> Project:
    return Project(tmp_path, {"BOTTLECRM_TOKEN": crm.reader}).written(recipe("bottlecrm", crm.url))


def judged(crm: Crm, kpi: str) -> dict[str, Decimal]:
    with psycopg.connect(crm.judge) as database:
        return months(row for row in database.execute(JUDGE[kpi]).fetchall() if row[0] and row[0] <= "2026-12")


def test_every_kpi_is_what_sql_finds(project: Project, crm: Crm, monkeypatch):
    got = project.collected(monkeypatch)
    assert got.problems == ()
    assert {fact.kpi for fact in got.facts} == JUDGE.keys()
    for kpi in JUDGE:
        want = judged(crm, kpi)
        assert want, kpi
        assert {month: value for month, value in by_month(got, kpi).items() if month <= "2026-12"} == want, kpi


def test_small_pages_make_no_difference(project: Project, crm: Crm, monkeypatch):
    toml = (project.folder / "kpisheets.toml").read_text()
    paged = 'total = "open_leads.leads_count", size = 7'
    more = f"\n[sources.bottlecrm.tables.open_leads]\npagination = {{ {paged} }}\n"
    got = project.written(toml.replace("[metrics.leads]", f"{more}\n[metrics.leads]")).collected(monkeypatch)
    assert got.problems == ()
    assert by_month(got, "leads") == judged(crm, "leads")


def test_a_workbook_is_filled_from_it(project: Project, crm: Crm):
    project.provisioned("leads", "invoiced")
    assert project.run("check").returncode == 0
    assert project.json("sync")["problems"] == []
    wanted = judged(crm, "leads")
    told = project.json("explain", "leads", "2026-09")
    assert rounded(told["actual"]) == wanted["2026-09"]


class TestFaults:
    def test_a_wrong_token_ends_with_77_and_one_line(self, project: Project):
        """It is answered with 403, as a table that is not granted is, and other words."""
        project.provisioned("leads", "invoiced")
        done = project.run("sync", BOTTLECRM_TOKEN="bcrm_pat_wrong-and-secret")
        assert done.returncode == 77, done.stderr
        [line] = done.stderr.strip().splitlines()
        assert "lets nobody in" in line
        assert "wrong-and-secret" not in done.stdout + done.stderr

    def test_a_scope_that_is_not_granted_stops_its_own_kpis(self, project: Project, crm: Crm, monkeypatch):
        got = project.collected(monkeypatch, BOTTLECRM_TOKEN=crm.clerk)
        assert {problem.kpi for problem in got.problems} == JUDGE.keys() - {"leads"}
        assert any("invoices:read" in str(problem) for problem in got.problems)
        assert by_month(got, "leads") == judged(crm, "leads")

    def test_a_token_that_is_revoked_in_the_middle(self, tmp_path: Path, crm: Crm, monkeypatch):
        with passing(crm.port, at=3, do=lambda: revoked(crm, "now()")) as port:
            project = Project(tmp_path, {"BOTTLECRM_TOKEN": crm.reader})
            got = project.written(recipe("bottlecrm", f"bottlecrm+http://127.0.0.1:{port}")).collected(monkeypatch)
        revoked(crm, "NULL")
        assert got.problems
        for kpi in JUDGE:
            assert by_month(got, kpi) in ({}, judged(crm, kpi)), kpi

    def test_a_slow_server_is_given_up_in_its_time(self, tmp_path: Path, crm: Crm, monkeypatch):
        with passing(crm.port, delay=1.5) as port:
            toml = recipe("bottlecrm", f"bottlecrm+http://127.0.0.1:{port}").replace("auth =", "timeout = 2\nauth =")
            got = Project(tmp_path, {"BOTTLECRM_TOKEN": crm.reader}).written(toml).collected(monkeypatch)
        assert got.unreachable == {"bottlecrm"}
        assert got.facts == ()


def revoked(crm: Crm, when: str) -> None:
    with psycopg.connect(crm.judge) as database:
        database.execute(f"UPDATE personal_access_token SET revoked_at = {when} WHERE name = 'reader'")
