"""How long the PDF of a report takes in a process that has started: the first one, which loads typst and its fonts,
and those after it.

Usage: python scripts/bench/report_pdf.py [TIMES]
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from kpisheets.reports import pdf  # noqa: E402
from kpisheets.templates import language  # noqa: E402
from tests.reports import samples  # noqa: E402


def main(times: int = 20) -> None:
    for title, lines in (("8 KPIs", samples.eight()), ("80 KPIs", samples.many(80))):
        for code in ("en", "fr"):
            taken = []
            for _ in range(times):
                began = time.perf_counter()
                size = len(pdf(samples.summary(lines, language=code), language(code)))
                taken.append(time.perf_counter() - began)
            first, *rest = taken
            print(
                f"{title}, {code}: first {first:.3f} s, then median {statistics.median(rest):.3f} s, "
                f"most {max(rest):.3f} s, {size / 1000:.0f} kB"
            )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
