"""Mails taken by a real Exim: encrypted, with a login, many over a connection, and refused in its words."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from kpisheets.config import MailSettings
from kpisheets.delivery import Channel, open_mail
from kpisheets.errors import BadData, NotAllowed, TryLater, Unreachable
from kpisheets.templates import language
from tests.delivery.exim import MOST, PASSWORD, TOKEN, USER, Exim, program, running
from tests.google_access.scripted import Reply, Scripted
from tests.letters import compose
from tests.reports import samples

NAME = USER.replace("@", "%40")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed: it makes the certificate")
    folder = tmp_path_factory.mktemp("exim-tls")
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def exim(authority: Path) -> Iterator[Exim]:
    if program() is None:
        pytest.skip("Exim is not installed: apt-get install exim4-daemon-light")
    with running(authority / "cert.pem", authority / "key.pem") as found:
        yield found


def channel(exim: Exim, authority: Path, scheme: str = "smtp", password: str = "s3cret%3A%2F%40") -> Channel:
    port = exim.tls_port if scheme == "smtps" else exim.port
    return open_mail(MailSettings(f"{scheme}://{NAME}:{password}@localhost:{port}", ca="cert.pem"), authority)


def message(to: str, **more: object) -> EmailMessage:
    summary = samples.summary(**more)  # type: ignore[arg-type]
    return compose(summary, language("fr"), sender="KPI équipe <kpi@example.org>", recipient=to, report_name="weekly")


def test_many_mails_arrive_once_each_over_few_connections(exim: Exim, authority: Path) -> None:
    before = len(exim.delivered(0))
    connections = exim.connections
    sent = [message(f"Person {n} <person{n}@example.org>") for n in range(2 * MOST + 1)]
    opened = channel(exim, authority)
    for one in sent:
        opened.send(one)
    opened.close()
    found = exim.delivered(before + len(sent))[before:]
    assert sorted(str(one["Envelope-To"]) for one in found) == [f"person{n}@example.org" for n in range(len(sent))]
    assert sorted(str(one["Message-ID"]) for one in found) == sorted(str(one["Message-ID"]) for one in sent)
    assert exim.connections - connections == 3
    (first,) = [one for one in found if one["Message-ID"] == sent[0]["Message-ID"]]
    assert first["From"].addresses[0].display_name == "KPI équipe"
    html = first.get_body(("html",))
    assert html is not None
    assert html.get_content().replace("\n", "") == sent[0].get_body(("html",)).get_content().replace("\n", "")  # type: ignore[union-attr]
    assert "X=TLS" in exim.log()
    assert f"A=plain:{USER}" in exim.log()


def test_encrypted_from_the_first_byte_and_in_any_script(exim: Exim, authority: Path) -> None:
    before = len(exim.delivered(0))
    opened = channel(exim, authority, "smtps")
    opened.send(message("Zoë <zoë@bücher.example>"))
    opened.close()
    (found,) = exim.delivered(before + 1)[before:]
    assert "zoë@" in str(found["Envelope-To"]) or "zoë@".encode() in found.as_bytes()


def test_its_refusals_are_told_and_leave_the_connection(exim: Exim, authority: Path) -> None:
    before = len(exim.delivered(0))
    opened = channel(exim, authority)
    with pytest.raises(BadData, match="nobody@"):
        opened.send(message("nobody@example.org"))
    with pytest.raises(TryLater, match="later@"):
        opened.send(message("later@example.org"))
    opened.send(message("ann@example.org"))
    opened.close()
    assert str(exim.delivered(before + 1)[before]["Envelope-To"]) == "ann@example.org"


def test_a_message_that_is_too_large_for_it(exim: Exim, authority: Path) -> None:
    large = message("ann@example.org")
    large.add_attachment(bytes(3_000_000), maintype="application", subtype="octet-stream", filename="a.bin")
    with pytest.raises((BadData, NotAllowed), match="552"):
        channel(exim, authority).send(large)


def test_a_wrong_password_a_certificate_without_a_voucher_and_no_login(exim: Exim, authority: Path) -> None:
    with pytest.raises(NotAllowed, match="535") as found:
        channel(exim, authority, password="wr0ng").send(message("ann@example.org"))
    assert "wr0ng" not in str(found.value)
    url = f"smtp://{NAME}:{PASSWORD.replace('/', '%2F').replace('@', '%40')}@localhost:{exim.port}"
    with pytest.raises(Unreachable, match="self-signed certificate"):
        open_mail(MailSettings(url), authority).send(message("ann@example.org"))
    with pytest.raises(BadData, match="550"):
        open_mail(MailSettings(f"smtp://localhost:{exim.port}", ca="cert.pem"), authority).send(
            message("a@example.org")
        )


def test_an_access_token_logs_in(exim: Exim, authority: Path, web: Scripted) -> None:
    before = len(exim.delivered(0))
    url = f"smtp://{NAME}@localhost:{exim.port}"
    settings = {"ca": "cert.pem", "client_id": "c", "client_secret": "s", "token_url": f"{web.root}/token"}
    web.token_script = [Reply(document={"access_token": "stale"}), Reply(document={"access_token": TOKEN})]
    opened = open_mail(MailSettings(url, **settings), authority)
    opened.send(message("ann@example.org"))
    opened.close()
    assert len(exim.delivered(before + 1)) == before + 1
    assert f"A=xoauth2:{USER}" in exim.log()
