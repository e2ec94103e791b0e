"""Conditional formats of the cells that hold status words."""

from __future__ import annotations

from kpisheets.backends.tabs.book import Book
from kpisheets.backends.tabs.canvas import Area, Sheet
from kpisheets.backends.tabs.looks import of_status
from kpisheets.core.kpi import Status


def colour_statuses(book: Book, sheet: Sheet, top: int, column: int) -> None:
    """Colour every status word from ``top`` down, and the words of a period in progress by what its pace says."""
    for text, status in wordings(book):
        sheet.shade_equal(Area(top, column, None, column), text, of_status(status))


def wordings(book: Book) -> list[tuple[str, Status]]:
    """Every text that a status cell may show, and the status whose colours it takes."""
    words = book.language.for_workbook
    judged = (Status.MET, Status.AT_RISK, Status.MISSED)
    plain = [(words.status[status], status) for status in Status]
    return [*plain, *((words.in_progress(status), status) for status in judged)]
