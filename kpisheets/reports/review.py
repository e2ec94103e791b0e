"""What a review finds, and what came of a decision, in the words of a language."""

from __future__ import annotations

from collections.abc import Callable

from kpisheets.core.kpi import Direction, Kpi, Number
from kpisheets.core.review import Came, Finding, Reason, Said
from kpisheets.core.unit import Measure, Unit
from kpisheets.reports.dates import day_words, period_words
from kpisheets.reports.numbers import Writer
from kpisheets.reports.rows import clean
from kpisheets.templates import Language

_RATIO = Unit(Measure.RATIO)


def said(finding: Finding, currency: str, words: Language) -> Said:
    """Such as “Always met”, “Met in 12 of 12 months, by 18% on average.” ``currency`` is the project's."""
    kpi, key = finding.kpi, f"review.{finding.reason.value}"
    write = _writer(kpi, currency, words)
    evidence, suggestion = f"{key}_evidence", f"{key}_suggestion"
    if finding.reason is Reason.NEVER_MET and kpi and kpi.direction is Direction.RANGE:
        evidence, suggestion = "review.never_in_range_evidence", "review.never_in_range_suggestion"
    elif finding.reason is Reason.NO_OWNER and kpi is None:
        evidence, suggestion = "review.no_owners_evidence", "review.no_owners_suggestion"
    elif finding.reason is Reason.SAME and finding.correlation < 0:
        evidence = "review.opposite_evidence"
    values = {
        "n": finding.count,
        "of": finding.total,
        "periods": words.word(f"review.{kpi.frequency.value}") if kpi else "",
        "by": _by(finding, currency, words),
        "target": write(finding.target),
        "proposed": write(finding.proposed),
        "since": period_words(finding.since, words),
        "until": period_words(finding.until, words),
        "before": write(finding.before),
        "now": write(finding.now),
        "other": clean(finding.other.name) if finding.other else "",
        "correlation": Writer.of(words).number(abs(finding.correlation), _RATIO),
        "tab": words.tabs["kpis"],
    }
    name = clean(kpi.name) if kpi else clean(finding.about) or words.tabs["kpis"]
    return Said(name, words.word(key), words.word(evidence, **values), words.word(suggestion, **values))


def told(came: Came, currency: str, words: Language) -> str:
    """What came of a row, in a sentence."""
    write = _writer(came.kpi, currency, words)
    values = {
        "day": day_words(came.day, words) if came.day else "",
        "old": write(came.old),
        "new": write(came.new),
        "tab": words.tabs["kpis"],
    }
    return words.word(f"review.{came.result.value}", **values)


def _writer(kpi: Kpi | None, currency: str, words: Language) -> Callable[[Number | None], str]:
    writer, unit = Writer.of(words), Unit.read(clean(kpi.unit) if kpi else "", currency)
    return lambda number: writer.number(number, unit)


def _by(finding: Finding, currency: str, words: Language) -> str:
    """How far from the target on average; rates in points, as everywhere."""
    if finding.kpi is None:
        return ""
    writer = Writer.of(words)
    if Unit.read(clean(finding.kpi.unit), currency).measure is Measure.SHARE:
        return writer.points(finding.gap)
    return writer.share(finding.share)
