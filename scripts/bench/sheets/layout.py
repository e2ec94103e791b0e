"""What every script's spreadsheet looks like: its tabs, the formulas of its lines, what has changed in it.

None of the scripts notices what people typed over a number, what they sorted meanwhile, or what was restated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import gspread

TRACKING = (
    "KPI", "Period", "Target", "Actual", "Variance", "Variance %", "Status", "Owner", "Comment", "Key", "Source value",
    "Source", "As of",
)  # fmt: skip
KPIS = (
    "ID", "KPI", "Objective", "Department", "Owner", "Owner email", "Unit", "Direction", "Frequency", "Metric",
    "Target", "Low", "High", "Tolerance %", "Roll-up", "Active from", "Active to", "Definition",
)  # fmt: skip
REPORT = ("KPI", "Owner", "Period", "Actual", "Target", "Variance", "Variance %", "Status", "Key", "Line")
TABS = {"Tracking": TRACKING, "KPIs": KPIS, "Report": REPORT}
NUMBERS = {"Tracking": "C2:D", "KPIs": "K2:M", "Report": "D2:E"}
SHARES = {"Tracking": "F2:F", "KPIs": "N2:N", "Report": "G2:G"}
HEADERS = {
    "id": "ID",
    "name": "KPI",
    "owner": "Owner",
    "direction": "Direction",
    "frequency": "Frequency",
    "metric": "Metric",
    "target": "Target",
    "tolerance": "Tolerance %",
    "roll_up": "Roll-up",
    "active_from": "Active from",
}
"""The header of each column that people fill, by its role."""
CHOICES = {
    "H2:H": ["Higher", "Lower", "Range"],
    "I2:I": ["Daily", "Weekly", "Monthly", "Quarterly", "Yearly"],
    "O2:O": ["Sum", "Average", "Last", "Ratio"],
}
COLOURS = {"Met": (0.85, 0.95, 0.86), "At risk": (1.0, 0.95, 0.8), "Missed": (0.98, 0.86, 0.84)}
ACTUAL, SAID, AS_OF = (TRACKING.index(name) for name in ("Actual", "Source value", "As of"))
Facts = Mapping[tuple[str, str], float]
Cells = list[Any]


def tracking_row(kpi: Mapping[str, Any], period: str, value: float, row: int) -> Cells:
    """A new line of the Tracking tab, typed at that row. An apostrophe keeps 2026-10 from becoming a date."""
    key = f"{kpi['ID']}|{period}"
    tolerance = f'IFERROR(INDEX(KPIs!$N$2:$N,MATCH(LEFT(J{row},FIND("|",J{row})-1),KPIs!$A$2:$A,0)),0)'
    status = (
        f'=IF(COUNT(D{row})=0,"No data",IF(COUNT(C{row})=0,"No target",IF(D{row}>=C{row},"Met",'
        f'IF(D{row}+{tolerance}*ABS(C{row})>=C{row},"At risk","Missed"))))'
    )
    variance = f'=IF(COUNT(C{row},D{row})=2,D{row}-C{row},"")'
    share = f'=IF(COUNT(C{row},D{row})<2,"",IF(C{row}=0,"",(D{row}-C{row})/ABS(C{row})))'
    head = [kpi["KPI"], f"'{period}", kpi["Target"], value, variance, share, status, kpi["Owner"], ""]
    return [*head, key, value, f"facts.{kpi['Metric']}", now()]


def report_row(kpi: Mapping[str, Any], period: str, row: int) -> Cells:
    """A line of the Report tab at that row."""
    found = [f"=INDEX(Tracking!{column}:{column},J{row})" for column in "DCEFG"]
    head = [kpi["KPI"], kpi["Owner"], f"'{period}", *found]
    return [*head, f"{kpi['ID']}|{period}", f"=MATCH(I{row},Tracking!J:J,0)"]


def now() -> str:
    return datetime.now().strftime("%Y-%m-%d %H:%M:%S")  # noqa: DTZ005 - cells have no time zone


def changes(lines: Sequence[Mapping[str, Any]], grid: Sequence[Cells], facts: Facts) -> tuple[list[Cells], list[int]]:
    """New lines for the end of the Tracking tab, and the rows (from 1) whose number has changed."""
    key = TRACKING.index("Key")
    known = {cells[key]: row for row, cells in enumerate(grid, 1) if len(cells) > key}
    catalogue = {line["ID"]: line for line in lines}
    new: list[Cells] = []
    changed = []
    for (kpi, period), value in facts.items():
        row = known.get(f"{kpi}|{period}")
        if row is None:
            new.append(tracking_row(catalogue[kpi], period, value, len(grid) + len(new) + 1))
        elif grid[row - 1][SAID] != value:
            changed.append(row)
    return new, changed


def value_at(cells: Cells, facts: Facts) -> float:
    kpi, _, period = cells[TRACKING.index("Key")].partition("|")
    return facts[kpi, period]


class Rival:
    """One way. Each command opens the spreadsheet anew, as a script does that cron starts."""

    name = ""

    def __init__(self, client: gspread.Client) -> None:
        self.client, self.id = client, ""

    def opened(self) -> gspread.Spreadsheet:
        return self.client.open_by_key(self.id)

    def provision(self, title: str) -> None:
        """An empty workbook: tabs, headers, formats, colours of the status, lists of choices."""
        raise NotImplementedError

    def sync(self, facts: Facts) -> int:
        """Lines added and changed."""
        raise NotImplementedError

    def report(self) -> list[Cells]:
        raise NotImplementedError
