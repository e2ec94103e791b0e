"""The tabs of a KPI workbook, described once: words, looks, names and rules, with no formula and no computed number.

``lay_out`` draws them on a canvas; each backend has its own (``canvas.py`` says what one can do). The sync engine fills
formulas and numbers in place through the names, as it does in a workbook of any age.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kpisheets.backends.tabs.actions import add_actions
from kpisheets.backends.tabs.book import Book, Content
from kpisheets.backends.tabs.canvas import Canvas
from kpisheets.backends.tabs.catalogue import add_catalogue
from kpisheets.backends.tabs.control import add_control
from kpisheets.backends.tabs.guide import add_guide
from kpisheets.backends.tabs.log import add_log
from kpisheets.backends.tabs.looks import ACCENT, INPUT, MUTED, SLATE
from kpisheets.backends.tabs.report import add_report
from kpisheets.backends.tabs.review import add_review
from kpisheets.backends.tabs.targets import add_targets
from kpisheets.backends.tabs.tracking import add_tracking

__all__ = ["OPTIONAL", "TABS", "Content", "free_titles", "lay_out"]

_TABS = {
    "report": (ACCENT, add_report),
    "tracking": (SLATE, add_tracking),
    "kpis": (INPUT, add_catalogue),
    "actions": (ACCENT, add_actions),
    "review": (ACCENT, add_review),
    "control": (MUTED, add_control),
    "log": (MUTED, add_log),
    "guide": (MUTED, add_guide),
    "targets": (INPUT, add_targets),
}
OPTIONAL = ("targets",)
TABS = tuple(key for key in _TABS if key not in OPTIONAL)
"""The keys of the tabs that every workbook has, in order; the ``OPTIONAL`` ones are added to it."""


def lay_out(canvas: Canvas, content: Content, titles: Mapping[str, str] | None = None) -> None:
    """Draw the tabs. ``titles`` are theirs by key, in which those without one are left away (default: all of them, as
    the language calls them, without the optional ones)."""
    usual = {key: title for key, title in content.language.tabs.items() if key not in OPTIONAL}
    book = Book(content, titles or usual)
    wanted = {key: tab for key, tab in _TABS.items() if key in book.tabs}
    sheets = {key: canvas.sheet(key, book.tabs[key], colour) for key, (colour, _) in wanted.items()}
    for key, (_, add) in wanted.items():
        add(book, sheets[key])


def free_titles(titles: Mapping[str, str], taken: Iterable[str]) -> dict[str, str]:
    """Titles for tabs: each as wished for, with a number behind it where somebody's tab is called so."""
    used = {title.casefold() for title in taken}
    found: dict[str, str] = {}
    for key, wished in titles.items():
        title, number = wished, 2
        while title.casefold() in used:
            title, number = f"{wished} {number}", number + 1
        used.add(title.casefold())
        found[key] = title
    return found
