"""A real mail server on loopback: plain, STARTTLS with a login, TLS from the start, refusals, silence."""

from __future__ import annotations

import base64
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest

controllers = pytest.importorskip("aiosmtpd.controller")
from aiosmtpd.smtp import AuthResult  # noqa: E402

from kpisheets.config import MailSettings  # noqa: E402
from kpisheets.delivery import open_channel, open_mail  # noqa: E402
from kpisheets.delivery.smtp import Smtp  # noqa: E402
from kpisheets.errors import BadConfig, BadData, KpisheetsError, NotAllowed, TryLater, Uncertain, Unreachable  # noqa: E402
from kpisheets.templates import language  # noqa: E402
from tests.google_access.scripted import Scripted  # noqa: E402
from tests.letters import compose  # noqa: E402
from tests.reports import samples  # noqa: E402

USER, PASSWORD = "kpi", "s3cret:/@"


class Box:
    """What the server took, and what it answers."""

    def __init__(self, rcpt: str = "", data: str = "", mail: str = "") -> None:
        self.taken: list[tuple[list[str], bytes]] = []
        self._rcpt, self._data, self._mail = rcpt, data, mail

    async def handle_MAIL(self, server, session, envelope, address, options) -> str:  # type: ignore[no-untyped-def] # noqa: N802
        envelope.mail_from = address
        return self._mail or "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # type: ignore[no-untyped-def] # noqa: N802
        envelope.rcpt_tos.append(address)
        return self._rcpt or "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # type: ignore[no-untyped-def] # noqa: N802
        if not self._data:
            self.taken.append((list(envelope.rcpt_tos), envelope.content))
        return self._data or "250 OK"


def checked(server, session, envelope, mechanism, data) -> AuthResult:  # type: ignore[no-untyped-def]
    return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)


@contextmanager
def serving(box: Box, **options: object) -> Iterator[int]:
    controller = controllers.Controller(box, hostname="127.0.0.1", port=_free(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def _free() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate that signed itself, cert.pem, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed: it makes the certificate")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def contexts(authority: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's context, and a client's that trusts its certificate."""
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(authority / "cert.pem", authority / "key.pem")
    return server, ssl.create_default_context(cafile=str(authority / "cert.pem"))


def message() -> EmailMessage:
    return compose(
        samples.summary(), language("fr"), sender="kpi@example.org", recipient="ann@example.org", report_name="weekly"
    )


def test_a_plain_server(tmp_path: Path) -> None:
    box = Box()
    with serving(box) as port:
        where = open_channel(f"smtp://127.0.0.1:{port}", tmp_path).send(message())
    assert where == f"smtp://127.0.0.1:{port}"
    (recipients, content), = box.taken  # fmt: skip
    assert recipients == ["ann@example.org"]
    assert b"Message-ID:" in content


def test_starttls_and_a_login(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    box = Box()
    with serving(
        box, tls_context=contexts[0], authenticator=checked, auth_required=True, require_starttls=True
    ) as port:
        Smtp("127.0.0.1", port, user=USER, password=PASSWORD, context=contexts[1]).send(message())
        with pytest.raises(NotAllowed) as refused:
            Smtp("127.0.0.1", port, user=USER, password="wr0ng", context=contexts[1]).send(message())
    assert len(box.taken) == 1
    assert "wr0ng" not in str(refused.value)


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext], tmp_path: Path
) -> None:
    box = Box()
    with (
        serving(box, tls_context=contexts[0], authenticator=checked) as port,
        pytest.raises(Unreachable, match="certificate") as found,
    ):
        open_channel(f"smtp://{USER}:s3cret%3A%2F%40@127.0.0.1:{port}", tmp_path).send(message())
    assert "s3cret" not in str(found.value)
    assert not box.taken


def test_tls_from_the_start(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    box = Box()
    with serving(box, ssl_context=contexts[0]) as port:
        where = Smtp("localhost", port, tls=True, context=contexts[1]).send(message())
    assert where.startswith("smtps://")
    assert len(box.taken) == 1


def test_a_password_on_loopback_needs_no_encryption(tmp_path: Path) -> None:
    box = Box()
    with serving(box, authenticator=checked, auth_require_tls=False) as port:
        open_channel(f"smtp://{USER}:s3cret%3A%2F%40@127.0.0.1:{port}", tmp_path).send(message())
    assert len(box.taken) == 1


def test_a_password_goes_nowhere_else_without_encryption(monkeypatch: pytest.MonkeyPatch) -> None:
    box = Box()
    with serving(box, authenticator=checked, auth_require_tls=False) as port:
        # To the channel, the server of this test is one on the network.
        monkeypatch.setattr("kpisheets.delivery.smtp.server.is_this_machine", lambda _: False)
        with pytest.raises(NotAllowed, match="no encryption"):
            Smtp("127.0.0.1", port, user=USER, password=PASSWORD).send(message())
    assert not box.taken


@pytest.mark.parametrize(
    ("box", "kind", "said"),
    [
        (Box(rcpt="550 no such user"), BadData, "ann@example.org"),
        (Box(rcpt="451 greylisted"), TryLater, "ann@example.org"),
        (Box(data="552 too large"), BadData, "ann@example.org"),
        (Box(data="452 no room"), TryLater, "452"),
        (Box(mail="553 not you"), NotAllowed, "kpi@example.org"),
        (Box(mail="450 later"), TryLater, "450"),
    ],
)
def test_refusals(box: Box, kind: type[KpisheetsError], said: str, tmp_path: Path) -> None:
    with serving(box) as port, pytest.raises(kind, match=said) as found:
        open_channel(f"smtp://127.0.0.1:{port}", tmp_path).send(message())
    assert found.value.exit_code == kind.exit_code
    assert not box.taken


def test_a_dead_server(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="nothing answers"):
        open_channel(f"smtp://127.0.0.1:{_free()}", tmp_path).send(message())


def test_a_server_that_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kpisheets.delivery.smtp.server.TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Unreachable, match="no answer"):
        open_channel(f"smtp://127.0.0.1:{silent.getsockname()[1]}", tmp_path).send(message())


def test_a_server_that_is_something_else(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            peer, _ = server.accept()
            peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            peer.close()

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(KpisheetsError) as found:
            open_channel(f"smtp://127.0.0.1:{server.getsockname()[1]}", tmp_path).send(message())
        thread.join()
    assert isinstance(found.value, (Unreachable, TryLater))


class Cut:
    """A server, by hand, that goes through a conversation and hangs up after a given number of answers."""

    def __init__(self, answers: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._said = [b"220 x\r\n", b"250 x\r\n", b"250 x\r\n", b"250 x\r\n", b"354 go\r\n", b"250 taken\r\n"][:answers]
        self._thread = threading.Thread(target=self._talk)
        self._thread.start()

    def _talk(self) -> None:
        peer, _ = self._listener.accept()
        reader = peer.makefile("rb")
        for number, said in enumerate(self._said):
            peer.sendall(said)
            if number < 4:
                reader.readline()
            elif number == 4:
                while reader.readline() not in (b".\r\n", b""):
                    pass
        reader.close()
        peer.close()
        self._listener.close()

    def end(self) -> None:
        self._thread.join(10)


@pytest.mark.parametrize(("answers", "kind"), [(2, Unreachable), (3, Unreachable), (4, Unreachable), (5, Uncertain)])
def test_only_a_silence_after_the_whole_message_leaves_a_doubt(
    answers: int, kind: type[KpisheetsError], tmp_path: Path
) -> None:
    server = Cut(answers)
    with pytest.raises(Unreachable) as found:
        open_channel(f"smtp://127.0.0.1:{server.port}", tmp_path).send(message())
    server.end()
    assert type(found.value) is kind
    assert found.value.exit_code == 69
    assert ("may have arrived" in str(found.value)) is (kind is Uncertain)


def test_a_goodbye_that_fails_is_no_doubt(tmp_path: Path) -> None:
    server = Cut(6)
    assert open_channel(f"smtp://127.0.0.1:{server.port}", tmp_path).send(message())
    server.end()


def test_a_private_authority_is_trusted_where_it_is_named(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext], authority: Path
) -> None:
    box = Box()
    with serving(box, ssl_context=contexts[0]) as port:
        url = f"smtps://localhost:{port}"
        open_mail(MailSettings(url, ca="cert.pem"), authority).send(message())
        with pytest.raises(Unreachable, match="certificate is not trusted"):
            open_mail(MailSettings(url), authority).send(message())
        # A certificate of a known authority for another host is as good as none.
        with pytest.raises(Unreachable, match="certificate is not trusted"):
            open_mail(MailSettings(f"smtps://127.1:{port}", ca="cert.pem"), authority).send(message())
    assert len(box.taken) == 1
    for ca, said in (("none.pem", "no such file"), ("key.pem", "no certificate")):
        with pytest.raises(BadConfig, match=said):
            open_mail(MailSettings(url, ca=ca), authority)


class Tokens(Box):
    """A server that takes access tokens in place of passwords, and says why where it does not."""

    def __init__(self, *good: str) -> None:
        super().__init__()
        self.good, self.shown = good, list[str]()

    async def auth_XOAUTH2(self, server, args) -> AuthResult:  # type: ignore[no-untyped-def] # noqa: N802
        user, token, *rest = base64.b64decode(args[1]).decode().split("\x01")
        assert rest == ["", ""]
        self.shown.append(token.removeprefix("auth=Bearer "))
        if user == "user=kpi@example.org" and self.shown[-1] in self.good:
            return AuthResult(success=True)
        await server.push("334 " + base64.b64encode(b'{"status":"400"}').decode())
        assert await server._reader.readline() == b"\r\n"  # what the protocol wants in answer
        return AuthResult(success=False, handled=False)


@pytest.mark.parametrize(("good", "shown"), [("token 1", ["token 1"]), ("token 2", ["token 1", "token 2"])])
def test_an_access_token_in_place_of_a_password(
    good: str, shown: list[str], contexts: tuple[ssl.SSLContext, ssl.SSLContext], authority: Path, web: Scripted
) -> None:
    box = Tokens(good)
    with serving(box, tls_context=contexts[0], auth_required=True, require_starttls=True) as port:
        channel = open_mail(by_token(port, web), authority)
        channel.send(message())
        channel.send(message())
        channel.close()
    assert box.shown == shown
    assert len(box.taken) == 2
    assert web.tokens[0]["scope"] == "a scope"


def test_an_access_token_that_is_refused_twice(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext], authority: Path, web: Scripted
) -> None:
    box = Tokens()
    with serving(box, tls_context=contexts[0]) as port, pytest.raises(NotAllowed, match="token") as found:
        open_mail(by_token(port, web), authority).send(message())
    assert "token 1" not in str(found.value)
    assert not box.taken


def by_token(port: int, web: Scripted) -> MailSettings:
    return MailSettings(
        f"smtp://kpi%40example.org@localhost:{port}",
        ca="cert.pem",
        client_id="c",
        client_secret="s",
        scope="a scope",
        token_url=f"{web.root}/token",
    )


@pytest.mark.parametrize(
    ("url", "more"),
    [
        ("smtp://kpi:password@localhost", {"client_id": "c", "client_secret": "s", "tenant": "t"}),
        ("smtp://localhost", {"client_id": "c", "client_secret": "s", "tenant": "t"}),
        ("smtp://localhost", {"credentials": "key.json"}),
    ],
)
def test_a_password_and_a_token_together_make_no_sense(url: str, more: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="no password"):
        open_mail(MailSettings(url, **more), tmp_path)
