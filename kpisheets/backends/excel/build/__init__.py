"""Builds a new KPI workbook as an Excel file: the tabs as ``backends.tabs`` describes them, drawn with XlsxWriter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from kpisheets.backends.tabs import Content, lay_out
from kpisheets.core.workbook import SCHEMA_VERSION


def build(path: Path, content: Content, titles: Mapping[str, str] | None = None, *, date1904: bool = False) -> None:
    """Write the workbook to ``path``, replacing what is there; the same input gives the same bytes.

    ``titles`` are the tabs' by key (default: the language's), ``date1904`` is the calendar of its dates. OSError where
    the file cannot be written.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    from kpisheets.backends.excel.build.canvas import ExcelCanvas

    workbook = xlsxwriter.Workbook(str(path), {"in_memory": True, "date_1904": date1904})
    lay_out(ExcelCanvas(workbook), content, titles)
    today, subject = content.today, content.language.word("sheet.report_subtitle")
    workbook.set_properties(
        {
            **{"title": content.project, "subject": subject, "comments": "made by kpisheets"},
            "created": datetime(today.year, today.month, today.day),  # noqa: DTZ001 (a plain date)
        }
    )
    workbook.set_custom_property("kpisheets.schema", SCHEMA_VERSION, "number")
    try:
        workbook.close()
    except FileCreateError as error:
        raise error.args[0] if error.args and isinstance(error.args[0], OSError) else OSError(str(error)) from error
