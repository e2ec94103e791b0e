"""How the workbook looks: its colours, and the looks of cells, made of layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import Any

from kpisheets.core.kpi import Status

FONT = "Calibri"
INK, SLATE, MUTED, RULE, WHITE = "#1F2933", "#22384D", "#66717C", "#D5DAE0", "#FFFFFF"
ACCENT = "#1F6F8B"
SIGNAL = "#E8A33D"
"""Lines that must be seen on ``ACCENT`` and on white."""
INPUT, INPUT_FILL = "#0B3FBF", "#F3F7FE"
"""People type here: blue, as in financial models."""
MACHINE_INK, MACHINE_FILL = "#8A949E", "#ECEFF2"

STATUS_COLOURS: Mapping[Status, tuple[str, str]] = {
    Status.MET: ("#0B5D56", "#D9F0EC"),
    Status.AT_RISK: ("#7A4B00", "#FFEFC9"),
    Status.MISSED: ("#8E1B3A", "#F8DCE3"),
    Status.NO_DATA: ("#56616C", "#ECEFF2"),
    Status.NO_TARGET: ("#56616C", "#ECEFF2"),
    Status.IN_PROGRESS: ("#2B4C7E", "#E4ECF7"),
}
"""Text and fill. Teal, amber and crimson stay apart for colour-blind eyes, and their words carry symbols besides."""


class Align(Enum):
    LEFT = "left"
    RIGHT = "right"
    TOP = "top"
    MIDDLE = "middle"
    BOTTOM = "bottom"


class Stroke(Enum):
    THIN = "thin"
    MEDIUM = "medium"
    THICK = "thick"
    DOTTED = "dotted"


@dataclass(frozen=True, slots=True)
class Edge:
    stroke: Stroke
    colour: str


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell looks; what is ``None`` is as in the layer below. ``a | b`` lays b over a.

    Colours are ``#RRGGBB``, ``size`` is in points, ``format`` a number format in the notation that spreadsheet programs
    share. ``box`` is all four edges.
    """

    size: float | None = None
    bold: bool | None = None
    italic: bool | None = None
    ink: str | None = None
    fill: str | None = None
    across: Align | None = None
    down: Align | None = None
    indent: int | None = None
    wrap: bool | None = None
    format: str | None = None
    left: Edge | None = None
    right: Edge | None = None
    bottom: Edge | None = None
    box: Edge | None = None

    def __or__(self, over: Look) -> Look:
        return replace(self, **over.own)

    @property
    def own(self) -> dict[str, Any]:
        """What this layer itself decides."""
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in values if value is not None}


PLAIN = Look()
BASE = Look(size=11, ink=INK, down=Align.MIDDLE)
"""Below every cell's own look, in the font ``FONT``."""
TITLE = Look(size=22, bold=True, ink=SLATE)
TAB_TITLE = Look(size=16, bold=True, ink=SLATE)
SUBTITLE = Look(ink=MUTED)
HEADLINE = Look(bottom=Edge(Stroke.MEDIUM, ACCENT))
SECTION = HEADLINE | Look(size=12, bold=True, ink=SLATE)
SECTION_NOTE = HEADLINE | Look(size=10, ink=MUTED)
RULED = Look(bottom=Edge(Stroke.DOTTED, RULE))
HEADER = Look(bold=True, ink=WHITE, fill=SLATE, wrap=True, down=Align.MIDDLE)
MACHINE_HEADER = Look(italic=True, size=9, ink=MACHINE_INK, fill=MACHINE_FILL)
MACHINE = Look(size=9, ink=MACHINE_INK)
TYPED = Look(ink=INPUT)
COMPUTED = Look(ink="#000000")
SETTING = Look(ink=INPUT, fill=INPUT_FILL, across=Align.LEFT, indent=1, box=Edge(Stroke.THIN, "#A9BDE8"))
OVERRIDDEN = Look(ink="#5C3B00", fill="#FFE3A3", bold=True)
"""An Actual that a person typed over what its source says."""
OVERRIDDEN_EDGE = Look(box=Edge(Stroke.THIN, "#B7791F"))
QUIET = Look(ink="#8A949E")


def of_status(status: Status) -> Look:
    """The colours that a status word takes."""
    ink, fill = STATUS_COLOURS[status]
    return Look(ink=ink, fill=fill, bold=status is Status.MISSED)
