"""A letter and an addressee → one mail message, the same every time; the channel stamps the date."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email import message_from_string, policy
from email.message import EmailMessage
from types import MappingProxyType
from typing import Protocol

from kpisheets.delivery.addresses import mailbox, one_line
from kpisheets.delivery.post import Post
from kpisheets.errors import Problem

REPORT_HEADER = "X-Kpisheets-Report"
"""The report's name, for filters and for the outbox's file names."""


class Letter(Protocol):
    """What a mail says: a one-line subject, plain text, HTML, and the PNGs that it shows by Content-ID."""

    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def pictures(self) -> Mapping[str, bytes]: ...


@dataclass(frozen=True, slots=True)
class Composed:
    """A report ready to go. ``messages``: each with ``own`` where it holds its recipient's own KPIs alone, else blank;
    ``posts`` into channels.

    ``attachments``, by name, come with every message; ``without`` names kinds that are missing; ``refused`` are the
    recipients that there is no message for. ``as_of``: when the data was read.
    """

    report: str
    messages: tuple[tuple[EmailMessage, str], ...]
    attachments: Mapping[str, bytes]
    without: tuple[str, ...] = ()
    refused: tuple[Problem, ...] = ()
    as_of: datetime | None = None
    posts: tuple[Post, ...] = ()


def address(
    letter: Letter,
    *,
    sender: str,
    recipient: str,
    report_name: str,
    project: str,
    day: date,
    language: str = "en",
    message_domain: str | None = None,
    attachments: Mapping[str, bytes] = MappingProxyType({}),
    occasion: str = "",
) -> EmailMessage:
    """The message that carries ``letter`` to exactly one recipient, with ``attachments`` by file name.

    Its Message-ID (at most 70 characters) depends on project, report, recipient and ``occasion``; where there is none,
    on day and content instead. So sending the same thing twice can be noticed. Messages of one report form a thread.
    BadData for a bad address.
    """
    origin, target = mailbox(sender), mailbox(recipient)
    domain = (message_domain or origin.domain)[-39:].lstrip(".-") or "localhost"
    thread = _digest(project, report_name, target.address)
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = origin.header
    message["To"] = target.header
    message["Subject"] = one_line(letter.subject)
    identity = _digest(thread, occasion) if occasion else _digest(thread, day.isoformat(), letter.subject, letter.text)
    message["Message-ID"] = f"<{identity}@{domain}>"
    # The thread's first message need not exist: programs group by the reference.
    message["References"] = message["In-Reply-To"] = f"<{thread}@{domain}>"
    message["List-Id"] = f"<{_digest(project, report_name)[:12]}.kpisheets.{domain}>"
    message["List-Unsubscribe"] = f"<mailto:{origin.address}?subject=unsubscribe>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["Content-Language"] = language
    message[REPORT_HEADER] = _token(report_name)
    message.set_content(letter.text, charset="utf-8", cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", charset="utf-8", cte="quoted-printable")
    html = message.get_payload()[1]  # type: ignore[index]
    for name, picture in letter.pictures.items():
        html.add_related(  # type: ignore[union-attr]
            picture, "image", "png", cid=f"<{name}>", disposition="inline", filename=f"{name.partition('@')[0]}.png"
        )
    return attach(message, attachments)


def attach(message: EmailMessage, attachments: Mapping[str, bytes]) -> EmailMessage:
    """The message, with files by name."""
    for name, content in attachments.items():
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        main, _, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    _name_boundaries(message)
    return message


def mailboxes(message: EmailMessage, header: str) -> list[str]:
    """The addresses of ``From`` or ``To`` alone, as a server is told them."""
    return [str(one.addr_spec) for one in message[header].addresses]


def is_international(message: EmailMessage) -> bool:
    """Whether an address has letters before its @ that only some servers carry (RFC 6531)."""
    return not all(one.isascii() for header in ("From", "To") for one in mailboxes(message, header))


def written(message: EmailMessage) -> bytes:
    """The message as it travels. An international address stands in it as it is: no other spelling of it is valid."""
    return message.as_bytes(policy=policy.SMTPUTF8 if is_international(message) else policy.SMTP)


def frozen(message: EmailMessage) -> bytes:
    """The message as bytes that ``thawed`` takes."""
    return written(message)


def thawed(content: bytes) -> EmailMessage:
    # The standard library's parser of bytes knows no letters beyond ASCII in a header.
    return message_from_string(content.decode("utf-8"), policy=policy.SMTP)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:28]


def _token(text: str) -> str:
    """The text as letters, digits and dashes: fit for a header and a file name."""
    kept = "".join(char if char.isascii() and char.isalnum() else "-" for char in text)
    return "-".join(part for part in kept.split("-") if part)[:60] or "report"


def _name_boundaries(message: EmailMessage) -> None:
    """Boundaries derived from the Message-ID: the standard library draws them at random when it writes."""
    identity = str(message["Message-ID"])
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=_{_digest(identity, str(number))}_=")
