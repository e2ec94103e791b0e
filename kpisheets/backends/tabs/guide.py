"""The Guide tab: how to read and edit the workbook, the colour code as it looks, the meetings, each owner's KPIs."""

from __future__ import annotations

from kpisheets.backends.tabs import looks
from kpisheets.backends.tabs.book import LINE_HEIGHT, Book, lines, name_cell
from kpisheets.backends.tabs.canvas import Page, Sheet
from kpisheets.backends.tabs.looks import PLAIN, Align, Look
from kpisheets.core.kpi import Status
from kpisheets.core.meeting import Meeting
from kpisheets.core.workbook import FIELDS, GUIDE, MACHINE, RITUALS

_LEFT = 1
_WIDTHS = {"owner": 20, "kpi": 30, "reading": 58, "frequency": 14, "figure": 28}
_COLUMN = {field: _LEFT + place for place, field in enumerate(FIELDS[GUIDE])}
_SAMPLE, _TEXT, _RIGHT = _COLUMN["owner"], _COLUMN["kpi"], _COLUMN["frequency"]
"""Texts go over the columns of the table, which stands at the end so that it can grow."""
_WIDTH = sum(width for field, width in _WIDTHS.items() if _COLUMN[field] <= _RIGHT)
_TOP = Look(down=Align.TOP)
_LOOKS = {
    "owner": _TOP | Look(wrap=True, bold=True),
    **dict.fromkeys(("kpi", "reading"), _TOP | Look(wrap=True)),
    **dict.fromkeys(("frequency", "figure"), _TOP | Look(wrap=True)),
}
_RITUAL_LINES, _ROW_LINES = 4, 2
_SPARE_ROWS = 40
"""KPIs that may come later and find their row prepared."""


def add_guide(book: Book, sheet: Sheet) -> None:
    sheet.plain()
    sheet.columns(0, 0, 2)
    for field, width in _WIDTHS.items():
        sheet.columns(_COLUMN[field], _COLUMN[field], width)
    sheet.row(0, 9)
    sheet.row(1, 30)
    sheet.text(1, _SAMPLE, book.language.tabs["guide"], looks.TAB_TITLE)
    sheet.merged(2, _SAMPLE, _RIGHT, book.say("guide.kpis_below"), looks.SUBTITLE)
    sheet.row(2, 20)
    row = _renamed(book, sheet, 3)
    row = _colours(book, sheet, row + 1)
    for section in book.language.guide:
        row = _heading(sheet, row + 1, section.heading)
        for paragraph in section.paragraphs:
            sheet.merged(row, _SAMPLE, _RIGHT, paragraph, Look(wrap=True))
            sheet.row(row, LINE_HEIGHT * lines(paragraph, _WIDTH) + 6)
            row += 1
    row = _rituals(book, sheet, row + 1)
    _table(book, sheet, row + 1)
    sheet.page(Page(book.content.project, portrait=True))


def _renamed(book: Book, sheet: Sheet, row: int) -> int:
    """A line for each tab that is not called what the texts call it."""
    for key, tab in book.tabs.items():
        title = book.language.tabs[key]
        if tab != title:
            said = book.say("sheet.guide_renamed", title=title, tab=tab)
            sheet.merged(row, _SAMPLE, _RIGHT, said, looks.SUBTITLE)
            sheet.row(row, 20)
            row += 1
    return row


def _heading(sheet: Sheet, row: int, text: str) -> int:
    for column in range(_SAMPLE, _COLUMN["figure"] + 1):
        sheet.blank(row, column, looks.SECTION)
    sheet.text(row, _SAMPLE, text, looks.SECTION)
    sheet.row(row, 24)
    return row + 1


def _rituals(book: Book, sheet: Sheet, row: int) -> int:
    """A line for each meeting; the sync fills in what it goes through."""
    row = _heading(sheet, row, book.say("guide.rituals"))
    for meeting in Meeting:
        sheet.text(row, _SAMPLE, book.say(f"meeting.{meeting.value}"), _LOOKS["owner"])
        sheet.merged(row, _TEXT, _RIGHT, None, _TOP | Look(wrap=True))
        name_cell(sheet, RITUALS[meeting.value], row, _TEXT)
        sheet.row(row, LINE_HEIGHT * _RITUAL_LINES + 6)
        row += 1
    return row


def _table(book: Book, sheet: Sheet, top: int) -> None:
    row = _heading(sheet, top, book.say("guide.kpis"))
    sheet.merged(row, _SAMPLE, _RIGHT, book.say("guide.kpis_note"), looks.SUBTITLE)
    sheet.row(row, 20)
    header, rows = row + 1, max(len(book.content.kpis), 1)
    sheet.row(header, 24)
    sheet.table(book.table(GUIDE, header, _LEFT, rows))
    for line in range(header + 1, header + 1 + rows + _SPARE_ROWS):
        sheet.row(line, LINE_HEIGHT * _ROW_LINES + 4)
        for field in FIELDS[GUIDE]:
            sheet.blank(line, _COLUMN[field], looks.COMPUTED | _LOOKS[field] if field in _LOOKS else looks.MACHINE)
    for field in MACHINE[GUIDE]:
        sheet.columns(_COLUMN[field], _COLUMN[field], 12, folded=True)


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
