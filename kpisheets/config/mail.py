"""``[mail]``: through whom mails go, and how to sign in there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kpisheets.config.texts import ADDRESS, NAMED_ADDRESS, endpoint, with_references
from kpisheets.toml.document import Document, Table, quoted

DEFAULT_MAIL = "outbox:outbox/"
_OAUTH = ("client_id", "client_secret", "refresh_token", "tenant", "token_url", "scope")
KEYS = ("url", "from", "ca", "credentials", *_OAUTH, "api_root")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(frozen=True, slots=True)
class MailSettings:
    """``[mail]``: the ``url`` of a server, service or folder; ``sender`` is the key ``from``. References are
    unresolved, paths as written.

    ``ca`` is a file of certificates that are trusted besides the system's. ``credentials`` are Google's, as in
    ``[google]``. ``client_id`` with what follows is an OAuth client: of Microsoft's ``tenant``, or of the authority
    at ``token_url``. ``api_root`` is another endpoint for Microsoft Graph.
    """

    url: str = DEFAULT_MAIL
    sender: str = ""
    ca: str = ""
    credentials: str = ""
    client_id: str = ""
    client_secret: str = ""
    refresh_token: str = ""
    tenant: str = ""
    token_url: str = ""
    scope: str = ""
    api_root: str = ""


def mail(document: Document) -> MailSettings:
    """The section, what is wrong with it recorded in the document."""
    table = document.section("mail", KEYS)
    url = with_references(table, "url", table.text("url", DEFAULT_MAIL))
    if not _SCHEME.match(url) and "${" not in url:
        table.refuse("url", "the mail url does not say how to send", "begin it with smtp://, gmail:, graph: or outbox:")
    sender = with_references(table, "from", table.text("from"))
    if sender and "${" not in sender and not (ADDRESS.fullmatch(sender) or NAMED_ADDRESS.fullmatch(sender)):
        mend = "write kpi@example.org, or Name <kpi@example.org>"
        table.refuse("from", f"{quoted(sender)} is not a sender", mend)
    texts = {key: with_references(table, key, table.text(key)) for key in ("credentials", *_OAUTH)}
    _check_client(table, url.partition(":")[0].casefold(), texts)
    return MailSettings(url, sender, ca=table.text("ca"), api_root=endpoint(table, "api_root"), **texts)


def _check_client(table: Table, scheme: str, texts: dict[str, str]) -> None:
    """That what belongs together is there together."""
    if not texts["client_id"]:
        for key in _OAUTH[1:]:
            if texts[key]:
                table.refuse(key, f"{quoted(key)} is of an OAuth client", "add client_id, or remove this line")
    elif texts["credentials"]:
        table.refuse("credentials", "[mail] has both credentials and client_id", "keep one of the two")
    elif bool(texts["tenant"]) == bool(texts["token_url"]):
        mend = 'name Microsoft\'s tenant = "…", or the token_url of another authority'
        table.refuse("client_id", "it is not clear who knows this client_id", mend)
    elif not texts["client_secret"] and not texts["refresh_token"]:
        mend = 'add client_secret = "${env:MAIL_SECRET}"'
        table.refuse("client_id", "client_id has neither a client_secret nor a refresh_token", mend)
    if scheme == "graph" and not texts["client_id"]:
        mend = "add tenant, client_id and client_secret (docs/mail.md)"
        table.refuse("url", "Microsoft Graph needs an OAuth client", mend)
    if scheme == "gmail" and texts["client_id"]:
        table.refuse("client_id", "Gmail's API takes no client_id here", "write credentials (docs/mail.md)")
