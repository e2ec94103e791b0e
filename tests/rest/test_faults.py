"""Services that are down, slow, half there, too busy, changed, or lie: one line each, and the rest goes on."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kpisheets.connectors.rest import transport
from kpisheets.core.metric import Source
from tests.rest.gathering import TOTAL, gather, metric, numbers, only
from tests.rest.service import Asked, Server, Told, running

pytestmark = pytest.mark.usefixtures("quick")

Configured = Callable[[str], Source]
ORDERS = [{"day": "2026-10-05", "amount": 10.25}, {"day": "2026-10-06", "amount": 0.1}]
GOOD = {"2026-10": Decimal("10.35")}


@pytest.fixture
def shop(server: Server, configured: Configured) -> Callable[..., Source]:
    def made(orders: str = "", source: str = "") -> Source:
        return configured(
            f'[sources.shop]\nurl = "rest+{server.url}/v1"\n{source}\n'
            f'[sources.shop.tables.orders]\npath = "orders"\nrecords = "items"\n{orders}\n'
            '[sources.shop.tables.other]\npath = "other"\nrecords = "items"\n'
        )

    return made


def serve(server: Server, *answers: Any) -> None:
    """The answers one after the other, the last one ever after."""
    left = list(answers)

    def orders(asked: Asked) -> Any:
        told = left.pop(0) if len(left) > 1 else left[0]
        return told(asked) if callable(told) else told

    server.routes["/v1/orders"] = orders
    server.routes["/v1/other"] = lambda _: {"items": ORDERS}


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_passes_is_asked_again(status: int, server: Server, shop: Callable[..., Source]) -> None:
    serve(server, Told({}, status), Told({}, status), {"items": ORDERS})
    got = gather(shop(), TOTAL)
    assert (got.problems, numbers(got)) == ((), GOOD)
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    "half",
    [
        Told({"items": ORDERS}, promised=5000),
        Told(b'{"items": [{"day": "2026-10-05", "amou'),
        Told(b"<html>be back soon</html>", headers={"Content-Type": "text/html"}),
        Told(b'{"items": [{"day": "2026-10-05", "amount": NaN}]}'),
        Told(b"[" * 100_000),
    ],
    ids=["cut off", "half JSON", "a page", "no number", "too deep"],
)
def test_half_an_answer_counts_for_nothing(half: Told, server: Server, shop: Callable[..., Source]) -> None:
    serve(server, half, {"items": ORDERS})
    assert numbers(gather(shop(), TOTAL)) == GOOD
    serve(server, half)
    got = gather(shop(), TOTAL)
    assert got.unreachable == {"shop"}
    assert got.facts == ()
    assert "kpisheets.toml:3" in str(only(got))


def test_one_that_is_down_is_told_in_one_line(configured: Configured) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        source = configured(
            f'[sources.shop]\nurl = "rest+http://127.0.0.1:{port}"\n[sources.shop.tables.orders]\npath = "o"\n'
        )
        got = gather(source, TOTAL, metric("n", value="count(*)"))
    assert got.unreachable == {"shop"}
    assert str(only(got)) == (
        f"kpisheets.toml:3: 127.0.0.1:{port} can't be reached, or broke off (connection refused); "
        "check the url and the network, then sync again"
    )


def test_it_waits_as_long_as_it_is_asked_to(server: Server, shop: Callable[..., Source]) -> None:
    serve(server, Told({}, 403, {"Retry-After": "1"}), {"items": ORDERS})
    began = time.monotonic()
    assert numbers(gather(shop(), TOTAL)) == GOOD
    assert 1 <= time.monotonic() - began < 3


def test_a_wait_beyond_its_time_is_not_begun(server: Server, shop: Callable[..., Source]) -> None:
    serve(server, Told({}, 503, {"Retry-After": "3600"}))
    began = time.monotonic()
    got = gather(replace(shop(), timeout=5), TOTAL)
    assert time.monotonic() - began < 1
    assert "asks to be left alone for 3600 seconds" in only(got).what
    assert (got.unreachable, only(got).code) == ({"shop"}, 75)


def test_a_slow_one_is_given_up(server: Server, shop: Callable[..., Source], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_READ", 0.2)
    serve(server, lambda _: time.sleep(0.4) or {"items": ORDERS}, {"items": ORDERS})
    assert numbers(gather(shop(), TOTAL)) == GOOD
    serve(server, lambda _: time.sleep(0.4) or {"items": ORDERS})
    began = time.monotonic()
    got = gather(replace(shop(), timeout=1), TOTAL)
    assert time.monotonic() - began < 2.5
    assert got.unreachable == {"shop"}
    assert only(got).mend


def test_a_quota_that_is_used_up_is_waited_for(server: Server, shop: Callable[..., Source]) -> None:
    used_up = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}
    pages = [
        Told({"items": ORDERS[:1], "next": "/v1/orders?2"}, headers=used_up),
        {"items": ORDERS[1:], "next": None},
    ]
    serve(server, *pages)
    began = time.monotonic()
    got = gather(shop('pagination = { kind = "next", at = "next" }'), TOTAL)
    assert (numbers(got), got.problems) == (GOOD, ())
    assert time.monotonic() - began >= 0.99


def test_a_quota_that_comes_back_too_late_is_not_waited_for(server: Server, shop: Callable[..., Source]) -> None:
    used_up = {"RateLimit-Remaining": "0", "RateLimit-Reset": "40000"}
    serve(server, Told({"items": ORDERS, "next": "/v1/orders?2"}, headers=used_up))
    began = time.monotonic()
    got = gather(shop('pagination = { kind = "next", at = "next" }'), TOTAL)
    assert time.monotonic() - began < 1
    assert "asks to be left alone for 40000 seconds" in only(got).what
    # Where nothing more is needed, it does not matter.
    serve(server, Told({"items": ORDERS, "next": None}, headers=used_up))
    assert numbers(gather(shop('pagination = { kind = "next", at = "next" }'), TOTAL)) == GOOD


def test_requests_keep_their_distance(server: Server, shop: Callable[..., Source]) -> None:
    serve(server, *[{"items": [one]} for one in ORDERS * 2], {"items": []})
    began = time.monotonic()
    got = gather(shop('pagination = { kind = "page", parameter = "p" }', "limits = { rate = 20 }"), TOTAL)
    assert numbers(got) == {"2026-10": Decimal("20.70")}
    assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize(
    ("pagination", "answers", "said"),
    [
        ('kind = "cursor", parameter = "c", at = "c"', [{"items": ORDERS, "c": "x"}], "read already"),
        (
            'kind = "next", at = "n"',
            [{"items": ORDERS, "n": "/v1/orders?a"}, {"items": ORDERS, "n": "/v1/orders?b"}] * 2,
            "read already",
        ),
        ('kind = "page", parameter = "p"', [{"items": ORDERS}], "pages 1 and 2 are the same"),
        ('kind = "offset", parameter = "p"', [{"items": ORDERS}], "is the same again"),
        ('kind = "after", parameter = "a", at = "day"', [{"items": ORDERS}], "read already"),
        ('kind = "after", parameter = "a", at = "id"', [{"items": ORDERS}], "has no “id”"),
        ('kind = "after", parameter = "a", at = "day", more = "more"', [{"items": ORDERS}], "“more” does not tell"),
        (
            'kind = "page", parameter = "p", total = "total"',
            [{"items": ORDERS, "total": 3}, {"items": [], "total": 3}],
            "2 of 3 records came",
        ),
        ('kind = "cursor", parameter = "c", at = "c"', [{"items": ORDERS, "c": {"at": 1}}], "does not tell the next"),
    ],
)
def test_pages_that_go_round_or_stop_short(
    pagination: str, answers: list[Any], said: str, server: Server, shop: Callable[..., Source]
) -> None:
    serve(server, *answers)
    got = gather(shop(f"pagination = {{ {pagination} }}"), TOTAL, metric("n", "other", value="count(*)"))
    assert said in only(got).what
    assert (only(got).kpi, numbers(got, "n"), got.unreachable) == ("m", {"2026-10": 2}, set())
    assert len(server.asked) < 10


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"entries": ORDERS, "count": 2}, "no records at “items”: it holds entries, count"),
        ({"items": "none"}, "is no list of records"),
        ({"items": [1, 2]}, "is no list of records"),
        ([], "no records at “items”"),
        ({"items": [{"day": "2026-10-05", "amount_total": 3}]}, "has no column “amount”"),
        ({"items": [{"day": "2026-10-05", "amount": "3 EUR"}]}, "is text"),
        ({"items": ORDERS, "problem": "table is locked"}, "says: table is locked"),
        (Told({"errors": [{"message": "unknown field"}]}, 400), "(400): unknown field"),
        (Told({"message": "scope missing"}, 403), "(403): scope missing"),
        (Told({}, 404), "has nothing at /v1/orders (404)"),
    ],
)
def test_what_is_wrong_with_one_table_stops_that_one(
    answer: Any, said: str, server: Server, shop: Callable[..., Source]
) -> None:
    serve(server, answer)
    columns = 'error = "problem"\ncolumns = { day = "day", amount = "amount" }'
    got = gather(shop(columns), TOTAL, metric("n", "other", value="count(*)"))
    assert said in only(got).what
    assert (only(got).kpi, numbers(got, "n"), got.unreachable) == ("m", {"2026-10": 2}, set())


def test_a_field_that_is_sometimes_missing(server: Server, shop: Callable[..., Source]) -> None:
    serve(server, {"items": [*ORDERS, {"day": "2026-10-07", "amount": None}, {"day": "2026-10-08"}]})
    assert numbers(gather(shop('columns = { day = "day", amount = "amount" }'), TOTAL)) == GOOD
    serve(server, {"items": [{"day": "2026-10-08"}]})
    optional = 'columns = { day = "day", amount = { path = "amount", optional = true } }'
    got = gather(shop(optional), TOTAL)
    assert (got.problems, numbers(got)) == ((), {"2026-10": None})


def test_duplicates_count_once_and_are_told(server: Server, shop: Callable[..., Source]) -> None:
    again = [{"id": 1, **ORDERS[0]}, {"id": 2, **ORDERS[1]}, {"id": 1, **ORDERS[0], "amount": 10.25}]
    serve(server, {"items": again})
    got = gather(shop('key = ["id"]'), TOTAL)
    assert numbers(got) == GOOD
    assert any("came again" in note for note in got.queries[0].notes)


def test_a_flood_is_stopped(server: Server, shop: Callable[..., Source]) -> None:
    serve(server, {"items": [{"day": "2026-10-05", "amount": 1, "text": "x" * 2_000_000}]})
    got = gather(shop(source="limits = { megabytes = 1 }"), TOTAL)
    assert "more than 1 MB" in only(got).what
    serve(server, *({"items": [{"day": "2026-10-05", "amount": place}]} for place in range(9)))
    server.asked.clear()
    got = gather(shop('pagination = { kind = "page", parameter = "p" }', "limits = { pages = 5 }"), TOTAL)
    assert "more than 5 pages" in only(got).what
    assert len(server.asked) == 5


@pytest.mark.parametrize("how", ["next", "redirect", "link", "scheme"])
def test_no_secret_goes_to_another_host(how: str, server: Server, configured: Configured) -> None:
    other = server.url.replace("127.0.0.1", "localhost")
    url = f"https://{server.url.partition('://')[2]}" if how == "scheme" else other
    answers = {
        "next": {"items": ORDERS, "next": f"{url}/v1/steal"},
        "scheme": {"items": ORDERS, "next": f"{url}/v1/steal"},
        "redirect": Told({}, 302, {"Location": f"{url}/v1/steal"}),
        "link": Told({"items": ORDERS}, headers={"Link": f'<{url}/v1/steal>; rel="next"'}),
    }
    serve(server, answers[how])
    kind = 'kind = "link"' if how == "link" else 'kind = "next", at = "next"'
    source = configured(
        f'[sources.shop]\nurl = "rest+{server.url}/v1"\nauth = {{ kind = "bearer", token = "s3cret" }}\n'
        f'[sources.shop.tables.orders]\npath = "orders"\nrecords = "items"\npagination = {{ {kind} }}\n'
    )
    got = gather(source, TOTAL)
    assert "leads to another server" in only(got).what
    assert [asked.path for asked in server.asked] == ["/v1/orders"]


def test_a_redirect_on_the_same_host_is_followed(server: Server, shop: Callable[..., Source]) -> None:
    serve(server, Told({}, 301, {"Location": "/v1/orders/"}))
    server.routes["/v1/orders/"] = lambda _: {"items": ORDERS}
    assert numbers(gather(shop(), TOTAL)) == GOOD
    serve(server, Told({}, 302, {"Location": "/v1/orders"}))
    assert "without end" in only(gather(shop(), TOTAL)).what


def test_nothing_is_an_answer(server: Server, shop: Callable[..., Source]) -> None:
    serve(server, Told(b"", 204))
    got = gather(shop('columns = { day = "day", amount = "amount" }'), TOTAL)
    assert (got.facts, got.problems) == ((), ())
    serve(server, {"items": ORDERS}, Told(b"", 204))
    assert numbers(gather(shop('pagination = { kind = "page", parameter = "p" }'), TOTAL)) == GOOD


def test_a_certificate_that_nobody_vouches_for_ends_it(configured: Configured, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "server.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    with running(context) as https:
        https.routes["/orders"] = lambda _: ORDERS
        text = f'[sources.shop]\nurl = "rest+{https.url}"\n[sources.shop.tables.orders]\npath = "orders"\n'
        got = gather(configured(text), TOTAL)
        assert "the certificate of localhost" in only(got).what
        assert (got.unreachable, https.asked) == ({"shop"}, [])
        with pytest.MonkeyPatch.context() as patch:  # who vouches for it is believed
            patch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "server.pem"))
            assert numbers(gather(configured(text), TOTAL)) == GOOD


def test_passwords_of_the_machine_are_not_used(
    server: Server, shop: Callable[..., Source], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password s3cret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    serve(server, {"items": ORDERS})
    assert numbers(gather(shop(), TOTAL)) == GOOD
    assert "Authorization" not in server.asked[0].headers
