"""Edits every workbook of a corpus and lets LibreOffice and IronCalc judge the stored values that were refreshed.

    python scripts/checks/recalc_judges.py [--folder ../shared/corpus/workbooks] [--sample N] [--cells 20]

Some numbers that people typed are changed in a copy of each workbook, and the values of formulas that depend on them
are refreshed as a sync does it. Each value that changed is compared with what a judge computes for that cell. A judge
is asked only of cells whose value it reproduces in the workbook as it was: where it does not, it knows another
language.
Prints counts and what differs; exits with 1 where anything does. Needs the extra ``test`` and LibreOffice.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from kpisheets.backends.excel.ooxml import Book, Edit  # noqa: E402
from kpisheets.backends.excel.recalc import refresh  # noqa: E402
from kpisheets.errors import KpisheetsError  # noqa: E402
from tests.excel_recalc.conftest import agree, shown  # noqa: E402
from tests.libreoffice import recalculated  # noqa: E402

Cells = Mapping[tuple[str, str], Any]
_ROWS, _COLUMNS = 200, 40
"""Of each tab, the block in which cells are changed."""


def numbers(book: Book, most: int, choose: random.Random) -> list[tuple[str, int, int, float]]:
    """Some cells with numbers that no formula computes."""
    found = []
    for sheet in book.sheets:
        try:
            grid = book.grid(sheet)
        except KpisheetsError:
            continue
        for column in range(grid.left, min(grid.right, grid.left + _COLUMNS) + 1):
            bottom = min(grid.bottom, grid.top + _ROWS)
            values, formulas = grid.column(column, grid.top, bottom), grid.formulas(column, grid.top, bottom)
            found += [
                (sheet, row, column, float(value))
                for row, (value, formula) in enumerate(zip(values, formulas, strict=True), grid.top)
                if formula is None and isinstance(value, (int, float)) and not isinstance(value, bool)
            ]
    return choose.sample(found, min(most, len(found)))


def edited(path: Path, cells: int, choose: random.Random) -> tuple[int, int]:
    """Changes the workbook; how many formulas were refreshed, and how many left."""
    book = Book.open(path)
    edit: Edit = book.edit()
    for sheet, row, column, value in numbers(book, cells, choose):
        try:
            edit.set(sheet, row, column, round(value * 1.25 + 1, 4))
        except KpisheetsError:
            continue
    done = refresh(book, edit)
    if done.refreshed:
        edit.write()
    return done.refreshed, done.left


def flat(tabs: Mapping[str, Mapping[str, Any]]) -> Cells:
    return {(tab, cell): value for tab, cells in tabs.items() for cell, value in cells.items()}


def computed(path: Path) -> set[tuple[str, str]]:
    """The cells that hold formulas."""
    book = openpyxl.load_workbook(path)
    return {
        (sheet.title, cell.coordinate)
        for sheet in book.worksheets
        for row in sheet
        for cell in row
        if cell.data_type == "f"
    }


def by_libreoffice(path: Path, folder: Path) -> Cells:
    return flat(recalculated(shutil.which("soffice") or "libreoffice", path, folder))


def by_ironcalc(path: Path, folder: Path) -> Cells:
    """Its own values of the whole workbook, through a file that it writes."""
    import ironcalc

    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.evaluate()
    folder.mkdir(exist_ok=True)
    model.save_to_xlsx(str(folder / "out.xlsx"))
    return flat(shown(folder / "out.xlsx"))


JUDGES = {"LibreOffice": by_libreoffice, "IronCalc": by_ironcalc}


def judged(before: Path, after: Path, folder: Path, told: Counter[str]) -> list[str]:
    """What the judges say otherwise."""
    old, new = flat(shown(before)), flat(shown(after))
    formulas = computed(after)
    changed = {place for place in formulas & old.keys() & new.keys() if not agree(old[place], new[place])}
    told["values changed"] += len(changed)
    found = []
    for name, ask in JUDGES.items():
        try:
            first, then = ask(before, folder / f"{name} before"), ask(after, folder / f"{name} after")
        except BaseException as error:  # a judge that falls over, in whatever way, has no say
            told[f"{name} could not read"] += 1
            if isinstance(error, KeyboardInterrupt):
                raise
            continue
        for place in sorted(changed):
            if place not in first or place not in then or not agree(old[place], first[place]):
                continue
            told[f"{name} judged"] += 1
            if not agree(new[place], then[place]):
                told[f"{name} differs"] += 1
                found.append(f"{place[0]}!{place[1]}: stored {new[place]!r}, {name} says {then[place]!r}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT.parent / "shared" / "corpus" / "workbooks")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--cells", type=int, default=20)
    asked = parser.parse_args()
    paths = sorted(path for path in asked.folder.rglob("*") if path.suffix in (".xlsx", ".xlsm"))
    if not paths:
        raise SystemExit(f"there are no workbooks in {asked.folder}; --folder names another")
    if asked.sample:
        paths = sorted(random.Random(1).sample(paths, min(asked.sample, len(paths))))
    told: Counter[str] = Counter()
    wrong = 0
    warnings.simplefilter("ignore")
    for number, path in enumerate(paths, 1):
        told["workbooks"] += 1
        with tempfile.TemporaryDirectory(prefix="recalc-") as folder:
            before, after = (Path(folder, f"{name}{path.suffix}") for name in ("before", "after"))
            for copy in (before, after):
                shutil.copyfile(path, copy)
            try:
                refreshed, left = edited(after, asked.cells, random.Random(number))
            except KpisheetsError:
                told["refused"] += 1
                continue
            told["formulas refreshed"] += refreshed
            told["formulas left to recalculation"] += left
            told["workbooks with refreshed values"] += bool(refreshed)
            try:
                found = judged(before, after, Path(folder), told) if refreshed else []
            except Exception as error:  # openpyxl, which reads the stored values, does not read every workbook
                told[f"not read back ({type(error).__name__})"] += 1
                continue
        for line in found:
            print(f"{path.relative_to(asked.folder)}: {line}", flush=True)
        wrong += len(found)
        if number % 50 == 0:
            print(f"… {number} of {len(paths)}: {dict(told)}", file=sys.stderr, flush=True)
    for what, count in told.items():
        print(f"{count:8,} {what}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
