"""``[actions]``: when a missed KPI opens a row of the ``Actions`` tab."""

from __future__ import annotations

from dataclasses import dataclass

from kpisheets.toml.document import Document

KEYS = ("after", "signals")
_MOST = 52


@dataclass(frozen=True, slots=True)
class ActionSettings:
    """``[actions]``. ``after``: so many closed periods in a row must be missed; 0 opens no actions for that.
    ``signals``: one missed period is enough for a KPI that really changed for the worse."""

    after: int = 1
    signals: bool = False


def actions(document: Document) -> ActionSettings:
    table = document.section("actions", KEYS)
    after = table.whole("after", 1, 0, _MOST, f"a number of periods, 1 to {_MOST}, or 0 for no actions")
    return ActionSettings(after, table.flag("signals"))
