"""What a run may do to a spreadsheet in which people worked between its read and its write, told from the product's
text: whatever was theirs at the moment of the write is theirs afterwards, and every number stands by its Key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kpisheets.project import Synced
from tests.google_people.hands import Action
from tests.google_people.sheet import SheetCells, SheetJudge, SmallSheet
from tests.people.judge import FORMULAS, TOOLS, Month, alike, period
from tests.sheets_emulator.http_types import Request

Deed = Callable[[SheetCells], Action | None]
"""What somebody does, once they see how the spreadsheet looks; None where there is nothing to do it to."""


@dataclass
class Window:
    """Deeds that are done right before the next write reaches the service. ``then`` is the spreadsheet after them."""

    small: SmallSheet
    deeds: list[Deed] = field(default_factory=list)
    then: SheetCells | None = None

    def __post_init__(self) -> None:
        self.small.emulator.world.people.act = self.act  # type: ignore[method-assign]

    def act(self, when: str, request: Request) -> None:
        if when == "before" and request.path.endswith(":batchUpdate") and self.deeds:
            deeds, self.deeds = self.deeds, []
            for deed in deeds:
                if (action := deed(SheetCells(self.small.book))) is not None:
                    self.small.person(action)
            self.then = SheetCells(self.small.book)

    def sync(self, judge: SheetJudge) -> Synced:
        """A run with the deeds in its midst, judged; then one in peace, which must come to rest."""
        self.then = None
        before = SheetCells(self.small.book)
        done = self.small.sync()
        after = SheetCells(self.small.book)
        if self.then is not None:
            after.check()
            _People(self.small, before, self.then, after).judge()
            judge.waiting = {
                key: row["actual"] for key, row in after.tracking.items() if str(row["flag"]).startswith("restated")
            }
        else:  # the run had nothing to write, and they were not even in its way
            for deed in self.deeds:
                if (action := deed(SheetCells(self.small.book))) is not None:
                    self.small.person(action)
            self.deeds = []
        judge.sync()
        return done


class _People:
    """``before`` is what was read, ``then`` what the first write met, ``after`` what the run left."""

    def __init__(self, small: SmallSheet, before: SheetCells, then: SheetCells, after: SheetCells) -> None:
        self.small, self.before, self.then, self.after = small, before, then, after
        self.frequency = {str(row["id"]): row.get("frequency") or "Monthly" for row in after.catalogue}
        self.metric = {str(row["id"]): row.get("metric") for row in after.catalogue}

    def judge(self) -> None:
        assert list(self.then.typed) == list(self.after.typed)
        for title, cells in self.then.typed.items():
            if title == self.then.places["kpi_log"].sheet:
                continue
            new = self._new_rows() if title == self.then.places["kpi_tracking"].sheet else set()
            left = _without(self.after.typed[title], new)
            for at in cells.keys() | left.keys():
                if cells.get(at) != left.get(at):
                    self._allowed(title, at, cells.get(at), left.get(at))
        self._numbers()

    def _new_rows(self) -> set[int]:
        return {row for key, row in self.after.rows.items() if key not in self.then.rows}

    def _allowed(self, title: str, at: tuple[int, int], was: Any, now: Any) -> None:
        said = f"{title}!{at} was {was!r} and became {now!r}"
        row, column = at
        if (title, row, column) in self.then.named:
            return
        for table, place in self.then.places.items():
            if title != place.sheet or column not in place.columns.values() or row <= place.header:
                continue
            name = next(name for name, at_column in place.columns.items() if at_column == column)
            if table == "kpi_catalogue":
                assert name == "seen", said
            if table != "kpi_tracking" or name in TOOLS:
                return
            key = next((key for key, known in self.then.rows.items() if known == row), None)
            if name in FORMULAS:
                assert was in (None, "") or str(was).startswith("=IF(COUNT("), said
                assert str(now).startswith("=IF(COUNT("), said
            elif name == "actual":
                assert key is not None, said
                known = self.before.tracking.get(key, {}).get("actual")
                assert alike(was, known), f"{said}, and somebody had typed it in between"
                assert alike(now, self._says(key)), said
            else:
                assert key is None or name == "kpi", said
            return
        raise AssertionError(said)

    def _numbers(self) -> None:
        """What the source says of a row's KPI and period stands in its row."""
        for key, row in self.after.tracking.items():
            says = self._says(key)
            if says is None or (key in self.before.tracking) != (key in self.then.tracking):
                continue
            assert alike(row["source_value"], says), f"{key}: Source value is {row['source_value']!r}, not {says!r}"
            if key not in self.then.tracking:
                assert alike(row["actual"], says), f"{key}: a new row's actual is {row['actual']!r}, not {says!r}"

    def _says(self, key: str) -> int | None:
        identity, _, label = key.partition("|")
        span = _span(label)
        metric = self.metric.get(identity)
        if span is None or period(self.frequency[identity], span.start).label != label:
            return None
        return self.small.says(metric, span.start, span.end)


def _span(label: str) -> Month | None:
    from datetime import date

    if "W" in label:
        return period("Weekly", date.fromisoformat(f"{label}-1"))
    return period("Monthly", date.fromisoformat(f"{label}-01")) if len(label) == 7 else None


def _without(cells: dict[tuple[int, int], Any], rows: set[int]) -> dict[tuple[int, int], Any]:
    """The cells as they stand when those rows are taken out."""
    gone = sorted(rows)
    return {
        (row - sum(one < row for one in gone), column): found
        for (row, column), found in cells.items()
        if row not in rows
    }
