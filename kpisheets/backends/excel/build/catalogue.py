"""The KPIs tab: what is measured, for whom, against which target."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from kpisheets.backends.excel.build import styles
from kpisheets.backends.excel.build.book import LAST_ROW, LINE_HEIGHT, Book, lines
from kpisheets.backends.excel.build.tables import FIRST_ROW, lay_table, legend
from kpisheets.backends.excel.build.units import number_format
from kpisheets.core.kpi import Kpi
from kpisheets.core.workbook import CATALOGUE

_WIDTHS = {
    **{"id": 22, "name": 32, "objective": 36, "department": 16, "owner": 20, "owner_email": 28, "unit": 10},
    **{"direction": 14, "frequency": 15, "metric": 22, "target": 16, "low": 12, "high": 12, "tolerance": 12},
    **{"roll_up": 14, "active_from": 13, "active_to": 13, "definition": 52, "recommendation": 52},
}
_TOP = {**styles.TYPED, "valign": "top"}
_LONG = {**_TOP, "text_wrap": True}
_NUMBER = {**_TOP, "num_format": "#,##0.0", "align": "right"}
Looks = Mapping[str, styles.Properties]
_LOOKS: Looks = {
    **dict.fromkeys(("id", "department", "owner", "owner_email", "unit", "direction", "frequency", "metric"), _TOP),
    **dict.fromkeys(("objective", "definition", "recommendation"), _LONG),
    **dict.fromkeys(("target", "low", "high"), _NUMBER),
    **{"name": {**_LONG, "bold": True}, "roll_up": {**_TOP, "align": "left", "indent": 1}},
    **{"tolerance": {**_TOP, "num_format": "0.0%", "align": "right"}},
}
_HINTS = (*("id", "unit", "direction", "metric", "target", "tolerance", "roll_up", "active_from", "active_to"),)
_UNITS = ("%", "days", "hours", "count", "score", "ratio")
_NUMBERS = frozenset({"target", "low", "high"})


def add_catalogue(book: Book, sheet: Any, control: Any) -> None:
    kpis = book.content.kpis
    day = {**_TOP, "num_format": book.language.locale.date, "align": "left"}
    looks = {**_LOOKS, "active_from": {**day, "indent": 1}, "active_to": day}
    rows = max(len(kpis), 1)
    columns = lay_table(book, sheet, CATALOGUE, widths=_WIDTHS, looks=looks, hints=_HINTS, rows=rows, frozen=2)
    legend(book, sheet, columns["id"], book.say("sheet.legend_catalogue"), styles.TYPED)
    for place, kpi in enumerate(kpis):
        row = FIRST_ROW + place
        sheet.set_row(row, _height(kpi))
        _write(book, sheet, row, columns, looks, kpi)
    _dropdowns(book, sheet, control, columns)
    # Too wide for one page: two, with ID and KPI on both.
    sheet.fit_to_pages(2, 0)
    sheet.repeat_columns(columns["id"], columns["name"])


def _height(kpi: Kpi) -> float:
    """Room for the longest text of the row, up to six lines."""
    texts = {"name": kpi.name, "objective": kpi.objective, "definition": kpi.definition}
    texts["recommendation"] = kpi.recommendation
    needed = max(lines(text, _WIDTHS[field]) for field, text in texts.items())
    return LINE_HEIGHT * min(max(needed, 1), 6) + 4


def _write(book: Book, sheet: Any, row: int, columns: dict[str, int], looks: Looks, kpi: Kpi) -> None:
    for field, column in columns.items():
        value = None if field == "seen" else _spoken(book, field, getattr(kpi, field))
        look = looks.get(field, styles.MACHINE)
        if field in _NUMBERS:
            wanted = number_format(kpi.unit, book.content.currency, language=book.language.code)
            look = {**look, "num_format": wanted}
        style = book.styles.cell(look)
        match value:
            case Decimal():
                sheet.write_number(row, column, float(value), style)
            case date():
                sheet.write_datetime(row, column, value, style)
            case str() if value:
                # As text whatever it looks like: a name may begin with "=".
                sheet.write_string(row, column, value, style)
            case _:
                sheet.write_blank(row, column, None, style)


def _spoken(book: Book, field: str, value: Any) -> Any:
    """The value, enumerated ones in the workbook's language."""
    return book.language.enum(field, str(value)) if field in book.language.enums and value is not None else value


def _dropdowns(book: Book, sheet: Any, control: Any, columns: dict[str, int]) -> None:
    enums, kpis = book.language.enums, book.content.kpis
    departments = [
        *enums.get("department", {}).values(),
        *(_spoken(book, "department", kpi.department) for kpi in kpis),
    ]
    units = [book.content.currency, *(_spoken(book, "unit", unit) for unit in _UNITS)]
    units += [_spoken(book, "unit", kpi.unit) for kpi in kpis]
    choices = {
        "direction": (list(enums["direction"].values()), "stop"),
        "frequency": (list(enums["frequency"].values()), "stop"),
        "roll_up": (list(enums["roll_up"].values()), "stop"),
        "metric": (list(book.content.metric_names), "warning"),
        "department": (departments, ""),
        "unit": (units, ""),
    }
    for field, (items, severity) in choices.items():
        source = book.choice(items, control)
        if not source:
            continue
        rule: dict[str, Any] = {"validate": "list", "source": source}
        if severity:
            said = "sheet.metric_unknown" if field == "metric" else "pick_from_list"
            rule |= {"error_type": severity, "error_message": book.say(said)}
        else:
            rule |= {"show_error": False}
        sheet.data_validation(FIRST_ROW, columns[field], LAST_ROW, columns[field], rule)
    share = {
        **{"validate": "decimal", "criteria": ">=", "value": 0},
        **{"error_type": "stop", "error_message": book.say("type_a_share")},
    }
    sheet.data_validation(FIRST_ROW, columns["tolerance"], LAST_ROW, columns["tolerance"], share)
