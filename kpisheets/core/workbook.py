"""What a KPI workbook is, wherever it lives: its tables and their fields, who owns which cell, what was observed.

A table is found by *handles*, never by position: each field of each table has a name (``kpi_tracking_actual``) for the
header cell and the cells below it, which spreadsheet programs carry along when people rename, move, insert and sort.
Single cells have names too (``kpi_last_run``). Formulas refer to these names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from kpisheets.core.kpi import Status
from kpisheets.core.period import Frequency
from kpisheets.core.summary import TREND_POINTS
from kpisheets.errors import Problem


class ErrorValue(str):
    """A spreadsheet error in a cell, such as ``#DIV/0!``."""

    __slots__ = ()


Value = None | bool | int | float | Decimal | str | date | datetime | ErrorValue

TRACKING, CATALOGUE, LOG, REPORT = "kpi_tracking", "kpi_catalogue", "kpi_log", "kpi_report"
ACTIONS, REVIEW, TARGETS = "kpi_actions", "kpi_review", "kpi_targets"
GUIDE = "kpi_guide"
CHART, SUCCESSES, ATTENTION = "kpi_chart", "kpi_successes", "kpi_attention"
LIST_LENGTH = 5
"""How many successes, and how many KPIs to look at, the Report tab lists."""

TREND = tuple(range(1, TREND_POINTS + 1))
LABELS = tuple(f"label_{n}" for n in TREND)
POINTS = tuple(f"point_{n}" for n in TREND)

MONTHS = tuple(f"m{n}" for n in range(1, 13))
"""The months of a year in ``Targets``, by their place in it."""
BASES = tuple((f"label_{n}", f"season_{n}", f"value_{n}", f"range_{n}") for n in (1, 2))
"""Twice as many figures as the chart has points, in two blocks: of them its limits are made."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    TRACKING: (
        *("kpi", "period", "target", "actual", "variance", "variance_pct", "status", "owner", "comment"),
        *("key", "source_value", "source", "as_of", "target_seen", "flag", "proposed"),
    ),
    CATALOGUE: (
        *("id", "name", "objective", "department", "owner", "owner_email", "unit", "direction", "frequency", "metric"),
        *("target", "low", "high", "tolerance", "roll_up", "active_from", "active_to", "definition"),
        *("recommendation", "seen"),
    ),
    ACTIONS: (
        *("kpi", "period", "gap", "opened", "cause", "action", "owner", "due", "status", "closed", "effect"),
        *("key", "before", "cards"),
    ),
    TARGETS: ("kpi", "year", *MONTHS, "id", "seen"),
    REVIEW: (
        *("kpi", "finding", "evidence", "suggestion", "raised", "decision", "new_target", "note", "outcome", "done"),
        *("key", "carried", "size"),
    ),
    LOG: ("when", "kpi", "period", "field", "old", "new", "why"),
    REPORT: (
        *("kpi", "owner", "period", "actual", "target", "variance", "variance_pct", "status", "trend"),
        *("signal", "so_far", "pace"),
        *("id", "key", "line", "so_far_key", "so_far_line", "badness", "goodness", *LABELS, *POINTS),
        *("low", "high", "baseline", "signal_said", "signal_of", "signal_squares"),
    ),
    CHART: (
        *("label", "actual", "target", "target_high", "mean", "lower", "upper"),
        *("season", *(field for base in BASES for field in base)),
    ),
    GUIDE: ("owner", "kpi", "reading", "frequency", "figure", "id"),
    SUCCESSES: ("line", "kpi", "note"),
    ATTENTION: ("line", "kpi", "note"),
}
"""The fields of each table, in the order in which a new workbook shows them."""

MACHINE: Mapping[str, frozenset[str]] = {
    TRACKING: frozenset(FIELDS[TRACKING][9:15]),
    CATALOGUE: frozenset({"seen"}),
    ACTIONS: frozenset({"key", "before", "cards"}),
    TARGETS: frozenset({"id", "seen"}),
    REVIEW: frozenset({"key", "carried", "size"}),
    REPORT: frozenset(FIELDS[REPORT][12:]),
    GUIDE: frozenset({"id"}),
}
"""Columns for the tool alone: grouped and hidden."""

DERIVED: Mapping[str, frozenset[str]] = {TRACKING: frozenset({"variance", "variance_pct", "status"})}
"""Formula columns of the tool in which a person's own formula or value is respected."""

REQUIRED: Mapping[str, frozenset[str]] = {
    TRACKING: frozenset(FIELDS[TRACKING]) - {"owner", "comment", "proposed"},
    CATALOGUE: frozenset({"id", "name", "direction", "frequency", "target", "tolerance", "metric"}),
    ACTIONS: frozenset({"key", "kpi", "status"}),
    TARGETS: frozenset({"kpi", "year", "id", "seen"}),
    REVIEW: frozenset({"key", "kpi", "decision", "done", "carried"}),
    LOG: frozenset(FIELDS[LOG]),
}
"""Fields without which a table cannot be worked on; the rest may be deleted by people."""

FIXED_ROWS: Mapping[str, int] = {CHART: TREND_POINTS, SUCCESSES: LIST_LENGTH, ATTENTION: LIST_LENGTH}
"""Tables of a fixed number of rows, laid out once."""

LATER: Mapping[str, frozenset[str]] = {
    REPORT: frozenset({"low", "high", "baseline", "signal", "signal_said", "signal_of", "signal_squares"}),
    CHART: frozenset(FIELDS[CHART][3:]),
}
"""Fields that workbooks from before lack. They are known by their names alone: a header of the same words would be
people's own."""

GROWING = (TRACKING, CATALOGUE, ACTIONS, REVIEW, TARGETS, LOG, REPORT, GUIDE)
"""Tables that are spreadsheet tables of their own and grow downwards."""

# Single named cells.
PROJECT, REPORT_DATE, LANGUAGE, REQUEST = "kpi_project", "kpi_report_date", "kpi_language", "kpi_request"
LAST_RUN, OUTCOME, DATA_AS_OF = "kpi_last_run", "kpi_outcome", "kpi_data_as_of"
PACKS, SCHEMA = "kpi_packs", "kpi_schema"
CHOICE, CHOICE_LINE, VERDICT = "kpi_chart_choice", "kpi_chart_line", "kpi_verdict"
ELAPSED: Mapping[Frequency, str] = {frequency: f"kpi_elapsed_{frequency.lower()}" for frequency in Frequency}
COUNTS: Mapping[Status, str] = {
    status: f"kpi_count_{status.value}" for status in (Status.MET, Status.AT_RISK, Status.MISSED, Status.NO_DATA)
}
RITUALS: Mapping[str, str] = {meeting: f"kpi_ritual_{meeting}" for meeting in ("weekly", "monthly", "quarterly")}
"""The Guide tab's cells that say what each meeting goes through."""
NAMED_CELLS = (
    *(PROJECT, REPORT_DATE, LANGUAGE, REQUEST, LAST_RUN, OUTCOME, DATA_AS_OF, PACKS, SCHEMA),
    *(CHOICE, CHOICE_LINE, VERDICT, *ELAPSED.values(), *COUNTS.values()),
    *RITUALS.values(),
)
SCHEMA_VERSION = 1

MISPLACED = "~"
"""Before a canonical formula whose references are to one row that is not its own."""


def handle(table: str, field_name: str) -> str:
    """The name that spans a field's header cell and its data: ``kpi_tracking_actual``."""
    return f"{table}_{field_name}"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of the workbook's language that formulas and plans put into cells."""

    status: Mapping[Status, str]
    so_far: Mapping[Status, str]
    text: Mapping[str, str] = field(default_factory=dict)

    def in_progress(self, judged: Status | None) -> str:
        """The words for a period in progress, with what its pace says."""
        return self.status[Status.IN_PROGRESS] + (self.pace_separator + self.so_far[judged] if judged else "")

    @property
    def pace_separator(self) -> str:
        """What stands between “in progress” and the pace: French puts a no-break space before its colon."""
        return self.text.get("report.pace_colon", ":") + " "


@dataclass(frozen=True, slots=True)
class Table:
    """A table as observed: columns of stored values, and for formula columns the formulas, in today's row order.

    ``formulas`` are *canonical*: references to a cell of the same row are written ``[field]``, other text is in upper
    case without spaces or dollar signs; see also ``MISPLACED``. ``places`` are row numbers on the tab, meaningful to
    the backend alone, and ``below`` is where the next added row comes; blank rows at the end of a growing table wait
    for it and are no rows. ``tab`` and ``letters`` serve messages (``Tracking!D7``).
    """

    name: str
    tab: str
    columns: Mapping[str, Sequence[Value]]
    formulas: Mapping[str, Sequence[str | None]]
    places: Sequence[int]
    below: int
    letters: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.places)

    def has(self, field_name: str) -> bool:
        return field_name in self.columns

    def value(self, row: int, field_name: str) -> Value:
        """The stored value in the ``row``-th row, ``None`` where it is blank or people deleted the column."""
        column = self.columns.get(field_name)
        return None if column is None else column[row]

    def formula(self, row: int, field_name: str) -> str | None:
        column = self.formulas.get(field_name)
        return None if column is None else column[row]

    def where(self, row: int, field_name: str) -> str:
        """A place for a message, such as ``Tracking!D7``."""
        return f"{self.tab}!{self.letters.get(field_name, '')}{self.places[row]}"


@dataclass(frozen=True, slots=True)
class Observed:
    """A workbook as it is now. ``named`` has the values of the single cells, ``named_formulas`` their formulas.
    ``saved_by`` is who saved it last, where its place tells."""

    tables: Mapping[str, Table]
    named: Mapping[str, Value]
    named_formulas: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    saved_by: str = ""
