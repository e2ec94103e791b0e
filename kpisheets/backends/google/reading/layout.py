"""Where a KPI workbook's tables and cells are in a spreadsheet today: by the handles of its columns, else by named
ranges, else by header words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kpisheets.backends.base import ANCHORS, TAB_OF, TELLING, Dictionary, NoKpiTabs, column_deleted
from kpisheets.backends.google.reading.cells import CellData, formula_of, value_of
from kpisheets.backends.google.reading.snapshot import Area, Snapshot, Tab
from kpisheets.core.merge import is_blank
from kpisheets.core.workbook import (
    CATALOGUE,
    FIELDS,
    FIXED_ROWS,
    LATER,
    LOG,
    MACHINE,
    NAMED_CELLS,
    REQUIRED,
    TRACKING,
    handle,
)
from kpisheets.errors import BadData

_NEAR = 3
"""Rows by which a spreadsheet table may have slipped from its header."""
_HEADER_DEPTH = 40
"""Rows from a tab's top in which a header is looked for by its words."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One cell."""

    sheet: int
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Place:
    """A table on its tab. Rows and columns are counted from 0: the header's row, the row after the last filled one
    (``end``), the row after the last that belongs to the table, filled or waiting (``limit``), each field's column.

    ``table_id`` is the spreadsheet table around it, if there is one; ``stale`` are fields whose handle was lost.
    """

    table: str
    sheet: int
    title: str
    header: int
    end: int
    limit: int
    columns: Mapping[str, int]
    row_count: int
    table_id: str | None = None
    table_area: Area | None = None
    stale: frozenset[str] = frozenset()

    @property
    def rows(self) -> range:
        """The filled rows."""
        return range(self.header + 1, self.end)


@dataclass(frozen=True, slots=True)
class Layout:
    """All tables and named cells that the spreadsheet has. ``titles`` and ``sizes`` (rows, columns) are by tab;
    ``undo`` is the tab that keeps what a run wrote over, if there is one."""

    places: Mapping[str, Place]
    cells: Mapping[str, Spot]
    titles: Mapping[int, str] = field(default_factory=dict)
    sizes: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    undo: int | None = None


def locate(snap: Snapshot, dictionary: Dictionary) -> Layout:
    """NoKpiTabs where the spreadsheet is no KPI workbook, BadData where a needed table or column is gone."""
    places = {}
    for table in FIELDS:
        place = _fixed(snap, table) if table in FIXED_ROWS else _growing(snap, table, dictionary)
        if place is not None:
            places[table] = place
    missing = [table for table in (TRACKING, CATALOGUE, LOG) if table not in places]
    if len(missing) == 3:
        raise NoKpiTabs(
            "this spreadsheet has no KPI tabs",
            where=snap.title,
            mend="run `kpisheets provision` to add them, or point workbook.id elsewhere",
        )
    if missing:
        tabs = " and ".join("KPIs" if table == CATALOGUE else TAB_OF[table].capitalize() for table in missing)
        raise BadData(
            f"the table of the tab {tabs} was deleted",
            where=snap.title,
            mend="bring the tab back: File, Version history, See version history",
        )
    cells = {
        name: Spot(area.sheet, area.top, area.left)
        for name in NAMED_CELLS
        if (area := snap.names.get(name)) is not None and area.sheet in snap.tabs
    }
    tabs_known = snap.tabs.values()
    return Layout(
        places,
        cells,
        {tab.id: tab.title for tab in tabs_known},
        {tab.id: (tab.row_count, tab.column_count) for tab in tabs_known},
        next((tab.id for tab in tabs_known if any(UNDO in found for found in tab.handles.values())), None),
    )


UNDO = "kpi_undo"
"""Handle of the hidden tab that keeps what the last run wrote over."""


def is_read(snap: Snapshot, layout: Layout) -> bool:
    """Whether every column of the tool's own was found, and every cell that the layout speaks of was read."""
    for name, place in layout.places.items():
        if MACHINE.get(name, frozenset()) - LATER.get(name, frozenset()) - place.columns.keys():
            return False
    spots = [(spot.sheet, spot.column) for spot in layout.cells.values()]
    spots += [(place.sheet, column) for place in layout.places.values() for column in place.columns.values()]
    return all(column in snap.tabs[sheet].columns for sheet, column in spots)


def _fixed(snap: Snapshot, table: str) -> Place | None:
    areas = {name: area for name in FIELDS[table] if (area := snap.names.get(handle(table, name))) is not None}
    heads = Counter((area.sheet, area.top) for area in areas.values() if area.sheet in snap.tabs)
    if not heads:
        return None
    (sheet, header), _ = heads.most_common(1)[0]
    columns = {name: area.left for name, area in areas.items() if (area.sheet, area.top) == (sheet, header)}
    end = header + 1 + FIXED_ROWS[table]
    tab = snap.tabs[sheet]
    return Place(table, sheet, tab.title, header, end, end, columns, tab.row_count)


def _growing(snap: Snapshot, table: str, dictionary: Dictionary) -> Place | None:
    words = dictionary.headers.get(table, {})
    tab = _tab_of(snap, table, words, dictionary)
    if tab is None:
        return None
    named = {name: area for name in FIELDS[table] if (area := snap.names.get(handle(table, name))) is not None}
    header = _header_of(tab, table, named, words)
    if header is None:
        return None
    columns = _columns(tab, table, header, named, words)
    handled = {found for each in tab.handles.values() for found in each}
    gone = sorted(REQUIRED.get(table, frozenset()) - columns.keys())
    if len(gone) > 1 and not named and not any(handle(table, name) in handled for name in FIELDS[table]):
        return None  # words that somebody else uses too
    if gone:
        raise column_deleted(
            gone,
            where=f"{snap.title}, tab {tab.title}",
            mend="undo that in Google Sheets, or bring it back: File, Version history, See version history",
        )
    if not columns:
        return None
    stale = frozenset(name for name in columns if handle(table, name) not in tab.handles.get(columns[name], ()))
    return _bounded(tab, table, header, columns, stale)


def _tab_of(snap: Snapshot, table: str, words: Mapping[str, str], dictionary: Dictionary) -> Tab | None:
    """The tab with the table. A tab that people duplicated has the handles of its original too: names then decide."""
    handles = {handle(table, name) for name in FIELDS[table]}
    votes: Counter[int] = Counter()
    for tab in snap.tabs.values():
        if any(handles.intersection(found) for found in tab.handles.values()):
            votes[tab.id] += 1
    for name in handles:
        if (area := snap.names.get(name)) is not None and area.sheet in snap.tabs:
            votes[area.sheet] += 2
    if votes:
        best = max(votes.values())
        return min((snap.tabs[sheet] for sheet, found in votes.items() if found == best), key=lambda tab: tab.index)
    titles = dictionary.tabs.get(TAB_OF[table], frozenset())
    for tab in sorted(snap.tabs.values(), key=lambda tab: tab.index):
        if tab.title.rstrip(" 0123456789").casefold() in titles or tab.title.casefold() in titles:
            for row in range(_HEADER_DEPTH):
                fields = {words[text] for column in tab.columns if (text := _text(tab.cell(row, column))) in words}
                if len(fields) >= 3 and len(TELLING[table] - fields) <= 1:
                    return tab
    return None


def _header_of(tab: Tab, table: str, named: Mapping[str, Area], words: Mapping[str, str]) -> int | None:
    """The header's row: where the names begin, else where a spreadsheet table does, else where the words stand."""
    tops = Counter(area.top for area in named.values() if area.sheet == tab.id)
    ours = [column for column, found in tab.handles.items() if any(one.startswith(f"{table}_") for one in found)]
    known = {row: _known(tab, row, ours or tab.columns, words) for row in range(_HEADER_DEPTH)}
    if tops:
        row = tops.most_common(1)[0][0]
        # Names that lost their header (somebody deleted its row or cut it away) begin at a row of the data.
        if _known(tab, row, ours or tab.columns, words) or not any(found >= 3 for found in known.values()):
            return row
    for area in tab.tables.values():
        if any(area.covers(column) for column in ours):
            return area.top
    row = max(known, key=lambda row: (known[row], -row))
    return row if known[row] >= min(3, len(FIELDS[table])) else None


def _known(tab: Tab, row: int, columns: Iterable[int], words: Mapping[str, str]) -> int:
    return len({text for column in columns if (text := _text(tab.cell(row, column))) in words})


def _columns(tab: Tab, table: str, header: int, named: Mapping[str, Area], words: Mapping[str, str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    by_handle: dict[str, list[int]] = {}
    for column in sorted(tab.handles):
        for one in tab.handles[column]:
            by_handle.setdefault(one, []).append(column)
    for name in FIELDS[table]:
        fitting = [at for at in by_handle.get(handle(table, name), ()) if _fits(tab, header, at, name, words)]
        if fitting:
            columns[name] = fitting[0]
    for name, area in named.items():
        free = name not in columns and area.sheet == tab.id and area.left not in columns.values()
        if free and _fits(tab, header, area.left, name, words):
            columns[name] = area.left
    for column in sorted(tab.columns):
        text = _text(tab.cell(header, column))
        if text in words and words[text] not in columns and column not in columns.values():
            columns[words[text]] = column
    return columns


def _fits(tab: Tab, header: int, column: int, name: str, words: Mapping[str, str]) -> bool:
    """Whether a handle may stand for its column: not where the header became that of another field."""
    return words.get(_text(tab.cell(header, column)), name) == name


def _bounded(tab: Tab, table: str, header: int, columns: Mapping[str, int], stale: frozenset[str]) -> Place:
    """How far the table reaches: as far as the spreadsheet table around it, rows that were typed right below it, and,
    since a Key is nobody else's, whatever has one."""
    around = next(
        (
            (found, area)
            for found, area in tab.tables.items()
            if any(area.covers(column) for column in columns.values()) and abs(area.top - header) <= _NEAR
        ),
        (None, None),
    )
    anchors = [tab.columns.get(columns[name], []) for name in ANCHORS[table] if name in columns]
    limit = header + 1
    if around[1] is not None and around[1].bottom is not None:
        limit = max(limit, around[1].bottom)
    while any(limit < len(cells) and not _is_empty(cells[limit]) for cells in anchors):
        limit += 1
    if table == TRACKING:
        keys = tab.columns.get(columns["key"], [])
        limit = max(limit, _last(keys) + 1)
    end = min(limit, max([header, *(_last(tab.columns.get(column, []), limit) for column in columns.values())]) + 1)
    return Place(table, tab.id, tab.title, header, end, limit, columns, tab.row_count, around[0], around[1], stale)


def _last(cells: list[CellData | None], limit: int | None = None) -> int:
    """The last row, before ``limit``, in which somebody typed something or a formula shows something; -1 if none."""
    for row in range(min(len(cells), len(cells) if limit is None else limit) - 1, -1, -1):
        cell = cells[row]
        if cell and formula_of(cell) is None and not _is_empty(cell):
            return row
    return -1


def _is_empty(cell: CellData | None) -> bool:
    return not cell or is_blank(value_of(cell))


def _text(cell: CellData | None) -> str:
    value = value_of(cell)
    return "" if value is None else str(value).strip().casefold()
