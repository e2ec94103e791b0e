"""What a team writes without kpisheets: pandas and openpyxl, the whole workbook loaded, changed and saved.

Usage: python plain_script.py FOLDER

It does the job of `kpisheets sync` in a workbook of the same layout, ``plain.xlsx``: reads the catalogue, adds up the
records, finds rows by key, keeps what people typed over an Actual, notes restatements of closed periods, adds missing
rows, writes the formulas and the Log. What openpyxl drops when it saves (cached values, sparklines), it drops.
"""

from __future__ import annotations

import sys
import warnings
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas

OPEN_DAYS = 5
STATUS = (
    '=IF(COUNT({a})=0,"No data",IF(COUNT({t})=0,"No target",IF(ROUND({a}-{t},9)>=0,"Met",'
    'IF(ROUND({a}-{t}+IFERROR(0+INDEX(kpi_catalogue_tolerance,MATCH(LEFT({k},FIND("|",{k})-1),kpi_catalogue_id,0)),0)'
    '*ABS({t}),9)>=0,"At risk","Missed"))))'
)


def table(sheet: Any, *wanted: str) -> tuple[int, dict[str, int]]:
    """The header row and the column of each header."""
    for row in sheet.iter_rows(max_row=40):
        headers = {str(cell.value).strip(): cell.column for cell in row if cell.value is not None}
        if set(wanted) <= headers.keys():
            return row[0].row, headers
    raise SystemExit(f"the tab {sheet.title} has no table with {wanted}")


def last_filled(sheet: Any, header: int, column: int) -> int:
    bottom = sheet.max_row
    while bottom > header and sheet.cell(bottom, column).value is None:
        bottom -= 1
    return bottom


def main(folder: Path) -> None:
    path = folder / "plain.xlsx"
    book = openpyxl.load_workbook(path)
    now, today = datetime.now().replace(microsecond=0), date.today()  # noqa: DTZ005, DTZ011

    kpis = book["KPIs"]
    top, at = table(kpis, "ID", "Metric", "Target")
    rows = kpis.iter_rows(min_row=top + 1, values_only=True)
    catalogue = {row[at["ID"] - 1]: row for row in rows if row[at["ID"] - 1]}

    data = pandas.read_parquet(folder / "data" / "facts.parquet")
    data["period"] = pandas.to_datetime(data["day"]).dt.strftime("%Y-%m-%d")
    totals = data.groupby(["kpi", "period"])["amount"].sum()

    sheet = book["Tracking"]
    header, columns = table(sheet, "Key", "Actual", "Source value", "Target")
    name, period_, target, actual = (columns[n] for n in ("KPI", "Period", "Target", "Actual"))
    variance, share, status, key_ = (columns[n] for n in ("Variance", "Variance %", "Status", "Key"))
    said, origin, as_of, seen = (columns[n] for n in ("Source value", "Source", "As of", "Target seen"))
    flag = columns["Flag"]
    letter = {column: openpyxl.utils.get_column_letter(column) for column in columns.values()}
    known = {sheet.cell(row, key_).value: row for row in range(header + 1, sheet.max_row + 1)}
    known.pop(None, None)
    bottom = max(known.values(), default=header)
    log: list[tuple[Any, ...]] = []
    written = added = kept = 0

    for (kpi, period), value in totals.items():
        found = catalogue.get(kpi)
        if found is None:
            continue
        key = f"{kpi}|{period}"
        row = known.get(key)
        if row is None:
            bottom += 1
            row = known[key] = bottom
            added += 1
            goal = found[at["Target"] - 1]
            values = {name: found[at["KPI"] - 1], period_: period, target: goal, seen: goal, key_: key}
            values |= {actual: value, said: value, origin: f"facts.{kpi}", as_of: now}
            for column, content in values.items():
                sheet.cell(row, column).value = content
            written += 1
        else:
            is_open = (today - date.fromisoformat(period)).days <= OPEN_DAYS
            typed, before = sheet.cell(row, actual).value, sheet.cell(row, said).value
            if typed is None or (typed == before and before != value and is_open):
                sheet.cell(row, actual).value = value
                log.append((now, kpi, period, "Actual", typed, value, "the source changed"))
                written += 1
            elif typed != before:
                sheet.cell(row, flag).value = "override"
                kept += 1
            elif before != value:
                sheet.cell(row, flag).value = f"restated {typed}"
                log.append((now, kpi, period, "Actual", typed, value, "restated"))
            if before != value:
                sheet.cell(row, said).value = value
            if before != value or is_open:
                sheet.cell(row, as_of).value = now
            goal, last = sheet.cell(row, target).value, sheet.cell(row, seen).value
            if goal != last:
                sheet.cell(row, seen).value = goal
                log.append((now, kpi, period, "Target", last, goal, "edited"))
        a, t, k = (f"{letter[column]}{row}" for column in (actual, target, key_))
        sheet.cell(row, variance).value = f'=IF(COUNT({t},{a})=2,{a}-{t},"")'
        sheet.cell(row, share).value = f'=IF(COUNT({t},{a})<2,"",IF({t}=0,"",({a}-{t})/ABS({t})))'
        sheet.cell(row, status).value = STATUS.format(a=a, t=t, k=k)
    if "kpi_tracking" in sheet.tables:
        spread = sheet.tables["kpi_tracking"]
        spread.ref = f"{spread.ref.partition(':')[0]}:{letter[max(columns.values())]}{bottom}"

    journal = book["Log"]
    top, into = table(journal, "When", "KPI", "Why")
    line = last_filled(journal, top, into["When"])
    log.append((now, None, None, "Run", None, f"{written} written, {added} added, {kept} kept", None))
    for entry in log:
        line += 1
        for offset, content in enumerate(entry):
            journal.cell(line, into["When"] + offset).value = content
    book.save(path)


if __name__ == "__main__":
    warnings.filterwarnings("ignore", module="openpyxl")  # it says what it will drop
    main(Path(sys.argv[1]))
