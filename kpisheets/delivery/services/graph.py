"""Microsoft 365, by Microsoft Graph: one message as it would travel by SMTP, in base64."""

from __future__ import annotations

import base64
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from urllib.parse import quote

from kpisheets.delivery.message import mailboxes, written
from kpisheets.delivery.sign_in import SignIn
from kpisheets.web.exchange import Answer, judged, post

ROOT = "https://graph.microsoft.com"
SCOPE = "https://graph.microsoft.com/.default"
_SIGNED_OUT = 401


class Graph:
    """The mailbox ``user``, from which an application with the permission Mail.Send may send.

    ``root`` is another endpoint than Microsoft's, such as that of a national cloud.
    """

    def __init__(self, user: str, sign_in: SignIn, context: ssl.SSLContext, root: str = "") -> None:
        self._user, self._sign_in, self._context = user, sign_in, context
        self._url = f"{root or ROOT}/v1.0/users/{quote(user, safe='@')}/sendMail"

    @property
    def where(self) -> str:
        return f"Microsoft 365, {self._user}"

    def send(self, message: EmailMessage) -> str:
        """Hand one message to Microsoft.

        Unreachable and Uncertain as of ``web.post``; TryLater when too much is sent (30 messages a minute), NotAllowed
        when the application may not send, BadData when the message is refused or larger than 3 MB.
        """
        if "Date" not in message:
            message["Date"] = datetime.now(UTC)
        content = base64.b64encode(written(message))
        answer = self._post(content, self._sign_in.token())
        if answer.status == _SIGNED_OUT:  # nothing was done
            answer = self._post(content, self._sign_in.token(renewed=True))
        if not 200 <= answer.status < 300:
            raise judged(
                answer,
                self.where,
                to=", ".join(mailboxes(message, "To")),
                denied="let an administrator grant Mail.Send to the application (docs/mail.md)",
                gone='name a mailbox of the tenant: [mail] url = "graph://kpi@example.org"',
            )
        return self.where

    def close(self) -> None:
        """Nothing is open between messages."""

    def _post(self, content: bytes, token: str) -> Answer:
        headers = {"Authorization": f"Bearer {token}"}
        return post(self._url, content, "text/plain", self._context, where=self.where, headers=headers)
