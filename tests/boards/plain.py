"""A table of actions in memory."""

from __future__ import annotations

from collections.abc import Sequence

from kpisheets.core.workbook import ACTIONS, Table


def table(rows: Sequence[tuple[str, str, str]]) -> Table:
    """Rows of (key, status, what is remembered)."""
    columns = {name: [row[place] for row in rows] for place, name in enumerate(("key", "status", "cards"))}
    return Table(ACTIONS, "Actions", columns, {}, tuple(range(4, 4 + len(rows))), 4 + len(rows), {})
