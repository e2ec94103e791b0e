"""The doubles answer as the vendors do, and our descriptions bring from them what the vendors' own clients bring."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from kpisheets.connectors.base import Window
from kpisheets.connectors.rest.client import Client
from kpisheets.connectors.rest.source import RestSource
from kpisheets.core.metric import Source
from kpisheets.services.values import Service
from tests.rest.doubles import erpnext, hubspot, pipedrive, salesforce, stripe
from tests.rest.gathering import gather, metric, only
from tests.rest.service import Server, Told

pytestmark = pytest.mark.usefixtures("quick")

Configured = Callable[[str], Source]
AUTH = {
    "stripe": f'token = "{stripe.KEY}"',
    "pipedrive": f'value = "{pipedrive.TOKEN}"',
    "hubspot": f'token = "{hubspot.TOKEN}"',
    "salesforce": f'client_id = "{salesforce.CLIENT}", client_secret = "{salesforce.SECRET}"',
    "erpnext": f'value = "token {erpnext.KEY}:{erpnext.SECRET}"',
}


@pytest.fixture
def vendor(server: Server, configured: Configured) -> Callable[..., Source]:
    """A vendor's double as a source."""
    serving = {"stripe": stripe.serve, "pipedrive": pipedrive.serve, "hubspot": hubspot.serve, "erpnext": erpnext.serve}

    def made(name: str, more: str = "", *, auth: str = "") -> Source:
        serving.get(name, salesforce.Salesforce)(server)
        return configured(f'[sources.shop]\nurl = "{name}+{server.url}"\nauth = {{ {auth or AUTH[name]} }}\n{more}')

    return made


def brought(source: Source, table: str, dated_by: str = "", window: tuple[date, date] | None = None) -> list[Any]:
    """The records of a table, as the engine hands them to DuckDB."""
    service = source.settings
    assert isinstance(service, Service)
    start, end = window or (date(1900, 3, 1), date(2027, 1, 1))
    client = Client(source.url.partition("+")[2], service, seconds=60, kept=Path("nowhere"))
    records = RestSource(client, service).records(table, Window(start, end, "UTC", dated_by))
    client.transport.close()
    assert records is not None
    assert isinstance(records.data, list)
    return records.data


QUARTER = (date(2026, 4, 1), date(2026, 7, 1))


def test_stripes_client_reads_the_same(server: Server, vendor: Callable[..., Source]) -> None:
    import stripe as library

    source = vendor("stripe")
    client = library.StripeClient(stripe.KEY, base_addresses={"api": server.url}, max_network_retries=0)
    services = client.v1
    for table in ("invoices", "charges", "refunds", "subscriptions"):
        params: Any = {"limit": 100} | ({"status": "all"} if table == "subscriptions" else {})
        theirs = [one.id for one in getattr(services, table).list(params).auto_paging_iter()]
        assert [one["id"] for one in brought(source, table)] == theirs
        assert len(theirs) == len(stripe.OBJECTS[table]) == len(set(theirs))
    created = {"gte": stripe.moment("2026-04-01"), "lt": stripe.moment("2026-07-01")}
    theirs = [one.id for one in services.invoices.list({"limit": 100, "created": created}).auto_paging_iter()]
    assert [one["id"] for one in brought(source, "invoices", "created_at", QUARTER)] == theirs
    with pytest.raises(library.AuthenticationError, match="Invalid API Key"):
        library.StripeClient("sk_no", base_addresses={"api": server.url}).v1.invoices.list()


def test_stripe_knows_every_field_and_parameter_that_is_asked_for(vendor: Callable[..., Source]) -> None:
    service = vendor("stripe").settings
    assert isinstance(service, Service)
    kinds = {"invoices": "Invoice", "subscriptions": "Subscription", "charges": "Charge", "refunds": "Refund"}
    for table, kind in kinds.items():
        library = importlib.import_module(f"stripe._{kind.lower()}")
        known = _annotated(library, kind)
        asked = {column.path.partition(".")[0] for column in service.tables[table].columns.values()}
        assert asked <= known, table
        params = importlib.import_module(f"stripe.params._{kind.lower()}_list_params")
        accepted = _annotated(params, f"{kind}ListParams")
        assert {name.partition("[")[0] for name in service.tables[table].parameters} <= accepted
        assert {"limit", "starting_after", "created"} <= accepted
    items = {path.path for path in service.tables["subscription_items"].columns.values()}
    of_items = {path.split(".")[1] for path in items if path.startswith("item.")}
    assert of_items <= _annotated(importlib.import_module("stripe._subscription_item"), "SubscriptionItem")
    of_prices = {path.split(".")[2] for path in items if path.startswith("item.price.")}
    assert of_prices <= _annotated(importlib.import_module("stripe._price"), "Price")


def _annotated(module: Any, name: str) -> set[str]:
    """The fields of a class of a module, as its text annotates them."""
    tree = ast.parse(inspect.getsource(module))
    [found] = [one for one in tree.body if isinstance(one, ast.ClassDef) and one.name == name]
    return {one.target.id for one in found.body if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)}


def test_stripes_amounts_are_exact_in_every_currency(vendor: Callable[..., Source]) -> None:
    rows = {one["id"]: one for one in brought(vendor("stripe"), "invoices")}
    for held in stripe.OBJECTS["invoices"]:
        decimals = {"eur": 2, "jpy": 0, "kwd": 3}[held["currency"]]
        assert rows[held["id"]]["total"] == Decimal(held["total"]) / 10**decimals


def test_items_that_stripe_leaves_out_are_not_overlooked(server: Server, vendor: Callable[..., Source]) -> None:
    source = vendor("stripe")
    short = {**stripe.OBJECTS["subscriptions"][0]}
    short["items"] = {**short["items"], "has_more": True}
    server.routes["/v1/subscriptions"] = lambda _: {"data": [short], "has_more": False}
    got = gather(source, metric(table="subscription_items", value="count(*)", date="started_at"))
    assert "leaves out items of the subscription sub_000" in only(got).what


def test_hubspots_client_reads_the_same(server: Server, vendor: Callable[..., Source]) -> None:
    from hubspot import HubSpot
    from hubspot.crm.deals import ApiException

    source = vendor("hubspot")
    client = HubSpot(access_token=hubspot.TOKEN, host=server.url)
    service = source.settings
    assert isinstance(service, Service)
    for table in ("contacts", "deals", "tickets"):
        properties = str(service.tables[table].parameters["properties"]).split(",")
        theirs = getattr(client.crm, table).get_all(properties=properties)  # its models validate every body
        ours = {one["id"]: one for one in brought(source, table)}
        assert list(ours) == [one.id for one in theirs] == [one["id"] for one in hubspot.OBJECTS[table]]
        for one in theirs:
            assert one.properties.keys() - {"hs_object_id"} == set(properties)
            asked = {
                name: column.path.partition(".")[2]
                for name, column in service.tables[table].columns.items()
                if column.path.startswith("properties.")
            }
            assert {name: ours[one.id][name] for name in asked} == {
                name: one.properties[known] for name, known in asked.items()
            }
    with pytest.raises(ApiException, match="INVALID_AUTHENTICATION"):
        HubSpot(access_token="no", host=server.url).crm.deals.basic_api.get_page()


def test_hubspots_search_finds_the_same_by_days(server: Server, vendor: Callable[..., Source]) -> None:
    from hubspot import HubSpot
    from hubspot.crm.deals import Filter, FilterGroup, PublicObjectSearchRequest

    source = vendor("hubspot")
    start, end = (int(datetime.combine(day, time(), UTC).timestamp() * 1000) for day in QUARTER)
    rules = [
        Filter(property_name="closedate", operator=sign, value=str(at)) for sign, at in (("GTE", start), ("LT", end))
    ]
    client = HubSpot(access_token=hubspot.TOKEN, host=server.url).crm.deals.search_api
    theirs, after = [], "0"
    while after:
        request = PublicObjectSearchRequest(
            filter_groups=[FilterGroup(filters=rules)], limit=20, after=after, sorts=[], properties=["amount"]
        )
        page = client.do_search(public_object_search_request=request)
        theirs += [one.id for one in page.results]
        after = page.paging.next.after if page.paging else ""
    ours = brought(source, "searched_deals", "closed_at", QUARTER)
    assert [one["id"] for one in ours] == theirs
    listed = {one["id"]: one for one in brought(source, "deals")}
    assert ours == [listed[one] for one in theirs]
    assert 20 < len(theirs) < len(listed)


class Unencrypted(requests.adapters.HTTPAdapter):
    """Salesforce's client insists on https; the double speaks http."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = str(request.url).replace("https://", "http://")
        return super().send(request, *args, **kwargs)


def test_salesforces_client_reads_the_same(server: Server, configured: Configured) -> None:
    from simple_salesforce import Salesforce
    from simple_salesforce.exceptions import SalesforceExpiredSession, SalesforceMalformedRequest

    double = salesforce.Salesforce(server)
    session = requests.Session()
    session.mount("https://", Unencrypted())
    host = server.url.partition("://")[2]
    client = Salesforce(instance=host, session_id=double.session(), session=session, version="62.0")
    source = configured(f'[sources.shop]\nurl = "salesforce+{server.url}"\nauth = {{ {AUTH["salesforce"]} }}\n')
    service = source.settings
    assert isinstance(service, Service)
    for table in service.tables.values():
        theirs = list(client.query_all_iter(str(table.parameters["q"])))
        ours = brought(source, table.name)
        assert len(ours) == len(theirs) > 0
        names = {name: column.path for name, column in table.columns.items()}
        assert [{n: str(v) for n, v in one.items()} for one in ours] == [
            {name: str(one[path]) for name, path in names.items()} for one in theirs
        ]
    with pytest.raises(SalesforceMalformedRequest):
        client.query("SELECT Nothing FROM Lead")
    with pytest.raises(SalesforceExpiredSession):
        Salesforce(instance=host, session_id="no", session=session, version="62.0").query("SELECT Id FROM Lead")


def test_a_session_of_salesforce_that_ends_is_begun_anew(server: Server, configured: Configured) -> None:
    double = salesforce.Salesforce(server, lasts=2)
    source = configured(f'[sources.shop]\nurl = "salesforce+{server.url}"\nauth = {{ {AUTH["salesforce"]} }}\n')
    rows = brought(source, "opportunities")
    assert [one["id"] for one in rows] == [one["Id"] for one in salesforce.OBJECTS["Opportunity"]]
    assert len(double.sessions) == 2
    wanted = [one for one in salesforce.OBJECTS["Opportunity"] if "2026-04-01" <= one["CloseDate"] < "2026-07-01"]
    assert [one["id"] for one in brought(source, "opportunities", "closes_on", QUARTER)] == [
        one["Id"] for one in wanted
    ]


def test_frappes_client_reads_the_same(server: Server, vendor: Callable[..., Source]) -> None:
    from frappeclient import FrappeClient

    source = vendor("erpnext")
    client = FrappeClient(server.url, api_key=erpnext.KEY, api_secret=erpnext.SECRET)
    service = source.settings
    assert isinstance(service, Service)
    for table in service.tables.values():
        asked = {name: json.loads(str(text)) for name, text in table.parameters.items() if name != "order_by"}
        doctype = table.path.rpartition("/")[2]
        theirs = client.get_list(
            doctype, asked["fields"], asked.get("filters"), limit_page_length=10_000, order_by="name asc"
        )
        ours = brought(source, table.name)
        names = {name: column.path for name, column in table.columns.items()}
        assert [{name: str(v) for name, v in one.items()} for one in ours] == [
            {name: str(one[path]) for name, path in names.items()} for one in theirs
        ]


def test_pipedrive_is_read_to_the_end(vendor: Callable[..., Source]) -> None:
    source = vendor("pipedrive")
    service = source.settings
    assert isinstance(service, Service)
    for table in service.tables.values():
        held = pipedrive.OBJECTS[f"/{table.path}"]
        assert [one["id"] for one in brought(source, table.name)] == [one["id"] for one in held]
    won = [one for one in pipedrive.OBJECTS["/api/v2/deals"] if (one["won_time"] or "").startswith("2026-09")]
    found = brought(source, "deals", "won_at", (date(2026, 9, 1), date(2026, 10, 1)))
    assert {one["id"] for one in won} <= {one["id"] for one in found}
    assert len(found) < len(pipedrive.OBJECTS["/api/v2/deals"])


@pytest.mark.parametrize("name", AUTH)
def test_a_wrong_key_is_told_in_one_line(name: str, vendor: Callable[..., Source]) -> None:
    wrong = {"salesforce": 'client_id = "a", client_secret = "wr0ng"', "stripe": 'token = "wr0ng"'}
    wrong |= {"hubspot": 'token = "wr0ng"', "pipedrive": 'value = "wr0ng"', "erpnext": 'value = "token wr0ng:x"'}
    source = vendor(name, auth=wrong[name])
    service = source.settings
    assert isinstance(service, Service)
    got = gather(source, metric(table=next(iter(service.tables)), value="count(*)", date="created_at"))
    assert (got.denied, only(got).code) == ({"shop"}, 77)
    assert "wr0ng" not in str(only(got))


@pytest.mark.parametrize("name", AUTH)
def test_a_right_that_is_missing_is_named(name: str, server: Server, vendor: Callable[..., Source]) -> None:
    source = vendor(name)
    service = source.settings
    assert isinstance(service, Service)
    table = next(iter(service.tables.values()))
    assert table.needs
    path = "/" + table.path.replace(" ", "%20")
    server.routes[path] = lambda _: Told([{"message": "insufficient rights"}], 403)
    got = gather(source, metric(table=table.name, value="count(*)", date=next(iter(table.columns))))
    assert only(got).mend == f"grant {table.needs}"
    assert "insufficient rights" in only(got).what


def test_descriptions_say_what_each_table_needs_and_how_a_record_is_known(configured: Configured) -> None:
    from kpisheets.services.catalogue import described, names

    for name in names()[1:]:
        for table in described(name).tables.values():
            assert table.needs, table.name
            assert set(table.key) <= table.columns.keys(), table.name
            assert set(table.windows) <= {column.casefold() for column in table.columns}, table.name
