"""Formulas: the number that we compute is the number that the rules say, and what other engines compute."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kpisheets.core import derived
from kpisheets.core.evaluate import Environment, evaluate
from kpisheets.core.formula import Dialect, Expression, Here, call, canonical_text, op, text
from kpisheets.core.kpi import Direction, Kpi, RollUp, Status, judge, variance, variance_share
from kpisheets.core.period import Frequency
from kpisheets.core.quick import GIVES_UP, Quick
from kpisheets.core.values import Cells, rounded
from kpisheets.core.workbook import CATALOGUE, ELAPSED, ErrorValue, Value, Words, handle

WORDS = Words(
    {status: status.value.upper() for status in Status},
    {Status.MET: "on track", Status.AT_RISK: "shaky", Status.MISSED: "behind"},
)
numbers = st.one_of(
    st.none(), st.integers(-1000, 1000), st.decimals(min_value=-1000, max_value=1000, places=2).map(float)
)
kpis = st.builds(
    Kpi,
    st.just("k"),
    st.just("K"),
    direction=st.sampled_from(list(Direction)),
    roll_up=st.sampled_from(list(RollUp)),
    low=st.one_of(st.none(), st.integers(-50, 0).map(Decimal)),
    high=st.one_of(st.none(), st.integers(1, 50).map(Decimal)),
    tolerance=st.sampled_from([Decimal(t) for t in ("0", "0.05", "0.1", "1")]),
    frequency=st.sampled_from(list(Frequency)),
)


def environment(kpi: Kpi, actual: Value, target: Value, elapsed: float = 1.0) -> Environment:
    columns = {"id": kpi.id, "tolerance": kpi.tolerance, "low": kpi.low, "high": kpi.high}
    return Environment(
        here={"actual": actual, "target": target, "key": f"{kpi.id}|2026-10"},
        named=dict.fromkeys(ELAPSED.values(), elapsed),
        columns={handle(CATALOGUE, name): Cells([name, "other", value][::2]) for name, value in columns.items()},
    )


@settings(max_examples=500)
@given(kpis, numbers, numbers, st.sampled_from([0.0, 0.25, 0.5, 1.0]))
def test_the_status_formula_says_what_the_rules_say(
    kpi: Kpi, actual: float | None, target: float | None, elapsed: float
) -> None:
    running = kpi.frequency if elapsed < 1 else None
    formula = derived.status(kpi, running, WORDS)
    verdict = judge(kpi, actual, target, elapsed=elapsed)
    expected = WORDS.status[verdict.status]
    if verdict.status is Status.IN_PROGRESS:
        expected = WORDS.in_progress(verdict.so_far)
    assert evaluate(formula, environment(kpi, actual, target, elapsed)) == expected


@given(numbers, numbers)
def test_the_variance_formulas_say_what_the_rules_say(actual: float | None, target: float | None) -> None:
    seen = environment(Kpi("k", "K"), actual, target)
    wanted = variance(actual, target)
    assert evaluate(derived.VARIANCE, seen) == ("" if wanted is None else wanted)
    share = variance_share(actual, target)
    assert evaluate(derived.VARIANCE_SHARE, seen) == ("" if share is None else share)


def quickly(expression: Expression, seen: Environment) -> Value:
    """The quick reading where both inputs are numbers: for the rest of the row it sees the KPI's part of the key."""
    target, actual = (float(str(seen.here[name])) for name in ("target", "actual"))
    bound = Quick([expression], ("target", "actual")).bound(replace(seen, here={"key": "k|"}))
    assert bound is not None, "every formula of a tracking row has a quick reading"
    (found,) = bound(target, actual)
    return found


plain = st.one_of(
    st.integers(-1000, 1000).map(float),
    st.decimals(min_value=-1000, max_value=1000, places=2).map(float),
    st.floats(-1e12, 1e12),
    st.sampled_from([0.0, -0.0, 1e-10, 0.3, 0.27, 100.0, 95.0, 90.0]),
)


@settings(max_examples=500)
@given(kpis, plain, plain, st.sampled_from([0.0, 0.25, 0.5, 1.0]))
def test_read_quickly_the_formulas_say_what_the_rules_say(
    kpi: Kpi, actual: float, target: float, elapsed: float
) -> None:
    seen = environment(kpi, actual, target, elapsed)
    verdict = judge(kpi, actual, target, elapsed=elapsed)
    expected = WORDS.status[verdict.status]
    if verdict.status is Status.IN_PROGRESS:
        expected = WORDS.in_progress(verdict.so_far)
    assert quickly(derived.status(kpi, kpi.frequency if elapsed < 1 else None, WORDS), seen) == expected
    assert quickly(derived.VARIANCE, seen) == variance(actual, target)
    share = variance_share(actual, target)
    assert quickly(derived.VARIANCE_SHARE, seen) == ("" if share is None else share)


@pytest.mark.parametrize(
    ("expression", "here"),
    [
        (op(Here("actual"), "/", Here("target")), {"actual": 1.0, "target": 0.0}),
        (call("ROUND", op(Here("actual"), "*", Here("target")), 2), {"actual": 1e200, "target": 1e200}),
        (call("IFERROR", op(Here("actual"), "/", Here("target")), "none"), {"actual": 1.0, "target": 0.0}),
        (
            call("AND", op(Here("actual"), ">", 1), op(op(1, "/", Here("target")), ">", 1)),
            {"actual": 0.0, "target": 0.0},
        ),
        (op(Here("actual"), "&", Here("target")), {"actual": 1.0, "target": 2.0}),
        (op(Here("actual"), "+", Here("key")), {"actual": 1.0, "target": 2.0}),
    ],
)
def test_the_quick_reading_says_nothing_about_what_is_no_plain_arithmetic(
    expression: Expression, here: dict[str, Value]
) -> None:
    seen = Environment(here={**here, "key": "k|"})
    bound = Quick([expression], ("target", "actual")).bound(seen)
    if bound is not None:
        with contextlib.suppress(*GIVES_UP):
            (found,) = bound(here["target"], here["actual"])
            assert isinstance(found, ErrorValue)


@settings(max_examples=500)
@given(st.floats(-1e14, 1e14) | st.decimals(-10_000_000, 10_000_000, places=5).map(float), st.integers(0, 9))
@example(550175651.3374745, 6)
@example(-1e-12, 9)
def test_numbers_are_rounded_half_away_from_zero_as_they_are_written(number: float, places: int) -> None:
    exact = Decimal(repr(number)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    assert rounded(number, float(places)) == float(exact)


@pytest.mark.parametrize("junk", ["n/a", "=1", True, ErrorValue("#DIV/0!"), ErrorValue("#N/A")])
def test_text_and_errors_in_number_cells_are_no_data_and_spread_no_error(junk: Value) -> None:
    kpi = Kpi("k", "K")
    assert evaluate(derived.VARIANCE, environment(kpi, junk, 1)) == ""
    assert evaluate(derived.VARIANCE_SHARE, environment(kpi, 1, junk)) == ""
    assert evaluate(derived.status(kpi, None, WORDS), environment(kpi, junk, 1)) == WORDS.status[Status.NO_DATA]
    assert evaluate(derived.status(kpi, None, WORDS), environment(kpi, 1, junk)) == WORDS.status[Status.NO_TARGET]


def test_a_kpi_that_left_the_catalogue_is_judged_without_tolerance() -> None:
    seen = environment(Kpi("k", "K", tolerance=Decimal(1)), 95, 100)
    seen.columns = {handle(CATALOGUE, name): Cells([name]) for name in ("id", "tolerance", "low", "high")}
    assert evaluate(derived.status(Kpi("k", "K"), None, WORDS), seen) == WORDS.status[Status.MISSED]


@given(kpis, st.one_of(st.none(), st.just(True)))
def test_every_status_formula_is_recognised_as_ours_however_it_is_spaced(kpi: Kpi, running: bool | None) -> None:
    formula = derived.status(kpi, kpi.frequency if running else None, WORDS)
    saved = text(formula, lambda name: f"[{name}]").replace("MATCH(", "match( ")
    assert canonical_text(saved) in derived.own_status_formulas(WORDS)


def test_dialects_differ_in_separators_and_decimals_alone() -> None:
    expression = call("IF", op(Here("a"), ">", 0.5), 'say "x"', op(op(1, "+", 2), "*", 3))
    assert text(expression, str.upper) == 'IF(A>0.5,"say ""x""",(1+2)*3)'
    assert text(expression, str.upper, Dialect.SHEETS) == 'IF(A>(1/2);"say ""x""";(1+2)*3)'


ironcalc = pytest.importorskip("ironcalc", reason="IronCalc judges the formulas; pip install ironcalc")

small = st.one_of(st.integers(-20, 20), st.sampled_from(["a", "B", "", "met"]))
leaves: st.SearchStrategy[Expression | float | str] = st.one_of(
    st.integers(-5, 5), st.sampled_from(["a", "b", "met"]), st.sampled_from([Here("A"), Here("B"), Here("C")])
)


def _grow(children: st.SearchStrategy[Expression | float | str]) -> st.SearchStrategy[Expression]:
    operators = st.sampled_from(["+", "-", "*", "/", "=", "<>", "<", ">", "<=", ">=", "&"])
    return st.one_of(
        st.builds(op, children, operators, children),
        st.builds(lambda a, b, c: call("IF", op(a, "=", b), b, c), children, children, children),
        st.builds(lambda a, b: call("IFERROR", a, b), children, children),
        st.builds(lambda a, b: call("COUNT", a, b), st.sampled_from([Here("A"), Here("B")]), st.just(Here("C"))),
        st.builds(lambda a: call("ABS", a), children),
        st.builds(lambda a: call("ROUND", a, 2), children),
        st.builds(lambda a, b: call("MIN", a, b), st.just(Here("A")), st.just(Here("B"))),
    )


@settings(max_examples=150, deadline=None)
@given(st.recursive(leaves, _grow, max_leaves=8).filter(lambda e: not isinstance(e, (int, str))), small, small)
def test_another_engine_computes_the_same(expression: Expression, a: Value, b: Value) -> None:
    model = ironcalc.create("judge", "en", "UTC")
    here = {"A": a, "B": b, "C": None}
    for column, name in enumerate(("A", "B"), 1):
        if here[name] not in (None, ""):
            model.set_user_input(0, 1, column, str(here[name]))
        else:
            here[name] = None
    model.set_user_input(0, 1, 4, "=" + text(expression, lambda name: f"{name}1"))
    model.evaluate()
    shown = model.get_formatted_cell_value(0, 1, 4)
    ours = evaluate(expression, Environment(here=here))
    if isinstance(ours, bool):
        assert shown == str(ours).upper()
    elif isinstance(ours, (int, float)):
        assert float(shown.replace(",", "")) == pytest.approx(float(ours), rel=1e-6, abs=1e-6)
    elif isinstance(ours, ErrorValue):
        assert shown.startswith("#")
    else:
        assert shown.replace("-0", "0") == ours.replace("-0", "0")  # the engine writes -0 where Excel writes 0
