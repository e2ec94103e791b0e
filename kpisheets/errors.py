"""The exceptions of kpisheets: each says what is wrong, where, and what to do, and knows its exit code.

The exit codes follow ``sysexits.h`` where it has a word for the case.
"""

from __future__ import annotations

from dataclasses import dataclass


def one_line(text: str) -> str:
    """``text`` on one line. What a file or server brought along must not steer a terminal nor spoil a cell."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, located, with its mend.

    ``where`` is a place a person can go to (``kpisheets.toml:12``, ``Tracking!D7``, ``source shop``);
    ``kpi`` is the KPI's id when the problem concerns one KPI alone; ``code`` the exit code of ``check`` where nothing
    is graver. ``source`` and ``metric`` are named by what a source has to say: what is alike in several is told once.
    """

    where: str
    what: str
    mend: str
    kpi: str | None = None
    code: int = 1
    source: str = ""
    metric: str = ""

    @property
    def bare(self) -> str:
        """What is wrong, without the metric's name before it."""
        return self.what.removeprefix(f"metric {self.metric}: ")

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return one_line(f"{text}; {self.mend}" if self.mend else text)


class KpisheetsError(Exception):
    """Base of every error that a user may meet. ``str(error)`` is one line."""

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", mend: str = "", problems: tuple[Problem, ...] = ()) -> None:
        self.what = what
        self.where = where
        self.mend = mend
        self.problems = problems
        super().__init__(what)

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        text = f"{text}; {self.mend}" if self.mend else text
        return one_line(text)


class UsageError(KpisheetsError):
    """The command was called wrongly."""

    exit_code = 2


class BadData(KpisheetsError):
    """A workbook or source holds something that cannot be used; nothing was written."""

    exit_code = 65


class Unreachable(KpisheetsError):
    """A source or server cannot be reached."""

    exit_code = 69


class Uncertain(Unreachable):
    """The connection broke after a whole message had left: it may have arrived, or not."""


class Defect(KpisheetsError):
    """kpisheets itself failed in a way that nobody foresaw."""

    exit_code = 70


class CannotWrite(KpisheetsError):
    """The target is locked, read-only, or the disk is full; the previous file is intact."""

    exit_code = 73


class TryLater(KpisheetsError):
    """A temporary failure: the same command may succeed later. ``after``: the seconds that a service asked to be left
    alone; 0 where it did not say."""

    exit_code = 75

    def __init__(self, what: str, *, where: str = "", mend: str = "", after: float = 0.0) -> None:
        super().__init__(what, where=where, mend=mend)
        self.after = after


class NotAllowed(KpisheetsError):
    """Credentials or permissions are missing."""

    exit_code = 77


class BadConfig(KpisheetsError):
    """``kpisheets.toml`` is missing, malformed or contradictory."""

    exit_code = 78
