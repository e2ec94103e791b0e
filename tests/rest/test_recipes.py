"""The recipes: each is configuration, and gives on the vendor's double what plain loops over its objects give."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kpisheets import shipped
from kpisheets.config import Config, load
from kpisheets.connectors import collect
from kpisheets.core.metric import Asked
from kpisheets.core.period import Frequency
from tests.rest.doubles import erpnext, hubspot, pipedrive, salesforce, stripe
from tests.rest.service import Server

pytestmark = pytest.mark.usefixtures("quick")

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
SECRETS = {
    "STRIPE_KEY": stripe.KEY,
    "PIPEDRIVE_TOKEN": pipedrive.TOKEN,
    "HUBSPOT_TOKEN": hubspot.TOKEN,
    "SALESFORCE_CLIENT_ID": salesforce.CLIENT,
    "SALESFORCE_CLIENT_SECRET": salesforce.SECRET,
    "ERPNEXT_KEY": erpnext.KEY,
    "ERPNEXT_SECRET": erpnext.SECRET,
}
SERVING: Mapping[str, Callable[[Server], object]] = {
    "stripe": stripe.serve,
    "pipedrive": pipedrive.serve,
    "hubspot": hubspot.serve,
    "salesforce": salesforce.Salesforce,
    "erpnext": erpnext.serve,
}
MONTHS = [f"2026-{month:02}" for month in range(1, 12)]
Numbers = dict[str, Decimal]


def month(value: object) -> str:
    """The month in Paris of a moment, whichever way it is written."""
    if isinstance(value, int):
        return f"{datetime.fromtimestamp(value, PARIS):%Y-%m}"
    text = str(value)
    return f"{datetime.fromisoformat(text).astimezone(PARIS):%Y-%m}" if "T" in text else text[:7]


def total(
    held: Iterable[Mapping[str, Any]], at: Callable[[Any], object], worth: Callable[[Any], object] = lambda _: 1
) -> Numbers:
    found: Numbers = defaultdict(Decimal)
    for one in held:
        if (moment := at(one)) is not None:
            found[month(moment)] += Decimal(str(worth(one) or 0))
    return dict(found)


def share(top: Numbers, bottom: Numbers) -> Numbers:
    return {label: top.get(label, Decimal(0)) / whole for label, whole in bottom.items()}


def start_of(label: str) -> datetime:
    return datetime.fromisoformat(f"{label}-01").replace(tzinfo=PARIS)


def end_of(label: str) -> datetime:
    year, number = map(int, label.split("-"))
    return datetime(year + number // 12, number % 12 + 1, 1, tzinfo=PARIS)


def for_stripe() -> dict[str, Numbers]:
    invoices, charges = stripe.OBJECTS["invoices"], stripe.OBJECTS["charges"]
    paid = [one for one in invoices if one["status"] == "paid"]
    first: dict[str, int] = {}
    for one in paid:
        at = one["status_transitions"]["paid_at"]
        first[one["customer"]] = min(first.get(one["customer"], at), at)
    subscriptions = stripe.OBJECTS["subscriptions"]

    def runs(one: Mapping[str, Any], moment: datetime) -> bool:
        return one["start_date"] < moment.timestamp() <= (one["ended_at"] or 2**40)

    def monthly(one: Mapping[str, Any]) -> Decimal:
        amounts = [
            Decimal(item["price"]["unit_amount_decimal"])
            / 100
            * item["quantity"]
            / {"month": 1, "year": 12}[item["price"]["recurring"]["interval"]]
            / item["price"]["recurring"]["interval_count"]
            for item in one["items"]["data"]
        ]
        return sum(amounts, Decimal(0))

    mrr, renewed, began = {}, {}, {}
    for label in MONTHS:
        end = end_of(label)
        running = [one for one in subscriptions if runs(one, end) and (one["trial_end"] or 0) < end.timestamp()]
        mrr[label] = sum((monthly(one) for one in running), Decimal(0))
        before = [one for one in subscriptions if runs(one, start_of(label))]
        began[label] = Decimal(len(before))
        renewed[label] = Decimal(len([one for one in before if runs(one, end)]))
    return {
        "mrr": mrr,
        "renewal_rate": share(renewed, {label: count for label, count in began.items() if count}),
        "revenue": total(
            [one for one in invoices if one["currency"] == "eur"],
            lambda one: one["status_transitions"]["finalized_at"],
            lambda one: Decimal(one["total_excluding_tax"]) / 100,
        ),
        "new_customers": total([{"at": at} for at in first.values()], lambda one: one["at"]),
        "collection_time": share(
            total(paid, lambda one: one["status_transitions"]["paid_at"], lambda _: Decimal(239) / 24),
            total(paid, lambda one: one["status_transitions"]["paid_at"]),
        ),
        "error_rate": share(
            total(charges, lambda one: one["created"], lambda one: one["status"] == "failed" and 1),
            total(charges, lambda one: one["created"]),
        ),
        "refunds": total(stripe.OBJECTS["refunds"], lambda one: one["created"], lambda _: 1),
    }


def for_pipedrive() -> dict[str, Numbers]:
    deals = pipedrive.OBJECTS["/api/v2/deals"]
    won = [one for one in deals if one["status"] == "won"]

    def won_now(one: Mapping[str, Any]) -> int:
        return int(one["status"] == "won")

    def days(one: Mapping[str, Any]) -> Decimal:
        # Hours as they begin: what date_diff counts.
        made, done = (datetime.fromisoformat(one[name]).replace(minute=0) for name in ("add_time", "won_time"))
        return Decimal((done - made).total_seconds()) / 86_400

    return {
        "leads": total(pipedrive.OBJECTS["/v1/leads"], lambda one: one["add_time"]),
        "revenue": total(won, lambda one: one["won_time"], lambda one: one["value"]),
        "win_rate": share(
            total(deals, lambda one: one["close_time"], won_now), total(deals, lambda one: one["close_time"])
        ),
        "conversion_rate": share(
            total(deals, lambda one: one["add_time"], won_now), total(deals, lambda one: one["add_time"])
        ),
        "sales_cycle": share(total(won, lambda one: one["won_time"], days), total(won, lambda one: one["won_time"])),
        "activities": total(pipedrive.OBJECTS["/api/v2/activities"], lambda one: one["marked_as_done_time"]),
    }


def for_hubspot() -> dict[str, Numbers]:
    contacts, deals, tickets = (
        [one["properties"] for one in hubspot.OBJECTS[name]] for name in ("contacts", "deals", "tickets")
    )
    lead, closed = "hs_lifecyclestage_lead_date", [one for one in deals if one["hs_is_closed"] == "true"]
    won = [one for one in deals if one["hs_is_closed_won"] == "true"]
    ended = [one for one in tickets if one["closed_date"]]

    def hours(one: Mapping[str, Any]) -> Decimal:
        opened, done = (datetime.fromisoformat(one[name]) for name in ("createdate", "closed_date"))
        return Decimal((done - opened).total_seconds()) / 3600

    def reached(name: str) -> Numbers:
        return share(
            total(contacts, lambda one: one[lead], lambda one: int(one[name] is not None)),
            total(contacts, lambda one: one[lead]),
        )

    return {
        "leads": total(contacts, lambda one: one[lead]),
        "qualified_lead_rate": reached("hs_lifecyclestage_marketingqualifiedlead_date"),
        "conversion_rate": reached("hs_lifecyclestage_customer_date"),
        "revenue": total(won, lambda one: one["closedate"], lambda one: one["amount_in_home_currency"]),
        "win_rate": share(
            total(closed, lambda one: one["closedate"], lambda one: int(one in won)),
            total(closed, lambda one: one["closedate"]),
        ),
        "new_mrr": total(won, lambda one: one["closedate"], lambda one: one["hs_mrr"]),
        "resolution_time": share(
            total(ended, lambda one: one["closed_date"], hours), total(ended, lambda one: one["closed_date"])
        ),
        "error_rate": share(
            total(tickets, lambda one: one["createdate"], lambda one: int(one["hs_ticket_category"] is not None)),
            total(tickets, lambda one: one["createdate"]),
        ),
    }


def for_salesforce() -> dict[str, Numbers]:
    leads, deals, cases = (salesforce.OBJECTS[name] for name in ("Lead", "Opportunity", "Case"))
    won, closed = ([one for one in deals if one[name]] for name in ("IsWon", "IsClosed"))
    done = [one for one in cases if one["IsClosed"]]

    def days(one: Mapping[str, Any]) -> int:
        return (date.fromisoformat(one["CloseDate"]) - datetime.fromisoformat(one["CreatedDate"]).date()).days

    return {
        "leads": total(leads, lambda one: one["CreatedDate"]),
        "conversion_rate": share(
            total(leads, lambda one: one["CreatedDate"], lambda one: int(one["IsConverted"])),
            total(leads, lambda one: one["CreatedDate"]),
        ),
        "revenue": total(won, lambda one: one["CloseDate"], lambda one: one["Amount"]),
        "win_rate": share(
            total(closed, lambda one: one["CloseDate"], lambda one: int(one["IsWon"])),
            total(closed, lambda one: one["CloseDate"]),
        ),
        "sales_cycle": share(total(won, lambda one: one["CloseDate"], days), total(won, lambda one: one["CloseDate"])),
        "resolution_time": dict.fromkeys(total(done, lambda one: one["ClosedDate"]), Decimal(108)),
        "error_rate": share(
            total(cases, lambda one: one["CreatedDate"], lambda one: int(one["IsEscalated"])),
            total(cases, lambda one: one["CreatedDate"]),
        ),
    }


def for_erpnext() -> dict[str, Numbers]:
    documents = erpnext.DOCUMENTS
    invoices = [one for one in documents["Sales Invoice"] if one["docstatus"] == 1]
    ledger = [one for one in documents["GL Entry"] if not one["is_cancelled"] and "Debtors" not in one["account"]]
    leads, people = documents["Lead"], documents["Employee"]
    staying: Numbers = {}
    for label in MONTHS:
        start, end = (moment.date().isoformat() for moment in (start_of(label), end_of(label)))
        before = [p for p in people if p["date_of_joining"] < start <= (p["relieving_date"] or "9")]
        staying[label] = Decimal(len([p for p in before if (p["relieving_date"] or "9") >= end])) / len(before)

    def on(one: Mapping[str, Any]) -> object:
        return one["posting_date"]

    def amount(one: Mapping[str, Any]) -> Decimal:
        return Decimal(str(one["credit"])) - Decimal(str(one["debit"]))

    return {
        "revenue": total(invoices, on, lambda one: one["base_net_total"]),
        "error_rate": share(
            total(invoices, on, lambda one: one["is_return"]), total(invoices, on, lambda one: 1 - one["is_return"])
        ),
        "gross_margin": share(
            total(ledger, on, amount), total([one for one in ledger if "Sales" in one["account"]], on, amount)
        ),
        "operating_cash_flow": total(
            documents["Payment Entry"],
            on,
            lambda one: one["base_paid_amount"] * {"Receive": 1, "Pay": -1}.get(one["payment_type"], 0),
        ),
        "leads": total(leads, lambda one: one["creation"]),
        "conversion_rate": share(
            total(leads, lambda one: one["creation"], lambda one: int(one["status"] == "Converted")),
            total(leads, lambda one: one["creation"]),
        ),
        "employee_retention": staying,
    }


EXPECTED: Mapping[str, Callable[[], dict[str, Numbers]]] = {
    "stripe": for_stripe,
    "pipedrive": for_pipedrive,
    "hubspot": for_hubspot,
    "salesforce": for_salesforce,
    "erpnext": for_erpnext,
}


def project(folder: Path, recipe: str, server: Server) -> Config:
    text = (shipped.root() / "recipes" / f"{recipe}.toml").read_text(encoding="utf-8")
    [source] = tomllib.loads(text)["sources"].values()
    text = text.replace(source["url"].partition("+")[2], server.url)
    path = folder / "kpisheets.toml"
    path.write_text(f'[project]\nname = "A"\ntimezone = "Europe/Paris"\n{text}', encoding="utf-8")
    return load(path)


@pytest.mark.parametrize("recipe", EXPECTED)
def test_every_metric_is_right(recipe: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    SERVING[recipe](server)
    config = project(tmp_path, recipe, server)
    first, last = (config.calendar.parse(label) for label in (MONTHS[0], MONTHS[-1]))
    asked = [Asked(name, metric, Frequency.MONTHLY, first, last) for name, metric in config.metrics.items()]
    got = collect(config.sources, asked, calendar=config.calendar, root=tmp_path, now=NOW)
    assert got.problems == ()
    found: dict[str, Numbers] = {name: {} for name in config.metrics}
    for fact in got.facts:
        if fact.value is not None:
            found[fact.kpi][fact.period.label] = fact.value
    wanted = EXPECTED[recipe]()
    assert found.keys() == wanted.keys()
    for name, numbers in wanted.items():
        numbers = {label: value for label, value in numbers.items() if label in MONTHS}
        assert found[name].keys() == numbers.keys(), name
        for label, value in numbers.items():
            near = Decimal("0.005") if name == "mrr" else abs(value) * Decimal("1e-12")  # twelfths, to the cent
            assert abs(found[name][label] - value) <= near, (name, label)


def test_every_recipe_has_a_title_and_says_what_each_metric_is_of() -> None:
    for file in (shipped.root() / "recipes").iterdir():
        text = file.read_text(encoding="utf-8")
        assert text.startswith("# ")
        assert text.splitlines()[1] == ""
        data = tomllib.loads(text)
        [name] = data["sources"]
        assert {metric["source"] for metric in data["metrics"].values()} == {name}
