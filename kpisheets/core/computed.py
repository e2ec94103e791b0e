"""The formula cells of the tracking rows: which formula belongs into each, its value, and whose it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from kpisheets.core import derived
from kpisheets.core.catalogue import Catalogue
from kpisheets.core.derived import PARTIAL, Standing
from kpisheets.core.draft import Draft
from kpisheets.core.evaluate import Environment, Formula
from kpisheets.core.kpi import Kpi
from kpisheets.core.merge import is_blank
from kpisheets.core.period import Period
from kpisheets.core.plan import Content, Why, signed
from kpisheets.core.quick import GIVES_UP, Computation, Quick
from kpisheets.core.workbook import CATALOGUE, DERIVED, MISPLACED, Table, Value, Words, handle
from kpisheets.errors import Problem

COMPUTED = ("variance", "variance_pct", "status")
_INPUTS = ("target", "actual")
Owners = Mapping[int, tuple[str, Period | None]]


@dataclass(frozen=True, slots=True)
class _Shape:
    """The formulas of a KPI's rows, in the order of ``COMPUTED``, their canonical texts and, where there is
    one, their quick reading, which serves rows whose keys begin with ``prefix``."""

    kpi: Kpi | None
    formulas: tuple[Formula | None, ...]
    texts: tuple[str | None, ...]
    quick: Computation | None
    prefix: str
    unit: str | None
    """What the variance is written in."""


class Computed:
    """Plans the formula cells. A person's own formula or value in such a cell stays."""

    def __init__(
        self, catalogue: Catalogue, catalogue_table: Table, words: Words, elapsed: Mapping[str, float]
    ) -> None:
        self.catalogue, self.words = catalogue, words
        known = Draft(catalogue_table)
        fields = ("id", "tolerance", "low", "high")
        self._environment = Environment(
            named=dict(elapsed), columns={handle(CATALOGUE, name): known.cells(name) for name in fields}
        )
        self._variance, self._share = Formula(derived.VARIANCE), Formula(derived.VARIANCE_SHARE)
        self._status: dict[tuple[object, ...], Formula] = {}
        self._texts: set[str] = set()
        self._as_closed: dict[str, Formula] = {}
        self._quick: dict[tuple[Formula, ...], Quick] = {}

    @cached_property
    def _own(self) -> Mapping[str, Formula]:
        """All that a status cell of ours may hold: dozens to prepare, and those of the KPIs as they are mostly do."""
        return derived.own_status_formulas(self.words)

    def plan(
        self,
        draft: Draft,
        owners: Owners,
        as_of: date,
        partial: Collection[int] = (),
        judged_as_closed: Collection[int] = (),
    ) -> None:
        """Put the formulas in place, each with its value. ``partial``: the rows whose figures lack days;
        ``judged_as_closed``: those that are judged by the target that they closed with."""
        table, count = draft.table, len(draft.table)
        targets, actuals, keys = _numbers(draft.values("target")), _numbers(draft.values("actual")), draft.values("key")
        blank = [None] * count
        variances, shares, statuses = (_comparable(table.columns.get(name) or blank) for name in COMPUTED)
        first, second, third = (table.formulas.get(name) or blank for name in COMPUTED)
        shapes: dict[tuple[str, Standing, bool], _Shape] = {}
        for row, (identity, period) in owners.items():
            standing: Standing = period.frequency if period and period.end > as_of >= period.start else None
            if row in partial:
                standing = PARTIAL
            settled = row in judged_as_closed
            shape = shapes.get((identity, standing, settled))
            if shape is None:
                shape = shapes[identity, standing, settled] = self._shape(identity, standing, settled=settled)
            target, actual, key = targets[row], actuals[row], keys[row]
            values: tuple[Value, ...] | None = None
            if (
                shape.quick is not None
                and type(target) is float
                and type(actual) is float
                and isinstance(key, str)
                and key.startswith(shape.prefix)
            ):
                try:
                    values = shape.quick(target, actual)
                except GIVES_UP:
                    values = None
                else:
                    if (
                        row < count
                        and values == (variances[row], shares[row], statuses[row])
                        and (first[row], second[row], third[row]) == shape.texts
                    ):
                        continue  # nearly every row
            if values is None:
                here = {"target": target, "actual": actual, "key": key}
                if settled:
                    here["target_seen"] = draft.value(row, "target_seen")
                values = self._values(shape, here)
            if row < count:
                self._mend(draft, row, shape, values, str(key))
            else:
                self._fill(draft, row, shape, values)

    def own_cells(self, table: Table, owners: Owners) -> list[Problem]:
        """Where people replaced a formula of the tool with their own formula or value."""
        return [
            Problem(
                table.where(row, name),
                "holds a formula or value of your own, which is kept",
                "clear the cell to get the standard formula back",
                owner,
            )
            for row, (owner, _) in owners.items()
            for name in sorted(DERIVED[table.name])
            if table.has(name) and not self._is_ours(name, table.formula(row, name), table.value(row, name))
        ]

    @staticmethod
    def _fill(draft: Draft, row: int, shape: _Shape, values: Sequence[Value]) -> None:
        """The formulas of a row that is added."""
        (variance, share, status), (first, second, third) = shape.formulas, values
        cells = {
            "variance": Content(first, variance, shape.unit),
            "variance_pct": Content(second, share),
            "status": Content(third, status),
        }
        draft.complete(row, cells)

    def _mend(self, draft: Draft, row: int, shape: _Shape, values: Sequence[Value], key: str) -> None:
        """The formulas of a row that is there: those that are ours, where text or value is not what it should be."""
        table = draft.table
        for name, formula, value in zip(COMPUTED, shape.formulas, values, strict=True):
            if not table.has(name):
                continue
            found, before = table.formula(row, name), table.value(row, name)
            if formula is not None and found == formula.canonical:
                if value == before and not isinstance(before, bool):
                    continue
            elif not self._is_ours(name, found, before):
                continue
            elif formula is None:
                # A KPI that left the catalogue: its rows keep the formula that they have.
                formula = self._own.get((found or "").removeprefix(MISPLACED))
                if formula is None:
                    continue
                value = formula.compute(self._environment)
            draft.set(row, name, Content(value, formula), Why.FORMULA, key)

    def _values(self, shape: _Shape, here: Mapping[str, Value]) -> tuple[Value, ...]:
        self._environment.here = here
        return tuple(None if formula is None else formula.compute(self._environment) for formula in shape.formulas)

    def _shape(self, identity: str, standing: Standing, *, settled: bool) -> _Shape:
        kpi, prefix = self.catalogue.kpis.get(identity), f"{identity}|"
        formulas: tuple[Formula | None, ...] = (
            self._variance,
            self._share,
            None if kpi is None else self._status_formula(kpi, standing),
        )
        if settled:
            formulas = tuple(None if formula is None else self._settled(formula) for formula in formulas)
        # Of the key, formulas read what stands before the first bar alone: its look-ups are those of the KPI.
        self._environment.here = {"key": prefix}
        known = tuple(formula for formula in formulas if formula is not None)
        quick = self._reading(known) if len(known) == len(formulas) and not settled else None
        unit = signed(kpi.unit) if kpi else None
        texts = tuple(None if formula is None else formula.canonical for formula in formulas)
        return _Shape(kpi, formulas, texts, quick, prefix, unit)

    def _reading(self, formulas: tuple[Formula, ...]) -> Computation | None:
        if formulas not in self._quick:
            self._quick[formulas] = Quick([formula.expression for formula in formulas], _INPUTS)
        return self._quick[formulas].bound(self._environment)

    def _status_formula(self, kpi: Kpi, standing: Standing) -> Formula:
        shape = (kpi.direction, kpi.low is None, kpi.high is None, kpi.roll_up, standing)
        if shape not in self._status:
            self._status[shape] = Formula(derived.status(kpi, standing, self.words))
            self._texts.add(self._status[shape].canonical)
        return self._status[shape]

    def _settled(self, formula: Formula) -> Formula:
        """The formula, by the target that its row closed with."""
        if formula.canonical not in self._as_closed:
            self._as_closed[formula.canonical] = Formula(derived.as_closed(formula.expression))
        return self._as_closed[formula.canonical]

    def _is_ours(self, name: str, formula: str | None, value: Value) -> bool:
        if formula is None:
            return is_blank(value)
        formula = formula.removeprefix(MISPLACED)
        if name == "status":
            return formula in self._texts or formula in self._own
        own = self._variance if name == "variance" else self._share
        return formula in (own.canonical, self._settled(own).canonical)


def _numbers(column: Sequence[Value]) -> list[Value]:
    """The column with its numbers as floats, as formulas see them."""
    return [
        float(value) if isinstance(value, (int, Decimal)) and value is not True and value is not False else value
        for value in column
    ]


def _comparable(column: Sequence[Value]) -> Sequence[Value]:
    """The column without logical values, which would be equal to 0 and 1."""
    return (
        [None if isinstance(value, bool) else value for value in column] if bool in set(map(type, column)) else column
    )
