"""The one line of crontab that calls ``run-due``. Lines of others are kept as they are."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from kpisheets.errors import CannotWrite


def times(every: timedelta) -> str:
    """The five fields for an interval that divides an hour or a day."""
    minutes = int(every.total_seconds()) // 60
    if minutes < 60:
        return f"*/{minutes} * * * *" if minutes > 1 else "* * * * *"
    return {60: "0 * * * *", 1440: "0 0 * * *"}.get(minutes, f"0 */{minutes // 60} * * *")


def line(command: Sequence[str], every: timedelta, root: Path) -> str:
    """The whole line, with its comment. ``command`` and ``root`` are absolute: cron has another folder and path."""
    # For cron, a percent sign would end the command.
    escaped = shlex.join(command).replace("%", r"\%")
    return f"{times(every)} {escaped} # {_mark(root)}"


def install(command: Sequence[str], every: timedelta, root: Path) -> bool:
    """Put the line into the user's crontab, in the place of a former one. False where it stands there just so."""
    table = _table()
    ours = list(table.find_comment(_mark(root)))
    if len(ours) == 1 and ours[0].is_enabled() and str(ours[0]) == line(command, every, root):
        return False
    table.remove(*ours)
    job = table.new(command=shlex.join(command), comment=_mark(root))
    job.setall(times(every))
    _write(table)
    return True


def remove(root: Path) -> bool:
    """Take the line out. False where there is none."""
    table = _table()
    ours = list(table.find_comment(_mark(root)))
    if ours:
        table.remove(*ours)
        _write(table)
    return bool(ours)


def installed(root: Path) -> bool | None:
    """Whether the user's crontab holds the line; None where there is no crontab."""
    try:
        return any(job.is_enabled() for job in _table().find_comment(_mark(root)))
    except CannotWrite:
        return None


def _table() -> Any:
    if shutil.which("crontab") is None:
        raise CannotWrite("there is no crontab on this machine", mend="see `kpisheets schedule install --help`")
    from crontab import CronTab

    try:
        return CronTab(user=True)
    except OSError as error:
        raise _refused(error) from error


def _write(table: Any) -> None:
    try:
        table.write()
    except OSError as error:
        raise _refused(error) from error


def _refused(error: OSError) -> CannotWrite:
    said = " ".join(str(error).split())[:120]
    return CannotWrite(f"the crontab cannot be changed ({said})", mend="see `crontab -e`")


def _mark(root: Path) -> str:
    return f"kpisheets: {root}".replace("%", "_")
