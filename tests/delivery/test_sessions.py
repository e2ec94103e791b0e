"""One connection for many messages: counted at a real server, which closes it, limits it, or refuses in between."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

controllers = pytest.importorskip("aiosmtpd.controller")

from kpisheets.delivery.addresses import mailbox  # noqa: E402
from kpisheets.delivery.smtp import Smtp  # noqa: E402
from kpisheets.errors import BadData, TryLater  # noqa: E402


class Box:
    """What the server took, over how many connections, and after how many messages it wants no more of one."""

    def __init__(self, most: int = 10**6, farewell: str = "421 too many messages on this connection") -> None:
        self.taken: list[str] = []
        self.contents: list[bytes] = []
        self.connections = 0
        self._most, self._farewell = most, farewell
        self._sessions: dict[int, int] = {}

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, name: str, responses: list[str]) -> list[str]:  # noqa: N802
        self.connections += 1
        session.host_name = name
        session.number = self.connections
        return responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self._sessions.get(session.number, 0) >= self._most:
            return self._farewell
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address.startswith("nobody"):
            return "550 no such user"
        if address.startswith("later"):
            return "451 come again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self._sessions[session.number] = self._sessions.get(session.number, 0) + 1
        self.taken += envelope.rcpt_tos
        self.contents.append(envelope.content)
        return "250 OK"


@contextmanager
def serving(box: Box, **options: Any) -> Iterator[int]:
    controller = controllers.Controller(box, hostname="127.0.0.1", port=0, **options)
    # Port 0 is any free one, which the controller does not ask for by itself.
    controller.port = _free()
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def _free() -> int:
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def message(to: str) -> EmailMessage:
    found = EmailMessage()
    found["From"], found["To"], found["Subject"] = "kpi@example.org", to, "KPIs"
    found.set_content("all is well")
    return found


def people(number: int) -> list[str]:
    return [f"person{n}@example.org" for n in range(number)]


def test_one_connection_serves_many_and_is_renewed_in_time() -> None:
    box = Box()
    with serving(box) as port:
        channel = Smtp("127.0.0.1", port, per_connection=20)
        for one in people(50):
            channel.send(message(one))
        channel.close()
    assert box.taken == people(50)
    assert box.connections == 3


@pytest.mark.parametrize("farewell", ["421 too many messages on this connection", "451 4.7.0 connect again"])
def test_a_server_that_wants_another_connection_gets_it_and_nobody_two_copies(farewell: str) -> None:
    box = Box(most=4, farewell=farewell)
    with serving(box) as port:
        channel = Smtp("127.0.0.1", port)
        for one in people(10):
            channel.send(message(one))
        channel.close()
    assert box.taken == people(10)
    assert box.connections == 3


def test_a_server_that_puts_off_a_fresh_connection_too_is_not_asked_for_ever() -> None:
    box = Box(most=0, farewell="451 4.7.1 not now")
    with serving(box) as port:
        channel = Smtp("127.0.0.1", port)
        for _ in range(2):
            with pytest.raises(TryLater, match="451"):
                channel.send(message("ann@example.org"))
        channel.close()
    assert not box.taken
    assert box.connections <= 3


def test_a_refusal_leaves_the_connection_for_the_next() -> None:
    box = Box()
    with serving(box) as port:
        channel = Smtp("127.0.0.1", port)
        channel.send(message("ann@example.org"))
        with pytest.raises(BadData, match="nobody@"):
            channel.send(message("nobody@example.org"))
        with pytest.raises(TryLater, match="later@"):
            channel.send(message("later@example.org"))
        channel.send(message("bob@example.org"))
        channel.close()
    assert box.taken == ["ann@example.org", "bob@example.org"]
    assert box.connections == 1


def test_a_connection_that_was_closed_meanwhile_is_made_again() -> None:
    box = Box()
    with serving(box) as port:
        channel = Smtp("127.0.0.1", port)
        channel.send(message("ann@example.org"))
    with serving_at(box, port):
        channel.send(message("bob@example.org"))
        channel.close()
    assert box.taken == ["ann@example.org", "bob@example.org"]


@contextmanager
def serving_at(box: Box, port: int) -> Iterator[None]:
    controller = controllers.Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


def test_addresses_in_any_script_go_where_they_are_carried_and_are_refused_in_a_line_elsewhere() -> None:
    box = Box()
    with serving(box, enable_SMTPUTF8=True) as port:
        channel = Smtp("127.0.0.1", port)
        channel.send(written("Zoë <zoë@bücher.example>"))
        channel.close()
    assert box.taken == ["zoë@xn--bcher-kva.example"]
    with serving(box, enable_SMTPUTF8=False) as port:
        channel = Smtp("127.0.0.1", port)
        channel.send(written("Zoë <zoe@bücher.example>"))
        with pytest.raises(BadData) as found:
            channel.send(written("Zoë <zoë@bücher.example>"))
        channel.send(message("ann@example.org"))
        channel.close()
    assert "zoë@xn--bcher-kva.example" in str(found.value)
    assert len(str(found.value).splitlines()) == 1
    assert box.taken[1:] == ["zoe@xn--bcher-kva.example", "ann@example.org"]


def written(to: str) -> EmailMessage:
    """As the project writes it, kept in the ledger in between."""
    from kpisheets.delivery import frozen, thawed
    from kpisheets.templates import language
    from tests.letters import compose
    from tests.reports import samples

    made = compose(samples.summary(), language("fr"), sender="kpi@example.org", recipient=to, report_name="weekly")
    return thawed(frozen(made))


HOSTILE = st.text(max_size=30) | st.sampled_from(
    [
        *("\r\nBcc: eve@example.org", "x\r\n\r\nbody", "a\u2028Bcc: eve@example.org", "\x85To: eve@example.org"),
        *('"<eve@example.org>,"', "Ann <ann@example.org>, eve@example.org", "=?utf-8?q?=0D=0ABcc:eve@example.org?="),
        *(";" * 90, "é" * 200, "ann@example.org\x00", "(eve@example.org)", "a, b: c;", "\\", "=?=?utf-8?q?x?="),
    ]
)


def test_no_name_subject_or_address_adds_a_header_or_a_recipient() -> None:
    """Every message that can be written at all reaches the one address that was meant, with the headers that it has."""
    box = Box()
    with serving(box, enable_SMTPUTF8=True, decode_data=False) as port:
        channel = Smtp("127.0.0.1", port, per_connection=10**6)
        usual = None

        @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
        @given(name=HOSTILE, subject=HOSTILE, address=HOSTILE, sender=HOSTILE)
        def attempt(name: str, subject: str, address: str, sender: str) -> None:
            nonlocal usual
            for to in (f"{name} <ann@example.org>", address, f"{address}@example.org"):
                try:
                    meant = mailbox(to).address
                    made = addressed(to, subject, f"{sender} <kpi@example.org>")
                except BadData:
                    continue
                box.taken.clear()
                box.contents.clear()
                channel.send(made)
                assert box.taken == [meant]
                (raw,) = box.contents
                assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)
                names = [
                    line.partition(b":")[0] for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n") if line[:1].strip()
                ]
                usual = usual or names
                assert names == usual

        attempt()
        channel.close()


def addressed(to: str, subject: str, sender: str) -> EmailMessage:
    from datetime import date

    from kpisheets.delivery import address, frozen, thawed
    from kpisheets.reports.letter import Letter

    letter = Letter(subject, "text", "<p>text</p>", {})
    made = address(letter, sender=sender, recipient=to, report_name=subject, project=subject, day=date(2026, 11, 2))
    return thawed(frozen(made))
