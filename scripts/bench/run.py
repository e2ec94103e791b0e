"""Runs kpisheets and the plain pandas + openpyxl script side by side and prints figures and ratios.

Usage: python scripts/bench/run.py [--kpis 200] [--periods 36] [--daily] [--runs 3]

Every figure is that of a whole process: wall seconds and peak memory, the median of the runs. ``--daily`` with
``--kpis 200 --periods 500`` is the case of 100,000 tracking rows. Needs the extra ``test`` (pandas, openpyxl, pyarrow).
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent


def measure(command: Sequence[str], cwd: Path) -> tuple[float, float]:
    """Wall seconds and peak memory (MB) of one run. Raises if it fails."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return time.perf_counter() - begun, usage.ru_maxrss / 1024


def scenario(*words: str) -> None:
    """Run scenario.py on its own: what this process has in memory would count as the children's peak."""
    subprocess.run([sys.executable, str(HERE / "scenario.py"), *words], check=True)


def median(runs: int, command: Sequence[str], cwd: Path, before: Callable[[], None]) -> tuple[float, float]:
    found = []
    for _ in range(runs):
        before()
        found.append(measure(command, cwd))
    return statistics.median(wall for wall, _ in found), statistics.median(peak for _, peak in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kpis", type=int, default=200)
    parser.add_argument("--periods", type=int, default=36)
    parser.add_argument("--daily", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    ours = [sys.executable, "-m", "kpisheets"]
    plain = [sys.executable, str(HERE / "plain_script.py")]
    with tempfile.TemporaryDirectory(prefix="kpisheets-bench-") as temporary:
        folder = Path(temporary) / "project"
        frequency = "Daily" if options.daily else "Monthly"
        scenario("prepare", str(folder), str(options.kpis), str(options.periods), frequency)
        workbook, other = folder / "Bench KPIs.xlsx", folder / "plain.xlsx"
        print(f"{options.kpis} KPIs x {options.periods} periods = {options.kpis * options.periods:,} rows")
        rows: list[tuple[str, tuple[float, float], tuple[float, float] | None]] = []

        def nothing() -> None:
            pass

        rows.append(("--help", median(options.runs, [*ours, "--help"], folder, nothing), None))
        rows.append(
            (
                "provision",
                median(options.runs, [*ours, "provision"], folder, lambda: workbook.unlink(missing_ok=True)),
                median(options.runs, [*plain, "provision", str(folder)], folder, nothing),
            )
        )
        scenario("fill", str(folder))
        rows.append(("check", median(options.runs, [*ours, "check"], folder, nothing), None))
        empty, other_empty = folder / "empty.xlsx", folder / "other-empty.xlsx"
        shutil.copy(workbook, empty)
        shutil.copy(other, other_empty)
        rows.append(
            (
                "first sync",
                median(options.runs, [*ours, "sync"], folder, lambda: _restore(empty, workbook)),
                median(options.runs, [*plain, "sync", str(folder)], folder, lambda: _restore(other_empty, other)),
            )
        )
        rows.append(
            (
                "second sync",
                median(options.runs, [*ours, "sync"], folder, nothing),
                median(options.runs, [*plain, "sync", str(folder)], folder, nothing),
            )
        )
        print(f"{'':12} {'kpisheets':>18} {'pandas + openpyxl':>20} {'time ratio':>11} {'memory ratio':>13}")
        for name, (wall, peak), alternative in rows:
            line = f"{name:12} {wall:8.2f} s {peak:5.0f} MB"
            if alternative:
                line += f" {alternative[0]:9.2f} s {alternative[1]:5.0f} MB {wall / alternative[0]:10.2f}x"
                line += f" {peak / alternative[1]:12.2f}x"
            print(line)


def _restore(source: Path, target: Path) -> None:
    shutil.copy(source, target)


if __name__ == "__main__":
    main()
