"""A spreadsheet in other formats: values and number formats, not its looks."""

from __future__ import annotations

import csv
import io

import xlsxwriter

from .book import Book, Tab
from .calc_types import CalcError
from .computed import SHOWN, effective, number_format, shown
from .errors import DriveError

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"
CSV, TSV = "text/csv", "text/tab-separated-values"
MOST_BYTES = 10 * 1024 * 1024


def exported(book: Book, mime_type: str) -> bytes:
    """The spreadsheet in a format. Raises Drive's errors for one that isn't offered, and for more than 10 MB."""
    if mime_type == XLSX:
        content = _xlsx(book)
    elif mime_type in (CSV, TSV):
        content = _separated(book, "," if mime_type == CSV else "\t")
    elif mime_type == PDF:
        content = _pdf(book)
    else:
        raise DriveError(400, "The requested conversion is not supported.", "badRequest", location="convertTo")
    if len(content) > MOST_BYTES:
        raise DriveError(403, "This file is too large to be exported.", "exportSizeLimitExceeded")
    return content


def _texts(book: Book, tab: Tab) -> list[list[str]]:
    """The texts that a tab shows, up to its last filled row and column."""
    width = max(
        (column + 1 for _, row in tab.cells() for column, cell in row.items() if cell.value is not None), default=0
    )
    lines = []
    for index in range(tab.grid.last_row()):
        row = tab.grid.rows[index]
        line = []
        for column in range(width):
            cell = row.get(column)
            line.append("" if cell is None else shown(effective(book, tab, index, column, cell), cell, book.locale))
        lines.append(line)
    return lines


def _separated(book: Book, delimiter: str) -> bytes:
    """The first tab as text, without an end of line after the last."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(_texts(book, book.tabs[0]))
    return text.getvalue().removesuffix("\r\n").encode()


def _xlsx(book: Book) -> bytes:
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    formats: dict[str, object] = {}
    for tab in book.tabs:
        sheet = workbook.add_worksheet(tab.title[:31])
        if tab.properties.get("hidden"):
            sheet.hide()
        for index, row in tab.cells():
            for column, cell in row.items():
                value = effective(book, tab, index, column, cell)
                if isinstance(value, CalcError):
                    value = SHOWN[value.type]
                pattern = (number_format(cell) or {}).get("pattern", "")
                if pattern and pattern not in formats:
                    formats[pattern] = workbook.add_format({"num_format": pattern})
                if value is not None and value != "":
                    sheet.write(index, column, value, formats.get(pattern))
    workbook.close()
    return stream.getvalue()


def _pdf(book: Book) -> bytes:
    """A plain PDF: a page for each tab, with the texts of its first rows."""
    pages = [[tab.title, *("  ".join(line) for line in _texts(book, tab)[:60])] for tab in book.tabs]
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    for lines in pages:
        content = "BT /F1 9 Tf 40 800 Td 12 TL\n" + "".join(f"({_escaped(line)}) Tj T*\n" for line in lines) + "ET"
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 << /Type /Font "
            f"/Subtype /Type1 /BaseFont /Helvetica >> >> >> /Contents {len(objects) + 2} 0 R >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    text, offsets = "%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        offsets.append(len(text))
        text += f"{number} 0 obj\n{item}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    end += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(text)}\n%%EOF\n"
    return (text + end).encode("latin-1")


def _escaped(text: str) -> str:
    plain = text.encode("latin-1", "replace").decode("latin-1")
    return plain.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").replace("\n", " ").replace("\r", " ")
