"""What a team writes without kpisheets: pandas and openpyxl, the whole workbook loaded, changed and saved.

Usage: python plain_script.py provision|sync FOLDER

It does the same job in the same workbook layout: finds rows by key, adds missing ones, writes actual, source value,
variance, variance % and status formulas. It keeps no overrides, no formats of others, no cached values.
"""

from __future__ import annotations

import sys
from pathlib import Path

import openpyxl
import pandas

KPI_COLUMNS = ("ID", "KPI", "Direction", "Frequency", "Metric", "Target", "Tolerance %", "Roll-up", "Active from")
COLUMNS = (
    *("KPI", "Period", "Target", "Actual", "Variance", "Variance %", "Status", "Owner", "Comment"),
    *("Key", "Source value", "Source", "As of"),
)


def provision(folder: Path) -> None:
    catalogue = pandas.read_csv(folder / "catalogue.csv")
    with pandas.ExcelWriter(folder / "plain.xlsx", engine="openpyxl") as writer:
        catalogue.to_excel(writer, sheet_name="KPIs", index=False)
        pandas.DataFrame(columns=list(COLUMNS)).to_excel(writer, sheet_name="Tracking", index=False)


def sync(folder: Path) -> None:
    path = folder / "plain.xlsx"
    book = openpyxl.load_workbook(path)
    catalogue = pandas.DataFrame(list(book["KPIs"].values)[1:], columns=[c.value for c in book["KPIs"][1]])
    data = pandas.read_parquet(folder / "data" / "facts.parquet")
    days = pandas.to_datetime(data["day"])
    frequency = catalogue["Frequency"].iloc[0]
    data["period"] = days.dt.strftime("%Y-%m-%d" if frequency == "Daily" else "%Y-%m")
    actuals = data.groupby(["kpi", "period"])["amount"].sum()
    sheet = book["Tracking"]
    rows = {row[9].value: row[0].row for row in sheet.iter_rows(min_row=2)}
    targets = catalogue.set_index("ID")["Target"].to_dict()
    bottom = sheet.max_row
    now = pandas.Timestamp.now().to_pydatetime().replace(microsecond=0)
    for (kpi, period), value in actuals.items():
        key = f"{kpi}|{period}"
        row = rows.get(key)
        if row is None:
            bottom += 1
            row = bottom
            sheet.cell(row, 1, kpi)
            sheet.cell(row, 2, period)
            sheet.cell(row, 3, targets[kpi])
            sheet.cell(row, 10, key)
        sheet.cell(row, 4, value)
        sheet.cell(row, 5, f"=D{row}-C{row}")
        sheet.cell(row, 6, f"=(D{row}-C{row})/ABS(C{row})")
        sheet.cell(row, 7, f'=IF(D{row}>=C{row},"Met",IF(D{row}>=C{row}*0.9,"At risk","Missed"))')
        sheet.cell(row, 11, value)
        sheet.cell(row, 12, f"facts.{kpi}")
        sheet.cell(row, 13, now)
    book.save(path)


if __name__ == "__main__":
    {"provision": provision, "sync": sync}[sys.argv[1]](Path(sys.argv[2]))
