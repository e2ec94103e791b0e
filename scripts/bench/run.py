"""Runs kpisheets and the plain pandas + openpyxl script side by side and prints figures and ratios.

Usage: python scripts/bench/run.py [--rows 100000] [--kpis 200] [--runs 3]

The tracking table has ROWS rows, in days of KPIS KPIs; each row sums up ten records of a Parquet file. Every figure is
that of a whole process, the median of the runs: wall seconds, processor seconds (user and system, which other work on
the machine disturbs less), peak memory. The two run in turn. Needs the extra ``test`` (pandas, openpyxl, pyarrow).
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
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Cost:
    """Wall and processor seconds, peak memory in MB."""

    wall: float
    cpu: float
    peak: float

    def __str__(self) -> str:
        return f"{self.wall:7.2f} s {self.cpu:7.2f} s {self.peak:6.0f} MB"


# As an installed package runs: its compiled modules are kept.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def measure(command: Sequence[str], cwd: Path) -> Cost:
    """One run. Exits if it fails."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Cost(time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def median(costs: Sequence[Cost]) -> Cost:
    return Cost(*(statistics.median(getattr(cost, name) for cost in costs) for name in ("wall", "cpu", "peak")))


def in_turn(
    runs: int, commands: Sequence[Sequence[str]], cwd: Path, before: Callable[[], None] = lambda: None
) -> list[Cost]:
    """The median cost of each command, after ``before``; the commands take turns."""
    found: list[list[Cost]] = [[] for _ in commands]
    for _ in range(runs):
        before()
        for costs, command in zip(found, commands, strict=True):
            costs.append(measure(command, cwd))
    return [median(costs) for costs in found]


def scenario(*words: str) -> None:
    """Run scenario.py on its own: what this process has in memory would count as the children's peak."""
    subprocess.run([sys.executable, str(HERE / "scenario.py"), *words], check=True)


def show(name: str, costs: Sequence[Cost]) -> None:
    line = f"{name:28} {costs[0]}"
    if len(costs) > 1:
        ours, plain = costs
        line += f"   {plain}   {plain.wall / ours.wall:6.1f} {plain.cpu / ours.cpu:7.1f} {plain.peak / ours.peak:7.1f}"
    print(line, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--kpis", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    periods = max(options.rows // options.kpis, 4)
    ours = [sys.executable, "-m", "kpisheets"]
    with tempfile.TemporaryDirectory(prefix="kpisheets-bench-") as temporary:
        folder = Path(temporary) / "project"
        scenario("prepare", str(folder), str(options.kpis), str(periods))
        workbook, other = folder / "Bench KPIs.xlsx", folder / "plain.xlsx"
        both = ([*ours, "sync"], [sys.executable, str(HERE / "plain_script.py"), str(folder)])
        print(f"{options.kpis} KPIs x {periods} days = {options.kpis * periods:,} rows; median of {options.runs}")
        heads = f"{'wall':>7}   {'processor':>9} {'peak':>6}"
        print(f"{'':28} {'kpisheets':^30}  {'pandas + openpyxl':^31} {'times less':^24}")
        print(f"{'':28} {heads:30}  {heads:31} {'wall':>6} {'proc.':>7} {'memory':>7}")
        show("--help", in_turn(options.runs, [[*ours, "--help"]], folder))
        show("provision", in_turn(options.runs, [[*ours, "provision"]], folder, lambda: workbook.unlink(True)))
        scenario("fill", str(folder))
        empty, full, other_full = folder / "empty", folder / "full", folder / "other-full"
        shutil.copy(workbook, empty)

        def start(mine: Path, others: Path) -> Callable[[], None]:
            def restore() -> None:
                shutil.copy(mine, workbook)
                shutil.copy(others, other)

            return restore

        show("first sync, all rows new", in_turn(options.runs, both, folder, start(empty, empty)))
        shutil.copy(workbook, full)
        shutil.copy(other, other_full)
        synced = start(full, other_full)
        show("second sync, nothing new", in_turn(options.runs, both, folder, synced))
        scenario("late", str(folder))
        show("second sync, late records", in_turn(options.runs, both, folder, synced))
        show("check", in_turn(options.runs, [[*ours, "check"]], folder))


if __name__ == "__main__":
    main()
