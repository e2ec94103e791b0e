"""The report as a letter: what a mail says, before anyone is addressed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kpisheets.core.summary import Summary
from kpisheets.reports import html, text
from kpisheets.reports.rows import clean
from kpisheets.reports.view import view
from kpisheets.templates import Language


@dataclass(frozen=True, slots=True)
class Letter:
    """Subject (one line), plain text, HTML, and its PNGs by Content-ID."""

    subject: str
    text: str
    html: str
    pictures: Mapping[str, bytes]


def letter(
    summary: Summary,
    words: Language,
    *,
    recipient: str,
    report_name: str,
    own: bool = False,
    without: Sequence[str] = (),
) -> Letter:
    """The mail that a recipient (an address) gets of a report; its foot says why they get it, and which kinds of
    attachment it comes ``without``. ``own``: it holds their own KPIs alone."""
    shown = view(summary, words)
    project = shown.project
    because = (
        words.word("mail_why_owner", project=project)
        if own
        else words.word("mail_why", address=clean(recipient), report=clean(report_name), project=project)
    )
    lacking = (words.word("mail_without", kind=kind) for kind in without)
    why = (*lacking, because, words.word("mail_stop"))
    key = "mail_subject_stale" if shown.stale else "mail_subject"
    subject = words.word(key, project=project, period=shown.period, verdict=shown.verdict)
    written = html.body(summary, words, why=why, own=own)
    plain = text.render(summary, words) + "\n-- \n" + "\n".join(text.wrapped(" ".join(why))) + "\n"
    return Letter(clean(subject), plain, written.html, written.pictures)
