"""A reminder as a letter: what waits for one owner."""

from __future__ import annotations

from dataclasses import dataclass

from kpisheets.core.reminding import Reminder
from kpisheets.reports import html, text
from kpisheets.reports.dates import period_words
from kpisheets.reports.letter import Letter
from kpisheets.reports.rows import clean
from kpisheets.reports.todo import written
from kpisheets.templates import Language

_PERIODS = 6


@dataclass(frozen=True, slots=True)
class Part:
    """A heading, and what stands below it: (a name, what is said of it)."""

    title: str
    items: tuple[tuple[str, str], ...]


def reminder(
    found: Reminder, words: Language, *, project: str, workbook: str, calendar: bool, stale: str = ""
) -> Letter:
    """The mail to its owner. ``workbook`` is its address or path; ``calendar``: a calendar file comes with it;
    ``stale`` says that the data is not up to date."""
    project, workbook = clean(project), clean(workbook)
    parts = [part for part in _parts(found, words) if part.items]
    title = words.word("remind_title")
    notes = [words.word("remind_calendar")] if calendar else []
    why = [words.word("mail_why_owner", project=project), words.word("mail_stop")]
    is_link = workbook.casefold().startswith(("https://", "http://"))
    page = html.filled(
        "reminder.html.j2",
        {
            "language": words.code,
            "project": project,
            "title": title,
            "parts": parts,
            "stale": stale,
            "notes": notes,
            "why": why,
            "workbook": workbook,
            "is_link": is_link,
            "preheader": "",
            "word": words.word,
        },
    )
    lines = [*text.wrapped(f"{project}: {title}"), ""]
    lines += [*text.wrapped(f"! {stale}"), ""] if stale else []
    for part in parts:
        lines += [part.title, "-" * text.width(part.title)]
        lines += [line for name, said in part.items for line in text.wrapped(f"{name}: {said}", "- ", "  ")]
        lines.append("")
    lines += [line for note in notes for line in text.wrapped(note)]
    lines += [words.word("report.workbook", workbook=workbook), "", "-- ", *text.wrapped(" ".join(why))]
    subject = words.word("remind_subject", project=project, n=found.count)
    return Letter(clean(subject), "\n".join(lines) + "\n", page, {})


def _parts(found: Reminder, words: Language) -> list[Part]:
    overdue = [written(action, found.day, words) for action in found.overdue]
    return [
        Part(words.word("remind_overdue"), tuple((one.name, one.said) for one in overdue)),
        Part(
            words.word("remind_actuals"),
            tuple((clean(one.kpi.name), _periods(one.actuals, words)) for one in found.wanted if one.actuals),
        ),
        Part(
            words.word("remind_comments"),
            tuple((clean(one.kpi.name), period_words(one.comment, words)) for one in found.wanted if one.comment),
        ),
    ]


def _periods(labels: tuple[str, ...], words: Language) -> str:
    shown = ", ".join(period_words(label, words) for label in labels[-_PERIODS:])
    more = len(labels) - _PERIODS
    return f"{shown}; {words.word('report.more', n=more)}" if more > 0 else shown
