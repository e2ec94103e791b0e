"""Posts into channels, such as Slack's: what they are called without their secrets, and the way there."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from kpisheets.config import SlackSettings
from kpisheets.errors import BadConfig
from kpisheets.secrets import resolve

SLACK, TEAMS = "slack", "teams"
_LONGEST_LABEL = 120


@dataclass(frozen=True, slots=True)
class Post:
    """One post, ready to go: ``channel`` is ``slack`` or ``teams``, ``to`` the target by its ``label``; ``content`` is
    what ``opened`` reads."""

    channel: str
    to: str
    subject: str
    content: bytes

    @classmethod
    def of(
        cls, channel: str, to: str, subject: str, document: Mapping[str, Any], files: Mapping[str, bytes] | None = None
    ) -> Post:
        """A post of a ``document``, as ``kpisheets.reports`` writes it for that channel, with ``files`` by name."""
        packed = {name: base64.b64encode(data).decode() for name, data in (files or {}).items()}
        whole = {"document": document, "files": packed}
        return cls(channel, to, subject, json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode())


def opened(content: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The document of a post, and its files."""
    whole = json.loads(content)
    return whole["document"], {name: base64.b64decode(data) for name, data in whole["files"].items()}


def takes_files(channel: str, target: str) -> bool:
    """Whether files can go with a post: only a bot can bring them along."""
    return channel == SLACK and "://" not in target and "${" not in target


class Outlet(Protocol):
    """A way to one target. ``post`` returns where it went, in words for a person, without any secret."""

    def post(self, content: bytes, files: Mapping[str, bytes]) -> str: ...
    def close(self) -> None: ...


def label(target: str) -> str:
    """A target of ``kpisheets.toml`` as it may be shown and remembered: what a webhook's address holds is a secret."""
    if ("://" not in target or "${" in target) and len(target) <= _LONGEST_LABEL:
        return target
    host = urlsplit(target).hostname if "${" not in target else "webhook"
    return f"{host} {hashlib.sha256(target.encode()).hexdigest()[:6]}"[-_LONGEST_LABEL:]


def open_outlet(channel: str, target: str, root: Path, slack: SlackSettings, *, where: str) -> Outlet:
    """The way to a target as ``kpisheets.toml`` has it, which stands at ``where``. Nothing is connected to yet.

    NotAllowed where a secret is missing, BadConfig where it makes no sense.
    """
    from kpisheets.web.trust import trusted

    found = resolve(target, root, where=where).strip()
    if channel == TEAMS or "://" in found:
        _check(found, where)
    if channel == TEAMS:
        from kpisheets.delivery.services.teams import Teams

        return Teams(found, trusted())
    from kpisheets.delivery.services.slack import Slack

    return Slack(found, resolve(slack.token, root, where="kpisheets.toml, [slack] token"), trusted(), slack.api_root)


def _check(url: str, where: str) -> None:
    from kpisheets.web.trust import is_this_machine

    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host, parts = "", urlsplit("")
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(host))):
        raise BadConfig("the webhook's address does not begin with https://", where=where, mend="correct it")
