"""The figures as one table in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

QUOTA = 60
"""Requests a minute that Google grants each user, reads and writes apart."""


@dataclass(frozen=True)
class Figure:
    """What one command cost: requests, bytes of their bodies, seconds of the client's processor, wall seconds.
    ``derived``: from fewer KPIs, by rule of three."""

    requests: int
    sent: int
    received: int
    processor: float
    wall: float
    derived: bool = False

    def times(self, factor: float) -> Figure:
        scaled = (round(number * factor) for number in (self.requests, self.sent, self.received))
        return Figure(*scaled, self.processor * factor, self.wall * factor, derived=True)

    def __str__(self) -> str:
        about = "≈ " if self.derived else ""
        minutes = f" (≥ {self.requests / QUOTA:,.0f} min)" if self.requests > QUOTA else ""
        bodies = f"{_size(self.sent)} ↑ {_size(self.received)} ↓"
        return f"{about}**{self.requests:,}**{minutes} · {bodies} · {_seconds(self.processor)}"


def markdown(names: Sequence[str], figures: Mapping[tuple[int, str], Mapping[str, Figure]]) -> str:
    """A line for each number of KPIs and command, a column for each way."""
    lines = ["| KPIs | command | " + " | ".join(names) + " |", "| ---: | --- |" + " --- |" * len(names)]
    before = None
    for (kpis, command), row in figures.items():
        cells = (str(row.get(name, "–")) for name in names)
        lines.append(f"| {f'{kpis:,}' if kpis != before else ''} | {command} | " + " | ".join(cells) + " |")
        before = kpis
    return "\n".join(lines)


def _size(count: int) -> str:
    for unit, size in (("MB", 1_000_000), ("kB", 1_000)):
        if count >= size:
            return f"{count / size:.3g} {unit}" if count < 1000 * size else f"{count / size:,.0f} {unit}"
    return f"{count} B"


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:,.0f} s"
