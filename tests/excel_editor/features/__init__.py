"""Workbooks that each hold a feature which editors tend to lose, made at test time from markup of our own.

``FEATURES`` has a function for each: it puts the feature into a tab of any package (``Parts``), whoever made that. A
feature's cells go to the right of the tab's own (``Tab``), and bring the numbers that the feature looks at.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from . import bases, books, cells, drawn, notes, pages, pivots, rules
from .bases import BASES
from .parts import Parts
from .tab import Tab

Feature = Callable[[Tab], None]

FEATURES: dict[str, Feature] = {
    feature.__name__: feature
    for feature in (
        *(drawn.chart, drawn.new_charts, drawn.images, drawn.controls, drawn.ole_object, drawn.ink),
        *(notes.notes, notes.threads),
        *(pivots.pivot, pivots.pivot_slicer, pivots.table_slicer, pivots.timeline),
        *(rules.sparklines, rules.formats, rules.validations, rules.unknown_extensions),
        *(books.macros, books.custom_xml, books.power_query, books.data_model, books.external_links),
        *(books.properties, books.custom_views, books.days_from_1904, books.more_tabs, books.calculation_chain),
        *(cells.dynamic_arrays, cells.rich_values, cells.hyperlinks, cells.rich_texts, cells.inline_texts),
        *(cells.shared_formulas, cells.bare_rows, cells.revision_marks, cells.prefixed),
        *(pages.printing, pages.protection, pages.outline, pages.filtered, pages.panes, pages.styles),
    )
}


def suffix(feature: str) -> str:
    """The extension of a workbook with the feature."""
    return ".xlsm" if feature == "macros" else ".xlsx"


def build(feature: str, folder: Path, base: str = "xlsxwriter") -> Path:
    """A workbook of ``base`` that holds the feature on its first tab; its path in ``folder``."""
    made = BASES[base](folder / f"{feature}-{base}-base.xlsx")
    parts = Parts(made)
    FEATURES[feature](Tab(parts, bases.TAB, bases.ROW, bases.COLUMN))
    made.unlink()
    return parts.save(folder / f"{feature}-{base}{suffix(feature)}")


def inject(feature: str, path: Path, tab: str, row: int, column: int) -> None:
    """Puts the feature into a workbook that exists, with its cells from ``row``, ``column`` of a tab."""
    parts = Parts(path)
    FEATURES[feature](Tab(parts, tab, row, column))
    parts.save(path)


__all__ = ["BASES", "FEATURES", "Feature", "Parts", "Tab", "build", "inject", "suffix"]
