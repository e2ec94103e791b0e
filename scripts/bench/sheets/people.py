"""What people do with each spreadsheet: type the catalogue into the KPIs tab, and at last look whether all is right."""

from __future__ import annotations

import gspread
from job import Job
from layout import HEADERS


def type_catalogue(book: gspread.Spreadsheet, job: Job) -> None:
    """One line for each KPI below the header. Not counted."""
    tab = book.worksheet("KPIs")
    grid = tab.get_all_values()
    header = next(row for row, cells in enumerate(grid) if "ID" in cells)
    last = header + 1 + job.kpis
    if last > tab.row_count:
        tab.add_rows(last - tab.row_count)
    data = []
    for role, name in HEADERS.items():
        column = gspread.utils.rowcol_to_a1(header + 2, grid[header].index(name) + 1)
        data.append({"range": f"KPIs!{column}", "values": [[line[role]] for line in job.catalogue]})
    book.values_batch_update({"valueInputOption": "USER_ENTERED", "data": data})


def check(book: gspread.Spreadsheet, job: Job) -> None:
    """Exits unless the Tracking tab has every number, once."""
    grid = book.worksheet("Tracking").get_all_values(value_render_option="UNFORMATTED_VALUE")  # type: ignore[arg-type]
    header = next(cells for cells in grid if "Key" in cells and "Actual" in cells)
    key, actual, status = (header.index(name) for name in ("Key", "Actual", "Status"))
    lines = [cells for cells in grid[grid.index(header) + 1 :] if len(cells) > key and cells[key]]
    found = {tuple(cells[key].split("|")): cells[actual] for cells in lines}
    if len(lines) != len(found) or found != job.totals(late=True) or not all(cells[status] for cells in lines):
        raise SystemExit(f"the numbers in {book.title} are not what they should be")
