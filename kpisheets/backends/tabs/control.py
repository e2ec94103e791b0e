"""The Control tab: the settings of people, what the last run did, and what the tool keeps for itself."""

from __future__ import annotations

from kpisheets.backends.tabs import looks
from kpisheets.backends.tabs.book import Book, name_cell
from kpisheets.backends.tabs.canvas import Area, AtLeast, Dropdown, Page, Sheet, Typing
from kpisheets.backends.tabs.looks import PLAIN, Align, Look
from kpisheets.backends.tabs.units import GENERAL, PERCENT, TEXT
from kpisheets.core.period import FIRST_DAY, Frequency
from kpisheets.core.workbook import (
    ELAPSED,
    LANGUAGE,
    LAST_RUN,
    OUTCOME,
    PACKS,
    REPORT_DATE,
    REQUEST,
    SCHEMA,
    SCHEMA_VERSION,
)
from kpisheets.templates import languages

_LABEL, _VALUE, _HELP = 1, 2, 3


def add_control(book: Book, sheet: Sheet) -> None:
    sheet.plain()
    for column, width in ((0, 2), (_LABEL, 30), (_VALUE, 46), (_HELP, 76)):
        sheet.columns(column, column, width)
    sheet.row(0, 9)
    sheet.row(1, 30)
    sheet.text(1, _LABEL, book.language.tabs["control"], looks.TAB_TITLE)

    row = _section(book, sheet, 3, "control_settings")
    _setting(book, sheet, row, REPORT_DATE, "control_report_date", None, book.language.locale.date)
    _setting(book, sheet, row + 1, LANGUAGE, "control_language", book.language.code)
    _setting(book, sheet, row + 2, REQUEST, "control_request", None)
    sheet.at_least(_value(row), AtLeast(FIRST_DAY, book.say("type_a_date")))
    sheet.dropdown(_value(row + 1), Dropdown(languages(), Typing.REFUSED))
    sheet.dropdown(_value(row + 2), Dropdown(tuple(book.language.enums["request"].values()), Typing.REFUSED))

    row = _section(book, sheet, row + 4, "control_runs")
    _fact(book, sheet, row, LAST_RUN, "control_last_run", Look(format=book.language.locale.date_time))
    _fact(book, sheet, row + 1, OUTCOME, "control_outcome", Look(wrap=True))
    sheet.row(row + 1, 36)
    _machinery(book, sheet, row + 3)
    sheet.page(Page(book.content.project))


def _value(row: int) -> Area:
    return Area(row, _VALUE, row, _VALUE)


def _section(book: Book, sheet: Sheet, row: int, key: str) -> int:
    """A heading with a rule below; returns the row after it."""
    for column in (_LABEL, _VALUE, _HELP):
        sheet.blank(row, column, looks.SECTION)
    sheet.text(row, _LABEL, book.say(key), looks.SECTION)
    sheet.row(row, 21)
    return row + 1


def _setting(
    book: Book, sheet: Sheet, row: int, name: str, key: str, value: str | None, number_format: str = GENERAL
) -> None:
    sheet.row(row, 24)
    sheet.text(row, _LABEL, book.say(key), PLAIN)
    look = looks.SETTING | Look(format=number_format)
    if value is None:
        sheet.blank(row, _VALUE, look)
    else:
        sheet.text(row, _VALUE, value, look)
    sheet.text(row, _HELP, book.say(f"{key}_note"), looks.SUBTITLE | Look(indent=1))
    name_cell(sheet, name, row, _VALUE)


def _fact(book: Book, sheet: Sheet, row: int, name: str, key: str, look: Look) -> None:
    sheet.row(row, 21)
    sheet.text(row, _LABEL, book.say(key), PLAIN)
    sheet.blank(row, _VALUE, look | Look(across=Align.LEFT, indent=1))
    said = book.say(key.replace("control_", "sheet.") + "_note", timezone=book.content.timezone)
    sheet.text(row, _HELP, said, looks.SUBTITLE | Look(indent=1))
    name_cell(sheet, name, row, _VALUE)


def _machinery(book: Book, sheet: Sheet, top: int) -> None:
    """Hidden rows: elapsed shares of the running periods, the packs that the workbook had, its version."""
    frequencies = book.language.enums["frequency"]
    facts: list[tuple[str, str, str | int | None, str]] = [
        (ELAPSED[frequency], f"{book.say('control_elapsed')}: {frequencies[frequency.value]}", None, PERCENT)
        for frequency in Frequency
    ]
    facts.append((PACKS, book.say("control_packs"), ",".join(book.content.packs), TEXT))
    facts.append((SCHEMA, book.say("control_schema"), SCHEMA_VERSION, "0"))
    for row, (name, label, value, number_format) in enumerate(facts, top):
        sheet.row(row, folded=True)
        sheet.text(row, _LABEL, label, looks.MACHINE)
        look = looks.MACHINE | Look(format=number_format, across=Align.LEFT)
        match value:
            case int():
                sheet.number(row, _VALUE, value, look)
            case str() if value:
                sheet.text(row, _VALUE, value, look)
            case _:
                sheet.blank(row, _VALUE, look)
        name_cell(sheet, name, row, _VALUE)
