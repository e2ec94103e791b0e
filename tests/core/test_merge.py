"""The three-way merge: nobody's number is lost, and every state has a way out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kpisheets.core.merge import Outcome, merge, standing
from kpisheets.core.workbook import Value

numbers = st.floats(-1e9, 1e9, allow_nan=False).filter(lambda number: number == 0 or abs(number) > 1e-9)


class Cell(RuleBasedStateMachine):
    """A row's Actual, between a source that changes its mind and a person who types and clears."""

    def __init__(self) -> None:
        super().__init__()
        self.actual: Value = None
        self.source_value: Value = None
        self.flag = ""
        self.closed = False
        self.says = 1.0
        self.typed: float | None = None
        self.outcome = Outcome.UNCHANGED

    @rule(number=numbers)
    def the_source_says(self, number: float) -> None:
        self.says = number

    @rule()
    def the_period_closes(self) -> None:
        self.closed = True

    @rule(number=numbers)
    def a_person_types(self, number: float) -> None:
        self.actual = self.typed = number

    @rule()
    def a_person_clears(self) -> None:
        self.actual = self.typed = None

    @rule()
    def sync(self) -> None:
        before = self.actual
        merged = merge(self.actual, self.source_value, self.flag, self.says, closed=self.closed, typed_formula=False)
        if self.typed is not None:
            assert merged.actual == self.typed, "a person's number was lost"
        if before is None:
            assert merged.actual == self.says
            assert merged.outcome is Outcome.WRITTEN
        if self.closed and before is not None:
            assert merged.actual == before, "a closed number moved"
        self.actual, self.source_value, self.flag = merged.actual, merged.source_value, merged.flag
        self.outcome = merged.outcome
        assert self.source_value == self.says
        assert (self.outcome in (Outcome.OVERRIDE, Outcome.RESTATED)) == (self.actual != self.says)
        # The same sync once more finds nothing to do, and tells the same.
        again = merge(self.actual, self.source_value, self.flag, self.says, closed=self.closed, typed_formula=False)
        assert (again.actual, again.source_value, again.flag) == (self.actual, self.source_value, self.flag)
        if self.outcome in (Outcome.OVERRIDE, Outcome.RESTATED):
            assert again.outcome is self.outcome
            assert standing(self.actual, self.source_value, self.flag, typed_formula=False) is self.outcome
        else:
            assert again.outcome is Outcome.UNCHANGED
        if self.typed is not None and self.actual == self.says:
            self.typed = None  # the source agrees: the number is the source's again

    @invariant()
    def the_flag_is_one_of_three(self) -> None:
        assert self.flag in ("", "override") or self.flag.startswith("restated ")


TestCell = Cell.TestCase


@given(numbers, numbers, st.booleans())
def test_a_formula_that_a_person_put_into_an_actual_stays(value: float, says: float, closed: bool) -> None:
    merged = merge(value, says, "", says, closed=closed, typed_formula=True)
    assert (merged.actual, merged.outcome) == (value, Outcome.OVERRIDE)


@given(numbers)
def test_a_spreadsheet_program_that_keeps_15_digits_made_no_override(says: float) -> None:
    kept = float(f"{says:.15g}")
    assert merge(kept, says, "", says, closed=True, typed_formula=False).outcome is Outcome.UNCHANGED
