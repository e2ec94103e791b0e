"""Gmail and Microsoft Graph: what they are sent, judged by Google's discovery document and Microsoft's words; what each
answer means, and that none of them is ever sent twice."""

from __future__ import annotations

import base64
import email
import json
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from googleapiclient.discovery import build_from_document
from googleapiclient.http import HttpMockSequence

from kpisheets.config import GoogleSettings, MailSettings
from kpisheets.delivery import Channel, open_mail
from kpisheets.errors import BadConfig, BadData, KpisheetsError, NotAllowed, TryLater, Uncertain, Unreachable
from kpisheets.templates import language
from tests.google_access.scripted import Reply, Scripted, drive_error
from tests.letters import compose
from tests.reports import samples
from tests.sheets_emulator.discovery import Document

PERSON = {"type": "authorized_user", "client_id": "123-x.apps.example", "client_secret": "s", "refresh_token": "r"}
CLIENT = {"client_id": "an id", "client_secret": "${env:MAIL_SECRET}"}


def message(to: str = "Zoë <ann@example.org>") -> EmailMessage:
    return compose(samples.summary(), language("fr"), sender="kpi@example.org", recipient=to, report_name="weekly")


@pytest.fixture
def gmail(web: Scripted, tmp_path: Path) -> Channel:
    (tmp_path / "person.json").write_text(json.dumps(PERSON | {"token_uri": f"{web.root}/token"}))
    settings = MailSettings("gmail:", credentials="person.json")
    return open_mail(settings, tmp_path, GoogleSettings(api_root=web.root, deadline=1))


@pytest.fixture
def graph(web: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Channel:
    monkeypatch.setenv("MAIL_SECRET", "s3cret")
    monkeypatch.setattr("kpisheets.web.exchange.TIMEOUT", 0.5)
    settings = MailSettings("graph://kpi@example.org", token_url=f"{web.root}/token", api_root=web.root, **CLIENT)
    return open_mail(settings, tmp_path)


def arrived(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_gmail_is_sent_what_googles_own_client_sends(web: Scripted, gmail: Channel) -> None:
    sent = message()
    gmail.send(sent)
    (seen,) = web.seen
    document = Document("gmail", "v1")
    method = document.methods["gmail.users.messages.send"]
    body = json.loads(seen.body)
    assert set(body) <= set(document.schemas["Message"]["properties"])
    judge = build_from_document(document.raw, http=HttpMockSequence([]))
    wanted = judge.users().messages().send(userId="me", body=body)
    assert (seen.method, seen.path) == (
        wanted.method,
        "/" + wanted.uri.partition("://")[2].partition("/")[2].partition("?")[0],
    )
    assert json.loads(wanted.body) == body
    assert method.request == "Message"
    back = arrived(base64.urlsafe_b64decode(body["raw"]))
    assert [one.addr_spec for one in back["To"].addresses] == ["ann@example.org"]
    assert back["Message-ID"] == sent["Message-ID"]
    assert back["Date"]


def test_a_service_account_writes_in_a_persons_name_and_asks_for_sending_alone(
    web: Scripted, tmp_path: Path, private_key: str
) -> None:
    key = {"type": "service_account", "project_id": "p", "private_key": private_key, "client_email": "kpi@p.example"}
    text = json.dumps(key | {"token_uri": f"{web.root}/token"})
    settings = MailSettings("gmail://boss@example.org", credentials=text)
    assert "boss@example.org" in open_mail(settings, tmp_path, GoogleSettings(api_root=web.root)).send(message())
    claims = web.claims()
    assert claims["sub"] == "boss@example.org"
    assert claims["scope"] in Document("gmail", "v1").methods["gmail.users.messages.send"].scopes
    assert claims["scope"].endswith("gmail.send")


def test_graph_is_sent_mime_in_base64(web: Scripted, graph: Channel) -> None:
    web.script = [Reply(202, raw=b"")]
    sent = message()
    assert "kpi@example.org" in graph.send(sent)
    (seen,) = web.seen
    assert (seen.method, seen.path) == ("POST", "/v1.0/users/kpi@example.org/sendMail")
    assert seen.headers["content-type"] == "text/plain"
    assert seen.headers["authorization"] == "Bearer token 1"
    back = arrived(base64.b64decode(seen.body, validate=True))
    assert back["Message-ID"] == sent["Message-ID"]
    assert web.tokens[0] == {
        "grant_type": "client_credentials",
        "client_id": "an id",
        "client_secret": "s3cret",
        "scope": f"{web.root}/.default",
    }


def test_one_token_serves_many_messages_and_a_refused_one_is_renewed_once(web: Scripted, graph: Channel) -> None:
    web.script = [Reply(202, raw=b""), Reply(202, raw=b""), Reply(401, {}), Reply(202, raw=b"")]
    for _ in range(3):
        graph.send(message())
    assert [seen.headers["authorization"] for seen in web.seen] == [f"Bearer token {n}" for n in (1, 1, 1, 2)]
    web.script = [Reply(401, {"error": {"code": "InvalidAuthenticationToken"}})] * 2
    with pytest.raises(NotAllowed, match="InvalidAuthenticationToken"):
        graph.send(message())


GRAPH = [
    (Reply(400, {"error": {"code": "ErrorInvalidRecipients", "message": "no recipient"}}), BadData, "no recipient"),
    (Reply(403, {"error": {"code": "ErrorAccessDenied", "message": "Access is denied"}}), NotAllowed, "Mail.Send"),
    (Reply(404, {"error": {"code": "ErrorInvalidUser", "message": "no such user"}}), BadConfig, "mailbox"),
    (Reply(413, raw=b"<h1>too large</h1>"), BadData, "too large"),
    (Reply(429, {"error": {"code": "ApplicationThrottled"}}, {"Retry-After": "17"}), TryLater, "ApplicationThrottled"),
    (Reply(503, raw=b"", headers={"Retry-After": "3"}), TryLater, "503"),
    (Reply(302, raw=b"", headers={"Location": "/elsewhere"}), BadConfig, "elsewhere"),
    (Reply(500, raw=b"oops"), Uncertain, "may have arrived"),
    (Reply(502, raw=b"<html>gateway</html>"), Uncertain, "may have arrived"),
    (Reply(504, raw=b""), Uncertain, "may have arrived"),
    (Reply(fault="reset"), Uncertain, "may have arrived"),
    (Reply(fault="hang"), Uncertain, "may have arrived"),
]


@pytest.mark.parametrize(("reply", "kind", "said"), GRAPH)
def test_what_an_answer_of_graph_means(
    web: Scripted, graph: Channel, reply: Reply, kind: type[KpisheetsError], said: str
) -> None:
    web.script = [reply]
    with pytest.raises(kind, match=said) as found:
        graph.send(message())
    assert type(found.value) is kind
    assert len(str(found.value).splitlines()) == 1
    assert "s3cret" not in str(found.value)
    assert not web.script
    if isinstance(found.value, TryLater):
        assert found.value.after == float(reply.headers["Retry-After"])


def gmail_error(code: int, message: str, reason: str = "", **headers: str) -> Reply:
    return Reply(code, drive_error(code, message, reason).document, dict(headers))


GMAIL = [
    (gmail_error(400, "Invalid To header", "invalidArgument"), BadData, "Invalid To header"),
    (gmail_error(400, "Precondition check failed.", "failedPrecondition"), NotAllowed, "no mailbox"),
    (gmail_error(403, "Delegation denied for kpi@example.org", "forbidden"), NotAllowed, "Delegation denied"),
    (
        gmail_error(403, "Gmail API has not been used in project 123", "accessNotConfigured"),
        NotAllowed,
        "the Gmail API",
    ),
    (gmail_error(403, "Insufficient Permission", "insufficientPermissions"), NotAllowed, "sending mail"),
    (gmail_error(413, "Request entity too large", "uploadTooLarge"), BadData, "too large"),
    (
        gmail_error(429, "User-rate limit exceeded", "userRateLimitExceeded", **{"Retry-After": "90"}),
        TryLater,
        "no more",
    ),
    (gmail_error(500, "Backend Error", "backendError"), Uncertain, "may have arrived"),
    (Reply(fault="reset"), Uncertain, "may have arrived"),
]


@pytest.mark.parametrize(("reply", "kind", "said"), GMAIL)
def test_what_an_answer_of_gmail_means(
    web: Scripted, gmail: Channel, reply: Reply, kind: type[KpisheetsError], said: str
) -> None:
    web.script = [reply]
    with pytest.raises(kind, match=said) as found:
        gmail.send(message())
    assert type(found.value) is kind
    assert not web.script
    assert len(web.seen) <= 1  # Gmail was asked once
    if isinstance(found.value, TryLater):
        assert found.value.after == 90


def test_a_sign_in_that_is_refused_says_why_and_no_secret(web: Scripted, graph: Channel) -> None:
    said = "AADSTS7000215: Invalid client secret s3cret provided.\r\nTrace ID: 1"
    web.token_script = [Reply(401, {"error": "invalid_client", "error_description": said})]
    with pytest.raises(NotAllowed, match="AADSTS7000215") as found:
        graph.send(message())
    assert "s3cret" not in str(found.value)
    assert "client_secret" in str(found.value)
    assert not web.seen
    for reply, kind in (
        (Reply(503, raw=b""), TryLater),
        (Reply(fault="reset"), Unreachable),
        (Reply(raw=b"hi"), NotAllowed),
    ):
        web.token_script = [reply]
        with pytest.raises(kind):
            graph.send(message())
    assert not web.seen


def test_a_refresh_token_that_is_replaced_is_remembered(web: Scripted, tmp_path: Path) -> None:
    def opened(token: str) -> Channel:
        settings = {"client_id": "c", "refresh_token": token, "token_url": f"{web.root}/token", "api_root": web.root}
        return open_mail(MailSettings("graph://kpi@example.org", **settings), tmp_path)

    web.script = [Reply(202, raw=b"")] * 4
    web.token_script = [Reply(document={"access_token": "a", "refresh_token": "second", "expires_in": 3600})]
    opened("first").send(message())
    opened("first").send(message())
    opened("another").send(message())
    assert [asked["refresh_token"] for asked in web.tokens] == ["first", "second", "another"]
    kept = tmp_path / ".kpisheets" / "mail-token.json"
    assert kept.stat().st_mode & 0o077 == 0
    assert "first" not in kept.read_text()


def test_nothing_goes_over_the_network_in_the_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_SECRET", "s3cret")
    settings: dict[str, Any] = {"token_url": "http://sign-in.example/token", **CLIENT}
    with pytest.raises(BadConfig, match="https://"):
        open_mail(MailSettings("graph://kpi@example.org", **settings), tmp_path).send(message())


@pytest.mark.parametrize(
    "url", ["gmail://", "gmail:x", "graph:", "graph://", "graph://a@b@c", "graph://kpi@example.org"]
)
def test_urls_of_services_are_checked_before_anything_is_sent(url: str, tmp_path: Path) -> None:
    if url == "gmail://":
        open_mail(MailSettings(url), tmp_path)
        return
    with pytest.raises(BadConfig):
        open_mail(MailSettings(url), tmp_path)
