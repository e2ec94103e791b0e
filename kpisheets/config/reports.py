"""``[reports.NAME]``: who is told, when, and with what."""

from __future__ import annotations

from dataclasses import dataclass

from kpisheets.config.channels import slack_targets, teams_targets
from kpisheets.config.schedule import when
from kpisheets.config.texts import addresses
from kpisheets.toml.document import Document, Table, quoted, suggestion

ATTACHMENTS = ("none", "pdf", "xlsx")
REPORT_KEYS = ("to", "owners", "slack", "teams", "schedule", "attach")


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """``[reports.NAME]``: who gets it (``to``, and with ``owners`` each owner their own KPIs), when, with what.

    ``schedule`` is a cron expression of five fields, ``close+N`` (see ``Close``), or empty (sent only when asked);
    ``attach`` holds ``pdf`` and ``xlsx`` at most. ``slack`` and ``teams`` are webhooks, their secrets unresolved, and
    for Slack channels too.
    """

    name: str
    to: tuple[str, ...]
    owners: bool
    schedule: str
    attach: tuple[str, ...]
    slack: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()


def reports(document: Document) -> dict[str, ReportSettings]:
    """The reports by their names, what is wrong with them recorded in the document."""
    return {table.name: _report(table) for table in document.sections("reports", REPORT_KEYS)}


def _report(table: Table) -> ReportSettings:
    to = addresses(table, "to")
    slack, teams = slack_targets(table), teams_targets(table)
    if not any(table.has(key) for key in ("to", "slack", "teams")) and not table.values.get("owners"):
        mend = "give “to” addresses, or owners = true, or slack, or teams"
        table.refuse("to", f"the report {quoted(table.name)} goes to nobody", mend)
    attach = table.texts("attach")
    for number, kind in attach:
        if kind not in ATTACHMENTS:
            table.refuse("attach", f"cannot attach {quoted(kind)}", suggestion(kind, ATTACHMENTS), number)
    kinds = tuple(dict.fromkeys(kind for _, kind in attach if kind != "none"))
    if kinds and any(kind == "none" for _, kind in attach):
        table.refuse("attach", f"{quoted('attach')} says none and something else", "keep one of the two")
    return ReportSettings(
        name=table.name,
        to=to,
        owners=table.flag("owners"),
        schedule=when(table, "schedule", table.text("schedule")),
        attach=kinds,
        slack=slack,
        teams=teams,
    )
