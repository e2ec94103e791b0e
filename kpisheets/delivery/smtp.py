"""A mail server, by SMTP, encrypted wherever credentials travel."""

from __future__ import annotations

import ipaddress
import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import TYPE_CHECKING

from kpisheets.errors import BadData, KpisheetsError, NotAllowed, TryLater, Uncertain, Unreachable

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

TIMEOUT = 30.0
_END_OF_MESSAGE = b"\r\n.\r\n"


class _Conversation(smtplib.SMTP):
    """Knows whether a whole message has left this machine and the server has not answered yet."""

    in_doubt = False

    def send(self, s: str | Buffer) -> None:
        super().send(s)
        self.in_doubt = not isinstance(s, str) and bytes(s).endswith(_END_OF_MESSAGE)

    def getreply(self) -> tuple[int, bytes]:
        reply = super().getreply()
        self.in_doubt = False
        return reply


class _Encrypted(smtplib.SMTP_SSL, _Conversation):
    """The same, encrypted from the first byte."""


class Smtp:
    """A server at ``host``. ``tls``: encrypted from the first byte (``smtps://``); else STARTTLS where it is offered.

    With credentials, encryption is required unless the host is this machine. Certificates are always verified.
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
    ) -> None:
        self._host, self._port = host, port or (465 if tls else 587 if user else 25)
        self._user, self._password, self._tls = user, password, tls
        self._context = context

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
        try:
            server = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            raise self._judged(error, message) from error
        try:
            self._log_in(server)
            server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            server.close()
            raise self._uncertain() if server.in_doubt else self._judged(error, message) from error
        except KpisheetsError:
            server.close()
            raise
        # The server has taken the message: how it says goodbye changes nothing.
        try:
            server.quit()
        except (OSError, smtplib.SMTPException):
            server.close()
        return self.where

    def _connect(self) -> _Conversation:
        if self._tls:
            return _Encrypted(self._host, self._port, timeout=TIMEOUT, context=self._trust())
        return _Conversation(self._host, self._port, timeout=TIMEOUT)

    def _trust(self) -> ssl.SSLContext:
        return self._context or ssl.create_default_context()

    def _log_in(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        encrypted = self._tls
        if not encrypted and server.has_extn("starttls"):
            server.starttls(context=self._trust())
            server.ehlo()
            encrypted = True
        if not self._user:
            return
        if not encrypted and not _is_loopback(self._host):
            raise NotAllowed(
                "the server offers no encryption, so the password was not sent",
                where=self.where,
                mend="use smtps:// or a port with STARTTLS",
            )
        server.login(self._user, self._password)

    def _judged(self, error: Exception, message: EmailMessage) -> KpisheetsError:
        to = ", ".join(address.addr_spec for address in message["To"].addresses)
        match error:
            case smtplib.SMTPRecipientsRefused():
                codes = [code for code, _ in error.recipients.values()]
                if all(400 <= code < 500 for code in codes):
                    return self._later(f"the server puts off mail for {to} ({codes[0]})")
                return self._bad(f"the server refuses the recipient {to} ({codes[0]})", "correct the address")
            case smtplib.SMTPAuthenticationError() if error.smtp_code >= 500:
                what = f"the server refuses the user name or password ({error.smtp_code})"
                return NotAllowed(what, where=self.where, mend="correct [mail] url")
            case smtplib.SMTPNotSupportedError():
                what = "the server offers no way to log in, or no encoding that the message needs"
                return NotAllowed(what, where=self.where, mend="use the server's submission port, often 587")
            case smtplib.SMTPSenderRefused() if error.smtp_code >= 500:
                what = f"the server refuses the sender {error.sender} ({error.smtp_code})"
                return NotAllowed(what, where=self.where, mend="set [mail] from to an address that it accepts")
            case smtplib.SMTPServerDisconnected() if isinstance(error.__context__, TimeoutError):
                return self._silent()
            case smtplib.SMTPServerDisconnected() | smtplib.SMTPConnectError() if not 400 <= _code(error) < 500:
                return self._unreachable("the server closed the connection")
            case smtplib.SMTPResponseException() if 400 <= error.smtp_code < 500:
                return self._later(f"the server says to try again later ({error.smtp_code})")
            case smtplib.SMTPResponseException():
                return self._bad(f"the server refuses the message for {to} ({error.smtp_code})", "see the server's log")
            case ssl.SSLCertVerificationError():
                return self._unreachable(f"its certificate is not trusted: {error.verify_message}")
            case ssl.SSLError():
                return self._unreachable("no encrypted connection could be made")
            case TimeoutError():
                return self._silent()
            case ConnectionRefusedError():
                return self._unreachable("nothing answers there")
            case OSError():
                return self._unreachable(f"it cannot be reached: {error.strerror or 'unknown host'}")
        return self._unreachable("the server speaks another language than SMTP")

    def _silent(self) -> Unreachable:
        return self._unreachable(f"no answer within {TIMEOUT:.0f} seconds")

    def _uncertain(self) -> Uncertain:
        what = "the connection broke after the whole message had left: it may have arrived"
        return Uncertain(what, where=self.where, mend="ask the recipient before you send again")

    def _unreachable(self, what: str) -> Unreachable:
        return Unreachable(what, where=self.where, mend="check host, port and network, then send again")

    def _later(self, what: str) -> TryLater:
        return TryLater(what, where=self.where, mend="send again in some minutes")

    def _bad(self, what: str, mend: str) -> BadData:
        return BadData(what, where=self.where, mend=mend)


def _code(error: Exception) -> int:
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0


def _is_loopback(host: str) -> bool:
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
