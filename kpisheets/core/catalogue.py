"""The ``KPIs`` tab, read: each row becomes a Kpi, or a located problem that stops that KPI alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from kpisheets.core.kpi import Direction, Kpi, RollUp
from kpisheets.core.period import FIRST_DAY, LAST_DAY, Frequency
from kpisheets.core.workbook import ErrorValue, Table, Value
from kpisheets.errors import Problem

EnumReader = Callable[[str, str], str | None]
"""(kind, a word in any language) → the canonical English word, ``None`` if unknown.

Kinds: direction, frequency, roll_up, unit."""

_BAD_ID = re.compile(r"[|*?~\x00-\x1f]")
DEFINING = (
    *("name", "direction", "frequency", "metric", "target", "low", "high", "tolerance", "roll_up"),
    *("active_from", "active_to", "unit", "owner", "objective", "definition"),
)
"""The fields whose changes the Log tells."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """``kpis`` are those that can be worked on; ``stopped`` are ids that a problem concerns; ``rows`` is the row of
    each usable KPI in the table; ``seen`` what the last run saw of it (empty for a new KPI)."""

    kpis: Mapping[str, Kpi] = field(default_factory=dict)
    stopped: frozenset[str] = frozenset()
    rows: Mapping[str, int] = field(default_factory=dict)
    seen: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def read(table: Table, enum_value: EnumReader, metrics: Collection[str]) -> Catalogue:
    """Read every row. ``metrics`` are the names that a KPI's Metric may have."""
    kpis: dict[str, Kpi] = {}
    rows: dict[str, int] = {}
    seen: dict[str, Mapping[str, str]] = {}
    stopped: set[str] = set()
    problems: list[Problem] = []
    first_row: dict[str, int] = {}
    for row in range(len(table)):
        typed = table.value(row, "id")
        identity = _text(typed)
        if isinstance(typed, ErrorValue):
            problems.append(Problem(table.where(row, "id"), f"the cell shows {typed}", "type the KPI's ID"))
            continue
        if not identity:
            if _text(table.value(row, "name")):
                problems.append(
                    Problem(table.where(row, "id"), "this KPI has no ID", "type a short one, such as lead_count")
                )
            continue
        if identity.casefold() in first_row:
            other = table.where(first_row[identity.casefold()], "id")
            problems.append(
                Problem(
                    table.where(row, "id"),
                    f"the ID “{identity}” stands in {other} too",
                    "give one of the two KPIs another ID",
                    identity,
                )
            )
            stopped |= {known for known in (*kpis, identity) if known.casefold() == identity.casefold()}
            continue
        first_row[identity.casefold()] = row
        reader = _Row(table, row, identity, enum_value, metrics)
        kpi = reader.kpi()
        problems += reader.problems
        if reader.problems:
            stopped.add(identity)
            continue
        kpis[identity] = kpi
        rows[identity] = row
        seen[identity] = _remembered(table.value(row, "seen"), identity)
    for identity in stopped:
        kpis.pop(identity, None)
    return Catalogue(kpis, frozenset(stopped), rows, seen, tuple(problems))


def remembered(kpi: Kpi) -> str:
    """What a run saw of a KPI, as the text of its ``Seen`` cell."""
    facts = {"id": kpi.id} | {name: written(getattr(kpi, name)) for name in DEFINING}
    return json.dumps({name: text for name, text in facts.items() if text}, ensure_ascii=False, separators=(",", ":"))


def written(value: object) -> str:
    """A value in the Log's plain notation: a point as decimal mark, ISO dates, blank for nothing."""
    if value is None:
        return ""
    if isinstance(value, (float, Decimal)):
        number = Decimal(repr(value)) if isinstance(value, float) else value
        return format(number.normalize(), "f") if number.is_finite() else str(number)
    if isinstance(value, (datetime, date)):
        return value.isoformat(*([" ", "minutes"] if isinstance(value, datetime) else []))
    return str(value)


def number_of(value: Value) -> Decimal | None:
    """The number that a cell holds; None where it holds none. "5%" typed into a text cell says what it means."""
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return value if isinstance(value, Decimal) else Decimal(repr(value))
    if isinstance(value, str) and not isinstance(value, ErrorValue):
        try:
            share = value.strip().endswith("%")
            number = Decimal(value.strip().rstrip("%").strip().replace("\u00a0", "").replace("\u202f", ""))
            if number.is_finite():
                return number / 100 if share else number
        except InvalidOperation:
            pass
    return None


def _remembered(value: Value, identity: str) -> Mapping[str, str]:
    try:
        facts = json.loads(_text(value) or "{}")
    except ValueError:
        return {}
    # A row that a person copied carries its original's memory: not this KPI's.
    return facts if isinstance(facts, dict) and facts.get("id") == identity else {}


def _text(value: Value) -> str:
    if value is None or isinstance(value, ErrorValue):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


class _Row:
    """Reads the cells of one row and collects what is wrong with them."""

    def __init__(self, table: Table, row: int, identity: str, enum_value: EnumReader, metrics: Collection[str]) -> None:
        self.table, self.row, self.identity = table, row, identity
        self.enum_value, self.metrics = enum_value, metrics
        self.problems: list[Problem] = []

    def problem(self, field_name: str, what: str, mend: str) -> None:
        self.problems.append(Problem(self.table.where(self.row, field_name), what, mend, self.identity))

    def kpi(self) -> Kpi:
        if _BAD_ID.search(self.identity):
            self.problem("id", f"the ID “{self.identity}” has one of | * ? ~", "use letters, digits, - and _")
        direction = Direction(self.word("direction", Direction.HIGHER, [d.value for d in Direction]))
        kpi = Kpi(
            id=self.identity,
            name=self.text("name") or self.identity,
            objective=self.text("objective"),
            department=self.text("department"),
            owner=self.text("owner"),
            owner_email=self.text("owner_email"),
            unit=self.enum_value("unit", self.text("unit")) or self.text("unit"),
            direction=direction,
            frequency=Frequency(self.word("frequency", Frequency.MONTHLY, [f.value for f in Frequency])),
            metric=self.text("metric"),
            target=self.number("target"),
            low=self.number("low"),
            high=self.number("high"),
            tolerance=self.number("tolerance") or Decimal(0),
            roll_up=RollUp(self.word("roll_up", RollUp.SUM, [r.value for r in RollUp])),
            active_from=self.day("active_from"),
            active_to=self.day("active_to"),
            definition=self.text("definition"),
            recommendation=self.text("recommendation"),
        )
        if kpi.metric and kpi.metric not in self.metrics:
            known = ", ".join(sorted(self.metrics)) or "none yet"
            mend = f"add [metrics.{kpi.metric}] to kpisheets.toml, or choose one of: {known}"
            self.problem("metric", f"the metric “{kpi.metric}” is not in kpisheets.toml", mend)
        if kpi.tolerance < 0:
            self.problem("tolerance", f"the tolerance {kpi.tolerance} is negative", "write a share such as 5%")
        if kpi.low is not None and kpi.high is not None and kpi.low > kpi.high:
            self.problem("low", f"Low ({kpi.low}) is above High ({kpi.high})", "swap them")
        if kpi.active_from and kpi.active_to and kpi.active_from > kpi.active_to:
            self.problem("active_from", "Active from comes after Active to", "swap them")
        return kpi

    def text(self, field_name: str) -> str:
        value = self.table.value(self.row, field_name)
        if isinstance(value, ErrorValue):
            self._broken(field_name, value)
            return ""
        return _text(value)

    def _broken(self, field_name: str, value: ErrorValue) -> None:
        self.problem(field_name, f"the cell shows {value}", "mend its formula or type the value")

    def word(self, field_name: str, default: str, known: list[str]) -> str:
        typed = self.text(field_name)
        if not typed:
            return default
        found = self.enum_value(field_name, typed)
        if found is None:
            self.problem(field_name, f"“{typed}” is not known", f"choose one of: {', '.join(known)}")
            return default
        return found

    def _filled(self, field_name: str) -> Value:
        """What the cell holds; ``None`` where it is blank, or shows an error (which becomes a problem)."""
        value = self.table.value(self.row, field_name)
        if isinstance(value, ErrorValue):
            self._broken(field_name, value)
            return None
        return None if value == "" else value

    def number(self, field_name: str) -> Decimal | None:
        value = self._filled(field_name)
        if value is None:
            return None
        number = number_of(value)
        if number is None:
            self.problem(field_name, f"“{value}” is not a number", "type a number")
        return number

    def day(self, field_name: str) -> date | None:
        value = self._filled(field_name)
        if value is None:
            return None
        found: date | None = None
        if isinstance(value, datetime):
            found = value.date()
        elif isinstance(value, date):
            found = value
        elif isinstance(value, str):
            try:
                text = value.strip()
                found = date.fromisoformat(f"{text}-01" if re.fullmatch(r"\d{4}-\d\d", text) else text[:10])
            except ValueError:
                found = None
        if found is None or not FIRST_DAY <= found <= LAST_DAY:
            self.problem(field_name, f"“{value}” is not a date", "type a date such as 2026-01-31")
            return None
        return found
