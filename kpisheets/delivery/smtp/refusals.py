"""What a mail server's refusal, or its silence, means."""

from __future__ import annotations

import smtplib

from kpisheets.errors import BadData, KpisheetsError, NotAllowed, TryLater, Unreachable
from kpisheets.web.trust import trouble

_NOW_AND_THEN = range(400, 500)


def judged(error: Exception, where: str, to: str, seconds: float) -> KpisheetsError:
    """The error for what went wrong before the server took a message for ``to``. ``seconds``: how long it was waited
    for."""

    def unreachable(what: str) -> Unreachable:
        return Unreachable(what, where=where, mend="check host, port and network, then send again")

    def later(what: str) -> TryLater:
        return TryLater(what, where=where, mend="send again in some minutes")

    match error:
        case smtplib.SMTPRecipientsRefused():
            codes = [code for code, _ in error.recipients.values()]
            if all(code in _NOW_AND_THEN for code in codes):
                return later(f"the server puts off mail for {to} ({codes[0]})")
            what = f"the server refuses the recipient {to} ({codes[0]})"
            return BadData(what, where=where, mend="correct the address")
        case smtplib.SMTPAuthenticationError() if error.smtp_code >= 500:
            what = f"the server refuses the user name, password or token ({error.smtp_code})"
            return NotAllowed(what, where=where, mend="correct [mail] in kpisheets.toml")
        case smtplib.SMTPNotSupportedError():
            what = "the server offers no way to log in that fits [mail]"
            return NotAllowed(what, where=where, mend="use the server's submission port, often 587")
        case smtplib.SMTPSenderRefused() if error.smtp_code >= 500:
            what = f"the server refuses the sender {error.sender} ({error.smtp_code})"
            return NotAllowed(what, where=where, mend="set [mail] from to an address that it accepts")
        case smtplib.SMTPServerDisconnected() if isinstance(error.__context__, TimeoutError):
            return unreachable(trouble(error.__context__, seconds))
        case smtplib.SMTPServerDisconnected() | smtplib.SMTPConnectError() if code(error) not in _NOW_AND_THEN:
            return unreachable("the server closed the connection")
        case smtplib.SMTPResponseException() if error.smtp_code in _NOW_AND_THEN:
            return later(f"the server says to try again later ({error.smtp_code})")
        case smtplib.SMTPResponseException():
            what = f"the server refuses the message for {to} ({error.smtp_code})"
            return BadData(what, where=where, mend="see the server's log")
        case smtplib.SMTPException():
            return unreachable("the server speaks another language than SMTP")
        case UnicodeEncodeError():
            what = "the user name or password holds letters that this server's ways to log in cannot carry"
            return NotAllowed(what, where=where, mend="choose a password of plain letters, digits and signs")
    return unreachable(trouble(error, seconds) or "the server speaks another language than SMTP")


def code(error: Exception) -> int:
    """The server's code; 0 where it said none."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            return next((int(said) for said, _ in error.recipients.values()), 0)
        case smtplib.SMTPResponseException():
            return error.smtp_code
    return 0
