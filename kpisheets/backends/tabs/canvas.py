"""What a place must be able to draw so that the tabs can be laid out on it: one description, many interpreters.

Rows and columns are counted from 0. Widths are in digits of the workbook's font, heights in points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Protocol

from kpisheets.backends.tabs.looks import Look
from kpisheets.core.formula import Expression


@dataclass(frozen=True, slots=True)
class Area:
    """A block of cells, its edges included; ``bottom`` is ``None`` where it reaches down to the sheet's last row."""

    top: int
    left: int
    bottom: int | None
    right: int


@dataclass(frozen=True, slots=True)
class TableColumn:
    """``field`` as the core calls it; ``name`` is the handle of the header and the cells below it."""

    field: str
    name: str
    header: str
    look: Look
    machine: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A spreadsheet table of ``rows`` blank rows below its header; it grows downwards."""

    name: str
    top: int
    left: int
    rows: int
    columns: Sequence[TableColumn]
    filtered: bool = True

    @property
    def right(self) -> int:
        return self.left + len(self.columns) - 1

    @property
    def bottom(self) -> int:
        return self.top + self.rows


class Typing(Enum):
    """What happens to a text that a dropdown does not offer."""

    REFUSED = "refused"
    QUESTIONED = "questioned"
    WELCOME = "welcome"


@dataclass(frozen=True, slots=True)
class Dropdown:
    """``offered``: the items themselves, or the name of a growing table's column that holds them. ``message`` says why
    a text is refused or questioned, ``prompt`` what the cell is for."""

    offered: Sequence[str] | str
    typing: Typing
    message: str = ""
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Only dates, or numbers, from ``minimum`` on may be typed."""

    minimum: date | int
    message: str


@dataclass(frozen=True, slots=True)
class Trends:
    """A small line in each cell of ``column``, of the numbers from ``left`` to ``right`` in the same row."""

    column: int
    top: int
    bottom: int
    left: int
    right: int


class Role(Enum):
    """What a line of a chart is, and so what it looks like."""

    GOAL = "goal"
    MEAN = "mean"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class ChartLine:
    """``listed``: the chart's legend names it, where a place can leave that away."""

    column: int
    role: Role
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars and lines over the figures below ``heading``, whose cells name them. It stands at (``row``, ``column``);
    ``width`` and ``height`` are in pixels."""

    row: int
    column: int
    width: int
    height: int
    heading: int
    bottom: int
    labels: int
    bars: int
    lines: Sequence[ChartLine]
    description: str


@dataclass(frozen=True, slots=True)
class Page:
    """Printing on A4: the ``repeated`` row and columns (first, last) on each page, ``wide`` pages beside each other,
    the rest left away where ``through`` names the last row and column; ``footer`` is the project's name."""

    footer: str
    repeated: int | None = None
    portrait: bool = False
    wide: int = 1
    columns: tuple[int, int] | None = None
    through: tuple[int, int] | None = None


class Sheet(Protocol):
    """A tab that is being laid out."""

    def text(self, row: int, column: int, value: str, look: Look) -> None:
        """A text, whatever it looks like."""
        ...

    def number(self, row: int, column: int, value: float, look: Look) -> None: ...

    def day(self, row: int, column: int, value: date, look: Look) -> None: ...

    def blank(self, row: int, column: int, look: Look) -> None: ...

    def merged(self, row: int, left: int, right: int, value: str | None, look: Look) -> None:
        """One cell over several columns, with a text or blank."""
        ...

    def columns(self, first: int, last: int, width: float, look: Look | None = None, *, folded: bool = False) -> None:
        """Their width, the look of cells that nobody has written yet, and whether they are grouped and hidden."""
        ...

    def row(self, row: int, height: float | None = None, look: Look | None = None, *, folded: bool = False) -> None:
        """The same for a row; its height fits its text where none is given."""
        ...

    def rows(self, height: float) -> None:
        """The height of every other row."""
        ...

    def table(self, table: Table) -> None:
        """A spreadsheet table: headers, and the names of its columns."""
        ...

    def name(self, name: str, top: int, column: int, bottom: int) -> None:
        """Give cells of one column a name that is known in the whole workbook."""
        ...

    def hint(self, row: int, column: int, text: str) -> None:
        """What the cell says to who selects it."""
        ...

    def dropdown(self, area: Area, dropdown: Dropdown) -> None: ...

    def at_least(self, area: Area, rule: AtLeast) -> None: ...

    def shade_equal(self, area: Area, value: str | int, look: Look) -> None:
        """Cells that hold this value look like this."""
        ...

    def shade_where(self, area: Area, condition: Expression, fields: Mapping[str, int], look: Look) -> None:
        """Cells in whose row a condition holds look like this; ``fields`` are the columns of its ``Here``."""
        ...

    def trends(self, trends: Trends) -> None: ...

    def chart(self, chart: Chart) -> None: ...

    def freeze(self, rows: int, columns: int) -> None:
        """Keep the first rows and columns in sight."""
        ...

    def plain(self, zoom: int = 100) -> None:
        """A page to read rather than a grid: no grid lines."""
        ...

    def page(self, page: Page) -> None: ...


class Canvas(Protocol):
    """A workbook that is being laid out."""

    def sheet(self, key: str, title: str, colour: str) -> Sheet:
        """Add a tab. ``key`` tells which one it is."""
        ...
