"""A large spreadsheet is read, planned and made into requests in a few seconds."""

from __future__ import annotations

import time
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from kpisheets import vocabulary
from kpisheets.backends.google.reading.a1 import letters
from kpisheets.backends.google.reading.cells import entered
from kpisheets.backends.google.reading.layout import locate
from kpisheets.backends.google.reading.observe import observed
from kpisheets.backends.google.reading.snapshot import snapshot
from kpisheets.backends.google.writing.batch import MOST_BYTES, batches
from kpisheets.backends.google.writing.changes import Writer, cells_of
from kpisheets.core import catalogue, derived
from kpisheets.core import sync as syncing
from kpisheets.core.actions import Acting
from kpisheets.core.formula import Dialect, Expression, text
from kpisheets.core.kpi import Direction, Kpi, RollUp, Status
from kpisheets.core.metric import Collected, Fact
from kpisheets.core.period import Calendar, Frequency
from kpisheets.core.reporting import Telling
from kpisheets.core.request import Request
from kpisheets.core.review import Reviewing, Said
from kpisheets.core.tracking import Moment
from kpisheets.core.workbook import CATALOGUE, FIELDS, LOG, TRACKING, Value, handle
from kpisheets.templates import enum_value, language

KPIS, MONTHS = 200, 36
ENGLISH, CALENDAR = language("en"), Calendar(1, "UTC")
TABS = {TRACKING: 1, CATALOGUE: 2, LOG: 3}
NOW = datetime(2026, 11, 24, 9)  # noqa: DTZ001
ACTING = Acting(1, str, str, lambda *_: "", lambda *_: "")
TELLING = Telling(lambda _: (None, None), lambda _: "")
REVIEWING = Reviewing(False, 0, str, lambda _: Said("", "", "", ""), lambda _: "", "", str)


def cell(value: Value, kind: str = "", formula: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {"effectiveValue": entered(value)} if value is not None else {}
    if kind:
        found["effectiveFormat"] = {"numberFormat": {"type": kind}}
    if formula:
        found["userEnteredValue"] = {"formulaValue": formula}
    return found


def sheet(table: str, rows: list[dict[str, dict[str, Any]]]) -> dict[str, Any]:
    """A tab as the service tells it: the header in row 3, the rows below."""
    words = ENGLISH.columns[vocabulary.SECTIONS[table]]
    header = {field: cell(words[field]) for field in FIELDS[table]}
    data = [{}, {}, *({"values": [row.get(field, {}) for field in FIELDS[table]]} for row in (header, *rows))]
    handles = [{"developerMetadata": [_metadata(table, field)]} for field in FIELDS[table]]
    size = {"rowCount": len(data) + 10, "columnCount": len(FIELDS[table])}
    properties = {"sheetId": TABS[table], "title": table, "index": TABS[table], "gridProperties": size}
    return {"properties": properties, "data": [{"columnMetadata": handles, "rowData": data}]}


def _metadata(table: str, field: str) -> dict[str, str]:
    return {"metadataKey": "kpisheets", "metadataValue": handle(table, field)}


def names() -> list[dict[str, Any]]:
    return [
        {
            "name": handle(table, field),
            "range": {"sheetId": id, "startRowIndex": 2, "startColumnIndex": at, "endColumnIndex": at + 1},
        }
        for table, id in TABS.items()
        for at, field in enumerate(FIELDS[table])
    ]


def spreadsheet() -> dict[str, Any]:
    columns = {field: letters(at) for at, field in enumerate(FIELDS[TRACKING])}
    words = ENGLISH.for_workbook
    status = derived.status(Kpi("k", "k", direction=Direction.HIGHER, roll_up=RollUp.SUM), None, words)

    def at(row: int, expression: Expression) -> str:
        return "=" + text(expression, lambda field: f"{columns[field]}{row}", Dialect.SHEETS)

    kinds = {"target": "NUMBER", "actual": "NUMBER", "as_of": "DATE_TIME"}
    rows, row, period = [], 4, CALENDAR.period(Frequency.MONTHLY, date(2023, 11, 1))
    for _ in range(MONTHS):
        for kpi in range(KPIS):
            actual = float(50 + (kpi * 7 + row) % 100)
            said = words.status[Status.MET if actual >= 100 else Status.AT_RISK if actual >= 90 else Status.MISSED]
            values: dict[str, Value] = {
                **{"kpi": f"KPI {kpi}", "period": period.label, "target": 100, "actual": actual, "source": "s.m"},
                **{"key": f"k{kpi}|{period.label}", "source_value": actual, "as_of": NOW, "target_seen": 100},
            }
            cells = {field: cell(value, kinds.get(field, "")) for field, value in values.items()}
            cells["variance"] = cell(actual - 100, "NUMBER", at(row, derived.VARIANCE))
            cells["variance_pct"] = cell((actual - 100) / 100, "PERCENT", at(row, derived.VARIANCE_SHARE))
            cells["status"] = cell(said, "", at(row, status))
            rows.append(cells)
            row += 1
        period = CALENDAR.next(period)
    plain = {"direction": "Higher", "frequency": "Monthly", "metric": "m", "target": 100, "tolerance": 0.1}
    kpis = [
        {
            **{field: cell(value) for field, value in {"id": f"k{kpi}", "name": f"KPI {kpi}", **plain}.items()},
            "active_from": cell(datetime(2023, 11, 1), "DATE"),  # noqa: DTZ001
        }
        for kpi in range(KPIS)
    ]
    return {"sheets": [sheet(TRACKING, rows), sheet(CATALOGUE, kpis), sheet(LOG, [])], "namedRanges": names()}


def test_7200_rows() -> None:
    said, dictionary = spreadsheet(), vocabulary.dictionary("EUR", "en")
    began = time.process_time()
    snap = snapshot(said)
    layout = locate(snap, dictionary)
    seen = observed(snap, layout)
    read = time.process_time() - began
    table = seen.tables[TRACKING]
    assert len(table) == KPIS * MONTHS
    facts = tuple(
        Fact(key.partition("|")[0], CALENDAR.parse(key.partition("|")[2]), Decimal(str(value + (row % 3 == 0))), 1, NOW)
        for row, (key, value) in enumerate(zip(table.columns["key"], table.columns["source_value"], strict=True))
    )
    began = time.process_time()
    request = Request(
        calendar=CALENDAR,
        moment=Moment(NOW, NOW.date(), NOW.date(), 5),
        words=ENGLISH.for_workbook,
        acting=ACTING,
        telling=TELLING,
        reviewing=REVIEWING,
        collected=Collected(facts=facts),
        sources={"m": "s.m"},
    )
    plan = syncing.plan(seen, catalogue.read(seen.tables[CATALOGUE], enum_value, ["m"]), request).plan
    cells = cells_of(Writer(layout, seen, dictionary), enumerate(plan.changes))
    queue = batches(cells, layout)
    written = time.process_time() - began
    assert (len(plan.restatements), plan.rows_added) == (KPIS * MONTHS // 3, KPIS)
    assert read < 3, f"reading took {read:.1f} s"
    assert written < 5, f"planning and writing took {written:.1f} s"
    assert all(len(str(batch.requests)) < 1.2 * MOST_BYTES for batch in queue)
