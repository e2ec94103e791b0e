"""The Control tab: the settings of people, what the last run did, and what the tool keeps for itself."""

from __future__ import annotations

from typing import Any

from kpisheets.backends.excel.build import styles
from kpisheets.backends.excel.build.book import Book, page
from kpisheets.backends.excel.build.units import PERCENT
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


def add_control(book: Book, sheet: Any) -> None:
    cell = book.styles.cell
    sheet.hide_gridlines(2)
    for column, width in ((0, 2), (_LABEL, 30), (_VALUE, 46), (_HELP, 76)):
        sheet.set_column(column, column, width)
    sheet.set_row(0, 9)
    sheet.set_row(1, 30)
    sheet.write_string(1, _LABEL, book.language.tabs["control"], cell(styles.TAB_TITLE))

    row = _section(book, sheet, 3, "control_settings")
    _setting(book, sheet, row, REPORT_DATE, "control_report_date", None, book.language.locale.date)
    _setting(book, sheet, row + 1, LANGUAGE, "control_language", book.language.code)
    _setting(book, sheet, row + 2, REQUEST, "control_request", None)
    day = {
        **{"validate": "date", "criteria": ">=", "value": FIRST_DAY, "ignore_blank": True},
        **{"error_message": book.say("type_a_date")},
    }
    sheet.data_validation(row, _VALUE, row, _VALUE, day)
    for place, items in ((row + 1, list(languages())), (row + 2, _requests(book))):
        sheet.data_validation(place, _VALUE, place, _VALUE, {"validate": "list", "source": items})

    row = _section(book, sheet, row + 4, "control_runs")
    _fact(book, sheet, row, LAST_RUN, "control_last_run", num_format=book.language.locale.date_time)
    _fact(book, sheet, row + 1, OUTCOME, "control_outcome", text_wrap=True)
    sheet.set_row(row + 1, 36)
    _machinery(book, sheet, row + 3)
    page(book, sheet, None)


def _section(book: Book, sheet: Any, row: int, key: str) -> int:
    """A heading with a rule below; returns the row after it."""
    for column in (_LABEL, _VALUE, _HELP):
        sheet.write_blank(row, column, None, book.styles.cell(styles.SECTION))
    sheet.write_string(row, _LABEL, book.say(key), book.styles.cell(styles.SECTION))
    sheet.set_row(row, 21)
    return row + 1


def _setting(
    book: Book, sheet: Any, row: int, name: str, key: str, value: str | None, number_format: str = "General"
) -> None:
    cell = book.styles.cell
    sheet.set_row(row, 24)
    sheet.write_string(row, _LABEL, book.say(key), cell())
    style = cell(styles.SETTING, num_format=number_format)
    if value is None:
        sheet.write_blank(row, _VALUE, None, style)
    else:
        sheet.write_string(row, _VALUE, value, style)
    sheet.write_string(row, _HELP, book.say(f"{key}_note"), cell(styles.SUBTITLE, indent=1))
    book.name_cell(name, sheet, row, _VALUE)


def _fact(book: Book, sheet: Any, row: int, name: str, key: str, **look: Any) -> None:
    cell = book.styles.cell
    sheet.set_row(row, 21)
    sheet.write_string(row, _LABEL, book.say(key), cell())
    sheet.write_blank(row, _VALUE, None, cell(look, align="left", indent=1))
    said = book.say(key.replace("control_", "sheet.") + "_note", timezone=book.content.timezone)
    sheet.write_string(row, _HELP, said, cell(styles.SUBTITLE, indent=1))
    book.name_cell(name, sheet, row, _VALUE)


def _machinery(book: Book, sheet: Any, top: int) -> None:
    """Hidden rows: elapsed shares of the running periods, the packs that the workbook had, its version."""
    frequencies = book.language.enums["frequency"]
    facts: list[tuple[str, str, str | int | None, str]] = [
        (ELAPSED[frequency], f"{book.say('control_elapsed')}: {frequencies[frequency.value]}", None, PERCENT)
        for frequency in Frequency
    ]
    facts.append((PACKS, book.say("control_packs"), ",".join(book.content.packs), "@"))
    facts.append((SCHEMA, book.say("control_schema"), SCHEMA_VERSION, "0"))
    for row, (name, label, value, number_format) in enumerate(facts, top):
        sheet.set_row(row, None, None, {"level": 1, "hidden": True})
        sheet.write_string(row, _LABEL, label, book.styles.cell(styles.MACHINE))
        style = book.styles.cell(styles.MACHINE, num_format=number_format, align="left")
        match value:
            case int():
                sheet.write_number(row, _VALUE, value, style)
            case str() if value:
                sheet.write_string(row, _VALUE, value, style)
            case _:
                sheet.write_blank(row, _VALUE, None, style)
        book.name_cell(name, sheet, row, _VALUE)
    sheet.set_row(top + len(facts), None, None, {"collapsed": True})


def _requests(book: Book) -> list[str]:
    return list(book.language.enums["request"].values())
