"""The ``Report`` tab's cells, from the tracking rows as they will be after the plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from kpisheets.core import charted, derived, signalling
from kpisheets.core.bounds import Spell, range_bounds, range_text, range_variance
from kpisheets.core.draft import Draft, equal
from kpisheets.core.evaluate import Environment, Formula
from kpisheets.core.formula import Expression
from kpisheets.core.histories import Histories
from kpisheets.core.insight import Signs
from kpisheets.core.kpi import Direction, Kpi
from kpisheets.core.lines import Reported, row_of
from kpisheets.core.plan import Content, SetNamed, Why, signed
from kpisheets.core.rows import key_of
from kpisheets.core.signalling import SIGNAL
from kpisheets.core.tracking import Tracking
from kpisheets.core.values import Cells, is_number
from kpisheets.core.workbook import (
    CATALOGUE,
    CHART,
    CHOICE,
    CHOICE_LINE,
    FIELDS,
    LABELS,
    LATER,
    POINTS,
    REPORT,
    TRACKING,
    Observed,
    Value,
    Words,
    handle,
)


@dataclass(frozen=True, slots=True)
class Telling:
    """How the Report tab says what the core knows as numbers: ``bounds`` writes those of a Range KPI, ``signal`` tells
    whether a KPI changed, blank where there are too few values to say."""

    bounds: Spell
    signal: Callable[[Signs], str]


class Report:
    """Plans the cells of the Report tab. Lines keep their rows; new KPIs reuse those of retired ones or come below."""

    def __init__(self, observed: Observed, tracking: Tracking, words: Words, telling: Telling) -> None:
        self.observed, self.tracking, self.words, self.telling = observed, tracking, words, telling
        self.drafts = {name: Draft(table) for name, table in observed.tables.items() if name not in (TRACKING,)}
        self.named: list[SetNamed] = []
        self._points = {label: Formula(derived.report_point(label)) for label in LABELS}

    def plan(self, places: tuple[Reported, ...]) -> None:
        if REPORT not in self.drafts:
            return
        environment = Environment(named=dict(self.observed.named))
        self._see(environment, TRACKING, self.tracking.draft)
        self._see(environment, CATALOGUE, self.drafts[CATALOGUE])
        self._lines(places, environment)
        self._see(environment, REPORT, self.drafts[REPORT])
        self._choose(places, environment)
        # The list and chart blocks read named cells and their own columns before, and no named cell reads a block.
        for name, expression in derived.single_cells(self.words).items():
            self._set_named(name, expression, environment)
        tables = self.observed.tables
        whole = all(name in tables and tables[name].has(field) for name, later in LATER.items() for field in later)
        for name, formulas in _blocks(later=whole).items():
            if name in self.drafts:
                self._fill(self.drafts[name], formulas[: len(self.drafts[name])], environment)

    def _lines(self, places: tuple[Reported, ...], environment: Environment) -> None:
        draft = self.drafts[REPORT]
        rows = {str(draft.value(row, "id") or ""): row for row in range(len(draft.table))}
        wanted = {place.kpi.id for place in places}
        free = [row for row in range(len(draft.table)) if str(draft.value(row, "id") or "") not in wanted]
        formulas = {name: Formula(expression) for name, expression in derived.report_row(self.words).items()}
        periods = self.tracking.periods()
        # A tab from before may have no place for what they say.
        histories = Histories(self.tracking) if draft.table.has("baseline") or draft.table.has(SIGNAL) else None
        for place in places:
            kpi = place.kpi
            row = rows.get(kpi.id, -1)
            if row < 0:
                row = free.pop(0) if free else draft.add(kpi.id, {}, Why.NEW_KPI)
            known = periods.get(kpi.id, {})
            fixed: dict[str, Value] = {
                "id": kpi.id,
                "key": key_of(kpi.id, place.shown.label),
                "so_far_key": key_of(kpi.id, place.running.label) if place.running else None,
                "period": place.shown.label,
            }
            for label, period in zip(LABELS, place.trend, strict=True):
                fixed[label] = period.label if period.label in known else None
            for field, content in fixed.items():
                draft.set(row, field, Content(content), Why.REPORT, kpi.id)
            signs = histories.signs(kpi, place.shown) if histories else None
            self._draw(draft, row, kpi, signs)
            environment.here = {field: draft.value(row, field) for field in FIELDS[REPORT]}
            table = draft.table
            environment.row = table.places[row] if row < len(table) else table.below + row - len(table)
            for field, formula in {**formulas, **self._of_range(kpi)}.items():
                self._compute(draft, row, field, formula, environment, kpi.id, _unit(field, kpi.unit))
            for label, point, period in zip(LABELS, POINTS, place.trend, strict=True):
                at = row_of(known, period)
                if at is not None and is_number(self.tracking.draft.value(at, "actual")):
                    self._compute(draft, row, point, self._points[label], environment, kpi.id, kpi.unit)
                else:
                    draft.set(row, point, Content(), Why.REPORT, kpi.id)
            self._signal(draft, row, kpi, signs, environment)
        for row in free:
            for field in FIELDS[REPORT]:
                draft.set(row, field, Content(), Why.REPORT, "")

    def _of_range(self, kpi: Kpi) -> Mapping[str, Formula]:
        """The formulas of a Range KPI that are unlike those of the others: it has two goals, or one on either side."""
        if kpi.direction is not Direction.RANGE:
            return {}
        target = range_text(self.telling.bounds(kpi), self.words)
        found = {"target": target, "variance": range_variance(kpi), **range_bounds()}
        return {name: Formula(expression) for name, expression in found.items()}

    def _draw(self, draft: Draft, row: int, kpi: Kpi, signs: Signs | None) -> None:
        """What the chart of a KPI needs besides its figures."""
        if kpi.direction is not Direction.RANGE:
            for bound in ("low", "high"):
                draft.set(row, bound, Content(), Why.REPORT, kpi.id)
        said = charted.written(signs.present) if signs else None
        draft.set(row, "baseline", Content(said), Why.REPORT, kpi.id)

    def _signal(self, draft: Draft, row: int, kpi: Kpi, signs: Signs | None, environment: Environment) -> None:
        """Whether it changed, in words, for as long as its figures are these."""
        if not all(draft.table.has(field) for field in signalling.FIELDS):
            return
        said = self.telling.signal(signs) if signs else ""
        points = [draft.value(row, point) for point in POINTS]
        for field, value in signalling.remembered(said, draft.value(row, "actual"), points).items():
            draft.set(row, field, Content(value), Why.REPORT, kpi.id)
        environment.here = {field: draft.value(row, field) for field in FIELDS[REPORT]}
        self._compute(draft, row, SIGNAL, _SHOWN, environment, kpi.id, None)

    def _choose(self, places: tuple[Reported, ...], environment: Environment) -> None:
        """The chart's KPI is people's choice; where none was made yet, the first one with a full trend."""
        names = {str(name) for name in environment.columns[handle(REPORT, "kpi")].values[1:]}
        if str(environment.named.get(CHOICE) or "") in names or CHOICE not in self.observed.named or not places:
            return
        draft = self.drafts[REPORT]
        full = [r for r in range(len(draft)) if all(is_number(draft.value(r, point)) for point in POINTS)]
        chosen = str(draft.value(full[0], "kpi")) if full else places[0].kpi.name
        if not environment.named.get(CHOICE):
            self.named.append(SetNamed(CHOICE, None, Content(chosen), Why.REPORT))
            environment.named = {**environment.named, CHOICE: chosen}

    def _fill(self, draft: Draft, rows: Sequence[Mapping[str, Formula]], environment: Environment) -> None:
        """Fill a block column by column: formulas read their own row and whole columns that stand before theirs."""
        name = draft.table.name
        unit = self._chosen_unit(environment) if name == CHART else None
        here: list[dict[str, Value]] = [{} for _ in rows]
        for field in rows[0] if rows else ():
            wanted = unit if field in _IN_UNIT else None
            for row, cells in enumerate(rows):
                environment.here, environment.row = here[row], draft.table.places[row]
                self._compute(draft, row, field, cells[field], environment, name, wanted)
                here[row][field] = environment.here[field]
            self._see(environment, name, draft)

    def _chosen_unit(self, environment: Environment) -> str | None:
        line = environment.named.get(CHOICE_LINE)
        ids = environment.columns[handle(REPORT, "id")]
        if not isinstance(line, (int, float)) or not 1 <= int(line) <= len(ids):
            return None
        kpi = self.tracking.catalogue.kpis.get(str(ids[int(line) - 1]))
        return kpi.unit if kpi else None

    def _compute(
        self, draft: Draft, row: int, field: str, formula: Formula, environment: Environment, key: str, unit: str | None
    ) -> None:
        found = formula.compute(environment)
        draft.set(row, field, Content(found, formula, unit), Why.REPORT, key)
        environment.here = {**environment.here, field: found}

    def _set_named(self, name: str, expression: Expression, environment: Environment) -> None:
        if name not in self.observed.named:
            return
        formula = Formula(expression)
        value = formula.compute(environment)
        environment.named = {**environment.named, name: value}
        before = self.observed.named[name]
        if not equal(before, value) or self.observed.named_formulas.get(name) != formula.canonical:
            self.named.append(SetNamed(name, before, Content(value, formula), Why.REPORT))

    def _see(self, environment: Environment, name: str, draft: Draft) -> None:
        found: dict[str, Cells] = {handle(name, field): draft.cells(field) for field in FIELDS[name]}
        environment.columns = {**environment.columns, **found}


_SHOWN = Formula(signalling.SHOWN)


@cache
def _blocks(*, later: bool) -> Mapping[str, tuple[Mapping[str, Formula], ...]]:
    """``derived.blocks``, made ready once."""
    return {
        name: tuple({field: Formula(expression) for field, expression in row.items()} for row in rows)
        for name, rows in derived.blocks(later=later).items()
    }


_IN_UNIT = frozenset({"actual", "target", "target_high", "mean", "lower", "upper"})


def _unit(field: str, unit: str) -> str | None:
    if field in ("actual", "target", "so_far"):
        return unit
    return signed(unit) if field == "variance" else None
