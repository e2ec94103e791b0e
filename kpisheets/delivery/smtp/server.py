"""A mail server, by SMTP, encrypted wherever credentials travel; one connection for many messages."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage

from kpisheets.delivery.message import is_international, mailboxes, written
from kpisheets.delivery.sign_in import SignIn
from kpisheets.delivery.smtp.conversation import Conversation, Encrypted
from kpisheets.delivery.smtp.refusals import code, judged
from kpisheets.errors import BadData, KpisheetsError, NotAllowed, Uncertain
from kpisheets.web.trust import is_this_machine, trusted

TIMEOUT = 30.0
PER_CONNECTION = 100
"""Servers take so many messages of one connection at least: Exim 1,000 unless told otherwise, others 100 or less."""

_CLOSING = 421


class Smtp:
    """A server at ``host``. ``tls``: encrypted from the first byte (``smtps://``); else STARTTLS where it is offered.

    With credentials (``user`` with ``password``, or with ``sign_in`` for access tokens), encryption is required unless
    the host is this machine. Certificates are always verified. The connection stays open between messages, until
    ``close``, for ``per_connection`` of them.
    """

    def __init__(
        self,
        host: str,
        port: int | None = None,
        *,
        user: str = "",
        password: str = "",
        tls: bool = False,
        context: ssl.SSLContext | None = None,
        sign_in: SignIn | None = None,
        per_connection: int = PER_CONNECTION,
    ) -> None:
        self._host, self._port = host, port or (465 if tls else 587 if user else 25)
        self._user, self._password, self._tls = user, password, tls
        self._context, self._sign_in, self._most = context, sign_in, per_connection
        self._server: Conversation | None = None

    @property
    def where(self) -> str:
        """The server, without credentials."""
        return f"{'smtps' if self._tls else 'smtp'}://{self._host}:{self._port}"

    def send(self, message: EmailMessage) -> str:
        """Hand one message to the server.

        Unreachable when it can't be reached or trusted, Uncertain when it had the whole message and was not heard of
        again, TryLater when it says so (4xx), NotAllowed when it refuses the credentials or the sender, BadData when it
        refuses the recipient or the message. All but Uncertain mean that it did not take the message.
        """
        if "Date" not in message:
            message["Date"] = datetime.now(UTC)
        if self._server is not None and self._server.taken >= self._most:
            self.close()
        if self._server is not None:
            try:
                return self._hand_over(self._server, message)
            except (OSError, smtplib.SMTPException) as error:
                if not self._is_over(error):
                    raise self._judged(error, message) from error
                self._drop()  # this server had enough of that connection, and has not taken the message
        try:
            return self._hand_over(self._open(), message)
        except (OSError, smtplib.SMTPException, UnicodeEncodeError) as error:
            raise self._judged(error, message) from error

    def close(self) -> None:
        """Say goodbye. How that goes changes nothing."""
        server, self._server = self._server, None
        if server is not None:
            try:
                server.quit()
            except (OSError, smtplib.SMTPException):
                server.close()

    def _hand_over(self, server: Conversation, message: EmailMessage) -> str:
        sender, recipients = mailboxes(message, "From")[0], mailboxes(message, "To")
        international = is_international(message)
        if international and not server.has_extn("smtputf8"):
            said = ", ".join(one for one in (sender, *recipients) if not one.isascii())
            what = f"the server does not carry addresses with letters such as those of {said}"
            raise BadData(what, where=self.where, mend="use an address without accents before the @")
        options = ("SMTPUTF8", "BODY=8BITMIME") if international else ()
        server.sendmail(sender, recipients, written(message), options)
        server.taken += 1
        return self.where

    def _open(self) -> Conversation:
        if self._tls:
            server: Conversation = Encrypted(self._host, self._port, timeout=TIMEOUT, context=self._trust())
        else:
            server = Conversation(self._host, self._port, timeout=TIMEOUT)
        self._server = server
        try:
            self._log_in(server)
        except KpisheetsError:
            self._drop()
            raise
        return server

    def _trust(self) -> ssl.SSLContext:
        return self._context or trusted()

    def _log_in(self, server: Conversation) -> None:
        server.ehlo_or_helo_if_needed()
        encrypted = self._tls
        if not encrypted and server.has_extn("starttls"):
            server.starttls(context=self._trust())
            server.ehlo()
            encrypted = True
        if not self._user:
            return
        if not encrypted and not is_this_machine(self._host):
            raise NotAllowed(
                "the server offers no encryption, so the password was not sent",
                where=self.where,
                mend="use smtps:// or a port with STARTTLS",
            )
        if self._sign_in is None:
            server.login(self._user, self._password)
            return
        try:
            server.log_in_by_token(self._user, self._sign_in.token())
        except smtplib.SMTPAuthenticationError:
            # It may have run out in between; another one is asked for once.
            server.log_in_by_token(self._user, self._sign_in.token(renewed=True))

    def _is_over(self, error: Exception) -> bool:
        """Whether another connection may help: this one is closed, or its sender was put off before any recipient was
        named, which is how some servers say that they take no more messages of it."""
        if self._server is None or self._server.in_doubt:
            return False
        if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
            return True
        closed = isinstance(error, smtplib.SMTPServerDisconnected) or code(error) == _CLOSING
        return closed or (isinstance(error, smtplib.SMTPSenderRefused) and 400 <= error.smtp_code < 500)

    def _judged(self, error: Exception, message: EmailMessage) -> KpisheetsError:
        server = self._server
        in_doubt = server is not None and server.in_doubt
        # A refusal that the server said in full leaves the connection as it was.
        if in_doubt or server is None or server.sock is None or not _is_refusal(error):
            self._drop()
        if in_doubt:
            what = "the connection broke after the whole message had left: it may have arrived"
            return Uncertain(what, where=self.where, mend="ask the recipient before you send again")
        return judged(error, self.where, ", ".join(mailboxes(message, "To")), TIMEOUT)

    def _drop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            with contextlib.suppress(OSError):
                server.close()


def _is_refusal(error: Exception) -> bool:
    refusals = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused)
    return isinstance(error, refusals) and code(error) != _CLOSING
