"""Mails as files that a browser can open: in both languages, short and long, hostile, and as a program without
style sheets shows them."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kpisheets.reports.letter import Letter, letter
from kpisheets.templates import language
from tests.reports import hostile, samples

HERE = Path(__file__).parent


def letters() -> Iterator[tuple[str, Letter]]:
    cases = [(code, name) for code in ("en", "fr") for name in ("8", "80")] + [("en", "hostile")]
    lines = {"8": samples.eight(), "80": samples.many(80), "hostile": hostile.lines()}
    for code, name in cases:
        summary = samples.summary(lines[name], language=code)
        yield f"{code}-{name}", letter(summary, language(code), recipient="ada@example.org", report_name="weekly")
    stale = samples.summary(synced_at=None, workbook=f"/data/{'long' * 40}.xlsx")
    yield "en-stale", letter(stale, language("en"), recipient="ada@example.org", report_name="weekly", own=True)


def write(folder: Path) -> dict[str, Path]:
    """Each mail with its pictures inside, and some once more (``-bare``) without any style sheet."""
    made = {}
    for name, mail in letters():
        made[name] = standing(mail, folder / f"{name}.html")
        if name in ("fr-8", "fr-80", "en-hostile"):
            made[f"{name}-bare"] = folder / f"{name}-bare.html"
            bare = re.sub("<style.*?</style>", "", made[name].read_text(encoding="utf-8"), flags=re.DOTALL)
            made[f"{name}-bare"].write_text(bare, encoding="utf-8")
    return made


def standing(mail: Letter, target: Path) -> Path:
    """A mail as a page that needs nothing beside it."""
    html = mail.html
    for cid, picture in mail.pictures.items():
        html = html.replace(f"cid:{cid}", f"data:image/png;base64,{base64.b64encode(picture).decode()}")
    target.write_text(html, encoding="utf-8")
    return target


def node(script: str, modules: Path, pages: Mapping[str, Path], **more: Any) -> Any:
    """What a script beside this file says of the pages. ``modules`` is a folder of npm packages."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    job = {"modules": str(modules), "chromium": chromium, "pages": {name: str(path) for name, path in pages.items()}}
    done = subprocess.run(
        ["node", str(HERE / script)],
        input=json.dumps(job | more),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)
