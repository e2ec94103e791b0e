"""Draws a Google spreadsheet as far as LibreOffice can: to look at widths, wraps, colours and alignment with one's own
eyes without an account.

Usage: python scripts/checks/google_look.py FOLDER [LANGUAGE] [PACK]…

A project on sample data is provisioned in the emulator of the tests and synced; FOLDER gets ``look.xlsx`` and, where
there is LibreOffice, ``look.pdf``. Charts, sparklines, dropdowns and the bands of tables are not drawn.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import requests
from openpyxl.formatting.rule import CellIsRule, FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter as letters

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from kpisheets.project import Project  # noqa: E402
from kpisheets.scaffold import create_project  # noqa: E402
from tests.sheets_emulator.emulator import Emulator  # noqa: E402

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SIDES = {"DOTTED": "dotted", "SOLID": "thin", "SOLID_MEDIUM": "medium", "SOLID_THICK": "thick"}
ACROSS = {"LEFT": "left", "RIGHT": "right", "CENTER": "center"}
DOWN = {"TOP": "top", "MIDDLE": "center", "BOTTOM": "bottom"}


def main(folder: Path, code: str = "en", *packs: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, Emulator() as google:
        project = Path(name, "Acme")
        create_project(
            project, templates=packs or ("sales",), language=code, backend="google", today=date(2026, 11, 24)
        )
        key = google.control.service_account("robot")
        (project / "key.json").write_text(json.dumps(key), encoding="utf-8")
        with (project / "kpisheets.toml").open("a", encoding="utf-8") as file:
            file.write(f'\n[google]\ncredentials = "key.json"\napi_root = "{google.url}"\n')
        Project.load(project, lambda: NOW).provision()
        Project.load(project, lambda: NOW).sync()
        [id] = google.control.spreadsheets()
        token = google.control.token(key["client_email"])
        answer = requests.get(
            f"{google.url}/v4/spreadsheets/{id}?includeGridData=true",
            headers={"Authorization": f"Bearer {token}"},
            timeout=300,
        )
        draw(answer.json(), folder / "look.xlsx")
    if soffice := shutil.which("soffice"):
        wanted = [soffice, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(folder / "look.xlsx")]
        subprocess.run(wanted, check=True, timeout=300)


def draw(spreadsheet: Mapping[str, Any], path: Path) -> None:
    """Write a spreadsheet, as the API gives it, as an Excel file."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet in spreadsheet["sheets"]:
        if not sheet["properties"].get("hidden"):
            _sheet(book.create_sheet(sheet["properties"]["title"]), sheet)
    book.save(path)


def _sheet(drawn: Any, sheet: Mapping[str, Any]) -> None:
    grid, data = sheet["properties"]["gridProperties"], sheet["data"][0]
    drawn.sheet_view.showGridLines = not grid.get("hideGridlines")
    drawn.page_setup.orientation, drawn.page_setup.fitToHeight = "landscape", 0
    drawn.sheet_properties.pageSetUpPr.fitToPage = True
    for number, column in enumerate(data.get("columnMetadata", ()), 1):
        dimension = drawn.column_dimensions[letters(number)]
        dimension.width, dimension.hidden = column["pixelSize"] / 7, bool(column.get("hiddenByUser"))
    for number, row in enumerate(data.get("rowMetadata", ()), 1):
        dimension = drawn.row_dimensions[number]
        dimension.height, dimension.hidden = row["pixelSize"] * 0.75, bool(row.get("hiddenByUser"))
    for number, row in enumerate(data.get("rowData", ()), 1):
        for column, cell in enumerate(row.get("values", ()), 1):
            _cell(drawn.cell(number, column), cell)
    for area in sheet.get("merges", ()):
        drawn.merge_cells(_a1(area, grid))
    for rule in sheet.get("conditionalFormats", ()):
        _rule(drawn, rule, grid)


def _cell(drawn: Any, cell: Mapping[str, Any]) -> None:
    value = next(iter(cell.get("effectiveValue", {}).values()), None)
    drawn.value = value["type"] if isinstance(value, dict) else value
    if isinstance(value, str):
        drawn.data_type = "s"
    look = cell.get("effectiveFormat", {})
    text, padding = look.get("textFormat", {}), look.get("padding", {})
    drawn.font = Font(
        name=text.get("fontFamily"),
        size=text.get("fontSize"),
        bold=text.get("bold"),
        italic=text.get("italic"),
        color=_hex(text.get("foregroundColorStyle")),
    )
    fill = _hex(look.get("backgroundColorStyle"))
    if fill not in (None, "FFFFFF"):
        drawn.fill = PatternFill("solid", fgColor=fill)
    across = look.get("horizontalAlignment")
    indent = round((padding.get("right" if across == "RIGHT" else "left", 3) - 3) / 9)
    drawn.alignment = Alignment(
        horizontal=ACROSS.get(across, "left" if indent else None),
        vertical=DOWN.get(look.get("verticalAlignment")),
        wrap_text=look.get("wrapStrategy") == "WRAP",
        indent=indent,
    )
    edges = {side: edge for side, edge in look.get("borders", {}).items() if edge.get("style") in SIDES}
    drawn.border = Border(
        **{side: Side(SIDES[edge["style"]], color=_hex(edge.get("colorStyle"))) for side, edge in edges.items()}
    )
    drawn.number_format = look.get("numberFormat", {}).get("pattern", "General")


def _rule(drawn: Any, rule: Mapping[str, Any], grid: Mapping[str, Any]) -> None:
    wanted, look = rule["booleanRule"]["condition"], rule["booleanRule"]["format"]
    text = look.get("textFormat", {})
    font = Font(color=_hex(text.get("foregroundColorStyle")), bold=text.get("bold"))
    fill = PatternFill(bgColor=_hex(look["backgroundColorStyle"])) if "backgroundColorStyle" in look else None
    value = wanted["values"][0]["userEnteredValue"]
    for area in rule["ranges"]:
        if wanted["type"] == "CUSTOM_FORMULA":
            made = FormulaRule([value.removeprefix("=").replace(";", ",")], font=font, fill=fill)
        else:
            made = CellIsRule("equal", [f'"{value}"' if wanted["type"] == "TEXT_EQ" else value], font=font, fill=fill)
        drawn.conditional_formatting.add(_a1(area, grid), made)


def _a1(area: Mapping[str, int], grid: Mapping[str, int]) -> str:
    first = f"{letters(area['startColumnIndex'] + 1)}{area['startRowIndex'] + 1}"
    return f"{first}:{letters(area['endColumnIndex'])}{area.get('endRowIndex', grid['rowCount'])}"


def _hex(style: Mapping[str, Any] | None) -> str | None:
    if not style or "rgbColor" not in style:
        return None
    return "".join(f"{round(style['rgbColor'].get(part, 0) * 255):02X}" for part in ("red", "green", "blue"))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), *sys.argv[2:])
