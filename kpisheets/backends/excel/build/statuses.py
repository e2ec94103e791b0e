"""Conditional formats of the cells that hold status words."""

from __future__ import annotations

from typing import Any

from kpisheets.backends.excel.build.book import Book
from kpisheets.core.kpi import Status


def colour_statuses(book: Book, sheet: Any, top: int, column: int, bottom: int) -> None:
    """Colour every status word, and the words of a period in progress by what its pace says."""
    for text, status in wordings(book):
        rule = {"type": "cell", "criteria": "==", "value": f'"{text}"', "format": book.styles.status(status)}
        sheet.conditional_format(top, column, bottom, column, rule)


def wordings(book: Book) -> list[tuple[str, Status]]:
    """Every text that a status cell may show, and the status whose colours it takes."""
    words = book.language.for_workbook
    judged = (Status.MET, Status.AT_RISK, Status.MISSED)
    plain = [(words.status[status], status) for status in Status]
    return [*plain, *((words.in_progress(status), status) for status in judged)]
