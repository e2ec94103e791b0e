"""The text in which the Report tab's formula says a range is the mail's, for every unit and size, in every language."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kpisheets.core.bounds import range_text, range_variance
from kpisheets.core.evaluate import Environment, evaluate
from kpisheets.core.formula import text
from kpisheets.core.kpi import Direction, Kpi, Status, Verdict, off_range
from kpisheets.core.summary import Line
from kpisheets.core.values import Cells
from kpisheets.core.workbook import CATALOGUE, handle
from kpisheets.reports.rows import written
from kpisheets.reports.tab import bounds
from kpisheets.templates import language, languages

UNITS = ("%", "EUR", "CHF", "JPY", "days", "hours", "count", "score", "ratio", "kg")
numbers = st.one_of(
    st.decimals(0, 1, places=3),
    st.decimals(-1000, 1000, places=2),
    st.integers(-20_000_000, 20_000_000).map(Decimal),
    st.sampled_from(["0", "0.04", "0.06", "999.96", "1000", "999999.6", "1000000", "1234567.8"]).map(Decimal),
)
kpis = st.builds(
    lambda low, high, unit: Kpi("k", "K", unit=unit, direction=Direction.RANGE, low=low, high=high),
    st.none() | numbers,
    st.none() | numbers,
    st.sampled_from(UNITS),
).filter(lambda kpi: kpi.low is None or kpi.high is None or kpi.low < kpi.high)


def seen(kpi: Kpi, actual: object = None) -> Environment:
    columns = {"id": kpi.id, "low": kpi.low, "high": kpi.high}
    return Environment(
        here={"id": kpi.id, "actual": actual},  # type: ignore[dict-item]
        columns={handle(CATALOGUE, name): Cells([name, value]) for name, value in columns.items()},
    )


def is_tie(number: Decimal | None) -> bool:
    """Spreadsheets round it away from zero, a report to the even digit."""
    if number is None:
        return False
    steps = [Decimal(1).scaleb(-digits) for digits in range(5)]
    return any(number.quantize(s, ROUND_HALF_UP) != number.quantize(s, ROUND_HALF_EVEN) for s in steps)


@pytest.mark.parametrize("code", languages())
@given(kpi=kpis)
def test_the_formula_says_a_range_as_the_mail_does(code: str, kpi: Kpi) -> None:
    assume(not is_tie(kpi.low) and not is_tie(kpi.high))
    words = language(code)
    said = evaluate(range_text(bounds(kpi, "EUR", words), words.for_workbook), seen(kpi))
    line = Line(kpi, "2026-10", None, None, Verdict(Status.NO_DATA))
    mail = written(line, "EUR", words, compact=False).target
    assert said == ("" if mail == "–" else mail)


@given(made=kpis, now=numbers)
def test_a_bound_that_is_edited_later_is_said_truly(made: Kpi, now: Decimal) -> None:
    words = language("de")
    assume(made.low is not None and made.high is None and not is_tie(now))
    formula = range_text(bounds(made, "EUR", words), words.for_workbook)
    said = evaluate(formula, seen(Kpi("k", "K", unit=made.unit, direction=Direction.RANGE, low=now)))
    match = re.search(r"(-|\N{MINUS SIGN})?([\d.]+)(?:,(\d+))?", str(said))
    assert match, said
    number = Decimal(f"{match[2].replace('.', '')}.{match[3] or 0}") * (-1 if match[1] else 1)
    # What has thousands, or had them when the formula was made, is rounded to whole numbers.
    large = max(abs(now), abs(made.low or 0)) * (100 if made.unit == "%" else 1) >= 1000
    near = Decimal(1) if large or made.unit == "JPY" else Decimal("0.1")
    assert abs(number - now * (100 if made.unit == "%" else 1)) <= near / 2 * Decimal("1.001"), said


@given(kpi=kpis, actual=st.none() | numbers)
def test_the_variance_formula_says_how_far_a_figure_is_outside(kpi: Kpi, actual: Decimal | None) -> None:
    found = evaluate(range_variance(kpi), seen(kpi, actual))
    wanted = off_range(kpi, actual)
    assert found == ("" if wanted is None else pytest.approx(wanted, abs=1e-9))


@settings(max_examples=60, deadline=None)
@given(kpi=kpis.filter(lambda kpi: kpi.low is not None and kpi.high is not None), code=st.sampled_from(languages()))
def test_another_engine_says_the_same(kpi: Kpi, code: str) -> None:
    ironcalc = pytest.importorskip("ironcalc", reason="IronCalc judges the formulas; pip install ironcalc")
    words = language(code)
    formula = range_text(bounds(kpi, "EUR", words), words.for_workbook)
    written = text(formula, lambda name: name)
    for cell, name in (("A1", "low"), ("B1", "high")):
        written = written.replace(f"INDEX(kpi_catalogue_{name},MATCH(id,kpi_catalogue_id,0))", cell)
    model = ironcalc.create("judge", "en", "UTC")
    for column, bound in enumerate((kpi.low, kpi.high), 1):
        model.set_user_input(0, 1, column, str(bound))
    model.set_user_input(0, 1, 3, f"={written}")
    model.evaluate()
    assert model.get_formatted_cell_value(0, 1, 3) == evaluate(formula, seen(kpi))
