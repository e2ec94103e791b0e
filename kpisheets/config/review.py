"""``[review]``: when KPIs are reviewed, and how many a department may have."""

from __future__ import annotations

from dataclasses import dataclass

from kpisheets.toml.document import Document

KEYS = ("quarterly", "department_kpis")
_MOST, _USUAL = 999, 15


@dataclass(frozen=True, slots=True)
class ReviewSettings:
    """``[review]``. ``quarterly``: the first sync of a quarter holds a review. ``department_kpis``: a department with
    more of them is told; 0 for any number."""

    quarterly: bool = True
    department_kpis: int = _USUAL


def review(document: Document) -> ReviewSettings:
    table = document.section("review", KEYS)
    what = f"a number of KPIs, 1 to {_MOST}, or 0 for any number"
    return ReviewSettings(
        quarterly=table.flag("quarterly") if table.has("quarterly") else True,
        department_kpis=table.whole("department_kpis", _USUAL, 0, _MOST, what),
    )
