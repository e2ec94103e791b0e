"""Builds a new KPI workbook as an Excel file: the tabs as ``backends.tabs`` describes them, drawn with XlsxWriter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from kpisheets.backends.tabs import TABS, Content, lay_out
from kpisheets.core.kpi import Kpi
from kpisheets.core.period import Calendar
from kpisheets.core.workbook import SCHEMA_VERSION
from kpisheets.templates import Language

__all__ = ["TABS", "build"]


def build(
    path: Path,
    *,
    project: str,
    kpis: Sequence[Kpi],
    language: Language,
    currency: str,
    calendar: Calendar,
    today: date,
    packs: Sequence[str],
    metric_names: Sequence[str],
    tabs: Mapping[str, str] | None = None,
    date1904: bool = False,
) -> None:
    """Write the workbook to ``path``, replacing what is there; the same input gives the same bytes.

    ``currency`` is the project's ISO code, ``packs`` the template packs that the KPIs come from, ``metric_names`` the
    choices of a KPI's Metric, ``tabs`` the tabs' titles by key (default: the language's), ``date1904`` the calendar of
    its dates. OSError where the file cannot be written.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    from kpisheets.backends.excel.build.canvas import ExcelCanvas

    workbook = xlsxwriter.Workbook(str(path), {"in_memory": True, "date_1904": date1904})
    content = Content(project, kpis, language, currency, calendar.timezone, today, packs, metric_names)
    lay_out(ExcelCanvas(workbook), content, tabs)
    workbook.set_properties(
        {
            **{"title": project, "subject": language.word("sheet.report_subtitle"), "comments": "made by kpisheets"},
            "created": datetime(today.year, today.month, today.day),  # noqa: DTZ001 (a plain date)
        }
    )
    workbook.set_custom_property("kpisheets.schema", SCHEMA_VERSION, "number")
    try:
        workbook.close()
    except FileCreateError as error:
        raise error.args[0] if error.args and isinstance(error.args[0], OSError) else OSError(str(error)) from error
