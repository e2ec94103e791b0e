"""gspread as its documentation advises: one request where one is enough."""

from __future__ import annotations

from typing import Any

from layout import TABS, Cells, Facts, Rival, changes, now, report_row, value_at
from looks import choices, colours, formats, properties


class Batches(Rival):
    name = "gspread, batches"

    def provision(self, title: str) -> None:
        book = self.client.create(title)
        self.id = book.id
        requests: list[dict[str, Any]] = [properties(0, "Tracking", "title")]
        ids = {"Tracking": 0, "KPIs": 1, "Report": 2}
        requests += [{"addSheet": {"properties": {"sheetId": ids[name], "title": name}}} for name in list(TABS)[1:]]
        for name, sheet in ids.items():
            requests += [properties(sheet, name, "gridProperties.frozenRowCount"), *formats(name, sheet)]
        book.batch_update({"requests": requests + colours(0, 6) + colours(2, 7) + choices(1)})
        data = [{"range": f"{name}!A1", "values": [list(headers)]} for name, headers in TABS.items()]
        book.values_batch_update({"valueInputOption": "RAW", "data": data})

    def sync(self, facts: Facts) -> int:
        book = self.opened()
        read = book.values_batch_get(["KPIs", "Tracking"], {"valueRenderOption": "UNFORMATTED_VALUE"})
        (headers, *rows), grid = (answer["values"] for answer in read["valueRanges"])
        lines = [dict(zip(headers, row, strict=False)) for row in rows]
        new, changed = changes(lines, grid, facts)
        data: list[dict[str, Any]] = []
        if new:
            tracking = book.worksheet("Tracking")
            if len(grid) + len(new) > tracking.row_count:
                tracking.add_rows(len(grid) + len(new) - tracking.row_count)
            report = [report_row(line, max(facts)[1], row) for row, line in enumerate(lines, 2)]
            if len(report) >= 1000:
                book.worksheet("Report").resize(rows=len(report) + 1)
            data += [{"range": f"Tracking!A{len(grid) + 1}", "values": new}, {"range": "Report!A2", "values": report}]
        for row in changed:
            value = value_at(grid[row - 1], facts)
            data.append({"range": f"Tracking!D{row}", "values": [[value]]})
            data.append({"range": f"Tracking!K{row}:M{row}", "values": [[value, None, now()]]})
        if data:
            book.values_batch_update({"valueInputOption": "USER_ENTERED", "data": data})
        return len(new) + len(changed)

    def report(self) -> list[Cells]:
        return self.opened().values_get("Report")["values"]
