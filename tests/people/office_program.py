"""Runs under the Python that LibreOffice's UNO bindings belong to: obeys one JSON command per line of stdin.

The office program is its child, with a profile of its own, and ends with it. A command is ``[verb, argument, …]``; the
answer is ``{"ok": …}`` or ``{"error": …}``. Cells are counted from 1, as in A1.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.table import CellRangeAddress, TableSortField

_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item>
</oor:items>
"""


def _property(name, value):
    found = PropertyValue()
    found.Name, found.Value = name, value
    return found


class Office:
    def __init__(self, program, folder):
        profile, pipe = Path(folder) / "profile", f"people{os.getpid()}"
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
        self.process = subprocess.Popen(
            [
                program,
                f"-env:UserInstallation={profile.as_uri()}",
                f"--accept=pipe,name={pipe};urp;",
                *("--headless", "--norestore", "--nologo", "--nodefault"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        for _ in range(600):
            with contextlib.suppress(Exception):
                context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
                break
            if self.process.poll() is not None:
                raise RuntimeError(f"the office program ended with {self.process.returncode}")
            time.sleep(0.1)
        else:
            raise RuntimeError("the office program did not answer")
        self.desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        self.document = None

    def end(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    # --- commands ---

    def open(self, path):
        self.document = self.desktop.loadComponentFromURL(
            Path(path).as_uri(), "_blank", 0, (_property("Hidden", True),)
        )
        self.document.calculateAll()

    def save(self):
        self.document.storeToURL(
            self.document.URL, (_property("FilterName", "Calc MS Excel 2007 XML"), _property("Overwrite", True))
        )

    def close(self):
        self.document.close(True)
        self.document = None

    def cells(self):
        """Tab → cell → [formula or null, value]; an error is ``{"error": code}``."""
        found = {}
        for sheet in self.document.Sheets:
            cells = found[sheet.Name] = {}
            cursor = sheet.createCursor()
            cursor.gotoEndOfUsedArea(False)
            last = cursor.RangeAddress
            area = sheet.getCellRangeByPosition(0, 0, last.EndColumn, last.EndRow)
            rows = zip(area.getDataArray(), area.getFormulaArray(), strict=True)
            for row, (values, formulas) in enumerate(rows):
                for column, (value, formula) in enumerate(zip(values, formulas, strict=True)):
                    if formula.startswith("="):
                        cell = sheet.getCellByPosition(column, row) if value is None else None
                        shown = {"error": cell.getError()} if cell is not None and cell.getError() else value
                        cells[f"{row + 1},{column + 1}"] = [formula, shown]
                    elif formula:
                        cells[f"{row + 1},{column + 1}"] = [None, value]
        return found

    def type(self, sheet, row, column, text):
        """Type a text as a person would: a number, a formula or words; ``null`` clears."""
        cell = self._sheet(sheet).getCellByPosition(column - 1, row - 1)
        if text is None:
            cell.String = ""
        elif isinstance(text, (int, float)):
            cell.Value = text
        elif text.startswith("="):
            cell.Formula = text
        else:
            cell.String = text
        self.document.calculate()

    def sort(self, sheet, left, top, right, bottom, by, descending):
        """Sort the rows of an area, header excluded, by the column ``by``."""
        area = self._sheet(sheet).getCellRangeByPosition(left - 1, top - 1, right - 1, bottom - 1)
        field = TableSortField()
        field.Field, field.IsAscending = by - left, not descending
        fields = uno.Any("[]com.sun.star.table.TableSortField", (field,))
        order = PropertyValue()
        order.Name, order.Value = "SortFields", fields
        uno.invoke(area, "sort", ((order, _property("ContainsHeader", False)),))

    def insert_rows(self, sheet, at, count):
        self._sheet(sheet).Rows.insertByIndex(at - 1, count)

    def delete_rows(self, sheet, at, count):
        self._sheet(sheet).Rows.removeByIndex(at - 1, count)

    def insert_columns(self, sheet, at, count):
        self._sheet(sheet).Columns.insertByIndex(at - 1, count)

    def delete_columns(self, sheet, at, count):
        self._sheet(sheet).Columns.removeByIndex(at - 1, count)

    def move_column(self, sheet, source, target):
        """Cut a whole column and insert it before the column ``target``."""
        found = self._sheet(sheet)
        found.Columns.insertByIndex(target - 1, 1)
        source += source >= target
        last = found.Rows.Count - 1
        index = found.RangeAddress.Sheet
        area = CellRangeAddress(index, source - 1, 0, source - 1, last)
        found.moveRange(found.getCellByPosition(target - 1, 0).CellAddress, area)
        found.Columns.removeByIndex(source - 1, 1)

    def rename_tab(self, sheet, name):
        self._sheet(sheet).Name = name

    def add_tab(self, name):
        self.document.Sheets.insertNewByName(name, self.document.Sheets.Count)

    def filter(self, sheet, left, top, right, bottom, column, text):
        """Show the rows whose ``column`` holds ``text``."""
        area = self._sheet(sheet).getCellRangeByPosition(left - 1, top - 1, right - 1, bottom - 1)
        settings = area.createFilterDescriptor(True)
        field = uno.createUnoStruct("com.sun.star.sheet.TableFilterField")
        field.Field, field.IsNumeric, field.StringValue = column - left, False, text
        field.Operator = uno.Enum("com.sun.star.sheet.FilterOperator", "EQUAL")
        settings.ContainsHeader = True
        uno.invoke(settings, "setFilterFields", (uno.Any("[]com.sun.star.sheet.TableFilterField", (field,)),))
        area.filter(settings)

    def hide_column(self, sheet, column):
        self._sheet(sheet).Columns.getByIndex(column - 1).IsVisible = False

    def _sheet(self, name):
        return self.document.Sheets.getByName(name)


def main():
    with tempfile.TemporaryDirectory(prefix="people-office-") as folder:
        office = Office(sys.argv[1], folder)
        try:
            print(json.dumps({"ok": "ready"}), flush=True)
            for line in sys.stdin:
                verb, *arguments = json.loads(line)
                try:
                    answer = {"ok": getattr(office, verb)(*arguments)}
                except Exception as error:
                    answer = {"error": f"{verb}: {type(error).__name__} {error}"}
                print(json.dumps(answer), flush=True)
        finally:
            office.end()


if __name__ == "__main__":
    main()
