"""Gmail, by its API: one message as it would travel by SMTP."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import TYPE_CHECKING

from kpisheets.delivery.message import written
from kpisheets.errors import Uncertain

if TYPE_CHECKING:
    from kpisheets.google_access.api import Api

_SEND = "/gmail/v1/users/me/messages/send"


class Gmail:
    """The mailbox of whoever signs in. ``open_door`` gives the way to Google; it is asked at the first message."""

    def __init__(self, open_door: Callable[[], Api]) -> None:
        self._open_door = open_door
        self._door: Api | None = None

    def send(self, message: EmailMessage) -> str:
        """Hand one message to Gmail, which is paced and asked again where it certainly has not taken it.

        Uncertain where nobody knows whether it has; else the errors of the door to Google.
        """
        from kpisheets.google_access.api import Unanswered

        if "Date" not in message:
            message["Date"] = datetime.now(UTC)
        self._door = self._door or self._open_door()
        raw = base64.urlsafe_b64encode(written(message)).decode("ascii")
        try:
            self._door.request("POST", _SEND, body={"raw": raw}, repeatable=False)
        except Unanswered as error:
            what = "Gmail did not answer after the whole message had left: it may have arrived"
            mend = "look into the mailbox's Sent folder before you send again"
            raise Uncertain(what, where="Gmail", mend=mend) from error
        return f"Gmail, {self._door.caller.name}"

    def close(self) -> None:
        """Nothing has to be said."""
