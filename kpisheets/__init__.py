"""KPI workbooks that keep themselves up to date, in the spreadsheet the team already uses.

The public API is what ``__all__`` names. ``Project`` is the whole of it: what the commands do, as methods. It is loaded
when it is first used, so that ``import kpisheets`` stays cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpisheets.errors import KpisheetsError, Problem

if TYPE_CHECKING:
    from kpisheets.project import Project

__all__ = ["KpisheetsError", "Problem", "Project", "__version__"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name == "Project":
        from kpisheets.project import Project

        return Project
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
