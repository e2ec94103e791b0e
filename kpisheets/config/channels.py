"""Slack and Teams: where reports are posted to, besides mail."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kpisheets.config.texts import endpoint, with_references
from kpisheets.toml.document import Document, Table, quoted

KEYS = ("token", "api_root")
_CHANNEL = re.compile(r"#[^\s#@,<>&]{1,80}|[CG][A-Z0-9]{6,}")


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """``[slack]``: the ``token`` of a bot, unresolved; ``api_root`` is another endpoint than Slack's."""

    token: str = ""
    api_root: str = ""


def slack(document: Document) -> SlackSettings:
    table = document.section("slack", KEYS)
    return SlackSettings(with_references(table, "token", table.text("token")), endpoint(table, "api_root"))


def slack_targets(table: Table) -> tuple[str, ...]:
    """``slack`` of a report: addresses of webhooks, and channels."""
    found = _texts(table, "slack")
    for number, text in found:
        if not _is_webhook(text) and not _CHANNEL.fullmatch(text):
            mend = 'write "#kpi" for a bot, or slack = "${env:SLACK_WEBHOOK}" with the address of a webhook'
            table.refuse("slack", f"{quoted(_shown(text))} is no channel and no webhook", mend, number)
    return tuple(dict.fromkeys(text for _, text in found))


def teams_targets(table: Table) -> tuple[str, ...]:
    """``teams`` of a report: addresses of workflows."""
    found = _texts(table, "teams")
    for number, text in found:
        if not _is_webhook(text):
            mend = 'write teams = "${env:TEAMS_WEBHOOK}" with the address of a workflow'
            table.refuse("teams", f"{quoted(_shown(text))} is no webhook", mend, number)
    return tuple(dict.fromkeys(text for _, text in found))


def _texts(table: Table, key: str) -> list[tuple[int | None, str]]:
    """One text, or a list of them."""
    if isinstance(table.values.get(key), str):
        found: list[tuple[int | None, str]] = [(None, table.text(key))]
    else:
        found = list(table.texts(key))
    return [(number, with_references(table, key, text)) for number, text in found if text]


def _is_webhook(text: str) -> bool:
    return "${" in text or text.startswith(("https://", "http://127.0.0.1:", "http://localhost:"))


def _shown(text: str) -> str:
    """What a message may say of it: an address that went wrong still holds its secret."""
    return text if len(text) <= 24 and "/" not in text else f"{text[:8]}…"
