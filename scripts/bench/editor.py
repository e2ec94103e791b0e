"""Changes 4,000 cells in 3,000 rows of a large workbook: kpisheets, openpyxl, wolfxl and the floor side by side.

Usage: python scripts/bench/editor.py [--rows 100000] [--rows 500000] [--runs 3] [--without openpyxl]

Every figure is that of a whole process: median wall seconds, median seconds of processor time, and peak memory. The
floor unpacks the sheet's part and packs it again with the same codec, and does nothing else; its seconds are those of
that work alone, without starting a process. Needs the extras ``bench`` and ``test``.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

CELLS, ROWS_CHANGED, COLUMNS = 4_000, 3_000, 13
SHEET, PART = "Data", "xl/worksheets/sheet1.xml"


# As an installed package runs: its compiled modules are kept.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Figure:
    """One alternative: seconds of wall and processor, peak megabytes."""

    wall: float
    cpu: float
    peak: float


def changes(rows: int) -> list[tuple[int, int, float | str]]:
    """The cells to change: one number in each of 3,000 rows, and a text beside it in every third."""
    rng = random.Random(1)
    found: list[tuple[int, int, float | str]] = []
    for at, row in enumerate(sorted(rng.sample(range(2, rows + 2), ROWS_CHANGED))):
        found.append((row, 5, at * 1.5))
        if at % 3 == 0:
            found.append((row, 10, f"note {at}"))
    return found[:CELLS]


def make(path: Path, rows: int) -> None:
    """A workbook with a table of 13 columns, formulas with values, a conditional format and a validation."""
    import datetime as dt

    import xlsxwriter

    book = xlsxwriter.Workbook(str(path))
    date, number = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "#,##0.0"})
    sheet = book.add_worksheet(SHEET)
    heads = ("Key", "KPI", "Period", "Target", "Actual", "Variance", "Variance %", "Status", "Owner", "Comment")
    heads = (*heads, "Source value", "Source", "As of")
    begun = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - cells have no time zone
    for row in range(1, rows + 1):
        target, actual, line = 200 + row % 7, 180.25 + row % 50, row + 1
        status = "Met" if actual >= target else "Missed"
        sheet.write_string(row, 0, f"k{row % 200:03}|{row // 200:05}")
        sheet.write_string(row, 1, f"KPI {row % 200}")
        sheet.write_string(row, 2, f"{2000 + row // 5000}-{row % 12 + 1:02}")
        sheet.write_number(row, 3, target, number)
        sheet.write_number(row, 4, actual, number)
        sheet.write_formula(row, 5, f"=E{line}-D{line}", number, actual - target)
        share = f'=IF(D{line}=0,"",(E{line}-D{line})/ABS(D{line}))'
        sheet.write_formula(row, 6, share, number, (actual - target) / target)
        sheet.write_formula(row, 7, f'=IF(E{line}>=D{line},"Met","Missed")', None, status)
        sheet.write_string(row, 8, f"Owner {row % 20}")
        if row % 10 == 0:
            sheet.write_string(row, 9, f"comment {row}")
        sheet.write_number(row, 10, actual, number)
        sheet.write_string(row, 11, "shop.revenue")
        sheet.write_datetime(row, 12, begun + dt.timedelta(hours=row % 5000), date)
    sheet.add_table(0, 0, rows, COLUMNS - 1, {"name": "data", "columns": [{"header": head} for head in heads]})
    green = book.add_format({"font_color": "green"})
    sheet.conditional_format(
        1, 7, rows, 7, {"type": "text", "criteria": "begins with", "value": "Met", "format": green}
    )
    sheet.data_validation(1, 8, rows, 8, {"validate": "list", "source": ["Owner 1", "Owner 2"]})
    book.add_worksheet("Other").write("A1", "text")
    book.close()


# --- the alternatives, each run in a process of its own ---


def kpisheets(path: Path, rows: int) -> None:
    from kpisheets.backends.excel.ooxml import Book

    edit = Book.open(path).edit()
    for row, column, value in changes(rows):
        edit.set(SHEET, row, column, value)
    if edit.write() != CELLS:
        raise SystemExit("not every cell was changed")


def openpyxl(path: Path, rows: int) -> None:
    from openpyxl import load_workbook

    book = load_workbook(path)
    sheet = book[SHEET]
    for row, column, value in changes(rows):
        sheet.cell(row, column).value = value
    book.save(path)


def wolfxl(path: Path, rows: int) -> None:
    from wolfxl import load_workbook

    book = load_workbook(str(path), modify=True)
    sheet = book[SHEET]
    for row, column, value in changes(rows):
        sheet.cell(row=row, column=column).value = value
    book.save(str(path))


ALTERNATIVES = {"kpisheets": kpisheets, "openpyxl": openpyxl, "wolfxl": wolfxl}


def floor(path: Path) -> float:
    """Seconds to unpack the sheet's part and pack it again, piece by piece; the best of five."""
    from kpisheets.backends.excel.ooxml.codec import Deflater
    from kpisheets.backends.excel.ooxml.package import Package

    package, best = Package(path.read_bytes(), path.name), float("inf")
    for _ in range(5):
        begun = time.perf_counter()
        deflater = Deflater()
        for piece in package.stream(PART):
            deflater.add(piece)
        deflater.finish()
        best = min(best, time.perf_counter() - begun)
    return best


def measured(name: str, source: Path, rows: int) -> Figure:
    copy = source.with_name(f"{name}.xlsx")
    shutil.copy(source, copy)
    command = [sys.executable, __file__, "--alternative", name, "--path", str(copy), "--rows", str(rows)]
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=ENVIRONMENT)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{name} ended with {process.returncode}")
    check(name, copy, rows)
    return Figure(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def check(name: str, path: Path, rows: int) -> None:
    """The last change is in the file; calamine would need the memory of the whole sheet, a look at the XML does not."""
    row, column, value = changes(rows)[-2]
    with zipfile.ZipFile(path) as archive, archive.open(PART) as part:
        before = b""
        name_of_cell = f'r="{chr(64 + column)}{row}"'.encode()
        while piece := part.read(1 << 20):
            at = (before + piece).find(name_of_cell)
            if at >= 0:
                cell = (before + piece + part.read(200))[at : at + 200]
                if f"<v>{value:g}</v>".encode() in cell.replace(b".0<", b"<"):
                    return
                break
            before = piece[-100:]
    raise SystemExit(f"{name} did not write {value} into row {row}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, action="append")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--without", action="append", default=[], choices=ALTERNATIVES)
    parser.add_argument("--alternative", choices=ALTERNATIVES, help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    sizes = options.rows or [100_000, 500_000]
    if options.alternative:
        ALTERNATIVES[options.alternative](options.path, sizes[0])
        return
    with tempfile.TemporaryDirectory(prefix="kpisheets-bench-") as folder:
        for rows in sizes:
            source = Path(folder) / f"{rows}.xlsx"
            maker = (
                "import sys; from pathlib import Path; import editor; editor.make(Path(sys.argv[1]), int(sys.argv[2]))"
            )
            here = str(Path(__file__).parent)
            subprocess.run([sys.executable, "-c", maker, str(source), str(rows)], check=True, cwd=here)
            least = floor(source)
            print(f"{CELLS:,} cells in {ROWS_CHANGED:,} of {rows:,} rows x {COLUMNS} columns")
            print(f"{'':12}{'wall':>9}{'processor':>11}{'memory':>10}{'kpisheets is':>16}")
            print(f"{'floor':12}{least:8.2f}s")
            found: dict[str, Figure] = {}
            for name in ALTERNATIVES:
                if name not in options.without:
                    runs = [measured(name, source, rows) for _ in range(1 if name == "openpyxl" else options.runs)]
                    found[name] = Figure(*(statistics.median(run) for run in zip(*map(_values, runs), strict=True)))
            ours = found["kpisheets"]
            for name, figure in found.items():
                ratio = f"{figure.wall / ours.wall:5.1f}x as fast" if name != "kpisheets" else ""
                if name == "kpisheets":
                    ratio = f"{ours.wall / least:5.1f}x the floor"
                print(f"{name:12}{figure.wall:8.2f}s{figure.cpu:10.2f}s{figure.peak:7.0f} MB{ratio:>17}", flush=True)
            print()


def _values(figure: Figure) -> tuple[float, float, float]:
    return figure.wall, figure.cpu, figure.peak


if __name__ == "__main__":
    main()
