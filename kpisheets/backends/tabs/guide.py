"""The Guide tab: how to read and edit the workbook, with the colour code shown as it looks."""

from __future__ import annotations

from kpisheets.backends.tabs import looks
from kpisheets.backends.tabs.book import LINE_HEIGHT, Book, lines
from kpisheets.backends.tabs.canvas import Page, Sheet
from kpisheets.backends.tabs.looks import PLAIN, Align, Look
from kpisheets.core.kpi import Status

_SAMPLE, _TEXT = 1, 2
_SAMPLE_WIDTH, _TEXT_WIDTH = 26, 96


def add_guide(book: Book, sheet: Sheet) -> None:
    sheet.plain()
    for column, width in ((0, 2), (_SAMPLE, _SAMPLE_WIDTH), (_TEXT, _TEXT_WIDTH)):
        sheet.columns(column, column, width)
    sheet.row(0, 9)
    sheet.row(1, 30)
    sheet.text(1, _SAMPLE, book.language.tabs["guide"], looks.TAB_TITLE)
    row = _renamed(book, sheet, 2)
    row = _colours(book, sheet, row + 1)
    for section in book.language.guide:
        row = _heading(sheet, row + 1, section.heading)
        for paragraph in section.paragraphs:
            sheet.merged(row, _SAMPLE, _TEXT, paragraph, Look(wrap=True))
            sheet.row(row, LINE_HEIGHT * lines(paragraph, _SAMPLE_WIDTH + _TEXT_WIDTH) + 6)
            row += 1
    sheet.page(Page(book.content.project, portrait=True))


def _renamed(book: Book, sheet: Sheet, row: int) -> int:
    """A line for each tab that is not called what the texts call it."""
    for key, tab in book.tabs.items():
        title = book.language.tabs[key]
        if tab != title:
            said = book.say("sheet.guide_renamed", title=title, tab=tab)
            sheet.merged(row, _SAMPLE, _TEXT, said, looks.SUBTITLE)
            sheet.row(row, 20)
            row += 1
    return row


def _heading(sheet: Sheet, row: int, text: str) -> int:
    for column in (_SAMPLE, _TEXT):
        sheet.blank(row, column, looks.SECTION)
    sheet.text(row, _SAMPLE, text, looks.SECTION)
    sheet.row(row, 24)
    return row + 1


def _colours(book: Book, sheet: Sheet, top: int) -> int:
    """Each colour worn by a sample, its meaning beside it."""
    row = _heading(sheet, top, book.say("sheet.guide_colours"))
    number = Look(across=Align.RIGHT, format="#,##0", indent=1)
    samples = (
        (looks.TYPED, "sheet.guide_input"),
        (looks.COMPUTED, "sheet.guide_formula"),
        (looks.OVERRIDDEN, "sheet.guide_override"),
        (looks.MACHINE_HEADER, "sheet.guide_machine"),
    )
    for look, key in samples:
        sheet.row(row, 20)
        sheet.number(row, _SAMPLE, 1234, look | number)
        sheet.text(row, _TEXT, book.say(key), Look(indent=1))
        row += 1
    for status in Status:
        ink, fill = looks.STATUS_COLOURS[status]
        sheet.row(row, 20)
        sheet.text(row, _SAMPLE, book.language.status[status], PLAIN | Look(ink=ink, fill=fill, indent=1))
        row += 1
    return row
