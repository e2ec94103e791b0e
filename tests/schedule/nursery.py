"""Forks a process for each scheduled run, so that a run is a real process and costs no start of Python.

Orders come as lines of JSON on stdin: ``{"do": "fork", …}`` starts a run and answers its process number; ``{"do":
"wait", "pid": n}`` answers how it ended. A run may be killed, by itself and with SIGKILL, at its n-th line of code.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import tempfile
import traceback
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any

import kpisheets.backends.excel.workbook
import kpisheets.connectors
import kpisheets.delivery.smtp
import kpisheets.reports
import kpisheets.running  # noqa: F401 - loaded once, before any fork
from kpisheets.printing import run_document
from kpisheets.project import Project

WATCHED = ("kpisheets/running/", "kpisheets/schedule/", "kpisheets/delivery/", "smtplib.py")


def run(order: dict[str, Any], answers: Path) -> None:
    """What the child does: one run, its outcome written to a file."""
    lines = 0

    def count(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal lines
        if event == "line":
            lines += 1
            if lines == order.get("kill_at"):
                os.kill(os.getpid(), signal.SIGKILL)
        return count

    def enter(frame: FrameType, event: str, argument: object) -> Any:
        return count if any(part in frame.f_code.co_filename for part in WATCHED) else None

    now = datetime.fromisoformat(order["now"])
    project = Project.load(Path(order["root"]), clock=lambda: now)
    if order.get("traced"):
        sys.settrace(enter)
    done = project.run_due(resend=order.get("resend", False))
    sys.settrace(None)
    answers.write_text(json.dumps({**run_document(done), "code": done.code, "lines": lines}), encoding="utf-8")


def warm_up(folder: Path) -> None:
    """What is imported late is imported now."""
    text = '[project]\nname = "A"\n[reports.r]\nto = ["a@example.org"]\nschedule = "* * * * *"\n[schedule]\nsync = []\n'
    (folder / "kpisheets.toml").write_text(text, encoding="utf-8")
    project = Project.load(folder)
    project.provision()
    assert project.run_due().code == 0


def serve(folder: Path) -> None:
    """Take orders until there are no more; runs leave their answers in the folder."""
    files: dict[int, Path] = {}
    for number, line in enumerate(sys.stdin):
        order = json.loads(line)
        if order["do"] == "fork":
            answers = folder / str(number)
            pid = os.fork()
            if pid == 0:
                code = 0
                try:
                    run(order, answers)
                except BaseException:
                    answers.with_suffix(".error").write_text(traceback.format_exc(), encoding="utf-8")
                    code = 1
                os._exit(code)
            files[pid] = answers
            answer: dict[str, Any] = {"pid": pid}
        else:
            _, status = os.waitpid(order["pid"], 0)
            answers = files.pop(order["pid"])
            error = answers.with_suffix(".error")
            answer = {
                "status": os.waitstatus_to_exitcode(status),
                "done": json.loads(answers.read_text(encoding="utf-8")) if answers.exists() else None,
                "error": error.read_text(encoding="utf-8") if error.exists() else "",
            }
        print(json.dumps(answer), flush=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        warm_up(Path(name))
    gc.freeze()
    with tempfile.TemporaryDirectory() as name:
        serve(Path(name))


if __name__ == "__main__":
    main()
