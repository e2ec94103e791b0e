"""gspread as its first examples show it: ``update_cell`` for each cell, ``format`` for each range."""

from __future__ import annotations

from layout import ACTUAL, AS_OF, NUMBERS, SAID, SHARES, TABS, Cells, Facts, Rival, changes, now, report_row, value_at
from looks import choices, colours


class CellByCell(Rival):
    name = "gspread, cell by cell"

    def provision(self, title: str) -> None:
        book = self.client.create(title)
        self.id = book.id
        tabs = [book.sheet1, *(book.add_worksheet(name, 1000, len(TABS[name])) for name in list(TABS)[1:])]
        tabs[0].update_title("Tracking")
        for tab, (name, headers) in zip(tabs, TABS.items(), strict=True):
            for column, header in enumerate(headers, 1):
                tab.update_cell(1, column, header)
            tab.format("1:1", {"textFormat": {"bold": True}})
            tab.format(NUMBERS[name], {"numberFormat": {"type": "NUMBER", "pattern": "#,##0.0"}})
            tab.format(SHARES[name], {"numberFormat": {"type": "PERCENT", "pattern": "0.0%"}})
            tab.freeze(rows=1)
        for request in colours(tabs[0].id, 6) + colours(tabs[2].id, 7) + choices(tabs[1].id):
            book.batch_update({"requests": [request]})

    def sync(self, facts: Facts) -> int:
        book = self.opened()
        tracking, report = book.worksheet("Tracking"), book.worksheet("Report")
        lines = book.worksheet("KPIs").get_all_records()
        grid = tracking.get_all_values(value_render_option="UNFORMATTED_VALUE")  # type: ignore[arg-type]
        new, changed = changes(lines, grid, facts)
        if len(grid) + len(new) > tracking.row_count:
            tracking.add_rows(len(grid) + len(new) - tracking.row_count)
        for row, cells in enumerate(new, len(grid) + 1):
            for column, cell in enumerate(cells, 1):
                if cell != "":
                    tracking.update_cell(row, column, cell)
        for row in changed:
            value = value_at(grid[row - 1], facts)
            for column, cell in ((ACTUAL, value), (SAID, value), (AS_OF, now())):
                tracking.update_cell(row, column + 1, cell)
        if new:
            for row, line in enumerate(lines, 2):
                for column, cell in enumerate(report_row(line, max(facts)[1], row), 1):
                    report.update_cell(row, column, cell)
        return len(new) + len(changed)

    def report(self) -> list[Cells]:
        return self.opened().worksheet("Report").get_all_values()
