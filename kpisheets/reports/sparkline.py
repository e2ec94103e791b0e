"""Trends as small pictures: a PNG for mail (which shows neither SVG nor remote pictures), block characters for text."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Sequence
from itertools import pairwise

from kpisheets.core.kpi import Number, Status
from kpisheets.core.summary import Point

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
_BLOCKS = "▁▂▃▄▅▆▇█"
_GAP = "·"


def blocks(trend: Sequence[Point]) -> str:
    """One block character per period, a middle dot where there is no data."""
    values = [_finite(point.actual) for point in trend]
    found = [value for value in values if value is not None]
    if not found:
        return ""
    low, span = min(found), max(found) - min(found)
    top = len(_BLOCKS) - 1
    return "".join(
        _GAP if value is None else _BLOCKS[round((value - low) / span * top) if span else top // 2] for value in values
    )


def png(trend: Sequence[Point], status: Status) -> bytes:
    """A PNG of the actuals (a line), the targets (a pale dashed line) and the last actual (a dot in its status colour).

    The bytes depend on the arguments alone. At most 31 colours; some 400 bytes.
    """
    canvas = _Canvas(WIDTH * DENSITY, HEIGHT * DENSITY)
    actuals = _placed([point.actual for point in trend], trend, canvas)
    targets = _placed([point.target for point in trend], trend, canvas)
    for start, end in _segments(targets):
        canvas.stroke(start, end, 1.0, layer=0, dash=8.0)
    for start, end in _segments(actuals):
        canvas.stroke(start, end, 1.6, layer=1)
    for before, place, after in zip([None, *actuals], actuals, [*actuals[1:], None], strict=False):
        if place is not None and before is None and after is None:
            canvas.stroke(place, place, 2.4, layer=1)
    drawn = [place for place in actuals if place is not None]
    if drawn:
        canvas.stroke(drawn[-1], drawn[-1], 4.5, layer=2)
    return canvas.png((_AIM, _LINE, _DOTS.get(status, _LINE)))


_Place = tuple[float, float]


def _placed(values: Sequence[Number | None], trend: Sequence[Point], canvas: _Canvas) -> list[_Place | None]:
    """Where each value stands; actuals and targets share one scale, on which all of them are visible."""
    known = [_finite(value) for point in trend for value in (point.actual, point.target)]
    found = [value for value in known if value is not None]
    low, high = (min(found), max(found)) if found else (0.0, 0.0)
    edge = 7.0
    step = (canvas.width - 2 * edge) / max(len(values) - 1, 1)
    places: list[_Place | None] = []
    for index, value in enumerate(_finite(value) for value in values):
        if value is None:
            places.append(None)
            continue
        # Halves keep the difference finite for numbers near the limits of a float.
        share = (value / 2 - low / 2) / (high / 2 - low / 2) if high / 2 > low / 2 else 0.5
        x = canvas.width - edge - step * (len(values) - 1 - index)
        places.append((x, canvas.height - edge - share * (canvas.height - 2 * edge)))
    return places


def _segments(places: Sequence[_Place | None]) -> list[tuple[_Place, _Place]]:
    return [(start, end) for start, end in pairwise(places) if start is not None and end is not None]


def _finite(value: Number | None) -> float | None:
    if value is None:
        return None
    number = float(value)
    return number if math.isfinite(number) else None


class _Canvas:
    """Pixels of a palette: 0 is paper, then ``_LEVELS`` strengths of each layer's ink."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._rows = [bytearray(width) for _ in range(height)]

    def stroke(self, start: _Place, end: _Place, radius: float, *, layer: int, dash: float = 0.0) -> None:
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
