"""A trend as a small PNG, for mail, which shows neither SVG nor remote pictures."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Sequence
from itertools import pairwise

from kpisheets.core.kpi import Status
from kpisheets.core.summary import Point
from kpisheets.reports.trend import Place, places, runs

WIDTH, HEIGHT = 76, 22
"""The size at which a picture is shown, in CSS pixels; it holds twice as many, for sharp screens."""
DENSITY = 2

Colour = tuple[int, int, int]
_PAPER: Colour = (255, 255, 255)
_LINE: Colour = (71, 85, 105)
_AIM: Colour = (186, 195, 207)
_DOTS: dict[Status, Colour] = {
    Status.MET: (21, 128, 61),
    Status.AT_RISK: (217, 119, 6),
    Status.MISSED: (185, 28, 28),
}
_LEVELS = 10
_EDGE = 7.0


def png(trend: Sequence[Point], status: Status) -> bytes:
    """A PNG of the actuals (a line), the targets (a pale dashed line) and the last actual (a dot in its status colour).

    The bytes depend on the arguments alone. At most 31 colours; some 400 bytes.
    """
    canvas = _Canvas(WIDTH * DENSITY, HEIGHT * DENSITY)
    actuals, targets = places(trend)
    for run in runs(targets):
        canvas.line(run, 1.0, layer=0, dash=8.0)
    for run in runs(actuals):
        canvas.line(run, 1.6 if len(run) > 1 else 2.4, layer=1)
    drawn = [place for place in actuals if place is not None]
    if drawn:
        canvas.line(drawn[-1:], 4.5, layer=2)
    return canvas.png((_AIM, _LINE, _DOTS.get(status, _LINE)))


class _Canvas:
    """Pixels of a palette: 0 is paper, then ``_LEVELS`` strengths of each layer's ink."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._rows = [bytearray(width) for _ in range(height)]

    def line(self, run: Sequence[Place], radius: float, *, layer: int, dash: float = 0.0) -> None:
        """Joins the points of a run; one alone is a dot, or nothing where the line is dashed."""
        across, down = self.width - 2 * _EDGE, self.height - 2 * _EDGE
        drawn = [(_EDGE + x * across, self.height - _EDGE - y * down) for x, y in run]
        if len(drawn) == 1 and not dash:
            drawn *= 2
        for start, end in pairwise(drawn):
            self._stroke(start, end, radius, layer=layer, dash=dash)

    def _stroke(self, start: Place, end: Place, radius: float, *, layer: int, dash: float = 0.0) -> None:
        """A round-ended line; with ``dash`` only every other length of so many pixels, counted from the left edge."""
        (x0, y0), (x1, y1) = start, end
        dx, dy = x1 - x0, y1 - y0
        length = dx * dx + dy * dy
        reach = radius + 1
        for y in range(max(int(min(y0, y1) - reach), 0), min(int(max(y0, y1) + reach) + 1, self.height)):
            row = self._rows[y]
            for x in range(max(int(min(x0, x1) - reach), 0), min(int(max(x0, x1) + reach) + 1, self.width)):
                if dash and x // dash % 2:
                    continue
                px, py = x + 0.5 - x0, y + 0.5 - y0
                along = min(max((px * dx + py * dy) / length, 0.0), 1.0) if length else 0.0
                distance = math.hypot(px - along * dx, py - along * dy)
                level = round(min(max(radius + 0.5 - distance, 0.0), 1.0) * _LEVELS)
                if level:
                    row[x] = self._over(row[x], layer, level)

    @staticmethod
    def _over(old: int, layer: int, level: int) -> int:
        new = layer * _LEVELS + level
        if not old:
            return new
        old_layer, old_level = divmod(old - 1, _LEVELS)
        if old_layer == layer:
            return max(old, new)
        # One ink per pixel: the upper layer wins where it covers at least half, or more than the ink that is there.
        return new if 2 * level >= _LEVELS or level > old_level + 1 else old

    def png(self, inks: Sequence[Colour]) -> bytes:
        palette = bytearray(_PAPER)
        for ink in inks:
            for level in range(1, _LEVELS + 1):
                palette += bytes(
                    round(paper + (tone - paper) * level / _LEVELS) for paper, tone in zip(_PAPER, ink, strict=True)
                )
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 3, 0, 0, 0)
        pixels = b"".join(b"\0" + bytes(row) for row in self._rows)
        body = _chunk(b"IHDR", header) + _chunk(b"PLTE", bytes(palette)) + _chunk(b"IDAT", zlib.compress(pixels, 9))
        return b"\x89PNG\r\n\x1a\n" + body + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
