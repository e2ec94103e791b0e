"""Where messages go, by URL: a folder, a mail server, a service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import SplitResult, quote, unquote, urlsplit

from kpisheets.config import GoogleSettings, MailSettings
from kpisheets.delivery.addresses import mailbox
from kpisheets.errors import BadConfig, BadData
from kpisheets.secrets import resolve

if TYPE_CHECKING:
    import ssl

    from kpisheets.delivery.sign_in import SignIn
    from kpisheets.google_access.api import Api

WHERE = "kpisheets.toml, [mail]"
_MICROSOFT = "https://login.microsoftonline.com/{}/oauth2/v2.0/token"
_OUTLOOK_APP = "https://outlook.office365.com/.default"
_OUTLOOK_PERSON = "https://outlook.office.com/SMTP.Send offline_access"


class Channel(Protocol):
    """A way out, for any number of messages until ``close``. ``send`` returns where the message went, in words for a
    person, without any secret."""

    def send(self, message: EmailMessage) -> str: ...
    def close(self) -> None: ...


def open_mail(settings: MailSettings, root: Path, google: GoogleSettings | None = None) -> Channel:
    """The channel of ``[mail]``, with ``[google]`` for a sign-in that it shares; relative paths are relative to
    ``root``. Nothing is connected to before the first message.

    ``outbox:FOLDER``, ``smtp://user:password@host:port``, ``smtps://…``, ``gmail:``, ``gmail://mailbox``,
    ``graph://mailbox``. NotAllowed where a secret is missing, BadConfig for what makes no sense.
    """
    return open_channel(resolve(settings.url, root, where=WHERE), root, settings, google)


def open_channel(
    url: str, root: Path, settings: MailSettings | None = None, google: GoogleSettings | None = None
) -> Channel:
    """The channel of an already resolved URL; see ``open_mail``. A password never shows in a message."""
    settings = settings or MailSettings()
    scheme, colon, rest = url.partition(":")
    match scheme.casefold():
        case "outbox":
            from kpisheets.delivery.outbox import Outbox

            return Outbox(root / _folder(rest))
        case "smtp" | "smtps" as found:
            return _smtp(url, root, settings, google, tls=found == "smtps")
        case "gmail":
            from kpisheets.delivery.services.gmail import Gmail

            user = _mailbox(rest) if rest.strip("/") else ""
            return Gmail(_google_door(settings, google, root, user))
        case "graph":
            from kpisheets.delivery.services.graph import ROOT, Graph

            context = _context(settings, root)
            asked = f"{settings.api_root or ROOT}/"
            scope = f"{asked}Mail.Send offline_access" if settings.refresh_token else f"{asked}.default"
            return Graph(_mailbox(rest), _oauth(settings, root, context, scope), context, settings.api_root)
    # Only a scheme is shown: what stands after it, or alone, may be a password.
    shown = f"“{scheme}:”, which" if colon and scheme.isalpha() and len(scheme) < 12 else "what"
    raise _refused(f"the mail URL begins with {shown} is no known channel")


def _smtp(url: str, root: Path, settings: MailSettings, google: GoogleSettings | None, *, tls: bool) -> Channel:
    from kpisheets.delivery.smtp import Smtp

    parts, port = _split(url)
    if not parts.hostname or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise _refused("the mail URL is not of the form smtp://user:password@host:port")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    by_token = bool(settings.client_id or settings.credentials)
    if by_token and (password or not user):
        mend = "write smtp://kpi%40example.org@HOST:587, or remove client_id and credentials"
        raise BadConfig("who signs in by OAuth has a user in the URL, and no password", where=WHERE, mend=mend)
    if bool(user) != bool(password) and not by_token:
        raise _refused("the mail URL has a user or a password, but not both")
    context = _context(settings, root)
    sign_in: SignIn | None = None
    if settings.client_id:
        scope = _OUTLOOK_PERSON if settings.refresh_token else _OUTLOOK_APP
        sign_in = _oauth(settings, root, context, scope if settings.tenant else "")
    elif settings.credentials:
        sign_in = _GoogleSignIn(_google_door(settings, google, root, user, by_smtp=True))
    return Smtp(parts.hostname, port, user=user, password=password, tls=tls, context=context, sign_in=sign_in)


def _oauth(settings: MailSettings, root: Path, context: ssl.SSLContext, scope: str) -> SignIn:
    from kpisheets.delivery.sign_in import Client, OAuth

    def found(text: str) -> str:
        return resolve(text, root, where=WHERE)

    if not settings.client_id:
        mend = "add tenant, client_id and client_secret (docs/mail.md)"
        raise BadConfig("an OAuth client is needed to sign in", where=WHERE, mend=mend)
    url = found(settings.token_url) or _MICROSOFT.format(quote(found(settings.tenant), safe=""))
    client = Client(
        url,
        found(settings.client_id),
        found(settings.scope) or scope,
        found(settings.client_secret),
        found(settings.refresh_token),
    )
    return OAuth(client, context, root / ".kpisheets" / "mail-token.json")


class _GoogleSignIn:
    """Google's access tokens for a mail server."""

    def __init__(self, open_door: Callable[[], Api]) -> None:
        self._open_door = open_door
        self._door: Api | None = None

    def token(self, *, renewed: bool = False) -> str:
        self._door = self._door or self._open_door()
        return self._door.token(renewed=renewed)


def _google_door(
    settings: MailSettings, google: GoogleSettings | None, root: Path, user: str, *, by_smtp: bool = False
) -> Callable[[], Api]:
    """The way to Google, in the name of ``user`` (blank: of whoever is signed in)."""
    google = google or GoogleSettings()
    asking = replace(google, credentials=settings.credentials or google.credentials, subject=user)

    def door() -> Api:
        from kpisheets.google_access.api import open_api
        from kpisheets.google_access.scopes import MAIL_BY_SMTP, SEND_MAIL, Mailing

        return open_api(asking, root, need=Mailing(MAIL_BY_SMTP if by_smtp else SEND_MAIL))

    return door


def _context(settings: MailSettings, root: Path) -> ssl.SSLContext:
    from kpisheets.web.trust import trusted

    return trusted(settings.ca, root)


def _mailbox(rest: str) -> str:
    try:
        return mailbox(unquote(rest.strip("/"))).address
    except BadData as error:
        raise BadConfig(error.what, where=f"{WHERE} url", mend="write gmail://kpi@example.org or graph://…") from None


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
        mend="write smtp://user:password@host:587, smtps://…, gmail:, graph:// or outbox:FOLDER/",
    )
