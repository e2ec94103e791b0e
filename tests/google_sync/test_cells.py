"""Values and formulas on their way into Google Sheets and back; requests as the discovery document has them."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import openpyxl.utils
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import from_excel, to_excel

from kpisheets.backends.canonical import Canonical
from kpisheets.backends.google.reading.a1 import a1, letters
from kpisheets.backends.google.reading.cells import alike, entered, from_serial, plain, to_serial, typed_in, value_of
from kpisheets.backends.google.reading.observe import _patterns
from kpisheets.backends.google.writing.requests import blocks
from kpisheets.core import derived
from kpisheets.core.formula import Dialect, Here, canonical, op, text
from kpisheets.core.workbook import FIELDS, REPORT, TRACKING, ErrorValue, Value
from kpisheets.errors import BadData
from kpisheets.templates import language

moments = st.datetimes(datetime(1900, 3, 1), datetime(9999, 12, 31)).map(lambda found: found.replace(microsecond=0))  # noqa: DTZ001
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9),
    st.text(min_size=1),
    moments,
)


def read_back(value: Value) -> Value:
    """What the service gives back for a cell that was written: it keeps what was typed, and its format."""
    kind = {"numberFormat": {"type": "DATE_TIME"}} if isinstance(value, datetime) else {}
    return value_of({"effectiveValue": entered(value), "effectiveFormat": kind})


@given(values)
def test_a_value_comes_back_as_it_was_written(value: Value) -> None:
    found = read_back(value)
    if isinstance(value, Decimal):
        assert found == pytest.approx(float(value), rel=1e-15)
    else:
        assert found == value
        assert isinstance(found, bool) == isinstance(value, bool)


@given(moments)
def test_dates_are_the_numbers_that_spreadsheets_use(moment: datetime) -> None:
    assert to_serial(moment) == pytest.approx(to_excel(moment), abs=1e-9)
    assert from_serial(to_excel(moment)) - from_excel(to_excel(moment)) < timedelta(milliseconds=2)  # type: ignore[operator]


def test_a_number_is_a_date_where_its_format_says_so() -> None:
    cell = {"effectiveValue": {"numberValue": 46000.5}, "effectiveFormat": {"numberFormat": {"type": "DATE"}}}
    assert value_of(cell) == datetime(2025, 12, 9, 12)  # noqa: DTZ001
    for kind in ("NUMBER", "PERCENT", "CURRENCY", "TIME", "TEXT"):
        assert value_of({**cell, "effectiveFormat": {"numberFormat": {"type": kind}}}) == 46000.5
    assert value_of({"effectiveValue": {"numberValue": 46000}}, is_date=True) == datetime(2025, 12, 9)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("kind", "shown"),
    [("DIVIDE_BY_ZERO", "#DIV/0!"), ("N_A", "#N/A"), ("REF", "#REF!"), ("NAME", "#NAME?"), ("VALUE", "#VALUE!")],
)
def test_errors(kind: str, shown: str) -> None:
    found = value_of({"effectiveValue": {"errorValue": {"type": kind, "message": "…"}}})
    assert isinstance(found, ErrorValue)
    assert found == shown
    # The tool's own columns remember an error as text; in people's columns such a text is a text.
    written = {"effectiveValue": entered(found)}
    assert written == {"effectiveValue": {"stringValue": shown}}
    assert isinstance(value_of(written, machine=True), ErrorValue)
    assert not isinstance(value_of(written), ErrorValue)


@pytest.mark.parametrize("text", ["=1+1", "+1", "2026-10", "1/2", "0012", "TRUE", "@x", "'quoted", "12 %"])
def test_no_text_becomes_anything_else(text: str) -> None:
    assert entered(text) == {"stringValue": text}


def test_what_no_cell_can_hold_is_refused() -> None:
    for value in (math.inf, math.nan, 10**400, "x" * 50_001):
        with pytest.raises(BadData):
            entered(value)


def test_what_was_typed() -> None:
    assert typed_in({"effectiveValue": {"numberValue": 1}}) == {"numberValue": 1}
    assert typed_in({"userEnteredValue": {"formulaValue": "=A1"}, "effectiveValue": {"numberValue": 1}}) == {
        "formulaValue": "=A1"
    }
    assert typed_in(None) == typed_in({}) == {}
    assert alike({}, {"stringValue": ""})
    assert alike({"numberValue": 1}, {"numberValue": 1.0})
    assert not alike({"numberValue": 1}, {"stringValue": "1"})


@given(st.integers(0, 16383))
def test_column_letters(column: int) -> None:
    assert letters(column) == openpyxl.utils.get_column_letter(column + 1)


def test_ranges_quote_the_tabs_title() -> None:
    assert a1("KPI's 2026", 2, 1, 9, 3) == "'KPI''s 2026'!B3:C9"


# --- formulas ----------------------------------------------------------------------------------------------------


def every_formula() -> list[tuple[str, Any]]:
    words = language("en").for_workbook
    found = [(TRACKING, formula.expression) for formula in derived.own_status_formulas(words).values()]
    found += [(TRACKING, derived.VARIANCE), (TRACKING, derived.VARIANCE_SHARE)]
    found += [(REPORT, expression) for expression in derived.report_row(words).values()]
    found += [(REPORT, derived.report_point(name)) for name in ("label_1", "label_12")]
    for table, rows in derived.blocks().items():
        found += [(table, expression) for row in rows for expression in row.values()]
    return found


def as_sheets_gives_it(formula: str) -> str:
    return formula.upper().replace("IF(", "if(")


@pytest.mark.parametrize("separator", [";", ","])
@pytest.mark.parametrize("spelled", [str, as_sheets_gives_it])
def test_our_formulas_are_recognised_in_every_locale(separator: str, spelled: Callable[[str], str]) -> None:
    for table, expression in every_formula():
        columns = {name: letters(place) for place, name in enumerate(FIELDS[table])}
        forms = Canonical({letter: name for name, letter in columns.items()}, {})
        marked = text(expression, lambda name, known=columns: f"{known[name]}@", Dialect.SHEETS)
        written = [f"={marked}".replace("@", str(row)) for row in (4, 5, 117)]
        pieces = [formula.split('"') for formula in written]
        for each in pieces:
            each[::2] = [spelled(piece.replace(";", separator)) for piece in each[::2]]
        returned = ['"'.join(each) for each in pieces]
        for row, formula in zip((4, 5, 117), returned, strict=True):
            assert forms.column(_patterns([formula], row), row) == [canonical(expression)]


def test_shares_are_compared_as_numbers() -> None:
    expression = op(Here("actual"), "*", 0.1)
    assert text(expression, lambda _: "D4", Dialect.SHEETS) == "D4*(1/10)"
    forms = Canonical({"D": "actual"}, {})
    assert forms.column(_patterns(["=D4*(1/10)"], 4), 4) == [canonical(expression)]
    assert plain('=ROUND(1/10;2)&"(1/10);x"') == 'ROUND(1/10,2)&"(1/10);x"'


# --- rectangles --------------------------------------------------------------------------------------------------


@given(st.sets(st.tuples(st.integers(0, 2), st.integers(0, 9), st.integers(0, 6)), max_size=80))
def test_rectangles_cover_the_cells_and_nothing_else(cells: set[tuple[int, int, int]]) -> None:
    covered = [
        (block.sheet, row, column)
        for block in blocks(cells)
        for row in range(block.top, block.bottom)
        for column in range(block.left, block.right)
    ]
    assert sorted(covered) == sorted(cells)
    assert len(covered) == len(set(covered))


def test_a_solid_table_is_one_rectangle() -> None:
    assert len(blocks({(0, row, column) for row in range(100) for column in range(9)})) == 1
