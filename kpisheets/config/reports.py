"""``[reports.NAME]`` and ``[mail]``: who is told, and how."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from kpisheets.config.schedule import when
from kpisheets.config.texts import ADDRESS, NAMED_ADDRESS, addresses, with_references
from kpisheets.toml.document import Document, Table, quoted, suggestion

ATTACHMENTS = ("none", "pdf", "xlsx", "workbook-pdf")
PAPERS = ("a4", "letter")
DEFAULT_MAIL = "outbox:outbox/"
REPORT_KEYS = ("to", "owners", "schedule", "attach", "language", "paper")
MAIL_KEYS = ("url", "from")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.")


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """``[reports.NAME]``: who gets it (``to``, and with ``owners`` each owner their own KPIs), when, with what.

    ``schedule`` is a cron expression of five fields, ``close+N`` (see ``Close``), or empty (sent only when asked);
    ``attach`` holds ``pdf`` (the report), ``xlsx`` and ``workbook-pdf`` (the whole workbook) at most. ``language`` is
    empty for the project's own; ``paper`` is the PDF's, one of ``PAPERS``.
    """

    name: str
    to: tuple[str, ...]
    owners: bool
    schedule: str
    attach: tuple[str, ...]
    language: str = ""
    paper: str = "a4"


@dataclass(frozen=True, slots=True)
class MailSettings:
    """``[mail]``: the ``url`` of a server or outbox folder, its secrets unresolved; ``sender`` is the key ``from``."""

    url: str = DEFAULT_MAIL
    sender: str = ""


def reports(document: Document, known_languages: Collection[str] | None = None) -> dict[str, ReportSettings]:
    """The reports by their names, what is wrong with them recorded in the document."""
    return {table.name: _report(table, known_languages) for table in document.sections("reports", REPORT_KEYS)}


def mail(document: Document) -> MailSettings:
    table = document.section("mail", MAIL_KEYS)
    url = with_references(table, "url", table.text("url", DEFAULT_MAIL))
    if not _SCHEME.match(url) and "${" not in url:
        table.refuse("url", "the mail url does not say how to send", "begin it with smtp:// or outbox:")
    sender = with_references(table, "from", table.text("from"))
    if sender and "${" not in sender and not (ADDRESS.fullmatch(sender) or NAMED_ADDRESS.fullmatch(sender)):
        mend = "write kpi@example.org, or Name <kpi@example.org>"
        table.refuse("from", f"{quoted(sender)} is not a sender", mend)
    return MailSettings(url, sender)


def _report(table: Table, known_languages: Collection[str] | None) -> ReportSettings:
    to = addresses(table, "to")
    if not table.has("to") and not table.values.get("owners"):
        table.refuse("to", f"the report {quoted(table.name)} goes to nobody", "give “to” addresses, or owners = true")
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
        language=language,
        paper=paper,
    )
