"""Projects with more KPIs and metrics than the first tabs have room for."""

from __future__ import annotations

from pathlib import Path

from tests.google_build.conftest import Google, team

KPIS = 90
METRICS = 501
"""One more than a list of Google Sheets may have."""


def test_the_report_grows_with_the_kpis(google: Google, tmp_path: Path) -> None:
    mine = team(tmp_path / "mine", google, templates=())
    with (mine.folder / "kpisheets.toml").open("a", encoding="utf-8") as file:
        file.writelines(
            f'[metrics.m{number}]\nsource = "shop"\ntable = "orders"\ndate = "day"\nvalue = "max(amount)"\n'
            for number in range(METRICS)
        )
    mine.provision()
    assert google.calls() == ["create", "batchUpdate"]
    tabs = {tab["properties"]["title"]: tab["properties"] for tab in mine.spreadsheet()["sheets"]}
    kpis = tabs["KPIs"]["sheetId"]
    lines = [
        {"values": [{"userEnteredValue": {"stringValue": text}} for text in (f"k{n}", f"KPI {n}")]} for n in range(KPIS)
    ]
    columns = {"Frequency": "Monthly", "Metric": "revenue", "Direction": "Higher", "Active from": "2026-10-01"}
    top = 3  # below the header
    google.batch(
        mine.id,
        {"appendDimension": {"sheetId": kpis, "dimension": "ROWS", "length": KPIS}},
        {"updateCells": {"start": {"sheetId": kpis, "rowIndex": top}, "rows": lines, "fields": "userEnteredValue"}},
    )
    headers = google.ask("GET", f"/v4/spreadsheets/{mine.id}/values/KPIs!A{top}:Z{top}")["values"][0]
    data = [
        {"range": f"KPIs!{chr(65 + headers.index(name))}{top + 1}", "values": [[text]] * KPIS}
        for name, text in columns.items()
    ]
    body = {"valueInputOption": "USER_ENTERED", "data": data}
    google.ask("POST", f"/v4/spreadsheets/{mine.id}/values:batchUpdate", json=body)
    google.calls()

    mine.project().sync()
    assert google.calls() == ["getByDataFilter", "batchUpdate"]
    (report,) = (tab for tab in mine.spreadsheet()["sheets"] if tab["properties"]["title"] == "Report")
    assert report["properties"]["gridProperties"]["rowCount"] > tabs["Report"]["gridProperties"]["rowCount"]
    rows = [row.get("values", []) for row in report["data"][0]["rowData"]]
    shown = {
        cells[1]["formattedValue"]: cells[1:12]
        for cells in rows
        if len(cells) > 11 and cells[1].get("formattedValue", "").startswith("KPI ")
    }
    assert set(shown) >= {f"KPI {number}" for number in range(KPIS)}
    first, last = shown["KPI 0"], shown[f"KPI {KPIS - 1}"]
    assert [cell.get("formattedValue") for cell in last[1:]] == [cell.get("formattedValue") for cell in first[1:]]
    assert [cell.get("userEnteredFormat") for cell in last] == [cell.get("userEnteredFormat") for cell in first]
    assert "SPARKLINE" in last[8]["userEnteredValue"]["formulaValue"]

    google.calls()
    mine.project().sync()
    assert google.calls() == ["getByDataFilter"]
