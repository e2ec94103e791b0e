"""Changes 4,000 cells in 3,000 rows of a large workbook: kpisheets, openpyxl, wolfxl and the floor side by side.

Usage: python scripts/bench/editor.py [--rows 100000] [--rows 500000] [--runs 3] [--without openpyxl]

Two seconds are told of each, and compared alike with alike: ``process`` is the whole process as the system sees it,
with starting Python and importing; ``edit`` is measured inside that process, from opening the file to the new file's
being on the disk (fsync), after the imports and at the first call. ``processor`` and ``memory`` are those of the whole
process. The floor is a process that does no more than an edit cannot do without: it reads the file, unpacks the changed
sheet's part and packs it again with the same codec, and writes as many bytes with fsync; of ours, it imports the codec
alone. Medians of the runs, which take turns. Needs the extras ``bench`` and ``test``.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import random
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

CELLS, ROWS_CHANGED, COLUMNS = 4_000, 3_000, 13
SHEET, PART = "Data", "xl/worksheets/sheet1.xml"


# As an installed package runs: its compiled modules are kept.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Figure:
    """One alternative: seconds of the process, of the edit in it, of the processor; peak megabytes."""

    process: float
    edit: float
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


# --- the alternatives, each run in a process of its own: seconds that the edit takes once all is imported ---


def kpisheets(path: Path, rows: int) -> float:
    from kpisheets.backends.excel.ooxml import Book

    wanted, begun = changes(rows), time.perf_counter()
    edit = Book.open(path).edit()
    for row, column, value in wanted:
        edit.set(SHEET, row, column, value)
    if edit.write() != CELLS:
        raise SystemExit("not every cell was changed")
    return time.perf_counter() - begun


def openpyxl(path: Path, rows: int) -> float:
    from openpyxl import load_workbook

    wanted, begun = changes(rows), time.perf_counter()
    book = load_workbook(path)
    sheet = book[SHEET]
    for row, column, value in wanted:
        sheet.cell(row, column).value = value
    book.save(path)
    return time.perf_counter() - begun


def wolfxl(path: Path, rows: int) -> float:
    from wolfxl import load_workbook

    wanted, begun = changes(rows), time.perf_counter()
    book = load_workbook(str(path), modify=True)
    sheet = book[SHEET]
    for row, column, value in wanted:
        sheet.cell(row=row, column=column).value = value
    book.save(str(path))
    return time.perf_counter() - begun


def floor(path: Path, _: int) -> float:
    codec, begun = _codec(), time.perf_counter()
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(PART)
    lengths = struct.unpack_from("<2H", data, info.header_offset + 26)
    start = info.header_offset + 30 + sum(lengths)
    deflater, packed = codec.Deflater(), []
    for piece in codec.inflated(data, start, start + info.compress_size):
        packed.append(deflater.add(piece))
    packed.append(deflater.finish())
    with path.with_suffix(".floor").open("wb") as file:
        file.write(data[:start])
        file.writelines(packed)
        file.write(data[start + info.compress_size :])
        file.flush()
        os.fsync(file.fileno())
    return time.perf_counter() - begun


def _codec() -> Any:
    """The codec's module by itself: nothing else of the package is imported."""
    place = Path(__file__).parents[2] / "kpisheets/backends/excel/ooxml/codec.py"
    spec = importlib.util.spec_from_file_location("codec", place)
    if spec is None or spec.loader is None:
        raise SystemExit("there is no codec")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ALTERNATIVES = {"floor": floor, "kpisheets": kpisheets, "openpyxl": openpyxl, "wolfxl": wolfxl}


def measured(name: str, source: Path, rows: int) -> Figure:
    copy = source.with_name(f"{name}.xlsx")
    shutil.copy(source, copy)
    command = [sys.executable, __file__, "--alternative", name, "--path", str(copy), "--rows", str(rows)]
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
    said = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{name} ended with {process.returncode}")
    if name != "floor":
        check(name, copy, rows)
    return Figure(wall, float(said), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


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
        print(ALTERNATIVES[options.alternative](options.path, sizes[0]))
        return
    with tempfile.TemporaryDirectory(prefix="kpisheets-bench-") as folder:
        for rows in sizes:
            source = Path(folder) / f"{rows}.xlsx"
            maker = (
                "import sys; from pathlib import Path; import editor; editor.make(Path(sys.argv[1]), int(sys.argv[2]))"
            )
            here = str(Path(__file__).parent)
            subprocess.run([sys.executable, "-c", maker, str(source), str(rows)], check=True, cwd=here)
            runs: dict[str, list[Figure]] = {name: [] for name in ALTERNATIVES if name not in options.without}
            for turn in range(options.runs):
                for name, figures in runs.items():
                    if name != "openpyxl" or not turn:  # it takes minutes
                        figures.append(measured(name, source, rows))
            show(rows, {name: median(figures) for name, figures in runs.items()})


def median(figures: list[Figure]) -> Figure:
    return Figure(*(statistics.median(getattr(one, field.name) for one in figures) for field in fields(Figure)))


def show(rows: int, found: dict[str, Figure]) -> None:
    ours, least = found["kpisheets"], found["floor"]
    load = " ".join(Path("/proc/loadavg").read_text().split()[:3]) if Path("/proc/loadavg").exists() else "unknown"
    print(f"{CELLS:,} cells in {ROWS_CHANGED:,} of {rows:,} rows x {COLUMNS} columns (load {load})")
    print(f"{'':12}{'process':>9}{'edit':>9}{'processor':>11}{'memory':>10}   kpisheets is, process and edit")
    for name, one in found.items():
        ratios = f"{one.process / ours.process:5.1f}x and {one.edit / ours.edit:.1f}x as fast"
        if name == "kpisheets":
            ratios = f"{ours.process / least.process:5.1f}x and {ours.edit / least.edit:.1f}x the floor"
        shown = "" if name == "floor" else ratios
        seconds = f"{one.process:8.2f}s{one.edit:8.2f}s{one.cpu:10.2f}s"
        print(f"{name:12}{seconds}{one.peak:7.0f} MB   {shown}", flush=True)
    print()


if __name__ == "__main__":
    main()
