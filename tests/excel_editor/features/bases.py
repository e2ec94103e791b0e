"""The plain workbooks that features are put into: two tabs, a table with dates, formulas and free rows below."""

# Cells have no time zone.
# ruff: noqa: DTZ001
from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import xlsxwriter
from openpyxl.worksheet.table import Table

TAB, OTHER, TABLE = "Team’s tab", "Other", "numbers"
HEADERS = ("Name", "Day", "Target", "Actual", "Gap", "Done")
TOP, BOTTOM = 3, 13
"""The table's rows, header included; its columns are A to F."""
ROW, COLUMN = 3, 9
"""Where a feature's cells may stand: from I3 to the right."""


def by_xlsxwriter(path: Path) -> Path:
    """As XlsxWriter writes it: shared strings, spans, stored values."""
    book = xlsxwriter.Workbook(str(path))
    date = book.add_format({"num_format": "yyyy-mm-dd"})
    bold = book.add_format({"bold": True})
    sheet, other = book.add_worksheet(TAB), book.add_worksheet(OTHER)
    sheet.write("A1", "Numbers of the team", bold)
    for row in range(TOP, BOTTOM):
        sheet.write_string(row, 0, f"line <{row}> & co")
        sheet.write_datetime(row, 1, dt.datetime(2026, 1, row), date)
        sheet.write_number(row, 2, row * 1.5, bold)
        sheet.write_number(row, 3, row * 2)
        sheet.write_formula(row, 4, f"=D{row + 1}-C{row + 1}", None, row * 0.5)
        sheet.write_boolean(row, 5, row % 2 == 0)
    columns = [{"header": header} for header in HEADERS]
    sheet.add_table(TOP - 1, 0, BOTTOM - 1, 5, {"name": TABLE, "columns": columns})
    for row in range(12):
        other.write_row(row, 0, [f"note {row}", row, row / 8])
    other.write_formula("E2", "=SUM(B1:B12)", None, 66)
    book.define_name("their_name", f"='{TAB}'!$A$4:$C$9")
    book.close()
    return path


def by_openpyxl(path: Path) -> Path:
    """As openpyxl writes it: no stored values, no spans."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = TAB
    sheet["A1"] = "Numbers of the team"
    for column, header in enumerate(HEADERS, 1):
        sheet.cell(TOP, column, header)
    for row in range(TOP + 1, BOTTOM + 1):
        line = [f"line {row}", dt.datetime(2026, 1, row), row * 1.5, row * 2, f"=D{row}-C{row}", True]
        for column, value in enumerate(line, 1):
            sheet.cell(row, column, value)
    sheet.add_table(Table(displayName=TABLE, ref=f"A{TOP}:F{BOTTOM}"))
    other = book.create_sheet(OTHER)
    for row in range(12):
        other.append([f"note {row}", row, row / 8])
    other["E2"] = "=SUM(B1:B12)"
    book.defined_names["their_name"] = openpyxl.workbook.defined_name.DefinedName(
        "their_name", attr_text=f"'{TAB}'!$A$4:$C$9"
    )
    book.save(path)
    return path


BASES = {"xlsxwriter": by_xlsxwriter, "openpyxl": by_openpyxl}
