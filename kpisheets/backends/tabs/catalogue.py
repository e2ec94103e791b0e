"""The KPIs tab: what is measured, for whom, against which target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from kpisheets.backends.tabs import looks
from kpisheets.backends.tabs.book import LINE_HEIGHT, Book, lines
from kpisheets.backends.tabs.canvas import Area, AtLeast, Dropdown, Page, Sheet, Typing
from kpisheets.backends.tabs.looks import Align, Look
from kpisheets.backends.tabs.tables import FIRST_ROW, HEADER_ROW, lay_table, legend
from kpisheets.backends.tabs.units import number_format
from kpisheets.core.kpi import Kpi
from kpisheets.core.workbook import CATALOGUE

_WIDTHS = {
    **{"id": 22, "name": 32, "objective": 36, "department": 16, "owner": 20, "owner_email": 28, "unit": 10},
    **{"direction": 14, "frequency": 15, "metric": 22, "target": 16, "low": 12, "high": 12, "tolerance": 12},
    **{"roll_up": 14, "active_from": 13, "active_to": 13, "definition": 52, "recommendation": 52},
}
_TOP = looks.TYPED | Look(down=Align.TOP)
_LONG = _TOP | Look(wrap=True)
_NUMBER = _TOP | Look(format="#,##0.0", across=Align.RIGHT)
_LOOKS = {
    **dict.fromkeys(("id", "department", "owner", "owner_email", "unit", "direction", "frequency", "metric"), _TOP),
    **dict.fromkeys(("objective", "definition", "recommendation"), _LONG),
    **dict.fromkeys(("target", "low", "high"), _NUMBER),
    "name": _LONG | Look(bold=True),
    "roll_up": _TOP | Look(across=Align.LEFT, indent=1),
    "tolerance": _TOP | Look(format="0.0%", across=Align.RIGHT),
}
_HINTS = (*("id", "unit", "direction", "metric", "target", "tolerance", "roll_up", "active_from", "active_to"),)
_UNITS = ("%", "days", "hours", "count", "score", "ratio")
_NUMBERS = frozenset({"target", "low", "high"})


def add_catalogue(book: Book, sheet: Sheet) -> None:
    kpis = book.content.kpis
    day = _TOP | Look(format=book.language.locale.date, across=Align.LEFT)
    wanted = {**_LOOKS, "active_from": day | Look(indent=1), "active_to": day}
    rows = max(len(kpis), 1)
    columns = lay_table(book, sheet, CATALOGUE, widths=_WIDTHS, wanted=wanted, hints=_HINTS, rows=rows, frozen=2)
    legend(sheet, columns["id"], book.say("sheet.legend_catalogue"), looks.TYPED)
    for place, kpi in enumerate(kpis):
        row = FIRST_ROW + place
        sheet.row(row, _height(kpi))
        _write(book, sheet, row, columns, wanted, kpi)
    _dropdowns(book, sheet, columns)
    # Too wide for one page: two, with ID and KPI on both.
    sheet.page(Page(book.content.project, HEADER_ROW, wide=2, columns=(columns["id"], columns["name"])))


def _height(kpi: Kpi) -> float:
    """Room for the longest text of the row, up to six lines."""
    texts = {"name": kpi.name, "objective": kpi.objective, "definition": kpi.definition}
    texts["recommendation"] = kpi.recommendation
    needed = max(lines(text, _WIDTHS[field]) for field, text in texts.items())
    return LINE_HEIGHT * min(max(needed, 1), 6) + 4


def _write(
    book: Book, sheet: Sheet, row: int, columns: Mapping[str, int], wanted: Mapping[str, Look], kpi: Kpi
) -> None:
    for field, column in columns.items():
        value = None if field == "seen" else _spoken(book, field, getattr(kpi, field))
        look = wanted.get(field, looks.MACHINE)
        if field in _NUMBERS:
            look |= Look(format=number_format(kpi.unit, book.content.currency, language=book.language.code))
        match value:
            case Decimal():
                sheet.number(row, column, float(value), look)
            case date():
                sheet.day(row, column, value, look)
            case str() if value:
                sheet.text(row, column, value, look)
            case _:
                sheet.blank(row, column, look)


def _spoken(book: Book, field: str, value: Any) -> Any:
    """The value, enumerated ones in the workbook's language."""
    return book.language.enum(field, str(value)) if field in book.language.enums and value is not None else value


def _dropdowns(book: Book, sheet: Sheet, columns: Mapping[str, int]) -> None:
    enums, kpis, listed = book.language.enums, book.content.kpis, book.say("pick_from_list")
    departments = [
        *enums.get("department", {}).values(),
        *(_spoken(book, "department", kpi.department) for kpi in kpis),
    ]
    units = [book.content.currency, *(_spoken(book, "unit", unit) for unit in _UNITS)]
    units += [_spoken(book, "unit", kpi.unit) for kpi in kpis]
    choices = {
        "direction": Dropdown(_items(enums["direction"].values()), Typing.REFUSED, listed),
        "frequency": Dropdown(_items(enums["frequency"].values()), Typing.REFUSED, listed),
        "roll_up": Dropdown(_items(enums["roll_up"].values()), Typing.REFUSED, listed),
        "metric": Dropdown(_items(book.content.metric_names), Typing.QUESTIONED, book.say("sheet.metric_unknown")),
        "department": Dropdown(_items(departments), Typing.WELCOME),
        "unit": Dropdown(_items(units), Typing.WELCOME),
    }
    for field, dropdown in choices.items():
        if dropdown.offered:
            sheet.dropdown(_column(columns[field]), dropdown)
    sheet.at_least(_column(columns["tolerance"]), AtLeast(0, book.say("type_a_share")))


def _items(words: Iterable[str]) -> tuple[str, ...]:
    """Each word once, blanks left away."""
    return tuple(word for word in dict.fromkeys(words) if word)


def _column(column: int) -> Area:
    return Area(FIRST_ROW, column, None, column)
