"""``[reports.NAME]``: who is told, when, and with what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from kpisheets.config.channels import slack_targets, teams_targets
from kpisheets.config.schedule import when
from kpisheets.config.texts import addresses
from kpisheets.toml.document import Document, Table, quoted, suggestion

ATTACHMENTS = ("none", "pdf", "xlsx", "workbook-pdf")
PAPERS = ("a4", "letter")
REPORT_KEYS = ("to", "owners", "slack", "teams", "schedule", "attach", "language", "paper")


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """``[reports.NAME]``: who gets it (``to``, and with ``owners`` each owner their own KPIs), when, with what.

    ``schedule`` is a cron expression of five fields, ``close+N`` (see ``Close``), or empty (sent only when asked);
    ``attach`` holds ``pdf`` (the report), ``xlsx`` and ``workbook-pdf`` (the whole workbook) at most. ``language`` is
    empty for the project's own; ``paper`` is the PDF's, one of ``PAPERS``. ``slack`` and
    ``teams`` are webhooks, their secrets unresolved, and for Slack channels too.
    """

    name: str
    to: tuple[str, ...]
    owners: bool
    schedule: str
    attach: tuple[str, ...]
    language: str = ""
    paper: str = "a4"
    slack: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()


def reports(document: Document, known_languages: Collection[str] | None = None) -> dict[str, ReportSettings]:
    """The reports by their names, what is wrong with them recorded in the document."""
    return {table.name: _report(table, known_languages) for table in document.sections("reports", REPORT_KEYS)}


def _report(table: Table, known_languages: Collection[str] | None) -> ReportSettings:
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
    language, paper = table.text("language"), table.text("paper", PAPERS[0])
    if language and known_languages is not None and language not in known_languages:
        table.refuse("language", f"unknown language {quoted(language)}", suggestion(language, known_languages))
    if paper not in PAPERS:
        table.refuse("paper", f"unknown paper {quoted(paper)}", suggestion(paper, PAPERS))
    return ReportSettings(
        name=table.name,
        to=to,
        owners=table.flag("owners"),
        schedule=when(table, "schedule", table.text("schedule")),
        attach=kinds,
        slack=slack,
        teams=teams,
        language=language,
        paper=paper,
    )
