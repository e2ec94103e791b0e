"""Grafts KPI tabs into every workbook of a corpus, syncs each twice, and lets independent judges look for damage.

Usage: python scripts/corpus/run.py [--folder ../shared/corpus/workbooks] [--sample N] [--jobs 1] [--report out.json]
       [--quick] [--resume] [--only TEXT]

A workbook is either refused, in one line and untouched, or grafted; then every entry that need not change must be the
same, compressed bytes included, and openpyxl, calamine, LibreOffice, the Open XML SDK and our linter must find what
they found before and no new fault. Prints counts and offenders; exits with 1 where there are any. Needs the extra
``test``; LibreOffice with its Python bindings, and npm (for the SDK), where they are to judge. What the judges say of
the originals is kept in .cache/corpus. ``--resume`` goes on with a report that was not finished. ``--quick`` grafts,
does not sync, and leaves out the slow judges (LibreOffice, the SDK).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import judging
import validator
from worker import Worker

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CACHE = ROOT / ".cache" / "corpus"
SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xltx", ".xltm", ".xls")
SECONDS = 30
TODAY, START = date(2026, 11, 23), date(2026, 8, 1)


class Bench:
    """One project's folder and one of each judge; used by one thread."""

    def __init__(self, folder: Path, sdk: list[str] | None, *, quick: bool = False) -> None:
        self.folder, self._sdk, self._quick = folder, sdk, quick
        python = [sys.executable]
        self.subject = Worker("kpisheets", [*python, str(HERE / "subject.py")])
        self.readers = {
            name: Worker(name, [*python, str(HERE / "readers.py"), name]) for name in ("openpyxl", "calamine")
        }
        soffice, uno = shutil.which("soffice"), _python_with_uno()
        if soffice and uno and not quick:
            self.readers["LibreOffice"] = Worker("LibreOffice", [uno, str(HERE / "office.py"), soffice])
        self._prepare()

    def _prepare(self) -> None:
        """A project of the sales pack with its sample data, and the same data a week later, changed."""
        from kpisheets.scaffold import create_project

        project = self.folder / "project"
        create_project(project, templates=["sales"], language="en", backend="excel", today=TODAY + timedelta(days=7))
        config = project / "kpisheets.toml"
        text = config.read_text(encoding="utf-8")
        text = re.sub(r'active_from = "[^"]*"', f'active_from = "{START}"', text)
        self._config = re.sub(r'(\[workbook\].*?path = )"[^"]*"', r'\1"{book}"', text, flags=re.DOTALL)
        for name, until, factor in (("data-before", TODAY, 1), ("data-after", TODAY + timedelta(days=7), 2)):
            (self.folder / name).mkdir()
            for source in (project / "data").glob("*.csv"):
                (self.folder / name / source.name).write_text(_cut(source, until, factor), encoding="utf-8")

    def run(self, original: Path) -> dict[str, Any]:
        """What became of a workbook, and what the judges say."""
        begun = time.perf_counter()
        project, name = self.folder / "project", f"Book{original.suffix.lower()}"
        for left in project.glob("Book*"):
            left.unlink()
        shutil.rmtree(project / ".kpisheets", ignore_errors=True)
        (project / "kpisheets.toml").write_text(self._config.replace("{book}", name), encoding="utf-8")
        book = project / name
        request = {"book": str(original), "folder": str(project), "name": name, "quick": self._quick}
        done = self.subject.ask(request, SECONDS)
        found: dict[str, Any] = {"offences": [], "steps": done.get("steps", {}), "seconds": {}}
        offences: list[str] = found["offences"]
        provision = found["steps"].get("provision", {})
        if "crash" in done:
            found["outcome"], found["crash"] = "crashed", done["crash"]
        elif provision.get("code", 0) > 0:
            found["outcome"] = "refused"
            found["reason"] = f"{provision['code']} {judging.reason(provision['error'], name)}"
            offences += judging.refusal(provision, original, book)
        elif any("trace" in step for step in found["steps"].values()):
            found["outcome"] = "crashed"
            found["crash"] = next(step["error"] for step in found["steps"].values() if "trace" in step)
        else:
            found["outcome"] = "grafted"
            offences += [f"{step}: {one['error']}" for step, one in found["steps"].items() if "error" in one]
            if left := found["steps"].get("third sync", {}).get("written"):
                offences.append(f"the third sync would write {left} cells again")
            if provision["created"]:
                offences.append("the workbook was made anew")
            self._judge(original, book, found)
        if found["outcome"] == "crashed":
            offences.append(f"crash: {found['crash']}")
        found["seconds"]["kpisheets"] = done.get("seconds", SECONDS)
        found["seconds"]["all"] = round(time.perf_counter() - begun, 2)
        return found

    def _judge(self, original: Path, book: Path, found: dict[str, Any]) -> None:
        offences, judges = found["offences"], found.setdefault("judges", {})
        changed, may = judging.moved(original, book)
        found["followed"] = sorted(changed & may)
        offences += [f"bytes: {entry} has changed" for entry in sorted(changed - may)]
        for name, worker in self.readers.items():
            begun = time.perf_counter()
            before = _kept(original, name, lambda worker=worker: worker.ask({"book": str(original)}, SECONDS))
            after = worker.ask({"book": str(book)}, SECONDS) if "tabs" in before else {}
            worse = judging.readings(name, before, after)
            if worse and "tabs" in after and name != "LibreOffice":
                # What is new each time it is read is no difference.
                worse = judging.readings(name, worker.ask({"book": str(original)}, SECONDS), after)
            offences += worse
            judges[name] = "worse" if worse else "same" if "tabs" in before else "could not read the original"
            found["seconds"][name] = round(time.perf_counter() - begun, 2)
        if self._sdk:
            begun, sdk = time.perf_counter(), self._sdk
            before = _kept(original, "SDK", lambda: validator.validate(sdk, original, SECONDS))
            errors = judging.new_errors(before, validator.validate(sdk, book, SECONDS) if "errors" in before else {})
            offences += errors
            judges["SDK"] = "worse" if errors else "same" if "errors" in before else "could not read the original"
            found["seconds"]["SDK"] = round(time.perf_counter() - begun, 2)
        try:
            repairs = judging.repairs(original, book)
        except Exception as error:
            repairs = [f"linter: crashed with {type(error).__name__}: {error}"]
        offences += repairs
        judges["linter"] = "worse" if repairs else "same"

    def end(self) -> None:
        for worker in (self.subject, *self.readers.values()):
            worker.end()


def _python_with_uno() -> str | None:
    for python in ("/usr/bin/python3", shutil.which("python3")):
        found = python and Path(python).exists()
        if found and not subprocess.run([python, "-c", "import uno"], capture_output=True, check=False).returncode:
            return python
    return None


def _cut(source: Path, until: date, factor: int) -> str:
    """A table's records from ``START`` up to a day; numbers of the last column grow by ``factor``."""
    head, *lines = source.read_text(encoding="utf-8").splitlines()
    at = next((n for n, one in enumerate(lines[0].split(",")) if re.match(r"\d{4}-\d\d-\d\d", one)), None)
    kept = [line for line in lines if at is None or str(START) <= line.split(",")[at][:10] < str(until)]
    if factor != 1:
        kept = [re.sub(r",(\d+(?:\.\d+)?)$", lambda found: f",{float(found[1]) * factor:g}", line) for line in kept]
    return "\n".join([head, *kept]) + "\n"


def _kept(original: Path, judge: str, ask: Any) -> dict[str, Any]:
    """What a judge says of an original, asked once; a crash is asked again next time."""
    key = hashlib.sha256(original.read_bytes() + (HERE / "readers.py").read_bytes()).hexdigest()[:24]
    place = CACHE / "originals" / f"{key}-{judge}.json"
    if place.exists():
        found: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
        return found
    found = ask()
    if "crash" not in found or judge == "calamine":
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(found), encoding="utf-8")
    return found


def table(results: dict[str, dict[str, Any]]) -> list[str]:
    """The counts, to be printed."""
    outcomes = Counter(one["outcome"] for one in results.values())
    lines = [
        f"{len(results)} workbooks: " + ", ".join(f"{outcomes[one]} {one}" for one in ("grafted", "refused", "crashed"))
    ]
    reasons = Counter(one["reason"] for one in results.values() if "reason" in one)
    lines += [f"  refused {count:4}  {why}" for why, count in reasons.most_common()]
    followed = Counter(name for one in results.values() for name in one.get("followed", ()))
    lines += [f"  changed {count:4}  {name}" for name, count in followed.most_common(12)]
    verdicts = ("same", "could not read the original", "worse")
    names = dict.fromkeys(name for one in results.values() for name in one.get("judges", ()))
    for name in names:
        said = Counter(one["judges"][name] for one in results.values() if name in one.get("judges", ()))
        lines.append(f"{name:12} " + ", ".join(f"{said[verdict]} {verdict}" for verdict in verdicts))
    spent: Counter[str] = Counter()
    for one in results.values():
        spent.update(one["seconds"])
    lines.append("seconds      " + ", ".join(f"{name} {seconds:.0f}" for name, seconds in spent.items()))
    offenders = {name: one["offences"] for name, one in results.items() if one["offences"]}
    kinds = Counter(re.split(r"[:(]", offence)[0] for offences in offenders.values() for offence in set(offences))
    lines.append(
        f"{len(offenders)} offenders"
        + (": " + ", ".join(f"{n} × {kind}" for kind, n in kinds.items()) if kinds else "")
    )
    for name, offences in sorted(offenders.items()):
        lines += [f"  {name}", *(f"    {offence[:300]}" for offence in offences[:5])]
    return lines


def finished(report: Path) -> dict[str, dict[str, Any]]:
    """The results that an earlier run left, one JSON line each."""
    lines = (
        report.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines()
        if report.with_suffix(".jsonl").exists()
        else []
    )
    return {one["workbook"]: one for one in map(json.loads, lines)}


def chosen(folder: Path, only: str, sample: int) -> list[Path]:
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and only in str(path))
    return sorted(random.Random(7).sample(found, sample)) if 0 < sample < len(found) else found


def run(books: Iterable[Path], folder: Path, report: Path, jobs: int, *, quick: bool) -> None:
    """Judges the workbooks and adds a line for each to the report's ``.jsonl``."""
    sdk, missing = validator.find(CACHE / "validator") if not quick else (None, "")
    if missing:
        print(f"The Open XML SDK does not judge: {missing}")
    local, benches, lock = threading.local(), [], threading.Lock()
    todo = list(books)
    with tempfile.TemporaryDirectory(prefix="kpisheets-corpus-") as temporary:

        def one(path: Path) -> None:
            if not hasattr(local, "bench"):
                local.bench = Bench(Path(tempfile.mkdtemp(dir=temporary)), sdk, quick=quick)
                benches.append(local.bench)
            result = {"workbook": path.relative_to(folder).as_posix()} | local.bench.run(path)
            with lock, report.with_suffix(".jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(result) + "\n")
            print(f"{result['outcome']:8} {result['seconds']['all']:6.2f} s  {result['workbook']}", flush=True)
            for offence in result["offences"][:3]:
                print(f"         {offence[:200]}", flush=True)

        try:
            with ThreadPoolExecutor(jobs) as pool:
                for _ in pool.map(one, todo):
                    pass
        finally:
            for bench in benches:
                bench.end()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--folder", type=Path, default=ROOT.parent / "shared" / "corpus" / "workbooks")
    parser.add_argument("--sample", type=int, default=0, help="so many workbooks, the same ones each time")
    parser.add_argument("--only", default="", help="workbooks whose path has this text")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--report", type=Path, default=CACHE / "report.json")
    parser.add_argument("--quick", action="store_true", help="graft, don't sync; without LibreOffice and the SDK")
    parser.add_argument("--resume", action="store_true", help="go on with the report that is there")
    options = parser.parse_args()
    if not options.folder.is_dir():
        print(f"There is no folder {options.folder}; name one with --folder", file=sys.stderr)
        return 2
    options.report.parent.mkdir(parents=True, exist_ok=True)
    if not options.resume:
        options.report.with_suffix(".jsonl").unlink(missing_ok=True)
    books = chosen(options.folder, options.only, options.sample)
    known = finished(options.report)
    begun = time.perf_counter()
    todo = [path for path in books if path.relative_to(options.folder).as_posix() not in known]
    run(todo, options.folder, options.report, options.jobs, quick=options.quick)
    results = finished(options.report)
    options.report.write_text(json.dumps(results, indent=1), encoding="utf-8")
    print("\n".join(["", *table(results), f"{time.perf_counter() - begun:.0f} s; all in {options.report}"]))
    return 1 if any(one["offences"] for one in results.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
