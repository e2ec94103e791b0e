"""What is asked: the ways in, the days, parameters and bodies; and that secrets stay where they belong."""

from __future__ import annotations

import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kpisheets.connectors import probe
from kpisheets.core.metric import Source
from tests.rest.gathering import TOTAL, gather, metric, numbers, only
from tests.rest.service import Asked, Server, Told

pytestmark = pytest.mark.usefixtures("quick")

Configured = Callable[[str], Source]
ORDERS = [{"day": "2026-10-05", "amount": 10.25}, {"day": "2026-10-06", "amount": 0.1}]
GOOD = {"2026-10": Decimal("10.35")}
TABLE = '[sources.shop.tables.orders]\npath = "orders"\n'


@pytest.mark.parametrize(
    ("auth", "seen"),
    [
        ('kind = "basic", user = "me", password = "${env:SHOP_SECRET}"', ("Authorization", "Basic bWU6czNjcmV0")),
        ('kind = "bearer", token = "${env:SHOP_SECRET}"', ("Authorization", "Bearer s3cret")),
        ('kind = "header", name = "X-Key", value = "key ${env:SHOP_SECRET}"', ("X-Key", "key s3cret")),
        ('kind = "query", name = "api_key", value = "${env:SHOP_SECRET}"', ("api_key", "s3cret")),
    ],
)
def test_the_ways_in(
    auth: str, seen: tuple[str, str], server: Server, configured: Configured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_SECRET", "s3cret")
    held = Told({"message": "no entry with s3cret"}, 401)

    @server.route("/v1/orders")
    def orders(asked: Asked) -> Any:
        page = asked.query.get("page")
        return {"items": ORDERS[1:]} if page else {"items": ORDERS[:1], "next": "/v1/orders?page=2"}

    source = configured(
        f'[sources.shop]\nurl = "rest+{server.url}/v1"\nauth = {{ {auth} }}\n{TABLE}records = "items"\n'
        'pagination = { kind = "next", at = "next" }\n'
    )
    assert numbers(gather(source, TOTAL)) == GOOD
    assert len(server.asked) == 2
    for asked in server.asked:
        assert ({**asked.headers, **asked.query})[seen[0]] == seen[1]
    server.routes["/v1/orders"] = lambda _: held
    got = gather(source, TOTAL)
    assert (got.unreachable, got.denied) == ({"shop"}, {"shop"})
    assert "s3cret" not in str(only(got))
    assert only(got).code == 77


@pytest.mark.parametrize("kind", ["client_credentials", "refresh_token"])
@pytest.mark.parametrize("client", ["body", "basic"])
def test_oauth_tokens_are_fetched_and_renewed(
    kind: str, client: str, server: Server, configured: Configured, tmp_path: Path
) -> None:
    given: list[str] = []

    @server.route("/oauth/token")
    def token(asked: Asked) -> Any:
        form = asked.form
        assert form["grant_type"] == kind
        if client == "basic":
            assert asked.headers["Authorization"] == "Basic aWQ6JTI2cw=="  # id and &s, each encoded before (RFC 6749)
        else:
            assert (form["client_id"], form["client_secret"]) == ("id", "&s")
        if kind == "refresh_token":
            assert form["refresh_token"] == f"r{len(given)}"
        given.append(f"t{len(given) + 1}")
        return {"access_token": given[-1], "refresh_token": f"r{len(given)}"}

    @server.route("/v1/orders")
    def orders(asked: Asked) -> Any:
        # A session ends after one page.
        last = len(given) if "page" not in asked.query else len(given) + len(given) % 2
        accepted = f"t{last}"
        if asked.headers["Authorization"] != f"Bearer {accepted}":
            return Told({}, 401)
        return {"items": ORDERS[1:]} if "page" in asked.query else {"items": ORDERS[:1], "next": "/v1/orders?page=2"}

    refresh = 'refresh_token = "r0"' if kind == "refresh_token" else 'scope = "read"'
    source = configured(
        f'[sources.shop]\nurl = "rest+{server.url}/v1"\n[sources.shop.auth]\n'
        f'kind = "{kind}"\ntoken_url = "/oauth/token"\n'
        f'client_id = "id"\nclient_secret = "&s"\nclient = "{client}"\n{refresh}\n{TABLE}records = "items"\n'
        'pagination = { kind = "next", at = "next" }\n'
    )
    assert numbers(gather(source, TOTAL, root=tmp_path)) == GOOD
    assert given == ["t1", "t2"]
    # The next run begins with the refresh token that came last: the granted one is void.
    assert numbers(gather(source, TOTAL, root=tmp_path)) == GOOD
    assert given == ["t1", "t2", "t3", "t4"]
    held = [path for path in (tmp_path / ".kpisheets" / "tokens").glob("*") if path.is_file()]
    assert [path.stat().st_mode & 0o777 for path in held] == ([0o600] if kind == "refresh_token" else [])


def test_a_refresh_token_that_cannot_be_kept_is_told(server: Server, configured: Configured, tmp_path: Path) -> None:
    server.route("/token")(lambda _: {"access_token": "t", "refresh_token": "n3w"})
    source = configured(
        f'[sources.shop]\nurl = "rest+{server.url}/v1"\n[sources.shop.auth]\nkind = "refresh_token"\n'
        f'token_url = "/token"\nclient_id = "id"\nrefresh_token = "old"\n{TABLE}'
    )
    (tmp_path / ".kpisheets").write_text("in the way")
    got = gather(source, TOTAL, root=tmp_path)
    assert got.unreachable == {"shop"}
    assert "new refresh token cannot be kept" in only(got).what
    assert "n3w" not in str(only(got))


def test_a_refused_token_is_told(server: Server, configured: Configured) -> None:
    server.route("/token")(lambda _: Told({"error": "invalid_client", "error_description": "unknown client"}, 400))
    source = configured(
        f'[sources.shop]\nurl = "rest+{server.url}/v1"\n[sources.shop.auth]\nkind = "client_credentials"\n'
        f'token_url = "/token"\nclient_id = "id"\nclient_secret = "x"\n{TABLE}'
    )
    got = gather(source, TOTAL)
    assert got.denied == {"shop"}
    assert "gives no token (400): unknown client" in only(got).what


WINDOW = """
[sources.shop.tables.orders.window]
day = { from = "{start}", to = "{last_day}", before = "{end}" }
paid_at = { "paid[gte]" = "{start_unix}", "paid[lt]" = "{end_unix}", ms = "{start_ms}", since = "{start_at}" }
"""


@pytest.mark.parametrize(
    ("column", "query"),
    [
        ("day", {"from": "2026-03-01", "to": "2026-12-31", "before": "2027-01-01", "kind": "order"}),
        # In Paris the first of March begins on 28 February, 23:00 UTC.
        (
            "paid_at",
            {
                "paid[gte]": "1772319600",
                "paid[lt]": "1798758000",
                "ms": "1772319600000",
                "since": "2026-02-28T23:00:00Z",
                "kind": "order",
            },
        ),
        ("shipped", {"kind": "order"}),
    ],
)
def test_days_are_asked_for_only_by_the_column_that_dates(
    column: str, query: dict[str, str], server: Server, configured: Configured
) -> None:
    server.route("/v1/orders")(lambda _: [{column: "2026-10-05", "amount": 1}])
    source = configured(
        f'[sources.shop]\nurl = "rest+{server.url}/v1"\n{TABLE}parameters = {{ kind = "order" }}\n{WINDOW}'
    )
    got = gather(source, metric(value="sum(amount)", date=column), first="2026-03")
    assert (numbers(got), got.problems) == ({"2026-10": 1}, ())
    assert [asked.query for asked in server.asked] == [query]


def test_looking_back_and_from_the_beginning(server: Server, configured: Configured) -> None:
    server.route("/v1/orders")(lambda _: [{"day": "2026-10-05", "amount": 1}])
    source = configured(
        f'[sources.shop]\nurl = "rest+{server.url}/v1"\n{TABLE}look_back = 31\n'
        '[sources.shop.tables.orders.window]\nday = { from = "{start}", unix = "{start_unix}" }\n'
    )
    gather(source, TOTAL, first="2026-03")
    gather(source, TOTAL)
    assert [asked.query for asked in server.asked] == [
        {"from": "2026-01-29", "unix": "1769641200"},
        {"from": "1900-03-01", "unix": "0"},
    ]


def test_what_was_brought_is_not_asked_for_again(server: Server, configured: Configured) -> None:
    server.route("/v1/orders")(lambda _: [{"day": "2026-10-05", "paid": "2026-11-01", "amount": 1}])
    source = configured(f'[sources.shop]\nurl = "rest+{server.url}/v1"\n{TABLE}')
    paid = metric("paid", value="sum(amount)", date="paid")
    free = metric("sql", table="", value="sum(amount)", sql="SELECT day, amount FROM orders")
    got = gather(source, TOTAL, paid, free)
    assert [numbers(got, kpi) for kpi in ("m", "paid", "sql")] == [{"2026-10": 1}, {"2026-11": 1}, {"2026-10": 1}]
    assert len(server.asked) == 1


POST = """
method = "POST"
records = "hits"
pagination = { kind = "cursor", parameter = "page.after", at = "after", size_parameter = "page.size", size = 2 }
[sources.shop.tables.orders.body]
filter = { kind = "order" }
page = { sort = "day" }
[sources.shop.tables.orders.window.day]
filter = { kind = "order", from = "{start}" }
"""


@pytest.mark.parametrize("repeat", [True, False])
def test_a_query_by_post(repeat: bool, server: Server, configured: Configured) -> None:
    busy = [Told({}, 500)] if repeat else []

    @server.route("/v1/orders")
    def orders(asked: Asked) -> Any:
        if busy:
            return busy.pop()
        return (
            {"hits": ORDERS[1:], "after": None} if "after" in asked.json["page"] else {"hits": ORDERS[:1], "after": 9}
        )

    said = f"repeat = true\n{POST}" if repeat else POST
    source = configured(f'[sources.shop]\nurl = "rest+{server.url}/v1"\n{TABLE}{said}')
    assert numbers(gather(source, TOTAL, first="2026-03")) == GOOD
    wanted = {"filter": {"kind": "order", "from": "2026-03-01"}, "page": {"sort": "day", "size": 2}}
    bodies = [asked.json for asked in server.asked][1 if repeat else 0 :]
    assert bodies == [wanted, {**wanted, "page": {"sort": "day", "size": 2, "after": 9}}]


def test_a_post_that_may_have_been_carried_out_is_not_repeated(server: Server, configured: Configured) -> None:
    server.route("/v1/orders")(lambda _: Told({}, 500))
    source = configured(f'[sources.shop]\nurl = "rest+{server.url}/v1"\n{TABLE}method = "POST"\n')
    assert gather(source, TOTAL).unreachable == {"shop"}
    assert len(server.asked) == 1
    too_many = [Told({}, 429)]
    server.route("/v1/orders")(lambda _: too_many.pop() if too_many else ORDERS)
    assert numbers(gather(source, TOTAL)) == GOOD


def test_values_are_read_as_they_are_meant(server: Server, configured: Configured) -> None:
    server.route("/v1/orders")(
        lambda _: {
            "data": [
                # 23:30 UTC on 31 October is November in Paris; yen have no minor unit.
                {"created": 1793489400, "total": {"amount": 1999, "currency": "eur"}},
                {"created": 1793489399 - 86400, "total": {"amount": 5, "currency": "EUR"}},
            ]
        }
    )
    source = configured(
        f'[sources.shop]\nurl = "rest+{server.url}/v1"\n{TABLE}records = "data"\n'
        '[sources.shop.tables.orders.columns]\nat = { path = "created", read = "unix" }\n'
        'amount = { path = "total.amount", read = "minor", currency = "total.currency" }\n'
    )
    got = gather(source, metric(value="sum(amount)", date="at"))
    assert numbers(got) == {"2026-10": Decimal("0.05"), "2026-11": Decimal("19.99")}
    server.route("/v1/orders")(lambda _: {"data": [{"created": 1, "total": {"amount": "10 EUR", "currency": "eur"}}]})
    assert "can't be read as minor: “10 EUR” is no number" in only(gather(source, TOTAL)).what


def test_fields_are_columns_where_none_are_named(server: Server, configured: Configured) -> None:
    server.route("/v1/orders")(
        lambda _: [
            {"day": "2026-10-05", "total": {"net": "1.10", "tax": {"rate": 2}}, "total_net": "3.30", "tags": ["a"]}
        ]
    )
    source = configured(f'[sources.shop]\nurl = "rest+{server.url}/v1"\n{TABLE}')
    got = gather(source, metric(value="sum(total_net) + sum(total_tax_rate)"))
    assert numbers(got) == {"2026-10": Decimal("5.30")}


def test_items_of_a_record_are_records(server: Server, configured: Configured) -> None:
    server.route("/v1/orders")(
        lambda _: [{"day": "2026-10-05", "lines": [{"n": 1}, {"n": 2}]}, {"day": "2026-11-05", "lines": None}]
    )
    source = configured(
        f'[sources.shop]\nurl = "rest+{server.url}/v1"\n{TABLE}each = "lines"\n'
        'columns = { day = "day", n = "item.n" }\n'
    )
    assert numbers(gather(source, metric(value="sum(n)"))) == {"2026-10": 3}


def test_a_table_without_records_has_its_columns(server: Server, configured: Configured) -> None:
    server.route("/v1/orders")(lambda _: [])
    columns = 'columns = { id = "id", day = "day", amount = "total" }\nkey = ["id"]\n'
    source = configured(f'[sources.shop]\nurl = "rest+{server.url}/v1"\n{TABLE}{columns}')
    free = metric("sql", table="", value="sum(amount)", sql="SELECT day, amount FROM orders WHERE id > 3")
    got = gather(source, TOTAL, free, metric("wrong", value="sum(amuont)"))
    assert "has no column “amuont”" in only(got).what
    plain = configured(f'[sources.shop]\nurl = "rest+{server.url}/v1"\n{TABLE}')
    assert gather(plain, TOTAL).problems == ()
    assert "has no records, and so no columns" in only(gather(plain, free)).what


def test_a_source_is_complete_up_to_its_last_change(server: Server, configured: Configured) -> None:
    server.route("/v1/orders")(lambda _: [{"day": "2026-10-05", "amount": 1, "changed": "2026-11-02T10:00:00Z"}])
    source = configured(f'[sources.shop]\nurl = "rest+{server.url}/v1"\nupdated_at = "changed"\n{TABLE}')
    [query] = gather(source, TOTAL).queries
    assert query.watermark.startswith("2026-11-02")


def test_a_check_asks_for_one_page_and_finds_what_a_sync_would(
    server: Server, configured: Configured, tmp_path: Path
) -> None:
    server.route("/v1/orders")(lambda asked: {"items": ORDERS, "next": int(asked.query.get("c", 0)) + 1})
    said = 'records = "items"\npagination = { kind = "cursor", parameter = "c", at = "next" }\n'
    source = configured(f'[sources.shop]\nurl = "rest+{server.url}/v1"\n{TABLE}{said}')
    metrics = [TOTAL, metric("wrong", value="sum(amuont)")]
    [problem] = probe(source, metrics, root=tmp_path)
    assert "has no column “amuont”" in problem.what
    assert len(server.asked) == 1


def test_what_a_question_is_made_of(server: Server, configured: Configured) -> None:
    server.route("/v1/orders")(lambda _: ORDERS)
    source = configured(
        f'[sources.shop]\nurl = "rest+{server.url}/v1"\nheaders = {{ X-Version = "2" }}\n{TABLE}'
        'parameters = { "expand[]" = ["customer", "lines"], archived = false, limit = 50 }\n'
    )
    assert numbers(gather(source, TOTAL)) == GOOD
    [asked] = server.asked
    assert asked.lists == {"expand[]": ["customer", "lines"], "archived": ["false"], "limit": ["50"]}
    assert asked.headers["X-Version"] == "2"


@pytest.mark.parametrize("library", ["requests", "jmespath"])
def test_a_missing_extra_is_named(
    library: str, server: Server, configured: Configured, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = configured(f'[sources.shop]\nurl = "rest+{server.url}/v1"\n{TABLE}')
    monkeypatch.setitem(sys.modules, library, None)
    got = gather(source, TOTAL)
    assert (got.unreachable, only(got).mend) == ({"shop"}, "pip install 'kpisheets[rest]'")
