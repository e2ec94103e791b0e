"""Another spreadsheet of Google's as a source: ``gsheet://ID``. Its tabs are tables; types are the cells' own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import quote, unquote

from kpisheets.connectors.base import Opening, Records, Refused, Window
from kpisheets.connectors.files.sheets import distinct
from kpisheets.connectors.google import settings
from kpisheets.errors import BadConfig
from kpisheets.google_access.api import open_api
from kpisheets.google_access.file_rules import Moved
from kpisheets.google_access.scopes import Need

_ID = re.compile(r"[\w-]{6,}")
_LINK = re.compile(r"/d/([\w-]{6,})")
_RANGE = re.compile(r"(?P<tab>.+)!(?P<range>\$?[A-Za-z]{0,3}\$?\d*(?::\$?[A-Za-z]{0,3}\$?\d*)?)")
_CELLS = "sheets(data(rowData(values(effectiveValue,effectiveFormat(numberFormat(type))))))"
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 — cells have no time zone
_DAY_MS = 86_400_000

Cell = Mapping[str, Any]


class Spreadsheet:
    """An extractor, see ``base.Extractor``."""

    engine = "Google Sheets"

    def __init__(self, opening: Opening) -> None:
        self.opening = opening
        written = unquote(opening.url.value.partition("://")[2].partition("?")[0].partition("#")[0])
        link = _LINK.search(written)
        self.id = link[1] if link else written.strip("/")
        if not _ID.fullmatch(self.id):
            mend = 'write url = "gsheet://ID", with what stands between /d/ and /edit in its address'
            raise BadConfig(f"“{self.id}” is not the id of a spreadsheet", mend=mend)
        need = Need(workbook=False, sheets=True)
        self.api = open_api(settings(opening), opening.root, need=need, tell=lambda said: opening.tell(said, 0))

    def records(self, table: str, window: Window) -> Records:
        """The rows of a tab, or of a part of it (``Orders!A1:F``), below the first row that is not blank."""
        found = _RANGE.fullmatch(table)
        tab, part = (found["tab"], found["range"]) if found else (table, "")
        tab = self._tab(tab.strip("'"))
        rows = self._rows(tab, part)
        header = next((row for row in rows if any(value is not None for value in row)), ())
        columns = [place for place, value in enumerate(header) if value is not None and str(value).strip()]
        if not columns:
            raise Refused(f"the tab “{table}” is empty", "give its columns names in its first row")
        names = list(distinct(_text(header[place]) for place in columns))
        data = []
        for row in rows:
            values = [row[place] if place < len(row) else None for place in columns]
            if any(value is not None for value in values):
                data.append(dict(zip(names, values, strict=True)))
        zone = self._outline["properties"].get("timeZone", "")
        times = any(isinstance(value, datetime) for record in data[:1000] for value in record.values())
        said = f"times are as the cells show them; the spreadsheet's own time zone is {zone}"
        return Records(data, notes=(said,) if times and zone != window.timezone else ())

    def _rows(self, tab: str, part: str) -> Iterator[Sequence[object]]:
        quoted_tab = "'" + tab.replace("'", "''") + "'"
        wanted = f"{quoted_tab}!{part}" if part else quoted_tab
        self.opening.tell(f"reading {tab}", 0)
        try:
            said = self.api.request("GET", self._path, params={"ranges": wanted, "fields": _CELLS})
        except Moved:
            mend = 'write table = "Orders!A1:F", or the name of the tab alone'
            raise Refused(f"“{part}” is no range of the tab “{tab}”", mend) from None
        rows = [
            row for sheet in said.get("sheets", ()) for data in sheet.get("data", ()) for row in data.get("rowData", ())
        ]
        self.opening.tell(f"reading {tab}", len(rows))
        return (tuple(_value(cell) for cell in row.get("values", ())) for row in rows)

    def _tab(self, name: str) -> str:
        """The tab's name as the spreadsheet spells it."""
        titles = [str(sheet["properties"]["title"]) for sheet in self._outline.get("sheets", ())]
        found = [title for title in titles if title == name] or [
            title for title in titles if title.casefold() == name.casefold()
        ]
        if not found:
            raise Refused(f"there is no tab “{name}”", f"its tabs are: {', '.join(titles[:12])}")
        return found[0]

    @cached_property
    def _outline(self) -> dict[str, Any]:
        fields = "properties(timeZone),sheets(properties(title))"
        return self.api.request("GET", self._path, params={"fields": fields})

    @property
    def _path(self) -> str:
        return f"/v4/spreadsheets/{quote(self.id, safe='')}"


def open_spreadsheet(opening: Opening) -> Spreadsheet:
    """Open ``gsheet://ID``. BadConfig where that is no id, NotAllowed without credentials."""
    return Spreadsheet(opening)


def _value(cell: Cell) -> object:
    """What a cell shows, by its own type: a number is a date where its format says so. Errors are blanks."""
    shown = cell.get("effectiveValue") or {}
    if "numberValue" in shown:
        number = shown["numberValue"]
        kind = cell.get("effectiveFormat", {}).get("numberFormat", {}).get("type", "")
        return _moment(number, kind) if kind in ("DATE", "DATE_TIME") else _exact(number)
    if "stringValue" in shown:
        return shown["stringValue"] or None
    return shown.get("boolValue")


def _moment(number: float, kind: str) -> object:
    try:
        found = _EPOCH + timedelta(milliseconds=round(number * _DAY_MS))
    except OverflowError:
        return _exact(number)
    return found.date() if kind == "DATE" and float(number).is_integer() else found


def _exact(number: float) -> int | Decimal:
    """The number that a cell shows: it keeps 15 digits."""
    if float(number).is_integer() and abs(number) < 2**53:
        return int(number)
    return Decimal(format(number, ".15g"))


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value).strip()
