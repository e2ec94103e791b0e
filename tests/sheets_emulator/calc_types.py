"""What the calculation is given and what it gives back: plain values, without the emulator's own state.

Rows and columns count from 0. An address is `(sheet id, row, column)`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Address = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as the file keeps it, from its `=` on, in the separators that were entered (`,` or `;`)."""

    text: str


@dataclass(frozen=True, slots=True)
class CalcError:
    """An error as a cell's `effectiveValue.errorValue` says it: `type` is one of the API's `ErrorValue` types
    (`ERROR`, `NULL_VALUE`, `DIVIDE_BY_ZERO`, `VALUE`, `REF`, `NAME`, `NUM`, `N_A`, `LOADING`)."""

    type: str
    message: str


Entered = None | bool | float | str | Formula
CalcValue = None | bool | float | str | CalcError


@dataclass(frozen=True, slots=True)
class CalcRange:
    """A part of a sheet: the first row and column, and one past the last; `None` as an end is open."""

    sheet_id: int
    row0: int
    row1: int | None
    column0: int
    column1: int | None


@dataclass(frozen=True, slots=True)
class CalcTable:
    """A table: `range` includes its header row (and the footer, where it has one); `columns` are its headers."""

    name: str
    range: CalcRange
    columns: tuple[str, ...] = ()
    footer: bool = False


@dataclass(slots=True)
class CalcSheet:
    """A tab: its size in rows and columns, and the cells that hold something. Dates and times are serial numbers."""

    id: int
    title: str
    rows: int
    columns: int
    cells: dict[tuple[int, int], Entered] = field(default_factory=dict)


@dataclass(slots=True)
class CalcBook:
    """A spreadsheet, its tabs in their order. `locale` is as in `SpreadsheetProperties.locale` (`en_US`, `fr_FR`)."""

    sheets: list[CalcSheet] = field(default_factory=list)
    named_ranges: dict[str, CalcRange] = field(default_factory=dict)
    tables: list[CalcTable] = field(default_factory=list)
    locale: str = "en_US"
    time_zone: str = "Etc/GMT"
