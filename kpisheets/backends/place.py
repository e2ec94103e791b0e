"""Where a project's workbook lives, and how one is made there: laid out where nobody sees it, then put in its place."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from kpisheets.backends.base import Workbook
from kpisheets.backends.tabs import Content
from kpisheets.core.plan import Plan
from kpisheets.core.workbook import Observed


class Draft(Protocol):
    """KPI tabs that are laid out, without formulas and numbers, where nobody sees them yet."""

    @property
    def created(self) -> bool:
        """Whether they are for a new workbook."""
        ...

    @property
    def tabs(self) -> Mapping[str, str]:
        """The tabs that an existing workbook gets: what they are called anywhere else → their titles there."""
        ...

    def observe(self) -> Observed: ...

    def publish(self, plan: Plan) -> None:
        """Fill the tabs by the plan and give them their place, whole or not at all."""
        ...


class Place(Protocol):
    """A place for one workbook."""

    @property
    def path(self) -> Path | None:
        """The workbook's file, where it is one."""
        ...

    @property
    def name(self) -> str:
        """What messages call the workbook."""
        ...

    @property
    def link(self) -> str:
        """The address under which people open it, blank where it has none."""
        ...

    @property
    def advice(self) -> str:
        """What whoever provisions should know or do besides, in a sentence or none."""
        ...

    def workbook(self) -> Workbook | None:
        """The workbook; ``None`` where there is none yet."""
        ...

    def find(self) -> tuple[Workbook, Observed] | None:
        """The workbook, and what was observed in it; ``None`` where there is none, or it has no KPI tabs yet."""
        ...

    def attachment(self, kind: str) -> tuple[str, bytes] | None:
        """The workbook as a file of that kind (``xlsx``, ``pdf``): its name and its bytes. ``None`` where this place
        cannot make one; BadData where the workbook is too large for it."""
        ...

    def extend(self, content: Content, tabs: Collection[str]) -> Mapping[str, str]:
        """Give the KPI workbook the tabs of those keys, which it lacks: blank, whole or not at all. Returns what they
        are called anywhere else → their titles there. BadData where the workbook must not be changed."""
        ...

    def draft(self, content: Content) -> AbstractContextManager[Draft]:
        """KPI tabs for a new workbook or, where there is one, for that. BadData where it must not be changed."""
        ...
