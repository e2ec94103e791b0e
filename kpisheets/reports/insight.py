"""What a KPI's history says, in the words of a language: a signal, and what the periods to come will bring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kpisheets.core.insight import SHARE, Change, Insight, Outlook
from kpisheets.core.kpi import Direction, Kpi, RollUp
from kpisheets.core.unit import Unit
from kpisheets.reports.dates import period_words
from kpisheets.reports.numbers import Writer
from kpisheets.templates import Language

_STEP = 0.05
"""A chance is a rough figure: it is said in steps of five per cent."""


@dataclass(frozen=True, slots=True)
class Said:
    """``change`` is blank where there was none, ``signal`` says so then; both are blank where there are too few values.
    ``year`` and ``next`` are sentences on what is to come, ``outlook`` the one that reaches farther, ``brief`` how
    likely the target is then."""

    change: str = ""
    signal: str = ""
    year_before: str = ""
    next: str = ""
    year: str = ""
    brief: str = ""

    @property
    def outlook(self) -> str:
        return self.year or self.next


def said(insight: Insight | None, kpi: Kpi, currency: str, words: Language) -> Said:
    """``currency`` is the project's. Numbers are written short: they are no figures of a ledger."""
    if insight is None:
        return Said()
    write = _Write(kpi, Unit.read(kpi.unit, currency), Writer.of(words), words)
    change = changed(insight.change, words, lambda label: period_words(label, words))
    calm = words.word("insight.routine") if insight.limits and not insight.change else ""
    before = insight.year_before
    period = period_words(before.period.label, words) if before else ""
    return Said(
        change=change,
        signal=_taken_out(change or calm, insight, words),
        year_before=words.word("insight.year_before", period=period, actual=write(before.actual)) if before else "",
        next=write.outlook(insight.next, "next"),
        year=write.outlook(insight.year, _YEARS.get(kpi.roll_up, "last")),
        brief=write.brief(insight.year or insight.next),
    )


_YEARS = {RollUp.SUM: "sum", RollUp.AVERAGE: "average"}


def side(better: bool | None, *, up: bool) -> str:
    """better, worse, up or down."""
    if better is None:
        return "up" if up else "down"
    return "better" if better else "worse"


def changed(change: Change | None, words: Language, period: Callable[[str], str]) -> str:
    """That it changed, since when or when, and to which side; ``period`` writes a period's label."""
    if change is None:
        return ""
    word = words.word(f"insight.{side(change.better, up=change.up)}")
    key = "insight.since" if change.lasting else "insight.once"
    return words.word(key, period=period(change.since), side=word)


def _taken_out(signal: str, insight: Insight, words: Language) -> str:
    return f"{signal} ({words.word('insight.seasonal')})" if signal and insight.seasonal else signal


@dataclass(frozen=True, slots=True)
class _Write:
    """Writes the numbers of one KPI, and sentences with them."""

    kpi: Kpi
    unit: Unit
    writer: Writer
    words: Language

    def __call__(self, value: float) -> str:
        return self.writer.number(value, self.unit, compact=True)

    def outlook(self, found: Outlook | None, key: str) -> str:
        if found is None:
            return ""
        period = period_words(found.period, self.words)
        low, high = self.writer.pair(found.low, found.high, self.unit, compact=True)
        sentence = self.words.word(
            f"insight.{key}",
            period=period[:1].upper() + period[1:] if key == "next" else period,
            value=self(found.value),
            share=self.writer.share(SHARE),
            low=low,
            high=high,
        )
        if found.chance is None:
            return sentence
        return self.words.word(
            "insight.against", outlook=sentence, target=self._goal(found), chance=self._chance(found.chance)
        )

    def brief(self, found: Outlook | None) -> str:
        if found is None or found.chance is None:
            return ""
        period = period_words(found.period, self.words)
        return self.words.word("insight.brief", period=period, chance=self._chance(found.chance))

    def _goal(self, found: Outlook) -> str:
        low, high = found.goal
        if self.kpi.direction is not Direction.RANGE:
            return self(next(bound for bound in (low, high) if bound is not None))
        if low is None or high is None:
            key, bound = ("at_most", high) if low is None else ("at_least", low)
            return self.words.word(f"report.{key}", bound="" if bound is None else self(bound))
        return self.words.word("report.between", low=self(low), high=self(high))

    def _chance(self, chance: float) -> str:
        if chance < _STEP:
            key, share = "hardly", _STEP
        elif chance > 1 - _STEP:
            key, share = "surely", 1 - _STEP
        else:
            key, share = "likely", round(chance / _STEP) * _STEP
        return self.words.word(f"insight.{key}", share=self.writer.share(share, whole=True))
