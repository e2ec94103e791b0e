"""What formulas come to: the engine agrees with LibreOffice, and the layer around it with Google's rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kpisheets.core import derived
from kpisheets.core.formula import Dialect, Expression, call, op, text
from kpisheets.core.kpi import Direction, Kpi, RollUp, Status
from kpisheets.core.period import Frequency
from kpisheets.core.workbook import CATALOGUE, ELAPSED, Words, handle
from tests.libreoffice import recalculated
from tests.sheets_emulator.calc import compute, compute_by
from tests.sheets_emulator.calc_types import (
    CalcBook,
    CalcError,
    CalcRange,
    CalcSheet,
    CalcTable,
    CalcValue,
    Entered,
    Formula,
)
from tests.sheets_emulator.engines import Engine, Formualizer, IronCalc

ROWS, COLUMNS = 60, 12
WORDS = Words(
    {status: status.value for status in Status},
    {Status.MET: "on track", Status.AT_RISK: "at risk", Status.MISSED: "behind"},
)


def book(cells: Sequence[Sequence[Entered]], locale: str = "en_US") -> CalcBook:
    """Two tabs: ``Data`` with these rows, and ``Été/2?`` with a column a, 10, 20."""
    other: dict[tuple[int, int], Entered] = {(0, 0): "a", (1, 0): 10.0, (2, 0): 20.0}
    filled = {
        (row, column): value
        for row, values in enumerate(cells)
        for column, value in enumerate(values)
        if value is not None
    }
    return CalcBook(
        sheets=[CalcSheet(7, "Data", ROWS, COLUMNS, filled), CalcSheet(9, "Été/2?", 20, 5, other)],
        named_ranges={"open_end": CalcRange(9, 0, None, 0, 1), "one": CalcRange(9, 1, 2, 0, 1)},
        tables=[CalcTable("Sales", CalcRange(9, 0, 3, 0, 1), ("Amount",))],
        locale=locale,
    )


def value(formula: str, locale: str = "en_US") -> CalcValue:
    """The value of one formula, on which both engines agree; A1:A4 are 1, 2, x and TRUE."""
    cells: list[list[Entered]] = [[1.0], [2.0], ["x"], [True], [None, None, Formula(formula)]]
    filled = book(cells, locale)
    found = compute(filled)[7, 4, 2]
    other = compute_by(Formualizer, filled)[7, 4, 2]
    assert _kind(found) == _kind(other)
    return found


def _kind(found: CalcValue) -> CalcValue:
    return found.type if isinstance(found, CalcError) else found


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("=1+1", 2.0),
        ("= 1 / 1024", 1 / 1024),
        ("=SUM(A1;A2)", 3.0),
        ("=SUM(A1,A2)", 3.0),
        ("=SUM(A1:A)", 3.0),
        ("=SUM(A:A)", 3.0),
        ("=SUM(A2:2)", 2.0),
        ("=ROWS(A3:A)", ROWS - 2.0),
        ("=COLUMNS(3:3)", float(COLUMNS)),
        ("='Été/2?'!A2+1", 11.0),
        ("=SUM('Été/2?'!A:A)", 30.0),
        ("=SUM(OPEN_END)", 30.0),
        ("=ROWS(open_end)", 20.0),
        ("=one*2", 20.0),
        ("=SUM(Sales[Amount])", 30.0),
        ("=ROWS(Sales[#ALL])", 3.0),
        ('="a;b,c"&"""d"', 'a;b,c"d'),
        ('=IF(A1=1;"yes;no";A9)', "yes;no"),
        ("=SUM({1,2;3,4})", 10.0),
        ("=ARRAYFORMULA(SUM(A1:A2*2))", 6.0),
        ("=IFERROR(unknown;5)", 5.0),
        ("=LOG10(100)", 2.0),
        ("=true", True),
        ('=SPARKLINE(A1:A2;{"charttype","line"})', None),
        ('=IFERROR(SPARKLINE(A1:A2;{"color","(#00f"});"")', None),
        ('=IF(A1=1;"SPARKLINE("&A1;SPARKLINE(A1:A2))', "SPARKLINE(1"),
        ("=IF(A1=2;1;SPARKLINE(A1:A2))", None),
    ],
)
def test_the_layer_puts_formulas_into_the_words_of_the_engine(formula: str, expected: CalcValue) -> None:
    assert value(formula) == expected


@pytest.mark.parametrize(
    ("formula", "expected"),
    [("=1,5+1", 2.5), ("=SUM(A1;A2)", 3.0), ("=SUM({1\\2;3\\4})", 10.0), ("=SUM(1,2)", 1.2)],
)
def test_where_the_comma_is_a_decimal_point_it_separates_nothing(formula: str, expected: CalcValue) -> None:
    assert value(formula, "fr_FR") == expected
    for broken in ("=SUM(A1,A2)", "=1.5"):
        assert value(broken, "fr_FR") == CalcError("ERROR", "Formula parse error.")


@pytest.mark.parametrize(
    ("formula", "kind", "message"),
    [
        ("=1/0", "DIVIDE_BY_ZERO", "zero"),
        ("=NA()", "N_A", ""),
        ('="a"+1', "VALUE", ""),
        ("=SQRT(-1)", "NUM", ""),
        ("=A1000", "REF", ""),
        ("=#REF!", "REF", ""),
        ("=Nowhere!A1", "REF", "Nowhere"),
        ("=SUM(Sales[Nothing])", "REF", "Nothing"),
        ("=unknown", "NAME", "UNKNOWN"),
        ("=1+UNKNOWN_FUNCTION(1)", "NAME", "UNKNOWN_FUNCTION"),
        ("=1+", "ERROR", "parse"),
        ('="open', "ERROR", "parse"),
        ("=C5+1", "REF", "Circular"),
    ],
)
def test_errors_have_the_types_of_the_api(formula: str, kind: str, message: str) -> None:
    found = value(formula)
    assert isinstance(found, CalcError)
    assert found.type == kind
    assert message in found.message


@pytest.mark.parametrize("engine", [IronCalc, Formualizer])
def test_a_blank_cell_that_is_handed_on_stays_blank(engine: Callable[[Sequence[str]], Engine]) -> None:
    cells: list[list[Entered]] = [
        [0.0, None, Formula("=A1"), Formula("=B1")],
        [None, None, Formula("=IF(TRUE;B1;1)"), Formula("=INDEX(B1:B3;2)")],
        [None, None, Formula("=COUNT(D1)"), Formula('=D1&"!"')],
        [None, None, Formula("=D1"), Formula("=B1+0")],
    ]
    found = compute_by(engine, book(cells))
    assert [[found[7, row, column] for column in (2, 3)] for row in range(4)] == [
        [0.0, None],
        [None, None],
        [0.0, "!"],
        [None, 0.0],
    ]


def test_an_array_fills_the_cells_below() -> None:
    found = compute(book([[3.0, None, Formula("=SORT(A1:A3)")], [1.0], [2.0]]))
    assert [found[7, row, 2] for row in range(3)] == [1.0, 2.0, 3.0]


def test_a_long_chain_of_cells_is_followed() -> None:
    length = 20_000
    cells: dict[tuple[int, int], Entered] = {(row, 0): Formula(f"=A{row + 2}+1") for row in range(length - 1)}
    cells[length - 1, 0] = 1.0
    found = compute(CalcBook([CalcSheet(1, "Long", length, 1, cells)]))
    assert found[1, 0, 0] == length


def test_many_lookups_in_a_tall_column_take_no_time() -> None:
    """An engine that goes through the column for each of them would take minutes."""
    rows = 40_000
    cells: dict[tuple[int, int], Entered] = {(row, 0): f"k{row}" for row in range(rows)}
    cells |= {(row, 1): Formula(f'=MATCH("k{rows - 1 - row}";A:A;0)') for row in range(2_000)}
    found = compute(CalcBook([CalcSheet(1, "Tall", rows, 2, cells)]))
    assert [found[1, row, 1] for row in (0, 1999)] == [rows, rows - 1999]


# --- kpisheets' own formulas ------------------------------------------------------------------------------------

_NUMBERS: list[float | str | None] = [None, "", "n/a", 0.0, 100.0, 94.99, 90.0, -3.5]
_HERE = {"actual": "A{0}", "target": "B{0}", "key": "C{0}", "status": "D{0}", "variance_pct": "E{0}"}
_KPIS = {
    "higher": Kpi("higher", "", direction=Direction.HIGHER, roll_up=RollUp.SUM),
    "lower": Kpi("lower", "", direction=Direction.LOWER, roll_up=RollUp.LAST),
}
# The catalogue stands in columns H (ID) and I (tolerance); the elapsed share in K1.
_NAMES = {
    handle(CATALOGUE, "id"): CalcRange(7, 0, None, 7, 8),
    handle(CATALOGUE, "tolerance"): CalcRange(7, 0, None, 8, 9),
    **dict.fromkeys(ELAPSED.values(), CalcRange(7, 0, 1, 10, 11)),
}
_SPELLED = {
    handle(CATALOGUE, "id"): f"$H$1:$H${ROWS}",
    handle(CATALOGUE, "tolerance"): f"$I$1:$I${ROWS}",
    **dict.fromkeys(ELAPSED.values(), "$K$1"),
}
_EXPRESSIONS: list[Expression] = [
    derived.VARIANCE,
    derived.VARIANCE_SHARE,
    *(derived.status(kpi, running, WORDS) for kpi in _KPIS.values() for running in (None, Frequency.MONTHLY)),
    derived.report_row(WORDS)["badness"],
    derived.report_row(WORDS)["goodness"],
    call("COUNTIF", derived.Column(handle(CATALOGUE, "id")), "higher"),
    call("IFERROR", call("LARGE", derived.Column(handle(CATALOGUE, "tolerance")), 2), "none"),
    op(call("IFERROR", call("MATCH", "low*", derived.Column(handle(CATALOGUE, "id")), 0), 0), "&", "|"),
]


def _written(expression: Expression, row: int, dialect: Dialect) -> str:
    return "=" + text(expression, lambda name: _HERE[name].format(row), dialect)


def test_libreoffice_computes_the_same_of_our_formulas(tmp_path: Path, soffice: str) -> None:
    cases = [(actual, target, kpi) for actual in _NUMBERS for target in _NUMBERS for kpi in _KPIS][: ROWS * 3]
    ours_sheet = CalcSheet(7, "Data", len(cases), 30)
    theirs = openpyxl.Workbook()
    sheet = theirs.active
    sheet.title = "Data"

    def put(row: int, column: int, content: Any) -> None:
        if content is not None:
            ours_sheet.cells[row, column] = content
            sheet.cell(row + 1, column + 1, content)

    for row, kpi in enumerate(_KPIS):
        put(row, 7, kpi)
        put(row, 8, 0.1)
    put(0, 10, 0.5)
    for row, (actual, target, kpi) in enumerate(cases):
        for column, content in enumerate((actual, target, f"{kpi}|2026-10", ("met", "missed", "")[row % 3], row / 7)):
            put(row, column, content)
        for column, expression in enumerate(_EXPRESSIONS, 12):
            ours_sheet.cells[row, column] = Formula(_written(expression, row + 1, Dialect.SHEETS))
            spelled = _written(expression, row + 1, Dialect.EXCEL)
            for name, area in _SPELLED.items():
                spelled = spelled.replace(name, area.replace(str(ROWS), str(len(cases))))
            sheet.cell(row + 1, column + 1, spelled)
    path = tmp_path / "ours.xlsx"
    theirs.save(path)
    judged = recalculated(soffice, path, tmp_path / "judged")["Data"]
    for engine in (IronCalc, Formualizer):
        computed = compute_by(engine, CalcBook([ours_sheet], _NAMES))
        differences = []
        for (_, row, column), found in computed.items():
            wanted = judged[f"{openpyxl.utils.get_column_letter(column + 1)}{row + 1}"]
            if not _same(found, wanted):
                differences.append((cases[row], sheet.cell(row + 1, column + 1).value, found, wanted))
        assert not differences, "\n".join(map(str, differences[:10]))
        assert len(computed) == len(cases) * len(_EXPRESSIONS)


def _same(ours: CalcValue, theirs: Any) -> bool:
    if isinstance(ours, CalcError):
        return str(theirs).startswith("#")
    if isinstance(ours, float) and isinstance(theirs, (int, float)):
        return ours == pytest.approx(theirs, abs=1e-9)
    return not isinstance(ours, float) and (ours or None) == (theirs or None)
