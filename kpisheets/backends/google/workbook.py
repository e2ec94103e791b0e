"""A KPI workbook in Google Sheets: observed in one request, changed in one."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kpisheets.backends.base import Dictionary, Early, Receipt, nobody
from kpisheets.backends.google.reading.cells import format_of, typed_in
from kpisheets.backends.google.reading.handles import mends
from kpisheets.backends.google.reading.layout import Layout, is_read, locate
from kpisheets.backends.google.reading.observe import observed
from kpisheets.backends.google.reading.snapshot import (
    MASK,
    METADATA_KEY,
    Snapshot,
    filters,
    run_of,
    snapshot,
    with_handles,
)
from kpisheets.backends.google.writing.batch import SEEN, Batch, batches, run_request
from kpisheets.backends.google.writing.changes import Cells, Put, Typed, Writer, cells_of
from kpisheets.backends.google.writing.repair import Position, Restoring, again, columns_of, restored
from kpisheets.backends.google.writing.requests import Request, value_requests
from kpisheets.backends.google.writing.verify import Stray, strays
from kpisheets.core.plan import Plan
from kpisheets.core.routine import is_routine
from kpisheets.core.workbook import CATALOGUE, Observed
from kpisheets.errors import BadData, Problem, TryLater
from kpisheets.google_access.api import Api, Unanswered
from kpisheets.google_access.failures import Moved

_ROUNDS = 4
"""How often a write is taken up again while somebody keeps rearranging the spreadsheet."""


@dataclass(frozen=True, slots=True)
class _View:
    """The spreadsheet as it was read at one moment."""

    snap: Snapshot
    layout: Layout
    observed: Observed


class GoogleWorkbook:
    """See ``backends.base.Workbook``. ``id`` is the spreadsheet's."""

    def __init__(self, api: Api, id: str, dictionary: Dictionary) -> None:
        self.api, self.id, self.dictionary = api, id, dictionary
        self._view: _View | None = None

    @property
    def link(self) -> str:
        """The address under which people open it."""
        known = self._view.snap.url if self._view else ""
        return known or f"https://docs.google.com/spreadsheets/d/{self.id}/edit"

    def observe(self, early: Early = nobody) -> Observed:
        self._view = self._look()
        early(self._view.observed.tables[CATALOGUE])
        return self._view.observed

    @property
    def is_whole(self) -> bool:
        return self._view is not None and not mends(self._view.snap, self._view.layout)

    def apply(self, plan: Plan) -> Receipt:
        if self._view is None:
            raise RuntimeError("observe() comes before apply()")
        view, self._view = self._view, None
        lost = mends(view.snap, view.layout)
        if is_routine(view.observed, plan) and not lost:
            return Receipt(self.link, 0)
        cells = cells_of(self._writer(view), enumerate(plan.changes))
        if not cells and not lost:
            return Receipt(self.link, 0)
        return Receipt(self.link, len(cells), problems=_Write(self, plan, view).run(cells, lost))

    def _writer(self, view: _View) -> Writer:
        def shown(sheet: int, row: int, column: int) -> Mapping[str, str]:
            return format_of(view.snap.tabs[sheet].cell(row, column))

        return Writer(view.layout, view.observed, self.dictionary, shown=shown)

    # --- the service ---

    def _look(self) -> _View:
        snap = self._read()
        if snap is not None:
            with contextlib.suppress(BadData):
                view = self._seen(snap)
                if is_read(snap, view.layout):
                    return view
        # Some handle or name is gone: everything is read, and what they stood for is found by its words.
        return self._seen(self._read_all())

    def _seen(self, snap: Snapshot) -> _View:
        layout = locate(snap, self.dictionary)
        return _View(snap, layout, observed(snap, layout))

    def _read(self, more: Iterable[Mapping[str, Any]] = ()) -> Snapshot | None:
        """``None`` where a name among the filters is not known to the spreadsheet."""
        body = {"dataFilters": [*filters(), *more]}
        try:
            said = self.api.request("POST", self._path(":getByDataFilter"), params={"fields": MASK}, body=body)
        except Moved:
            return None
        return snapshot(said)

    def _read_all(self) -> Snapshot:
        said = self.api.request("GET", self._path(), params={"fields": MASK, "includeGridData": "true"})
        handles = {"developerMetadataLookup": {"metadataKey": METADATA_KEY, "locationType": "COLUMN"}}
        body = {"dataFilters": [handles]}
        return with_handles(
            snapshot(said), self.api.request("POST", self._path("/developerMetadata:search"), body=body)
        )

    def _send(self, batch: Batch, run: str, signature: Request) -> Snapshot | None:
        """What the answer shows; ``None`` where nothing was written, since a tab was renamed or removed meanwhile."""
        params = {"fields": SEEN}
        try:
            body = batch.body(signature)
            said = self.api.request("POST", self._path(":batchUpdate"), params=params, body=body, repeatable=False)
            return snapshot(said.get("updatedSpreadsheet", {}))
        except Moved:
            if not self._wrote_last(run):
                return None
        except Unanswered:
            # The run's own id says whether it was carried out; it is never sent twice.
            if not self._wrote_last(run):
                raise
        fields = SEEN.removeprefix("updatedSpreadsheet(").removesuffix(")")
        body = {"dataFilters": [{"a1Range": each} for each in batch.ranges]}
        return snapshot(self.api.request("POST", self._path(":getByDataFilter"), params={"fields": fields}, body=body))

    def _restore(self, puts: Iterable[Put]) -> None:
        if requests := value_requests(list(puts)):
            self.api.request("POST", self._path(":batchUpdate"), body={"requests": requests})

    def _wrote_last(self, run: str) -> bool:
        fields = "developerMetadata(metadataId,metadataKey,metadataValue)"
        found = run_of(self.api.request("GET", self._path(), params={"fields": fields}))
        return found is not None and found[1] == run

    def _path(self, verb: str = "") -> str:
        return f"/v4/spreadsheets/{self.id}{verb}"


_SIGNATURE = 1_802_529_128
"""Id of the metadata that a run signs with, where it has to be made."""


class _Write:
    """One plan on its way into the spreadsheet, until everything is where it belongs."""

    def __init__(self, workbook: GoogleWorkbook, plan: Plan, view: _View) -> None:
        self.workbook, self.plan, self.first, self.view, self.before = workbook, plan, view, view, view.snap
        self.run_id = uuid.uuid4().hex
        self.signed = view.snap.run[0] if view.snap.run else None
        self.was: dict[Position, Typed] = {}
        self.problems: list[Problem] = []

    def run(self, cells: Cells, lost: list[Request]) -> tuple[Problem, ...]:
        for put in cells.puts:
            self.was[put[:3]] = typed_in(self.view.snap.tabs[put.sheet].cell(put.row, put.column))
        for number in range(_ROUNDS):
            found, left = self._send(cells, lost, number)
            if not found and not left:
                return tuple(self.problems)
            cells = self._again(found, left)
            lost = mends(self.before, self.view.layout)
            if not cells and not lost:
                return tuple(self.problems)
        raise TryLater(
            "somebody keeps rearranging the spreadsheet while it is being written",
            where=self.view.snap.title,
            mend="run it again when they are done",
        )

    def _send(self, cells: Cells, lost: list[Request], number: int) -> tuple[list[Stray], list[Put]]:
        """What went astray, and what was not written because of that."""
        queue = batches(cells, self.view.layout, lost)
        for place, batch in enumerate(queue):
            run = f"{self.run_id}.{number}.{place}"
            signature = run_request(run, self.signed or _SIGNATURE, new=self.signed is None)
            seen = self.workbook._send(batch, run, signature)
            if seen is None:
                return [], _puts(queue[place:])
            self.signed = self.signed or _SIGNATURE
            if found := strays(batch, self.view.layout, self.before, seen):
                return found, _puts(queue[place + 1 :])
        return [], []

    def _again(self, found: list[Stray], left: list[Put]) -> Cells:
        """The cells that mend what went astray, as the spreadsheet is now."""
        snap = self.workbook._read(columns_of(found)) or self.workbook._read_all()
        restoring = Restoring(found, snap)
        self.problems += restoring.problems
        self.before = snap
        try:
            self.view = self.workbook._seen(restored(snap, restoring.puts))
        except BadData:
            # A column or a tab that the tool needs is gone. What people had comes back all the same.
            self.workbook._restore(restoring.puts.values())
            raise
        self.signed = snap.run[0] if snap.run else None
        writer = self.workbook._writer(self.view)
        tables = self.first.observed.tables, self.view.observed.tables
        wanted = [*(stray.put for stray in found), *left]
        again(wanted, self.plan, self.was, tables, self.view.snap, writer, restoring.puts)
        taken = {put[:3] for put in writer.cells.puts}
        writer.cells.puts += [put for cell, put in restoring.puts.items() if cell not in taken]
        return writer.cells


def _puts(queue: Iterable[Batch]) -> list[Put]:
    return [put for batch in queue for put in (*batch.puts, *(put for rows in batch.inserted for put in rows.puts))]
