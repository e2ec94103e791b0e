"""A day of the sample company, which makes its records, and what a sample table is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the sample company, with its own source of chance. ``age`` is in years since the first day."""

    date: date
    age: float
    chance: Random

    @property
    def is_working(self) -> bool:
        return self.date.weekday() < 5

    def week(self, saturday: float, sunday: float) -> float:
        """The weekday's level: 1 from Monday to Friday."""
        return {5: saturday, 6: sunday}.get(self.date.weekday(), 1.0)

    def season(self, swing: float, peak_month: float) -> float:
        """The year's level: ``1 + swing`` in the middle of ``peak_month`` (1–12), ``1 - swing`` six months apart."""
        year_day = self.date.timetuple().tm_yday
        return 1 + swing * math.cos(2 * math.pi * (year_day / 365.25 - (peak_month - 0.5) / 12))

    def wave(self, swing: float, days: int, shift: int = 0) -> float:
        """Slow ups and downs that follow no calendar."""
        return 1 + swing * math.sin(2 * math.pi * (self.date.toordinal() + shift) / days)

    def grown(self, yearly: float) -> float:
        return math.pow(1 + yearly, self.age)

    def about(self, level: float, noise: float) -> float:
        """The level with normal noise (a fraction of it), never below a twentieth of it."""
        return max(level * self.chance.gauss(1, noise), level / 20)

    def count(self, level: float, noise: float = 0.12) -> int:
        """A whole number whose mean is ``level``, however small that is."""
        wanted = self.about(level, noise)
        return int(wanted) + (self.chance.random() < wanted % 1)

    def flag(self, probability: float) -> int:
        return int(self.chance.random() < probability)

    def moment(self) -> str:
        """A time of that day within office hours and the evening, as ISO text."""
        return f"{self.date.isoformat()} {self.chance.randrange(8, 21):02d}:{self.chance.randrange(60):02d}:00"


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a sample table, and what makes its rows of a day."""

    columns: tuple[str, ...]
    rows: Callable[[Day], Iterator[Row]]
