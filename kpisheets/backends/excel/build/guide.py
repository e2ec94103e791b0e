"""The Guide tab: how to read and edit the workbook, with the colour code shown as it looks."""

from __future__ import annotations

from typing import Any

from kpisheets.backends.excel.build import styles
from kpisheets.backends.excel.build.book import LINE_HEIGHT, Book, lines, page
from kpisheets.core.kpi import Status

_SAMPLE, _TEXT = 1, 2
_SAMPLE_WIDTH, _TEXT_WIDTH = 26, 96


def add_guide(book: Book, sheet: Any) -> None:
    cell = book.styles.cell
    sheet.hide_gridlines(2)
    for column, width in ((0, 2), (_SAMPLE, _SAMPLE_WIDTH), (_TEXT, _TEXT_WIDTH)):
        sheet.set_column(column, column, width)
    sheet.set_row(0, 9)
    sheet.set_row(1, 30)
    sheet.write_string(1, _SAMPLE, book.language.tabs["guide"], cell(styles.TAB_TITLE))
    row = _renamed(book, sheet, 2)
    row = _colours(book, sheet, row + 1)
    for section in book.language.guide:
        row = _heading(book, sheet, row + 1, section.heading)
        for paragraph in section.paragraphs:
            sheet.merge_range(row, _SAMPLE, row, _TEXT, paragraph, cell(text_wrap=True))
            sheet.set_row(row, LINE_HEIGHT * lines(paragraph, _SAMPLE_WIDTH + _TEXT_WIDTH) + 6)
            row += 1
    page(book, sheet, None)
    sheet.set_portrait()


def _renamed(book: Book, sheet: Any, row: int) -> int:
    """A line for each tab that is not called what the texts call it."""
    for key, tab in book.tabs.items():
        title = book.language.tabs[key]
        if tab != title:
            said = book.say("sheet.guide_renamed", title=title, tab=tab)
            sheet.merge_range(row, _SAMPLE, row, _TEXT, said, book.styles.cell(styles.SUBTITLE))
            sheet.set_row(row, 20)
            row += 1
    return row


def _heading(book: Book, sheet: Any, row: int, text: str) -> int:
    for column in (_SAMPLE, _TEXT):
        sheet.write_blank(row, column, None, book.styles.cell(styles.SECTION))
    sheet.write_string(row, _SAMPLE, text, book.styles.cell(styles.SECTION))
    sheet.set_row(row, 24)
    return row + 1


def _colours(book: Book, sheet: Any, top: int) -> int:
    """Each colour worn by a sample, its meaning beside it."""
    row = _heading(book, sheet, top, book.say("sheet.guide_colours"))
    numbers = {"align": "right", "num_format": "#,##0", "indent": 1}
    samples: list[tuple[styles.Properties, str]] = [
        ({**styles.TYPED, **numbers}, "sheet.guide_input"),
        ({**styles.COMPUTED, **numbers}, "sheet.guide_formula"),
        ({**styles.OVERRIDDEN, **numbers}, "sheet.guide_override"),
        ({**styles.MACHINE_HEADER, **numbers}, "sheet.guide_machine"),
    ]
    for look, key in samples:
        sheet.set_row(row, 20)
        sheet.write_number(row, _SAMPLE, 1234, book.styles.cell(look))
        sheet.write_string(row, _TEXT, book.say(key), book.styles.cell(indent=1))
        row += 1
    for status in Status:
        ink, fill = styles.STATUS_COLOURS[status]
        sheet.set_row(row, 20)
        word = book.language.status[status]
        sheet.write_string(row, _SAMPLE, word, book.styles.cell(font_color=ink, bg_color=fill, indent=1))
        row += 1
    return row
