"""Runs what is judged: provision, sync, sync again with other data. Obeys one JSON line of stdin at a time.

Request: ``{"book": a workbook to copy, "folder": a project's folder, "name": the workbook's name in it, "quick":
whether to leave out the syncs}``. Answer:
``{"steps": {step: {…}}, "seconds": …}``; a step that failed has ``error``, ``code`` and, where it crashed, ``trace``.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FIRST = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def main() -> None:
    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # nothing that is printed may spoil the answers
    from kpisheets.errors import KpisheetsError
    from kpisheets.project import Project

    print(json.dumps({"ready": []}), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        folder = Path(request["folder"])
        book = folder / request["name"]
        shutil.copyfile(request["book"], book)
        begun, steps = time.perf_counter(), {}

        def done(
            step: str,
            work: Callable[[Any], dict[str, Any]],
            days: int,
            steps: dict[str, Any] = steps,
            at: Path = folder,
        ) -> bool:
            try:
                steps[step] = work(Project.load(at, lambda: FIRST + timedelta(days=days)))
            except KpisheetsError as error:
                steps[step] = {"error": str(error), "code": error.exit_code}
            except BaseException as error:
                steps[step] = {
                    "error": f"{type(error).__name__}: {error}",
                    "code": -1,
                    "trace": traceback.format_exc(limit=-6),
                }
            return "error" not in steps[step]

        data = {name: folder.parent / name for name in ("data-before", "data-after")}
        shutil.copytree(data["data-before"], folder / "data", dirs_exist_ok=True)
        if done("provision", _provision, 0) and not request["quick"] and done("sync", _sync, 0):
            shutil.copytree(data["data-after"], folder / "data", dirs_exist_ok=True)
            # A third one must find nothing to do.
            done("second sync", _sync, 8) and done("third sync", _idle, 8)
        answer = {"steps": steps, "seconds": round(time.perf_counter() - begun, 2)}
        print(json.dumps(answer), file=answers, flush=True)


def _provision(project: Any) -> dict[str, Any]:
    done = project.provision()
    return {"created": done.created, "kpis": done.kpis, "tabs": list((getattr(done, "tabs", None) or {}).values())}


def _sync(project: Any) -> dict[str, Any]:
    done = project.sync()
    return {"written": done.plan.written, "problems": [str(problem) for problem in done.plan.problems]}


def _idle(project: Any) -> dict[str, Any]:
    return {"written": project.sync(dry_run=True).plan.written}


if __name__ == "__main__":
    main()
