"""A meeting's page as plain text, 80 columns wide, and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from kpisheets.reports.markdown import escape, linked
from kpisheets.reports.meeting.view import Page, Section
from kpisheets.reports.text import COLUMNS, width, wrapped
from kpisheets.templates import Language


def text(page: Page, words: Language) -> str:
    """Ends with a newline."""
    report = page.report
    heading = f"{report.project}: {page.title}"
    lines = [*wrapped(heading), "=" * min(width(heading), COLUMNS), "", *wrapped(page.when or page.about)]
    lines += [*(wrapped(page.about) if page.when else ()), *wrapped(report.verdict)]
    lines += ["", *wrapped(f"! {report.stale_note}")] if report.stale else []
    for number, section in enumerate(page.sections, 1):
        lines += ["", *_section(number, section)]
    lines += ["", *(line for note in page.notes for line in wrapped(note)), *wrapped(report.as_of)]
    if report.workbook:
        lines.append(words.word("report.workbook", workbook=report.workbook))
    return "\n".join(lines) + "\n"


def markdown(page: Page, words: Language) -> str:
    """GitHub's dialect. Ends with a newline."""
    report = page.report
    parts = [
        f"# {escape(f'{report.project}: {page.title}')}",
        escape(page.when),
        f"**{escape(page.about)}** {escape(report.verdict)}",
    ]
    parts += [f"> ⚠ {escape(report.stale_note)}"] if report.stale else []
    for number, section in enumerate(page.sections, 1):
        parts.append(f"## {number}. {escape(section.title)} ({escape(section.minutes)})")
        items = (f"- **{escape(item.name)}**: {escape(_joined(item.lines))}" for item in section.items)
        parts += ["\n".join(items)] if section.items else []
        parts += [escape(section.note)] if section.note else []
    parts += [*(escape(note) for note in page.notes), escape(report.as_of), linked(report, words)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(number: int, section: Section) -> Iterator[str]:
    heading = f"{number}. {section.title} ({section.minutes})"
    yield from (heading, "-" * width(heading))
    for item in section.items:
        yield from wrapped(f"{item.name}: {_joined(item.lines)}", "- ", "  ")
    if section.note:
        yield from wrapped(section.note)


def _joined(lines: tuple[str, ...]) -> str:
    return ". ".join(line.rstrip(".") for line in lines)
