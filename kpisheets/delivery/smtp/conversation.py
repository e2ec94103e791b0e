"""The standard library's side of a conversation, and whether it leaves a doubt."""

from __future__ import annotations

import smtplib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

_END_OF_MESSAGE = b"\r\n.\r\n"


class Conversation(smtplib.SMTP):
    """Knows whether a whole message has left this machine and the server has not answered yet."""

    in_doubt = False
    taken = 0
    """How many messages it has taken."""

    def send(self, s: str | Buffer) -> None:
        super().send(s)
        self.in_doubt = not isinstance(s, str) and bytes(s).endswith(_END_OF_MESSAGE)

    def getreply(self) -> tuple[int, bytes]:
        reply = super().getreply()
        self.in_doubt = False
        return reply

    def log_in_by_token(self, user: str, token: str) -> None:
        """XOAUTH2: an access token in place of a password. SMTPAuthenticationError where it is refused."""
        said = f"user={user}\x01auth=Bearer {token}\x01\x01"
        # What the server says against the token is a challenge, which is answered by nothing.
        self.auth("XOAUTH2", lambda challenge=None: said if challenge is None else "")


class Encrypted(smtplib.SMTP_SSL, Conversation):
    """The same, encrypted from the first byte."""
