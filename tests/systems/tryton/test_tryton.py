"""KPIs from a real Tryton equal what SQL finds in its database."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.systems.asked import Project, by_month, months, recipe, rounded
from tests.systems.between import passing
from tests.systems.tryton.conftest import Erp

OF_OUR_OWN = """
[metrics.entered]
source = "tryton"
table = "sale.sale"
date = "create_date"
value = "count(*)"

[metrics.best_product]
source = "tryton"
sql = '''
SELECT s.sale_date AS day, l.amount AS amount FROM "sale.line" l JOIN "sale.sale" s ON s.id = l.sale
WHERE l.product = 2 AND s.state <> 'cancelled'
'''
date = "day"
value = "sum(amount)"
"""

SOLD = """
FROM sale_line l JOIN sale_sale s ON s.id = l.sale JOIN product_cost_price c ON c.product = l.product
WHERE s.state IN ('confirmed', 'processing', 'done')
"""
JUDGE = {
    # Lines, not the totals that Tryton caches on the invoice.
    "revenue": """
        SELECT substr(i.invoice_date, 1, 7), sum(l.quantity * l.unit_price)
        FROM account_invoice i JOIN account_invoice_line l ON l.invoice = i.id
        WHERE i.type = 'out' AND i.state IN ('posted', 'paid') GROUP BY 1""",
    "gross_margin": f"""
        SELECT substr(s.sale_date, 1, 7),
            1 - sum(l.quantity * c.cost_price) / sum(l.quantity * l.unit_price) {SOLD} GROUP BY 1""",
    "leads": "SELECT substr(start_date, 1, 7), count(*) FROM sale_opportunity GROUP BY 1",
    "conversion_rate": "SELECT substr(start_date, 1, 7), avg(state = 'converted') FROM sale_opportunity GROUP BY 1",
    "delivery_time": """
        SELECT substr(m.effective_date, 1, 7), avg(julianday(m.effective_date) - julianday(s.sale_date))
        FROM stock_move m JOIN sale_line l ON m.origin = 'sale.line,' || l.id JOIN sale_sale s ON s.id = l.sale
        WHERE m.state = 'done' GROUP BY 1""",
    "open_invoices": """
        SELECT substr(invoice_date, 1, 7), sum(type = 'out' AND state = 'posted') FROM account_invoice
        WHERE invoice_date IS NOT NULL GROUP BY 1""",
    "receivables": """
        SELECT substr(i.invoice_date, 1, 7), sum(m.debit - m.credit) FROM account_invoice i
        JOIN account_move_line m ON m.move = i.move AND m.account = i.account
        WHERE i.type = 'out' AND i.state = 'posted' AND m.reconciliation IS NULL GROUP BY 1""",
    "customers": """
        SELECT substr(sale_date, 1, 7),
            count(DISTINCT CASE WHEN state IN ('confirmed', 'processing', 'done') THEN party END)
        FROM sale_sale WHERE sale_date IS NOT NULL GROUP BY 1""",
    "entered": "SELECT month_in_paris(create_date), count(*) FROM sale_sale GROUP BY 1",
    "best_product": """
        SELECT substr(s.sale_date, 1, 7), sum(l.quantity * l.unit_price)
        FROM sale_line l JOIN sale_sale s ON s.id = l.sale
        WHERE l.product = 2 AND s.state <> 'cancelled' AND s.sale_date IS NOT NULL GROUP BY 1""",
}


@pytest.fixture
def project(tmp_path: Path, erp: Erp) -> Project:
    return Project(tmp_path, {"TRYTON_KEY": erp.reader}).written(toml(erp.url))


def toml(url: str) -> str:
    return recipe("tryton", url) + OF_OUR_OWN


def month_in_paris(utc: str) -> str:
    moment = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    return moment.astimezone(ZoneInfo("Europe/Paris")).strftime("%Y-%m")


def judged(erp: Erp, kpi: str) -> dict[str, object]:
    with closing(sqlite3.connect(f"file:{erp.database}?mode=ro", uri=True)) as database:
        database.create_function("month_in_paris", 1, month_in_paris)
        return months(database.execute(JUDGE[kpi]).fetchall())  # type: ignore[return-value]


def test_every_kpi_is_what_sql_finds(project: Project, erp: Erp, monkeypatch):
    got = project.collected(monkeypatch)
    assert got.problems == ()
    for kpi in JUDGE:
        want = judged(erp, kpi)
        assert want, kpi
        assert by_month(got, kpi) == want, kpi


def test_a_workbook_is_filled_from_it_and_says_whence(project: Project, erp: Erp):
    project.provisioned("revenue", "gross_margin")
    assert project.run("check").returncode == 0
    done = project.json("sync")
    assert done["problems"] == []
    for kpi in ("revenue", "gross_margin"):
        told = project.json("explain", kpi, "2026-03")
        assert rounded(told["actual"]) == judged(erp, kpi)["2026-03"]
        assert "Tryton" in json.dumps(told, ensure_ascii=False)
        assert erp.reader not in json.dumps(told)


class TestFaults:
    def test_a_wrong_key_ends_with_77_and_one_line(self, project: Project):
        project.provisioned("revenue")
        done = project.run("sync", TRYTON_KEY="wrong" * 12)
        assert done.returncode == 77, done.stderr
        [line] = done.stderr.strip().splitlines()
        assert "401" in line
        assert "wrongwrong" not in done.stdout + done.stderr

    def test_what_the_key_may_not_read_stops_its_own_kpis(self, project: Project, erp: Erp, monkeypatch):
        got = project.collected(monkeypatch, TRYTON_KEY=erp.clerk)
        stopped = {problem.kpi for problem in got.problems}
        assert stopped == {"revenue", "open_invoices", "receivables"}
        assert all("Invoice" in problem.what and "account.invoice" in problem.mend for problem in got.problems)
        assert by_month(got, "leads") == judged(erp, "leads")

    def test_names_that_it_does_not_know_are_told(self, project: Project, erp: Erp, monkeypatch):
        text = toml(erp.url).replace('"sum(untaxed_amount)"', '"sum(untaxed_amuont)"')
        project.written(text.replace('"sale.opportunity"', '"sale.oportunity"', 1))
        told = {problem.kpi: problem for problem in project.collected(monkeypatch).problems}
        assert set(told) == {"revenue", "leads"}
        assert "untaxed_amuont" in told["revenue"].what
        assert "sale.opportunity" in told["leads"].mend

    def test_a_server_that_is_down(self, project: Project, monkeypatch):
        project.written(toml("tryton+http://127.0.0.1:9/erp"))
        got = project.collected(monkeypatch)
        assert got.unreachable == {"tryton"}
        assert got.facts == ()

    def test_a_key_that_is_withdrawn_in_the_middle(self, tmp_path: Path, erp: Erp, monkeypatch):
        """Tables that came whole before count; of the others nothing does, and the source is told as closed."""
        with passing(erp.port, at=8, do=lambda: state(erp, "cancelled")) as port:
            text = toml(f"tryton+http://127.0.0.1:{port}/erp")
            got = Project(tmp_path, {"TRYTON_KEY": erp.reader}).written(text).collected(monkeypatch)
        state(erp, "validated")
        assert got.problems
        assert any("401" in str(problem) for problem in got.problems)
        for kpi in JUDGE:
            assert by_month(got, kpi) in ({}, judged(erp, kpi)), kpi

    def test_a_slow_server_is_given_up_in_its_time(self, tmp_path: Path, erp: Erp, monkeypatch):
        with passing(erp.port, delay=1.5) as port:
            text = toml(f"tryton+http://127.0.0.1:{port}/erp")
            text = text.replace("auth =", "timeout = 2\nauth =", 1)
            got = Project(tmp_path, {"TRYTON_KEY": erp.reader}).written(text).collected(monkeypatch)
        assert got.unreachable == {"tryton"}
        assert got.facts == ()


def state(erp: Erp, word: str) -> None:
    with closing(sqlite3.connect(erp.database, timeout=20)) as database, database:
        database.execute("UPDATE res_user_application SET state = ? WHERE key = ?", (word, erp.reader))
