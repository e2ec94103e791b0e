"""Where messages go: a folder or a mail server, by URL."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from kpisheets.errors import BadConfig


class Channel(Protocol):
    """A way out. ``send`` returns where the message went, in words for a person, without any secret."""

    def send(self, message: EmailMessage) -> str: ...


def open_channel(url: str, root: Path) -> Channel:
    """The channel of an already resolved URL; relative folders are relative to ``root``.

    ``outbox:FOLDER``, ``smtp://user:password@host:port``, ``smtps://…``. Nothing is opened before the first message.
    BadConfig for any other URL; a password never shows in a message.
    """
    scheme, colon, rest = url.partition(":")
    match scheme.casefold():
        case "outbox":
            from kpisheets.delivery.outbox import Outbox

            return Outbox(root / _folder(rest))
        case "smtp" | "smtps" as found:
            from kpisheets.delivery.smtp import Smtp

            parts, port = _split(url)
            if not parts.hostname or parts.path not in ("", "/") or parts.query or parts.fragment:
                raise _refused("the mail URL is not of the form smtp://user:password@host:port")
            user, password = unquote(parts.username or ""), unquote(parts.password or "")
            if bool(user) != bool(password):
                raise _refused("the mail URL has a user or a password, but not both")
            return Smtp(parts.hostname, port, user=user, password=password, tls=found == "smtps")
    # Only a scheme is shown: what stands after it, or alone, may be a password.
    shown = f"“{scheme}:”, which" if colon and scheme.isalpha() and len(scheme) < 12 else "what"
    raise _refused(f"the mail URL begins with {shown} is no known channel")


def _folder(rest: str) -> str:
    return unquote(rest.removeprefix("//")) or "outbox"


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError:
        raise _refused(
            "the mail URL cannot be read; in a password, / @ : # ? are written %2F %40 %3A %23 %3F"
        ) from None


def _refused(what: str) -> BadConfig:
    return BadConfig(
        what,
        where="kpisheets.toml, [mail] url",
        mend="write smtp://user:password@host:587, smtps://… or outbox:FOLDER/",
    )
