"""A report as a mail, the way the project puts it together."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import EmailMessage

from kpisheets.core.summary import Summary
from kpisheets.delivery import address
from kpisheets.reports.letter import letter
from kpisheets.templates import Language


def compose(
    summary: Summary,
    words: Language,
    *,
    sender: str,
    recipient: str,
    report_name: str,
    attachments: Mapping[str, bytes] | None = None,
) -> EmailMessage:
    return address(
        letter(summary, words, recipient=recipient, report_name=report_name),
        sender=sender,
        recipient=recipient,
        report_name=report_name,
        project=summary.project,
        day=summary.report_date,
        language=words.code,
        attachments=attachments or {},
    )
