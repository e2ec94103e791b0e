"""A refusal with what is known around it: what the rules are handed that explain it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kpisheets.errors import KpisheetsError
from kpisheets.google_access.caller import Caller
from kpisheets.google_access.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Case:
    """A refusal of what ``caller`` asked of ``path``."""

    refusal: Refusal
    caller: Caller
    path: str


Rule = Callable[[Case], KpisheetsError | None]
"""The error that a case is, or None where it is something else."""
