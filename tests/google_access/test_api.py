"""The door over real HTTP: what travels, what is counted, what is repeated, what is never sent twice."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from kpisheets.config import GoogleSettings
from kpisheets.errors import BadConfig, KpisheetsError, NotAllowed, TryLater, Unreachable
from kpisheets.google_access.api import Api, Unanswered, open_api
from kpisheets.google_access.retry import Time
from tests.google_access.conftest import Waits
from tests.google_access.scripted import Reply, Scripted, drive_error, sheets_error, wait_for

BATCH = "/v4/spreadsheets/1AbC:batchUpdate"
BUSY = sheets_error(429, "Quota exceeded for quota metric 'Write requests'", "RESOURCE_EXHAUSTED")
BROKEN = sheets_error(503, "The service is currently unavailable.", "UNAVAILABLE")


def test_what_travels_and_what_is_counted(api: Api, google: Scripted) -> None:
    body = {"requests": [{"updateCells": {"fields": "userEnteredValue", "rows": ["é" * 2000]}}]}
    assert api.request("POST", BATCH, params={"fields": "replies", "ranges": ["a", "b"]}, body=body)["path"] == BATCH
    assert api.request("GET", "/drive/v3/files/1AbC")["path"] == "/drive/v3/files/1AbC"
    wait_for(lambda: len(google.seen) == 2)
    [first, second] = google.seen
    assert json.loads(first.body) == body
    assert b", " not in first.body
    assert b": " not in first.body
    assert first.query == {"fields": ["replies"], "ranges": ["a", "b"]}
    assert first.headers["authorization"] == "Bearer token 1"
    assert second.body == b""
    assert api.requests == 2
    assert api.sent == len(first.body)
    wait_for(lambda: api.received == first.answered + second.answered)
    assert len(google.tokens) == 1


def test_answers_come_packed(api: Api, google: Scripted) -> None:
    google.script.append(Reply(document={"values": ["same"] * 5000}))
    assert len(api.request("GET", "/v4/spreadsheets/1AbC")["values"]) == 5000
    assert api.received < 2000


def test_bytes_are_downloaded(api: Api, google: Scripted) -> None:
    google.script.append(Reply(raw=b"PK\x03\x04\xff"))
    assert api.download("/drive/v3/files/1AbC/export", params={"mimeType": "application/pdf"}) == b"PK\x03\x04\xff"


def test_an_answer_without_words(api: Api, google: Scripted) -> None:
    google.script.append(Reply(204, raw=b""))
    assert api.request("DELETE", "/drive/v3/files/1AbC") == {}


@pytest.mark.parametrize(
    "busy",
    [
        BUSY,
        drive_error(403, "Rate Limit Exceeded", "rateLimitExceeded", "usageLimits"),
        drive_error(403, "User Rate Limit Exceeded", "userRateLimitExceeded", "usageLimits"),
        sheets_error(429, "Quota exceeded", "RESOURCE_EXHAUSTED", reason="RATE_LIMIT_EXCEEDED"),
    ],
    ids=["429", "rate", "user rate", "info"],
)
@pytest.mark.parametrize("repeatable", [True, False])
def test_too_many_requests_are_repeated(
    api: Api, google: Scripted, waits: Waits, busy: Reply, repeatable: bool
) -> None:
    google.script += [busy, busy]
    assert api.request("POST", BATCH, body={}, repeatable=repeatable)["path"] == BATCH
    assert waits == [0.5, 1.0]
    assert api.requests == 3


@pytest.mark.parametrize("reason", ["storageQuotaExceeded", "insufficientFilePermissions", "domainPolicy", "other"])
def test_no_other_403_is_repeated(api: Api, google: Scripted, waits: Waits, reason: str) -> None:
    google.script.append(drive_error(403, "no", reason))
    with pytest.raises(KpisheetsError):
        api.request("POST", "/drive/v3/files", body={})
    assert (waits, api.requests) == ([], 1)


def test_a_service_that_stays_busy_ends_with_75(door: Callable[..., Api], google: Scripted, waits: Waits) -> None:
    google.script += [BUSY] * 100
    with pytest.raises(TryLater, match="takes no more requests") as caught:
        door(deadline=60).request("GET", "/v4/spreadsheets/1AbC")
    assert caught.value.exit_code == 75
    assert sum(waits) <= 60
    assert len(waits) >= 5


def test_who_waits_is_told_why(google: Scripted, key: dict[str, Any], tmp_path: Path, waits: Waits) -> None:
    told: list[str] = []
    settings = GoogleSettings(credentials=json.dumps(key), api_root=google.root)
    api = open_api(settings, tmp_path, cache=tmp_path, tell=told.append, passing=waits.time)
    google.script.append(BROKEN)
    api.request("GET", "/v4/spreadsheets/1AbC")
    assert told == ["Google fails (503 The service is currently unavailable.): trying again"]


def test_the_time_that_the_service_names_is_kept(api: Api, google: Scripted, waits: Waits) -> None:
    google.script.append(Reply(429, BUSY.document, headers={"Retry-After": "17"}))
    google.script.append(
        Reply(503, BROKEN.document, headers={"Retry-After": formatdate(time.time() + 30, usegmt=True)})
    )
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "12.5s"}]
    google.script.append(Reply(429, {"error": {"code": 429, "message": "", "details": details}}))
    api.request("GET", "/v4/spreadsheets/1AbC")
    assert waits[0] == 17.5
    assert 29 < waits[1] <= 31
    assert waits[2] == 14.5


@pytest.mark.parametrize("fault", [Reply(fault="reset"), BROKEN, sheets_error(500, "Internal error", "INTERNAL")])
def test_what_may_be_done_twice_is_repeated(api: Api, google: Scripted, fault: Reply) -> None:
    google.script += [fault, fault]
    assert api.request("POST", BATCH, body={})["path"] == BATCH
    assert api.requests == 3


@pytest.mark.parametrize("fault", [Reply(fault="reset"), BROKEN, sheets_error(500, "Internal error", "INTERNAL")])
def test_what_must_not_be_done_twice_is_sent_once(api: Api, google: Scripted, fault: Reply) -> None:
    google.script.append(fault)
    with pytest.raises(Unanswered) as caught:
        api.request("POST", BATCH, body={}, repeatable=False)
    assert isinstance(caught.value, TryLater)
    wait_for(lambda: len(google.seen) == 1)
    time.sleep(0.05)
    assert len(google.seen) == 1


def test_a_connection_that_the_server_gave_up_meanwhile_is_no_riddle(api: Api, google: Scripted) -> None:
    """A connection that was kept open and closed by the server between two requests is simply opened again."""
    api.request("GET", "/v4/spreadsheets/1AbC")
    google.script.append(Reply(document={"first": 1}, headers={"Connection": "close"}))
    api.request("GET", "/v4/spreadsheets/1AbC")
    assert api.request("POST", BATCH, body={}, repeatable=False)["path"] == BATCH


@pytest.mark.parametrize(("repeatable", "expected"), [(True, TryLater), (False, Unanswered)])
def test_silence_is_bounded(
    door: Callable[..., Api], google: Scripted, repeatable: bool, expected: type[Exception]
) -> None:
    google.script += [Reply(fault="hang")] * 5
    api, begin = door(passing=Time(), deadline=2), time.monotonic()
    with pytest.raises(expected, match="did not answer in time"):
        api.request("POST", BATCH, body={}, repeatable=repeatable)
    assert time.monotonic() - begin < 10


@pytest.mark.parametrize("repeatable", [True, False])
def test_nobody_there(door: Callable[..., Api], google: Scripted, waits: Waits, repeatable: bool) -> None:
    """A connection that was refused carried nothing: no riddle, and soon given up."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    api = door(api_root=f"http://127.0.0.1:{port}")
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1 cannot be reached .*refused.*api_root") as caught:
        api.request("POST", BATCH, body={}, repeatable=repeatable)
    assert caught.value.exit_code == 69
    assert len(waits) >= 3
    assert sum(waits) <= 20


def test_a_name_that_does_not_exist(door: Callable[..., Api], monkeypatch: pytest.MonkeyPatch) -> None:
    here = socket.getaddrinfo

    def looked_up(host: str, *rest: Any, **more: Any) -> Any:
        if host == "surely-not.invalid":  # no question leaves this machine
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return here(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    with pytest.raises(Unreachable, match=r"the name surely-not\.invalid is not found"):
        door(api_root="https://surely-not.invalid").request("GET", "/v4/spreadsheets/1AbC")


def test_a_token_that_ran_out_is_renewed_at_once(api: Api, google: Scripted, waits: Waits) -> None:
    google.script.append(sheets_error(401, "Request had invalid authentication credentials.", "UNAUTHENTICATED"))
    assert api.request("POST", BATCH, body={}, repeatable=False)["path"] == BATCH
    assert len(google.tokens) == 2
    assert waits == []


def test_a_sign_in_that_stays_refused(api: Api, google: Scripted) -> None:
    google.script += [sheets_error(401, "Request had invalid authentication credentials.", "UNAUTHENTICATED")] * 5
    with pytest.raises(NotAllowed, match="does not accept the sign-in"):
        api.request("GET", "/v4/spreadsheets/1AbC")
    wait_for(lambda: len(google.seen) == 2)
    assert api.requests == 2


def test_somebody_else_answers(door: Callable[..., Api], google: Scripted) -> None:
    page = b"<html><head><style>p {}</style></head><body><h1>Welcome to the hotel</h1></body></html>"
    google.script.append(Reply(raw=page, headers={"Content-Type": "text/html"}))
    with pytest.raises(BadConfig, match="does not answer as Google does"):
        door().request("GET", "/v4/spreadsheets/1AbC")
    google.script.append(Reply(404, raw=page, headers={"Content-Type": "text/html"}))
    with pytest.raises(BadConfig, match=r"does not answer as Google does \(404 Welcome to the hotel\)"):
        door().request("GET", "/v4/spreadsheets/1AbC")


def test_a_certificate_of_nobody(door: Callable[..., Api], tmp_path: Path, waits: Waits) -> None:
    """A server that shows a certificate which nobody vouches for: no attempt is made to talk to it all the same."""
    port, stop = _self_signed(tmp_path)
    try:
        with pytest.raises(Unreachable, match=r"is not secure .*certificate.*REQUESTS_CA_BUNDLE") as caught:
            door(api_root=f"https://localhost:{port}").request("GET", "/v4/spreadsheets/1AbC")
    finally:
        stop.set()
    assert caught.value.exit_code == 69
    assert waits == []


def test_an_endpoint_that_speaks_in_the_clear(door: Callable[..., Api], google: Scripted, waits: Waits) -> None:
    with pytest.raises(Unreachable, match=r"is not secure .*; check \[google\] api_root"):
        door(api_root=google.root.replace("http://", "https://")).request("GET", "/v4/spreadsheets/1AbC")
    assert waits == []


def test_an_endpoint_below_a_path(door: Callable[..., Api], google: Scripted) -> None:
    api = door(api_root=f"{google.root}/google")
    assert api.request("GET", "/drive/v3/files/1AbC")["path"] == "/google/drive/v3/files/1AbC"


def test_what_is_on_this_machine_is_not_asked_through_a_proxy(
    door: Callable[..., Api], google: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert door().request("GET", "/v4/spreadsheets/1AbC")["path"] == "/v4/spreadsheets/1AbC"


def test_a_proxy_that_is_not_there(door: Callable[..., Api], waits: Waits, monkeypatch: pytest.MonkeyPatch) -> None:
    api = door(api_root="https://sheets.example.org")
    api.sign_in()
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with pytest.raises(
        Unreachable, match=r"the proxy does not let a connection to sheets\.example\.org through .*HTTPS_PROXY"
    ):
        api.request("GET", "/v4/spreadsheets/1AbC")
    assert sum(waits) <= 20


@pytest.mark.parametrize(("quotas", "waited"), [({}, 0), ({"user_quota": 20}, 1), ({"project_quota": 20}, 1)])
def test_on_this_machine_nobody_is_taken_to_count(
    door: Callable[..., Api], waits: Waits, quotas: dict[str, int], waited: int
) -> None:
    api = door(Time(lambda: waits.now, waits.sleep, wall=lambda: 1_000_000.0 + waits.now), **quotas)
    for _ in range(21):
        api.request("GET", "/v4/spreadsheets/1AbC")
        api.request("GET", "/drive/v3/files/1AbC")
    assert waits == [62.0] * waited


def _self_signed(folder: Path) -> tuple[int, threading.Event]:
    import ssl
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(*plain))
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    listening, stop = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def serve() -> None:
        listening.settimeout(0.05)
        while not stop.is_set():
            try:
                connection, _ = listening.accept()
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                continue
        listening.close()

    threading.Thread(target=serve, daemon=True).start()
    return listening.getsockname()[1], stop
