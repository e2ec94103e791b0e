"""A folder of messages: ``.eml`` for mail programs, and ``.html`` beside each to look at in a browser."""

from __future__ import annotations

import base64
import errno
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from kpisheets import files
from kpisheets.delivery.message import REPORT_HEADER, written
from kpisheets.errors import CannotWrite


class Outbox:
    """Writes each message as ``<UTC stamp>-<report>-<recipient>.eml``; the folder is made when it is first needed.

    A file is either there whole or not at all, and none is ever replaced: another message of the same instant gets a
    number, and a message with a Date that is there already is not written again. The instant is that of the Date, or
    of the aware ``clock``.
    """

    def __init__(self, folder: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._folder, self._clock = folder, clock

    def close(self) -> None:
        """Nothing is open between messages."""

    def send(self, message: EmailMessage) -> str:
        """Write the message and its page; the path of the ``.eml``. CannotWrite when the folder can't be written."""
        dated = "Date" in message
        if not dated:
            message["Date"] = self._clock().astimezone(UTC)
        now = message["Date"].datetime.astimezone(UTC)
        stamp = f"{now:%Y%m%dT%H%M%SZ}"
        name = f"{stamp}-{_safe(str(message[REPORT_HEADER] or 'report'))}-{_safe(_recipient(message))}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._publish(name, written(message), once=dated)
            page = _page(message)
            if page:
                _write(path.with_suffix(".html"), page.encode("utf-8"), over=True)
        except OSError as error:
            full = error.errno == errno.ENOSPC
            raise CannotWrite(
                "the disk is full" if full else f"the outbox cannot be written: {error.strerror or error}",
                where=str(self._folder),
                mend="make room and send again" if full else "check the folder and its permissions",
            ) from error
        return str(path)

    def _publish(self, name: str, data: bytes, *, once: bool) -> Path:
        number = 1
        while True:
            path = self._folder / (f"{name}.eml" if number == 1 else f"{name}-{number}.eml")
            try:
                _write(path, data, over=False)
            except FileExistsError:
                if once and path.read_bytes() == data:
                    return path
                number += 1
            else:
                return path


def _write(path: Path, data: bytes, *, over: bool) -> None:
    with files.replaced(path, mode=0o600, over=over) as file:
        file.write(data)


def _recipient(message: EmailMessage) -> str:
    return ",".join(address.addr_spec for address in message["To"].addresses)


def _safe(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9@._-]+", "_", text).lstrip(".")[:80] or "message"


def _page(message: EmailMessage) -> str:
    """The HTML part with its pictures inside; empty when there is none."""
    part = message.get_body(("html",))
    if part is None:
        return ""
    page = str(part.get_content())
    for related in message.walk():
        name = str(related["Content-ID"] or "").strip("<> ")
        data = related.get_payload(decode=True) if name else None
        if isinstance(data, bytes):
            inside = base64.b64encode(data).decode("ascii")
            page = page.replace(f'"cid:{name}"', f'"data:{related.get_content_type()};base64,{inside}"')
    return page
