"""Copies of a workbook as it was: the newest few, within a bound on their size.

A copy is a file of its own. A hard link would cost nothing, but until the new workbook is in place (and for good, if
the run dies before) the copy would be the live file, and a program that writes in place would change both.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from pathlib import Path

from kpisheets import files

from ..container.chunks import holds, slices

MAX_BYTES = 500_000_000


def add(path: Path, content: bytes, folder: Path) -> Path | None:
    """Copies ``content`` of the workbook ``path`` into ``folder``; nothing if the newest copy holds it. OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    newest = max(_copies(path, folder), default=None)
    if newest is not None and holds(newest, content):
        return None  # made by a run that died before it wrote
    moment = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    copy = folder / f"{path.stem}.{moment}{path.suffix}"
    with files.replaced(copy, like=path) as target:
        for piece in slices(content):
            target.write(piece)
    return copy


def prune(path: Path, folder: Path, keep: int, max_bytes: int, newest: Path | None) -> None:
    """Leaves the newest copies: at most ``keep``, of at most ``max_bytes`` together; ``newest`` stays in any case.

    What can't be removed stays: the workbook is written already.
    """
    with contextlib.suppress(OSError):
        # By the clock's word alone, a clock that was set back would make the newest copy the oldest.
        copies = sorted(_copies(path, folder), key=lambda copy: (copy == newest, copy), reverse=True)
        total = 0
        for place, copy in enumerate(copies):
            total += copy.stat().st_size
            if place and (place >= keep or total > max_bytes):
                with contextlib.suppress(OSError):
                    copy.unlink(missing_ok=True)


def _copies(path: Path, folder: Path) -> list[Path]:
    ours = re.compile(re.escape(path.stem) + r"\.\d{8}T\d{6}\.\d{6}Z" + re.escape(path.suffix))
    return [entry for entry in folder.iterdir() if ours.fullmatch(entry.name)]
