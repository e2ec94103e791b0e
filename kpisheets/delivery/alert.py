"""Telling operators: a plain mail, any service that Apprise knows, and a sign of life for a watchdog."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage

from kpisheets.delivery.addresses import mailbox, one_line
from kpisheets.delivery.channel import Channel
from kpisheets.errors import BadConfig, Unreachable

TIMEOUT = 10.0
_MOST = 4096


def tell(target: str, title: str, text: str, *, channel: Channel, sender: str) -> None:
    """Tell one target, a mail address or the URL of a service. A KpisheetsError says why it could not be done."""
    if "://" in target:
        _by_apprise(target, title, text)
    else:
        channel.send(_mail(target, title, text, sender))


def _mail(to: str, title: str, text: str, sender: str) -> EmailMessage:
    origin = mailbox(sender)
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"] = origin.header, mailbox(to).header
    message["Subject"] = one_line(title)
    now = datetime.now(UTC)
    message["Date"] = now
    digest = hashlib.sha256(f"{to}\0{title}\0{text}\0{now.isoformat()}".encode()).hexdigest()[:28]
    message["Message-ID"] = f"<{digest}@{origin.domain[-39:].lstrip('.-') or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, charset="utf-8", cte="quoted-printable")
    return message


def _by_apprise(target: str, title: str, text: str) -> None:
    where = "kpisheets.toml, [schedule] on_failure"
    scheme = target.partition("://")[0]  # what follows it may be a secret
    try:
        import apprise
    except ImportError:
        raise BadConfig("Apprise is not installed", where=where, mend='pip install "kpisheets[alerts]"') from None
    service = apprise.Apprise()
    if not service.add(target):
        raise BadConfig(f"the URL {scheme}://… is none that Apprise knows", where=where, mend="see Apprise's services")
    if not service.notify(title=title, body=text):
        raise Unreachable(f"{scheme}://… did not take the message", where=where, mend="check the URL and the service")


def ping(url: str) -> bool:
    """Ask for a page, so that whoever watches it knows that a run succeeded. Whether it answered well in time."""
    if not url.startswith(("https://", "http://")):
        return False
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "kpisheets"})  # noqa: S310 - a web address
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            answer.read(_MOST)
            return bool(200 <= answer.status < 300)
    except (OSError, ValueError, urllib.error.URLError):
        return False
