"""One KPI of a report in words and written numbers.

Names that people typed are stripped of what could change a layout (line breaks, control and direction characters);
escaping is left to each rendering.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

from kpisheets.core.kpi import Direction, Number, RollUp, Status
from kpisheets.core.summary import Line, SoFar
from kpisheets.core.unit import Measure, Unit
from kpisheets.reports.advice import advice
from kpisheets.reports.dates import period_words, until_words
from kpisheets.reports.insight import Said, said
from kpisheets.reports.numbers import NOTHING, Writer, differ
from kpisheets.reports.trend import finite
from kpisheets.templates import Language


@dataclass(frozen=True, slots=True)
class Row:
    """One KPI, written. ``gap`` says how far from target in words; ``marks`` are notes such as “typed by hand”;
    ``trend`` says in words what a picture of it shows, blank where it has fewer than two values; ``said`` is what its
    history says, ``reading`` what to make of it where the KPI is off target or worsening."""

    line: Line
    name: str
    owner: str
    department: str
    period: str
    actual: str
    target: str
    status: Status
    symbol: str
    word: str
    gap: str
    gap_share: str
    so_far: str
    marks: tuple[str, ...]
    trend: str
    recommendation: str
    said: Said
    reading: str

    @property
    def change(self) -> str:
        """That it changed, where it did."""
        return self.said.change

    @property
    def is_range(self) -> bool:
        """Whether the target is two numbers with a word between them."""
        return self.line.kpi.direction is Direction.RANGE

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know about the number, how it came about, and the running period."""
        return tuple(note for note in (*self.marks, self.change, self.so_far) if note)


def written(line: Line, currency: str, words: Language, *, compact: bool) -> Row:
    """The line in the words of a language; ``currency`` is the project's, ``compact`` writes large numbers short."""
    writer = Writer.of(words)
    unit = Unit.read(clean(line.kpi.unit), currency)
    write = _Write(writer, unit, compact)
    if line.kpi.direction is Direction.RANGE:
        actual, target = write(line.actual), _range(line, words, write)
    else:
        actual, target = writer.pair(line.actual, line.target, unit, compact=compact)
    judged = line.verdict.judged
    share = line.variance_share
    gap = _gap(line, words, write)
    symbol, word = status_words(line.verdict.status, judged, words)
    told = said(line.insight, replace(line.kpi, unit=clean(line.kpi.unit)), currency, words)
    acts = line.is_off or line.is_worsening
    return Row(
        line=line,
        name=clean(line.kpi.name) or clean(line.kpi.id),
        owner=clean(line.kpi.owner),
        department=clean(line.kpi.department),
        period=period_words(line.period, words),
        actual=actual,
        target=target,
        status=judged,
        symbol=symbol,
        word=word,
        gap=gap,
        gap_share=writer.share(abs(share)) if share and gap and unit.measure is not Measure.SHARE else "",
        so_far=_so_far(line.so_far, words, write),
        marks=_marks(line, words, write),
        trend=_trend(line, words, write),
        recommendation=advice(line, clean(line.kpi.recommendation), words) if acts else "",
        said=told,
        reading=_reading(told, compact=compact) if acts else "",
    )


@dataclass(frozen=True, slots=True)
class _Write:
    """Writes the numbers of one KPI."""

    writer: Writer
    unit: Unit
    compact: bool

    def __call__(self, value: Number | None) -> str:
        return self.writer.number(value, self.unit, compact=self.compact)

    def gap(self, first: Number, second: Number) -> str:
        """How far two numbers are apart; rates in points: from 3 % to 4 % is one point, not a third."""
        difference = float(first) - float(second)
        if self.unit.measure is Measure.SHARE:
            return self.writer.points(difference)
        return self.writer.gap(difference, self.unit, compact=self.compact)


def _reading(told: Said, *, compact: bool) -> str:
    """Whether it is more than routine variation, and where it is heading."""
    parts = (told.signal, told.brief or told.outlook if compact else told.outlook)
    return ". ".join(part[:1].upper() + part[1:] for part in parts if part)


def status_words(status: Status, judged: Status, words: Language) -> tuple[str, str]:
    """A status's symbol and its word; of a period in progress the word for its pace."""
    symbol, _, word = words.status[judged].partition(" ")
    return symbol, words.so_far[judged] if status is Status.IN_PROGRESS and judged is not status else word


def _range(line: Line, words: Language, write: _Write) -> str:
    kpi = line.kpi
    if kpi.low is None and kpi.high is None:
        return NOTHING
    if kpi.high is None:
        return words.word("report.at_least", bound=write(kpi.low))
    if kpi.low is None:
        return words.word("report.at_most", bound=write(kpi.high))
    low, high = write.writer.pair(kpi.low, kpi.high, write.unit, compact=write.compact)
    return words.word("report.between", low=low, high=high)


def _gap(line: Line, words: Language, write: _Write) -> str:
    """How far the actual is from its target, in words that say which side is the good one.

    Blank for the running period of a KPI whose values add up: its shortfall today says nothing yet.
    """
    actual, kpi = line.actual, line.kpi
    if actual is None or line.status is Status.NO_TARGET:
        return ""
    if line.status is Status.IN_PROGRESS and kpi.roll_up is RollUp.SUM:
        return ""
    if kpi.direction is Direction.RANGE:
        off = line.variance or 0.0
        if not off:
            return words.word("report.within_range")
        return words.word("below_range" if off < 0 else "above_range", gap=write.gap(off, 0))
    if line.target is None:
        return ""
    if not differ(actual, line.target):
        return words.word("on_target")
    return words.word("better_by" if line.is_better else "worse_by", gap=write.gap(actual, line.target))


def _so_far(so_far: SoFar | None, words: Language, write: _Write) -> str:
    if so_far is None or so_far.actual is None:
        return ""
    period, actual = period_words(so_far.period, words), write(so_far.actual)
    verdict = so_far.verdict
    if verdict.so_far is None:
        return words.word("report.so_far", period=period, actual=actual)
    word = words.so_far[verdict.so_far]
    return words.word("report.so_far_judged", period=period, actual=actual, pace=word)


def _marks(line: Line, words: Language, write: _Write) -> tuple[str, ...]:
    """What a reader must know about the number. An override that was also restated shows the source's value once."""
    marks = []
    if line.status is Status.IN_PROGRESS:
        marks.append(words.word("provisional"))
    if line.stale:
        marks.append(words.word("stale"))
    if line.data_until is not None:
        marks.append(words.word("report.data_until", when=until_words(line.data_until, words)))
    says = words.word("report.source_says", value=write(line.source_value)) if line.source_value is not None else ""
    for kind, is_so in (("overridden", line.overridden), ("restated", line.restated)):
        if is_so:
            marks.append(f"{words.word(kind)} ({says})" if says else words.word(kind))
            says = ""
    return tuple(marks)


def _trend(line: Line, words: Language, write: _Write) -> str:
    known = [point.actual for point in line.trend if finite(point.actual) is not None]
    if len(known) < 2:
        return ""
    first, last = (write.writer.number(value, write.unit, compact=True) for value in (known[0], known[-1]))
    return words.word("report.trend", n=len(line.trend), first=first, last=last)


def clean(text: str) -> str:
    """One line of visible text: white space joined, control, direction and unassigned characters removed."""
    return "".join(
        char
        for char in " ".join(text.split())
        if unicodedata.category(char) not in _INVISIBLE and unicodedata.bidirectional(char) not in _DIRECTING
    )


_INVISIBLE = frozenset({"Cc", "Cn", "Co", "Cs", "Zl", "Zp"})
_DIRECTING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
