"""Builds a new KPI workbook: layout, names, formats and rules, with no formula and no computed number.

The sync engine fills formulas and numbers in place through the names, as it does in a workbook of any age.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from kpisheets.core.kpi import Kpi
from kpisheets.core.period import Calendar
from kpisheets.core.workbook import SCHEMA_VERSION
from kpisheets.templates import Language

TABS = ("report", "tracking", "kpis", "control", "log", "guide")
"""The keys of the tabs, in order."""


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

    from kpisheets.backends.excel.build.book import Book, Content
    from kpisheets.backends.excel.build.catalogue import add_catalogue
    from kpisheets.backends.excel.build.control import add_control
    from kpisheets.backends.excel.build.guide import add_guide
    from kpisheets.backends.excel.build.log import add_log
    from kpisheets.backends.excel.build.report import add_report
    from kpisheets.backends.excel.build.styles import ACCENT, INPUT, MUTED, SLATE
    from kpisheets.backends.excel.build.tracking import add_tracking

    workbook = xlsxwriter.Workbook(str(path), {"in_memory": True, "date_1904": date1904})
    content = Content(project, kpis, language, currency, calendar.timezone, today, packs, metric_names)
    book = Book(workbook, content, tabs or language.tabs)
    colours = (ACCENT, SLATE, INPUT, MUTED, MUTED, MUTED)
    sheets = {key: book.add_tab(key, colour) for key, colour in zip(TABS, colours, strict=True)}
    add_report(book, sheets["report"])
    add_tracking(book, sheets["tracking"])
    add_catalogue(book, sheets["kpis"], sheets["control"])
    add_control(book, sheets["control"])
    add_log(book, sheets["log"])
    add_guide(book, sheets["guide"])
    sheets["report"].activate()
    sheets["report"].set_first_sheet()
    workbook.set_properties(
        {
            **{"title": project, "subject": book.say("sheet.report_subtitle"), "comments": "made by kpisheets"},
            "created": datetime(today.year, today.month, today.day),  # noqa: DTZ001 (a plain date)
        }
    )
    workbook.set_custom_property("kpisheets.schema", SCHEMA_VERSION, "number")
    try:
        workbook.close()
    except FileCreateError as error:
        raise error.args[0] if error.args and isinstance(error.args[0], OSError) else OSError(str(error)) from error
