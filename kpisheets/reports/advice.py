"""What to do about a KPI that is off target or worsening: by the side it is off to, by signal, and by size.

The KPI's own recommendation may speak of both sides of a range (“Above the range: … Below it: …”): the right one is
told. What follows it rests on the distinction of D. J. Wheeler, *Understanding Variation* (SPC Press, 2000): a signal
has a cause that can be found; routine variation that does not even reach the target is changed only by changing how the
figure comes about.
"""

from __future__ import annotations

import re
from functools import cache

from kpisheets.core.insight import Insight
from kpisheets.core.insight.behaviour import Limits
from kpisheets.core.kpi import Direction, Kpi, Number, aims
from kpisheets.core.summary import Line
from kpisheets.templates import Language


def advice(line: Line, recommendation: str, words: Language) -> str:
    """One or a few sentences, the KPI's own ``recommendation`` first; blank where nothing is known."""
    off = line.variance if line.kpi.direction is Direction.RANGE else None
    key = _by_signal(line.insight, line.kpi, line.target)
    said = words.word(f"advice.{key}") if key else ""
    return " ".join(part for part in (_of_its_side(recommendation, off, words), said) if part)


def _by_signal(insight: Insight | None, kpi: Kpi, target: Number | None) -> str:
    if insight is None or insight.limits is None:
        return ""
    change = insight.change
    if change is None:
        # Limits of a season that was taken out are not those of the figures that the target is compared with.
        return "beyond" if not insight.seasonal and _is_beyond(insight.limits, kpi, target) else ""
    if change.better:
        return "improving"
    return "changed" if change.lasting else "once"


def _is_beyond(limits: Limits, kpi: Kpi, target: Number | None) -> bool:
    """Whether what the KPI does by itself does not reach what is aimed at."""
    low, high = aims(kpi, target)
    return (low is not None and limits.upper < float(low)) or (high is not None and limits.lower > float(high))


def _of_its_side(text: str, off: float | None, words: Language) -> str:
    """The part of a recommendation that is for this side of the range; ``off`` is negative below it."""
    if not off:
        return text
    pieces = _sides(words.word("advice.above"), words.word("advice.below")).split(text)
    told = {"above": "", "below": ""}
    for marker, said in zip(pieces[1::2], pieces[2::2], strict=True):
        side = "above" if _is_of(marker, words.word("advice.above")) else "below"
        told[side] = f"{told[side]} {said.strip()}".strip()
    if not all(told.values()):
        return text
    mine = told["above" if off > 0 else "below"]
    return f"{pieces[0].strip()} {mine[:1].upper()}{mine[1:]}".strip()


@cache
def _sides(above: str, below: str) -> re.Pattern[str]:
    """Where a part begins: one of the words for a side, and a colon."""
    known = "|".join(re.escape(marker) for marker in (*above.split("|"), *below.split("|")))
    return re.compile(rf"(?i)(?<!\w)({known})\s*:\s*")


def _is_of(marker: str, side: str) -> bool:
    return marker.casefold() in [one.casefold() for one in side.split("|")]
