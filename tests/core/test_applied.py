"""A plan applied in memory, and two plans as one: the same workbook results as from the one after the other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kpisheets.core import derived
from kpisheets.core.applied import applied, joined
from kpisheets.core.evaluate import Formula
from kpisheets.core.plan import AddRow, Change, Content, Plan, SetCell, SetNamed, Why
from kpisheets.core.workbook import CATALOGUE, TRACKING, Observed, Table

FIELDS = ("key", "target", "variance")
contents = st.one_of(
    st.one_of(st.none(), st.integers(0, 9), st.text("ab", max_size=2)).map(Content),
    st.just(Content(1.0, Formula(derived.VARIANCE))),
)


def table(name: str, rows: int) -> Table:
    columns = {field: [f"{field}{row}" for row in range(rows)] for field in FIELDS}
    formulas = {"variance": ["OLD"] * rows} if rows else {}
    places = range(4, 4 + rows)
    return Table(name, name, columns, formulas, places, 4 + rows, dict.fromkeys(FIELDS, "A"))


@st.composite
def plans(draw: st.DrawFn, sizes: dict[str, int]) -> Plan:
    """A plan for tables of so many rows. It may set cells of fields that a table has not."""
    changes: list[Change] = []
    for _ in range(draw(st.integers(0, 6))):
        name = draw(st.sampled_from(sorted(sizes)))
        kind = draw(st.sampled_from(["set", "add", "name"]))
        if kind == "set" and sizes[name]:
            row, field = draw(st.integers(0, sizes[name] - 1)), draw(st.sampled_from([*FIELDS, "gone"]))
            changes.append(SetCell(name, row, field, "", None, draw(contents), Why.SOURCE))
        elif kind == "add":
            cells = draw(st.dictionaries(st.sampled_from(FIELDS), contents))
            changes.append(AddRow(name, "", cells, Why.NEW_KPI))
        else:
            changes.append(SetNamed(draw(st.sampled_from(["kpi_a", "kpi_b"])), None, draw(contents), Why.REPORT))
    return Plan(changes=tuple(changes))


def comparable(observed: Observed) -> object:
    tables = {
        name: (
            {field: list(column) for field, column in found.columns.items()},
            {field: list(column) for field, column in found.formulas.items() if any(column)},
            list(found.places),
            found.below,
        )
        for name, found in observed.tables.items()
    }
    return tables, dict(observed.named), dict(observed.named_formulas)


@given(st.data(), st.integers(0, 3), st.integers(0, 3))
def test_two_plans_as_one_do_what_they_do_one_after_the_other(data: st.DataObject, first: int, second: int) -> None:
    sizes = {TRACKING: first, CATALOGUE: second}
    start = Observed({name: table(name, rows) for name, rows in sizes.items()}, {"kpi_a": 1, "kpi_b": None})
    before = data.draw(plans(sizes))
    between = applied(start, before)
    after = data.draw(plans({name: len(found) for name, found in between.tables.items()}))
    assert comparable(applied(start, joined(before, after, start))) == comparable(applied(between, after))


def test_a_plan_is_applied_where_it_says() -> None:
    start = Observed({TRACKING: table(TRACKING, 1)}, {"kpi_a": 1})
    formula = Content(2.0, Formula(derived.VARIANCE))
    plan = Plan(
        changes=(
            SetCell(TRACKING, 0, "target", "", "target0", Content(5), Why.SOURCE),
            AddRow(TRACKING, "", {"key": Content("new"), "variance": formula}, Why.NEW_PERIOD),
            SetNamed("kpi_a", 1, formula, Why.REPORT),
        )
    )
    found = applied(start, plan)
    tracking = found.tables[TRACKING]
    assert [list(tracking.columns[field]) for field in FIELDS] == [["key0", "new"], [5, None], ["variance0", 2.0]]
    assert tracking.formula(1, "variance") == Formula(derived.VARIANCE).canonical
    assert tracking.formula(0, "variance") == "OLD"
    assert list(tracking.places) == [4, 5]
    assert tracking.below == 6
    assert found.named["kpi_a"] == 2.0
    assert found.named_formulas["kpi_a"] == Formula(derived.VARIANCE).canonical
    assert start.tables[TRACKING].columns["target"] == ["target0"]
