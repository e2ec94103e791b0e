"""Kills a whole `kpisheets sync` at every system call on a path or descriptor, and tells what each kill left.

    python scripts/checks/kill_everywhere.py [--every N] [--changing]

After each kill the workbook must be the old one byte for byte, or a complete new one as openpyxl reads it; backups must
be whole; and the next sync must succeed and leave no temporary file. Needs Linux, strace, and the test dependencies;
takes some minutes. `KPISHEETS_FAULTS=all pytest tests/faults/test_errors.py` does as much for errors.
"""

from __future__ import annotations

import argparse
import collections
import shutil
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.cli.conftest import CONFIG, LEADS, MONTHS, ORDERS, Folder, fill_catalogue  # noqa: E402
from tests.faults.runs import CHANGING, Nursery, counted, unavailable  # noqa: E402

ACTUALS = {
    **dict(zip([f"revenue|{month}" for month in MONTHS], (15.5, 20.25, 7), strict=True)),
    **dict(zip([f"orders|{month}" for month in MONTHS], (2, 1, 1), strict=True)),
    **dict(zip([f"leads|{month}" for month in MONTHS], (3, 4, 5), strict=True)),
}


def project(root: Path) -> Folder:
    folder = Folder(root)
    folder.write("kpisheets.toml", CONFIG)
    folder.write("data/orders.csv", ORDERS)
    folder.write("crm/leads.csv", LEADS)
    done = folder.run("provision")
    if done.code:
        raise SystemExit(done.err)
    fill_catalogue(folder)
    return folder


def is_complete(folder: Folder) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tab = folder.tab("Tracking")
    return {key: tab[key, "Actual"] for key in ACTUALS} == ACTUALS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="take every Nth system call only")
    parser.add_argument("--changing", action="store_true", help="take the calls that change something only")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, Nursery() as nursery:
        reason = unavailable(nursery)
        if reason:
            print(reason)
            return 1
        folder = project(Path(name) / "project")
        before = folder.book.read_bytes()
        backups = folder.root / ".kpisheets" / "backups"
        ended, log = nursery.traced("sync", folder.root)
        if ended.status != 0 or not is_complete(folder):
            raise SystemExit(f"a sync that nobody kills fails: {ended}")
        calls = {name: times for name, times in counted(log).items() if not chosen.changing or name in CHANGING}
        points = [(call, number) for call, times in calls.items() for number in range(1, times + 1)][:: chosen.every]
        print(f"{sum(calls.values())} system calls of {len(calls)} kinds; {len(points)} kills", flush=True)
        found: collections.Counter[str] = collections.Counter()
        wrong: list[str] = []
        started = time.monotonic()
        for place, (call, number) in enumerate(points, 1):
            folder.book.write_bytes(before)
            shutil.rmtree(folder.root / ".kpisheets", ignore_errors=True)
            ended, _ = nursery.traced("sync", folder.root, inject=f"{call}:signal=SIGKILL:when={number}")
            found["killed" if ended.status == -signal.SIGKILL else "ended before"] += 1
            is_old = folder.book.read_bytes() == before
            found["old" if is_old else "new"] += 1
            found["left a temporary file"] += any(folder.root.rglob("*.kpisheets-tmp"))
            faults = []
            if not is_old and not is_complete(folder):
                faults.append("neither old nor new")
            copies = list(backups.glob("*.xlsx"))
            if any(copy.read_bytes() != before for copy in copies):
                faults.append("half a backup")
            if not is_old and not copies:
                faults.append("no backup")
            following = nursery.run("sync", folder.root)
            if following.status != 0:
                faults.append(f"the next sync ended with {following.status}: {following.said.strip()}")
            elif not is_complete(folder):
                faults.append("the next sync did not complete it")
            if list(folder.root.rglob("*.kpisheets-tmp")):
                faults.append("not swept")
            wrong += [f"{call} {number}: {fault}" for fault in faults]
            if place % 100 == 0:
                print(f"{place:6} of {len(points)}, {len(wrong)} wrong", flush=True)
        for what, count in sorted(found.items()):
            print(f"{count:6} {what}")
        print(f"{len(wrong):6} wrong, in {time.monotonic() - started:.0f} s")
        print("\n".join(wrong))
        return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
