"""Odoo by both of its interfaces: read as odoo-client-lib reads it, the recipe's numbers are those of plain loops."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import odoolib
import pytest

from kpisheets.config import load
from kpisheets.connectors import collect
from kpisheets.connectors.base import Opening, Window
from kpisheets.connectors.erp.odoo import open_odoo
from kpisheets.core.metric import Asked, Collected
from kpisheets.core.period import Frequency
from kpisheets.errors import BadConfig
from kpisheets.recipes import text
from kpisheets.secrets import Revealed
from tests.erp.odoo_double import DATABASE, FIELDS, HIDDEN, KEY, PASSWORD, RECORDS, USER, Record, serve
from tests.rest.service import Server, running

BEARER = 'auth = { token = "${env:ODOO_KEY}" }'
BASIC = f'auth = {{ kind = "basic", user = "{USER}", password = "${{env:ODOO_KEY}}" }}'
AUTHS = {"json2": (BEARER, KEY), "jsonrpc": (BASIC, PASSWORD)}


@pytest.fixture(scope="module")
def _server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def server(_server: Server) -> Server:
    found = _server.fresh()
    serve(found)
    return found


def _toml(server: Server, auth: str, more: str = "") -> str:
    pasted = text("odoo")
    [source] = tomllib.loads(pasted)["sources"].values()
    pasted = pasted.replace(source["url"], f"odoo+{server.url}/{DATABASE}").replace(BEARER, auth)
    return f'[project]\nname = "A"\ntimezone = "Europe/Paris"\n{pasted}{more}'


def _collected(folder: Path, toml: str) -> Collected:
    (folder / "kpisheets.toml").write_text(toml, encoding="utf-8")
    config = load(folder / "kpisheets.toml")
    first, last = (config.calendar.period(Frequency.MONTHLY, day) for day in (date(2025, 12, 1), date(2026, 12, 1)))
    asked = [Asked(name, metric, Frequency.MONTHLY, first, last) for name, metric in config.metrics.items()]
    return collect(config.sources, asked, calendar=config.calendar, root=folder, now=datetime(2026, 12, 1, tzinfo=UTC))


def _local(moment: str) -> str:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC).astimezone(ZoneInfo("Europe/Paris")).strftime("%Y-%m")


def _months(
    model: str, day: str, number: Callable[[list[Record]], Any], which: Callable[[Record], bool] = lambda _: True
) -> dict[str, Decimal]:
    """Month → number, of the records that pass; a month of records none of which does has what SQL has."""
    parts = defaultdict(list)
    for record in RECORDS[model]:
        if record[day]:
            month = _local(record[day]) if FIELDS[model][day] == "datetime" else record[day][:7]
            parts[month] += [record] if which(record) else []
    found = {month: number(part) for month, part in parts.items()}
    return {month: Decimal(str(value)) for month, value in found.items() if value is not None}


def _sum(name: str) -> Callable[[list[Record]], Any]:
    return lambda part: sum(Decimal(str(one[name])) for one in part) if part else None


def _won(part: list[Record]) -> Any:
    return Decimal(sum(one["active"] and one["probability"] == 100 for one in part)) / len(part) if part else None


def _late(part: list[Record]) -> Any:
    both = [one for one in part if one["date_deadline"]]
    hours = [
        datetime.fromisoformat(one["date_done"]).replace(minute=0)
        - datetime.fromisoformat(one["date_deadline"]).replace(minute=0)
        for one in both
    ]
    return Decimal(sum(one.total_seconds() / 86_400 for one in hours)) / len(both) if both else None


SALES = ("out_invoice", "out_refund")
EXPECTED: dict[str, Callable[[], dict[str, Decimal]]] = {
    "revenue": lambda: _months(
        "account.move",
        "invoice_date",
        _sum("amount_untaxed_signed"),
        lambda one: one["state"] == "posted" and one["move_type"] in SALES,
    ),
    "receivables": lambda: _months(
        "account.move",
        "invoice_date",
        _sum("amount_residual_signed"),
        lambda one: one["state"] == "posted" and one["move_type"] in SALES,
    ),
    "open_invoices": lambda: _months(
        "account.move",
        "invoice_date",
        len,
        lambda one: (one["state"], one["move_type"], one["payment_state"]) == ("posted", "out_invoice", "not_paid"),
    ),
    "order_value": lambda: _months(
        "sale.order", "date_order", _sum("amount_untaxed"), lambda one: one["state"] == "sale"
    ),
    "leads": lambda: _months("crm.lead", "create_date", len),
    "conversion_rate": lambda: _months("crm.lead", "create_date", _won),
    "win_rate": lambda: _months("crm.lead", "date_closed", _won),
    "delivery_delay": lambda: _months(
        "stock.picking",
        "date_done",
        _late,
        lambda one: one["state"] == "done" and one["picking_type_code"] == "outgoing",
    ),
}


@pytest.mark.parametrize("interface", AUTHS)
def test_every_metric_of_the_recipe_is_right(
    interface: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    auth, secret = AUTHS[interface]
    monkeypatch.setenv("ODOO_KEY", secret)
    got = _collected(
        tmp_path, _toml(server, auth).replace("[sources.odoo]", "[sources.odoo]\npagination = { size = 50 }")
    )
    assert got.problems == ()
    found: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for fact in got.facts:
        if fact.value is not None:
            found[fact.kpi][fact.period.label] = Decimal(f"{fact.value:.10g}")
    assert found.keys() == EXPECTED.keys()
    for kpi, expected in EXPECTED.items():
        wanted = {
            month: Decimal(f"{value:.10g}") for month, value in expected().items() if "2025-12" <= month <= "2026-12"
        }
        assert found[kpi] == wanted, kpi


@pytest.mark.parametrize("interface", AUTHS)
def test_what_is_read_is_what_the_vendors_client_reads(interface: str, server: Server, tmp_path: Path):
    port = int(server.url.rpartition(":")[2])
    auth, secret = AUTHS[interface]
    theirs = odoolib.get_connection("127.0.0.1", interface, port, DATABASE, USER, secret)
    (tmp_path / "kpisheets.toml").write_text(_toml(server, auth), encoding="utf-8")
    settings = load(tmp_path / "kpisheets.toml").sources["odoo"].settings
    revealed = _revealed(settings, secret)
    ours = open_odoo(Opening(Revealed("", f"odoo+{server.url}/{DATABASE}"), tmp_path, "UTC", settings=revealed))
    window = Window(
        date(2026, 2, 1), date(2026, 5, 1), "UTC", "invoice_date", frozenset({"state", "amount_untaxed_signed"})
    )
    mine = ours.records("account.move", window).data
    domain = [["invoice_date", ">=", "2026-02-01"], ["invoice_date", "<", "2026-05-01"]]
    said = theirs.get_model("account.move").search_read(
        domain=domain, fields=["id", "invoice_date", "state", "amount_untaxed_signed"]
    )
    assert len(said) > 50
    assert [
        {
            **one,
            "invoice_date": one["invoice_date"].isoformat(),
            "amount_untaxed_signed": float(one["amount_untaxed_signed"]),
        }
        for one in mine
    ] == said
    ours.close()


def _revealed(settings: Any, secret: str) -> Any:
    from dataclasses import replace

    parts = {"token": secret} if settings.auth.kind == "bearer" else {"password": secret}
    return replace(settings, auth=replace(settings.auth, **parts))


MORE = """
[metrics.buyers]
source = "odoo"
table = "account.move"
date = "invoice_date"
value = '''count(distinct "partner_id.name")'''

[metrics.slips]
source = "odoo"
table = "hr.payslip"
date = "date_from"
value = "count(*)"

[metrics.none]
source = "odoo"
table = "no.such.model"
date = "day"
value = "count(*)"

[metrics.misspelt]
source = "odoo"
table = "sale.order"
date = "date_order"
value = "sum(amuont)"
"""


@pytest.mark.parametrize("interface", AUTHS)
def test_what_is_wrong_with_one_table_stops_that_one(
    interface: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    auth, secret = AUTHS[interface]
    monkeypatch.setenv("ODOO_KEY", secret)
    got = _collected(tmp_path, _toml(server, auth, MORE))
    told = {problem.kpi: problem for problem in got.problems}
    assert told.keys() == {"slips", "none", "misspelt"}
    assert HIDDEN in told["slips"].what
    assert "grant the user a group" in told["slips"].mend
    assert "no.such.model" in told["none"].what
    assert "amuont" in told["misspelt"].what
    buyers = {fact.period.label: fact.value for fact in got.facts if fact.kpi == "buyers"}
    wanted = _months(
        "account.move", "invoice_date", lambda part: len({one["partner_id"][1] for one in part if one["partner_id"]})
    )
    assert buyers == wanted


@pytest.mark.parametrize("interface", AUTHS)
def test_a_wrong_secret_lets_nobody_in_and_is_not_told(
    interface: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ODOO_KEY", "a-wrong-secret")
    got = _collected(tmp_path, _toml(server, AUTHS[interface][0]))
    assert got.facts == ()
    assert got.unreachable == {"odoo"}
    assert all("lets nobody in" in str(problem) and "a-wrong-secret" not in str(problem) for problem in got.problems)


def test_a_table_that_is_described_is_told_to_be_too_much(server: Server, tmp_path: Path):
    more = '\n[sources.odoo.tables.orders]\npath = "x"\n'
    with pytest.raises(BadConfig) as refused:
        _collected(tmp_path, _toml(server, BEARER, more))
    assert "Odoo tells its tables itself" in str(refused.value)


def test_a_url_without_a_database_is_told(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ODOO_KEY", KEY)
    toml = _toml(server, BEARER).replace(f"{server.url}/{DATABASE}", server.url)
    got = _collected(tmp_path, toml)
    assert "database" in str(got.problems[0])
