"""Formulas of people's own whose stored value could not be renewed are told of in one line."""

from __future__ import annotations

from kpisheets.backends.base import Receipt
from kpisheets.core.plan import Plan
from kpisheets.printing import sync_document, sync_lines
from kpisheets.project import Synced


def test_one_line_says_how_many_and_why() -> None:
    done = Synced(Plan(written=1), Receipt("Book.xlsx", 3, refreshed=4, left=2, why="INDIRECT is not followed"))
    [_, line] = sync_lines(done)
    said = "2 formulas of your own shown as before until a spreadsheet program recalculates"
    assert line == f"{said} (INDIRECT is not followed)."


def test_nothing_is_said_where_none_is_left_and_the_document_is_as_it_was() -> None:
    done = Synced(Plan(written=1), Receipt("Book.xlsx", 3, refreshed=4))
    assert len(list(sync_lines(done))) == 1
    left = Synced(Plan(written=1), Receipt("Book.xlsx", 3, left=2, why="why"))
    assert sync_document(left).keys() == sync_document(done).keys()
