"""Reports on their way: messages, and the channels that carry them."""

from __future__ import annotations

from email.message import EmailMessage

from kpisheets.core.summary import Summary
from kpisheets.delivery.channel import Channel, open_channel
from kpisheets.delivery.message import Letter, address
from kpisheets.reports import letter
from kpisheets.templates import Language

__all__ = ["Channel", "Letter", "address", "compose", "open_channel"]


def compose(
    summary: Summary,
    words: Language,
    *,
    sender: str,
    recipient: str,
    report_name: str,
    message_domain: str | None = None,
) -> EmailMessage:
    """The report as a mail to one recipient. BadData when sender or recipient is not exactly one address."""
    return address(
        letter(summary, words, recipient=recipient, report_name=report_name),
        sender=sender,
        recipient=recipient,
        report_name=report_name,
        project=summary.project,
        day=summary.report_date,
        language=words.code,
        message_domain=message_domain,
    )
