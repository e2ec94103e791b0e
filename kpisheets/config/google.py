"""``[google]``: how to sign in to Google, and how to treat the service."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from kpisheets.config.texts import ADDRESS, THIS_MACHINE, endpoint, with_references
from kpisheets.toml.document import Document, Table, quoted

KEYS = ("credentials", "client", "token", "subject", "api_root", "deadline", "user_quota", "project_quota")


@dataclass(frozen=True, slots=True)
class GoogleSettings:
    """``[google]``: how to sign in, and how to treat the service; references are unresolved, paths as written.

    ``credentials`` is a key's file or its JSON text, ``client`` the file of an OAuth client, ``token`` where
    ``kpisheets login`` keeps what it was granted, ``subject`` a person in whose name a service account acts.
    ``api_root`` is another endpoint than Google's. ``deadline`` is in seconds; quotas are requests a minute, None where
    they are Google's usual ones.
    """

    credentials: str = ""
    client: str = ""
    token: str = ""
    subject: str = ""
    api_root: str = ""
    deadline: int = 180
    user_quota: int | None = None
    project_quota: int | None = None

    @property
    def is_private(self) -> bool:
        """Whether the endpoint is on this machine, where nobody counts unless a quota is set."""
        here = urlsplit(self.api_root).hostname in THIS_MACHINE
        return here and self.user_quota is None and self.project_quota is None


def google(document: Document) -> GoogleSettings:
    table = document.section("google", KEYS)
    texts = {key: with_references(table, key, table.text(key)) for key in ("credentials", "client", "token")}
    subject = table.text("subject")
    if subject and not ADDRESS.fullmatch(subject):
        table.refuse("subject", f"{quoted(subject)} is not an e-mail address", "write one such as kpi@example.org")
    return GoogleSettings(
        **texts,
        subject=subject,
        api_root=endpoint(table, "api_root"),
        deadline=table.whole("deadline", 180, 1, 3600, "a number of seconds, 1 to 3600"),
        user_quota=_quota(table, "user_quota"),
        project_quota=_quota(table, "project_quota"),
    )


def _quota(table: Table, key: str) -> int | None:
    return table.whole(key, 1, 1, 100_000, "requests a minute, 1 to 100000") if key in table.values else None
