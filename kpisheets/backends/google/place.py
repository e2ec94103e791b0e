"""A project's spreadsheet: found, or made in Drive and filled in one stroke; or somebody's, which gets the KPI tabs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kpisheets.backends.base import Dictionary, NoKpiTabs
from kpisheets.backends.google import drive
from kpisheets.backends.google.build import Drawing, draw
from kpisheets.backends.google.memory import Memory, Remembered
from kpisheets.backends.google.reading.layout import locate
from kpisheets.backends.google.reading.observe import observed
from kpisheets.backends.google.workbook import GoogleWorkbook
from kpisheets.backends.google.writing.changes import requests_for
from kpisheets.backends.tabs import TABS, Content, free_titles
from kpisheets.core.plan import Plan
from kpisheets.core.workbook import NAMED_CELLS, Observed
from kpisheets.errors import BadData, CannotWrite, Defect
from kpisheets.files import file_name
from kpisheets.google_access.api import Api, Unanswered
from kpisheets.google_access.file_rules import NoSpreadsheet

_NEEDED = ("tracking", "kpis", "log")
"""Tabs without which there is no KPI workbook."""
_FIRST_TAB = 0
"""Id of the one tab that a new spreadsheet has."""
_GLANCE = "spreadsheetUrl,properties(title),namedRanges(namedRangeId,name),sheets(properties(sheetId,title))"
_CONTENT = "sheets(data(rowData(values(userEnteredValue))))"


@dataclass(frozen=True, slots=True)
class _Glance:
    """A spreadsheet without its cells: the tabs' titles by id, the ids of the names that it has, whether its cells are
    known to be blank."""

    tabs: Mapping[int, str]
    names: Mapping[str, str]
    blank: bool

    def may_be_ours(self, dictionary: Dictionary) -> bool:
        """Whether KPI tabs may be in it. Where every handle is lost they are told by their titles and headers."""
        titles = frozenset[str]().union(*(dictionary.tabs.get(key, ()) for key in _NEEDED))
        known = (title.casefold().rstrip(" 0123456789") for title in self.tabs.values())
        return any(name in self.names for name in NAMED_CELLS) or any(title in titles for title in known)


class GooglePlace:
    """See ``backends.place.Place``. ``id`` is the spreadsheet that ``kpisheets.toml`` names; where it names none, one
    called ``title`` is made in ``folder`` and shared with ``share``. ``memory`` is the file of what the project
    remembers, ``api`` opens the way to Google."""

    path: Path | None = None

    def __init__(
        self,
        api: Callable[[], Api],
        dictionary: Dictionary,
        *,
        project: str,
        title: str,
        memory: Path,
        id: str | None = None,
        folder: str | None = None,
        share: tuple[str, ...] = (),
    ) -> None:
        self._open, self.dictionary, self.memory = api, dictionary, Memory(memory)
        self.title, self.folder, self.share = title, folder, share
        self.given, self.mark = id, drive.mark(project, title)
        self._glimpsed: _Glance | None = None

    @cached_property
    def api(self) -> Api:
        return self._open()

    @property
    def link(self) -> str:
        known = self._known()
        return drive.link(known.id) if known else ""

    @property
    def advice(self) -> str:
        known = self._known()
        if self.given is not None or known is None:
            return ""
        return f'Put id = "{known.id}" under [workbook] in kpisheets.toml: every machine then finds it at once.'

    @property
    def name(self) -> str:
        return self.title

    def attachment(self, kind: str) -> tuple[str, bytes] | None:
        known = self._find()
        return None if known is None else (f"{file_name(self.title)}.{kind}", drive.export(self.api, known.id, kind))

    def workbook(self) -> GoogleWorkbook | None:
        known = self._find()
        return None if known is None else GoogleWorkbook(self.api, known.id, self.dictionary)

    def find(self) -> tuple[GoogleWorkbook, Observed] | None:
        # In a folder where no run has ever been there is nothing to look for, and a look is a request.
        known = self._find() if self.memory.path.parent.exists() else self._known()
        try:
            return None if known is None else self._seen(known)
        except NoSpreadsheet as error:
            if self.given is not None or known is None:
                raise
            raise BadData(
                "the spreadsheet that was made for this project is gone, or no longer shown to this account",
                where=drive.link(known.id),
                mend=f"bring it back or share it again; or delete {self.memory.path}, and a new one is made",
            ) from error

    def _seen(self, known: Remembered) -> tuple[GoogleWorkbook, Observed] | None:
        if not known.built:
            # One look at what is there is enough to add the tabs, and costs little where somebody keeps a lot.
            self._glimpsed = self._glance(known)
            if not self._glimpsed.may_be_ours(self.dictionary):
                return None
        workbook = GoogleWorkbook(self.api, known.id, self.dictionary)
        try:
            seen = workbook.observe()
        except NoKpiTabs:
            self._glimpsed = self._glimpsed or self._glance(known)
            return None
        self.memory.write(Remembered(known.id, known.project, built=True))
        return workbook, seen

    @contextmanager
    def draft(self, content: Content) -> Iterator[GoogleDraft]:
        from filelock import FileLock, Timeout

        lock = FileLock(self.memory.path.with_suffix(".lock"))
        self.memory.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with lock.acquire(timeout=0):
                known = self._known()
                if known is not None and self._glimpsed is None:
                    raise CannotWrite("a spreadsheet was made meanwhile", where=drive.link(known.id), mend="run again")
                yield self._drawn(content, known, self._glimpsed)
        except Timeout:
            raise CannotWrite(
                "another run is making the spreadsheet", where=str(self.memory.path), mend="wait for it, then run again"
            ) from None

    def _drawn(self, content: Content, known: Remembered | None, there: _Glance | None) -> GoogleDraft:
        if known is None or there is None:
            return GoogleDraft(self, draw(content, fresh=_FIRST_TAB), None)
        usual = content.language.tabs
        fresh = _FIRST_TAB if there.blank and set(there.tabs) == {_FIRST_TAB} else None
        titles = free_titles({key: usual[key] for key in TABS}, there.tabs.values())
        drawing = draw(content, titles, taken=there.tabs, left=there.names, fresh=fresh)
        return GoogleDraft(self, drawing, known, {usual[key]: title for key, title in titles.items()})

    def extend(self, content: Content, tabs: Collection[str]) -> Mapping[str, str]:
        known, usual = self._find(), content.language.tabs
        if known is None:
            raise BadData("the spreadsheet is gone", where=self.title, mend="run `kpisheets provision` again")
        there = self._glance(known)
        titles = free_titles({key: usual[key] for key in tabs}, there.tabs.values())
        drawing = draw(content, titles, taken=there.tabs, left=there.names)
        self.send(known, drawing, drawing.requests)
        return {usual[key]: title for key, title in titles.items()}

    # --- what the draft needs ---

    def make(self) -> Remembered:
        """A blank spreadsheet, remembered before anything is put into it."""
        made = Remembered(drive.create(self.api, self.title, self.mark, self.folder), self.mark)
        self.memory.write(made)
        return made

    def send(self, known: Remembered, drawing: Drawing, requests: list[dict[str, Any]]) -> None:
        """One batch, applied whole or not at all. Its tabs have ids of their own: it cannot be applied twice."""
        path, wanted = f"/v4/spreadsheets/{quote(known.id, safe='')}:batchUpdate", set(drawing.snapshot.tabs)
        body = {"requests": requests, "includeSpreadsheetInResponse": True, "responseIncludeGridData": False}
        params = {"fields": f"updatedSpreadsheet({_GLANCE})"}
        try:
            said = self.api.request("POST", path, params=params, body=body, repeatable=False)
            there = _glanced(said.get("updatedSpreadsheet", {}))
        except (Unanswered, Defect):
            there = self._glance(known)
            if not wanted <= set(there.tabs):
                raise
        if not (wanted <= set(there.tabs) and there.names.keys() >= set(drawing.snapshot.names)):
            raise Defect(
                "Google has not made what it was asked for",
                where=drive.link(known.id),
                mend="look at the spreadsheet, and run `kpisheets provision` again",
            )
        self.memory.write(Remembered(known.id, known.project, built=True))

    # --- helpers ---

    def _known(self) -> Remembered | None:
        """What is known without asking."""
        known = self.memory.read()
        if self.given is not None:
            return known if known is not None and known.id == self.given else Remembered(self.given)
        return known if known is not None and known.project == self.mark else None

    def _find(self) -> Remembered | None:
        known = self._known()
        if known is None and (found := drive.find(self.api, self.mark)) is not None:
            known = Remembered(found, self.mark)
            self.memory.write(known)
        return known

    def _glance(self, known: Remembered) -> _Glance:
        # Only of what kpisheets itself made may the cells be asked for: somebody's may be many.
        fields = f"{_GLANCE},{_CONTENT}" if known.project else _GLANCE
        said = self.api.request("GET", f"/v4/spreadsheets/{quote(known.id, safe='')}", params={"fields": fields})
        return _glanced(said, with_cells=bool(known.project))


def _glanced(said: Mapping[str, Any], *, with_cells: bool = False) -> _Glance:
    sheets = said.get("sheets", ())
    properties = [sheet["properties"] for sheet in sheets]
    return _Glance(
        {each.get("sheetId", 0): each.get("title", "") for each in properties},
        {each["name"]: each["namedRangeId"] for each in said.get("namedRanges", ())},
        with_cells and not any(block.get("rowData") for sheet in sheets for block in sheet.get("data", ())),
    )


class GoogleDraft:
    """Tabs that nobody has sent yet; see ``backends.place.Draft``. ``known`` is the spreadsheet that they go into."""

    def __init__(
        self, place: GooglePlace, drawing: Drawing, known: Remembered | None, tabs: Mapping[str, str] | None = None
    ) -> None:
        self.place, self.drawing, self.known = place, drawing, known
        self.created, self.tabs = known is None, tabs or {}
        self._layout = locate(drawing.snapshot, place.dictionary)
        self._seen = observed(drawing.snapshot, self._layout)

    def observe(self) -> Observed:
        return self._seen

    def publish(self, plan: Plan) -> None:
        place = self.place
        filled = requests_for(plan, self._layout, self._seen, place.dictionary)
        known = place.make() if self.known is None else self.known
        place.send(known, self.drawing, [*self.drawing.requests, *filled])
        if self.created and place.share:
            drive.share(place.api, known.id, place.share)
