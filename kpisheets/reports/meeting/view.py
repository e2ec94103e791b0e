"""A meeting's page in words: what text, Markdown, HTML and mail lay out, each in its way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kpisheets.core.meeting import Agenda, Change, Decision, NoAction, Part, What
from kpisheets.core.summary import Line, Suggestion
from kpisheets.reports.dates import moment_words
from kpisheets.reports.posts.brief import against
from kpisheets.reports.rows import Row, clean, written
from kpisheets.reports.todo import Todo
from kpisheets.reports.todo import written as to_do
from kpisheets.reports.view import View
from kpisheets.reports.view import view as report_view
from kpisheets.templates import Language


@dataclass(frozen=True, slots=True)
class Item:
    """A point of a part: a name, what is said of it in lines, and the status whose colour it wears (blank: none)."""

    name: str
    lines: tuple[str, ...]
    edge: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the meeting: ``minutes`` as words, its points, and a last line."""

    title: str
    minutes: str
    items: tuple[Item, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """``report`` has what the page says of data and workbook just as the report does; ``about`` how long the meeting
    takes, and of how many KPIs; ``when`` it begins, blank where nobody knows; ``notes`` stand at the end."""

    title: str
    about: str
    when: str
    report: View
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()


def view(agenda: Agenda, words: Language) -> Page:
    """The page in the words of a language."""
    report = report_view(agenda.summary, words, compact=True)
    rows = {line.kpi.id: written(line, agenda.summary.currency, words, compact=True) for line in agenda.summary.lines}
    made = _Writing(agenda, words, rows, report)
    sections = tuple(made.section(part, minutes) for part, minutes in agenda.minutes.items())
    waiting = len(agenda.suggestions) if Part.REVIEW not in agenda.minutes else 0
    return Page(
        title=title(agenda, words),
        about=words.word("meeting.about", minutes=agenda.length, n=len(rows)),
        when=moment_words(agenda.begins, words) if agenda.begins else "",
        report=report,
        sections=sections,
        notes=(words.word("meeting.review_waits", n=waiting),) if waiting else (),
    )


def title(agenda: Agenda, words: Language) -> str:
    return words.word(f"meeting.{agenda.meeting.value}")


@dataclass(frozen=True, slots=True)
class _Writing:
    """``rows`` are the lines in words, by KPI."""

    agenda: Agenda
    words: Language
    rows: dict[str, Row]
    report: View

    def section(self, part: Part, minutes: int) -> Section:
        word = self.words.word
        heading, spent = word(f"meeting.part_{part.value}"), word("meeting.minutes", n=minutes)
        hints = " ".join(self.report.late.hints)
        note = {Part.SUCCESSES: self.report.well_done, Part.DECISIONS: hints}.get(part, "")
        return Section(heading, spent, tuple(self._items(part)), note)

    def _items(self, part: Part) -> Iterator[Item]:
        match part:
            case Part.SUCCESSES:
                yield from (self._success(self._row(line)) for line in self.agenda.summary.successes)
            case Part.CHANGES:
                yield from (self._change(change) for change in self.agenda.changes)
            case Part.KPIS:
                yield from (self._kpi(self._row(line)) for line in self.agenda.unmet)
            case Part.DECISIONS:
                yield from (self._decision(decision) for decision in self.agenda.decisions)
                late = self.report.late.items
                yield from (Item(one.name, (f"{one.period}: {one.said}",), "at_risk") for one in late)
            case Part.ACTIONS:
                yield from (_action(todo) for todo in self.report.actions)
            case Part.REVIEW:
                yield from (_suggestion(one) for one in self.agenda.suggestions)
            case Part.CLOSE:
                pass

    def _row(self, line: Line) -> Row:
        return self.rows[line.kpi.id]

    def _stands(self, row: Row) -> str:
        return " · ".join(_filled(against(row, self.words), _whose(row)))

    def _success(self, row: Row) -> Item:
        return Item(row.name, _filled(", ".join(_filled(row.actual, row.gap)), row.owner), "met")

    def _change(self, change: Change) -> Item:
        row, word = self._row(change.line), self.words.word
        said = [word(f"meeting.{what.value}") for what in change.whats if what in (What.MISSED, What.MET)]
        said += [row.change] if What.SIGNAL in change.whats else []
        said += [
            mark
            for kind in (What.RESTATED, What.OVERRIDDEN)
            if kind in change.whats
            for mark in row.marks
            if mark.startswith(word(kind.value))
        ]
        text = "; ".join(said)
        lines = _filled(text[:1].upper() + text[1:], self._stands(row))
        return Item(row.name, lines, row.status.value)

    def _kpi(self, row: Row) -> Item:
        stands = against(row, self.words)
        advice = f"→ {row.recommendation}" if row.recommendation else ""
        lines = _filled(f"{row.symbol} {row.word}. {stands}", _whose(row), row.reading, advice)
        return Item(row.name, lines, row.status.value)

    def _decision(self, decision: Decision) -> Item:
        word = self.words.word
        if isinstance(decision, NoAction):
            row = self._row(decision.line)
            return Item(row.name, _filled(word("meeting.no_action"), self._stands(row)), "missed")
        todo = to_do(decision.action, self.agenda.summary.report_date, self.words)
        lacks = ", ".join(word(f"meeting.lacks_{name}") for name in decision.lacks)
        return Item(todo.name, _filled(word("meeting.lacks", what=lacks)), "at_risk")


def _action(todo: Todo) -> Item:
    return Item(todo.name, _filled(todo.gap, todo.action, todo.who), "missed" if todo.overdue else "")


def _suggestion(one: Suggestion) -> Item:
    name = clean(one.name) or clean(one.kpi)
    return Item(name, _filled(_about(one), clean(one.suggestion), clean(one.owner)), "at_risk")


def _about(one: Suggestion) -> str:
    return ". ".join(_filled(clean(one.finding), clean(one.evidence)))


def _whose(row: Row) -> str:
    return " · ".join(_filled(row.owner, row.period))


def _filled(*texts: str) -> tuple[str, ...]:
    return tuple(text for text in texts if text)
