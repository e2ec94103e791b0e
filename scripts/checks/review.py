"""How often two series that have nothing to do with each other are said to be the same, and two that are, are not.

Usage: python scripts/checks/review.py [--pairs 20000]

Monthly series are made up, two to five years long, and compared as a review compares them. The figures of
docs/review.md are from here.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from kpisheets.core.kpi import Kpi, Status
from kpisheets.core.period import Calendar, Frequency
from kpisheets.core.review.past import Followed, Judged, Scene
from kpisheets.core.review.twins import find

MONTHS = (24, 36, 60)
Pair = tuple[list[float], list[float]]
PERIODS = [Calendar().period(Frequency.MONTHLY, date(2020 + month // 12, month % 12 + 1, 1)) for month in range(60)]


def noise(n: int, spread: float = 1.0) -> list[float]:
    return [random.gauss(0, spread) for _ in range(n)]


def walk(n: int) -> list[float]:
    place, found = 0.0, []
    for step in noise(n):
        place += step
        found.append(place)
    return found


def smooth(n: int) -> list[float]:
    place, found = 0.0, []
    for step in noise(n):
        place = 0.8 * place + step
        found.append(place)
    return found


def season(n: int, spread: float) -> Pair:
    wave = [5 * math.sin(2 * math.pi * month / 12) + (8 if month % 12 == 11 else 0) for month in range(n)]
    return tuple([a + b for a, b in zip(wave, noise(n, spread), strict=True)] for _ in range(2))  # type: ignore[return-value]


def jump(n: int) -> Pair:
    at = random.randrange(2, n - 2)
    return tuple([(30 if month >= at else 0) + it for month, it in enumerate(noise(n))] for _ in range(2))  # type: ignore[return-value]


def twins(n: int, spread: float) -> Pair:
    first = walk(n)
    return first, [3 * a + b for a, b in zip(first, noise(n, 3 * spread), strict=True)]


CASES: dict[str, Callable[[int], Pair]] = {
    "independent noise": lambda n: (noise(n), noise(n)),
    "independent random walks": lambda n: (walk(n), walk(n)),
    "independent, each value near the last": lambda n: (smooth(n), smooth(n)),
    "the same steep trend": lambda n: tuple([3 * at + it for at, it in enumerate(noise(n))] for _ in range(2)),  # type: ignore[return-value,dict-item]
    "one jump in the same month": jump,
    "the same season, little noise": lambda n: season(n, 0.3),
    "the same season, some noise": lambda n: season(n, 1.0),
    "twins, changes alike": lambda n: twins(n, 0.0),
    "twins with a tenth of noise": lambda n: twins(n, 0.1),
    "twins with a fifth of noise": lambda n: twins(n, 0.2),
}


def are_same(pair: Pair) -> bool:
    followed = []
    for name, values in zip("ab", pair, strict=True):
        past = tuple(Judged(period, it, None, Status.MET) for period, it in zip(PERIODS, values, strict=False))
        followed.append(Followed(Kpi(name, name), past, len(past)))
    return bool(list(find(Scene((), tuple(followed), frozenset(), date(2026, 1, 1), 0))))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=20_000)
    count = parser.parse_args().pairs
    random.seed(1926)
    print(f"{'':40}" + "".join(f"{f'{n} months':>12}" for n in MONTHS))
    for name, make in CASES.items():
        shares = [sum(are_same(make(n)) for _ in range(count)) / count for n in MONTHS]
        print(f"{name:40}" + "".join(f"{share:12.3%}" for share in shares), flush=True)


if __name__ == "__main__":
    main()
