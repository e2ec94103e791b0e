"""A spreadsheet's content replaced by a CSV file, as Drive converts one."""

from __future__ import annotations

import csv
import io

from .book import Book, Tab
from .grid import EMPTY, Grid
from .typed import typed


def import_csv(book: Book, text: str) -> Book:
    """The spreadsheet with one tab, named like the file, that holds the CSV's values as if they were typed."""
    lines = list(csv.reader(io.StringIO(text)))
    width = max((len(line) for line in lines), default=0)
    # The service converts in the zone of its own seat, whatever the spreadsheet's was.
    new = Book(book.id, {**book.properties, "timeZone": "America/Los_Angeles"})
    title = str(book.properties["title"])[:100]
    tab = Tab(
        {"sheetId": book.new_id(), "title": title, "sheetType": "GRID", "gridProperties": {}},
        Grid.empty(max(1000, len(lines)), max(26, width)),
    )
    for index, line in enumerate(lines):
        tab.grid.put(index, {place: typed(part, EMPTY, "USER_ENTERED", book.locale) for place, part in enumerate(line)})
    new.tabs.append(tab)
    return new
