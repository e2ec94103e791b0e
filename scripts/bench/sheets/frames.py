"""gspread-dataframe for the cells, gspread-formatting for the looks. A frame is written whole."""

from __future__ import annotations

import gspread_formatting as looks
import pandas
from gspread_dataframe import get_as_dataframe, set_with_dataframe
from layout import (
    ACTUAL,
    AS_OF,
    CHOICES,
    COLOURS,
    NUMBERS,
    REPORT,
    SAID,
    SHARES,
    TABS,
    TRACKING,
    Cells,
    Facts,
    Rival,
    changes,
    now,
    report_row,
    value_at,
)  # fmt: skip


class Frames(Rival):
    name = "gspread-dataframe, gspread-formatting"

    def provision(self, title: str) -> None:
        book = self.client.create(title)
        self.id = book.id
        book.sheet1.update_title("Tracking")
        number, share = (
            looks.cellFormat(numberFormat=looks.numberFormat(kind, pattern))
            for kind, pattern in (("NUMBER", "#,##0.0"), ("PERCENT", "0.0%"))
        )
        bold = looks.cellFormat(textFormat=looks.textFormat(bold=True))
        for name, headers in TABS.items():
            tab = book.sheet1 if name == "Tracking" else book.add_worksheet(name, 1000, len(headers))
            set_with_dataframe(tab, pandas.DataFrame(columns=list(headers)))
            looks.format_cell_ranges(tab, [("1:1", bold), (NUMBERS[name], number), (SHARES[name], share)])
            looks.set_frozen(tab, rows=1)
            if name == "KPIs":
                for column, choices in CHOICES.items():
                    rule = looks.DataValidationRule(looks.BooleanCondition("ONE_OF_LIST", choices), showCustomUi=True)
                    looks.set_data_validation_for_cell_range(tab, column, rule)
                continue
            rules = looks.get_conditional_format_rules(tab)
            column = "G2:G" if name == "Tracking" else "H2:H"
            for word, (red, green, blue) in COLOURS.items():
                condition = looks.BooleanCondition("TEXT_EQ", [word])
                fill = looks.cellFormat(backgroundColor=looks.color(red, green, blue))
                rule = looks.BooleanRule(condition=condition, format=fill)
                area = looks.GridRange.from_a1_range(column, tab)
                rules.append(looks.ConditionalFormatRule(ranges=[area], booleanRule=rule))
            rules.save()

    def sync(self, facts: Facts) -> int:
        book = self.opened()
        tracking = book.worksheet("Tracking")
        lines = get_as_dataframe(book.worksheet("KPIs"), evaluate_formulas=True).to_dict("records")
        frame = get_as_dataframe(tracking, dtype=object)
        grid = [list(TRACKING), *frame.reindex(columns=TRACKING).to_numpy().tolist()]
        new, changed = changes(lines, grid, facts)
        if not new and not changed:
            return 0
        for row in changed:
            value = value_at(grid[row - 1], facts)
            grid[row - 1][ACTUAL], grid[row - 1][SAID], grid[row - 1][AS_OF] = value, value, now()
        for cells in grid[1:]:
            cells[1] = f"'{cells[1]}"
        set_with_dataframe(tracking, pandas.DataFrame([*grid[1:], *new], columns=list(TRACKING)), resize=True)
        if new:
            report = [report_row(line, max(facts)[1], row) for row, line in enumerate(lines, 2)]
            frame = pandas.DataFrame(report, columns=list(REPORT))
            set_with_dataframe(book.worksheet("Report"), frame, resize=True)
        return len(new) + len(changed)

    def report(self) -> list[Cells]:
        return get_as_dataframe(self.opened().worksheet("Report"), evaluate_formulas=True).to_numpy().tolist()
