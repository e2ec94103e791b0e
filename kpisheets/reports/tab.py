"""What the Report tab says of its own accord, in the words and numbers of a report."""

from __future__ import annotations

from kpisheets.core.bounds import Bounds
from kpisheets.core.insight import Signs
from kpisheets.core.kpi import Kpi
from kpisheets.core.unit import Unit
from kpisheets.reports.insight import changed
from kpisheets.reports.numbers import Writer
from kpisheets.reports.rows import clean
from kpisheets.templates import Language


def bounds(kpi: Kpi, currency: str, words: Language) -> Bounds:
    """How the bounds of a Range KPI are written; ``currency`` is the project's."""
    unit = Unit.read(clean(kpi.unit), currency)
    return Writer.of(words).spelled(kpi.low, kpi.high, unit)


def signal(signs: Signs, words: Language) -> str:
    """Whether a KPI changed; periods are written as the tab's Period column has them. Blank where nobody can tell."""
    said = changed(signs.change, words, str) or (words.word("insight.routine") if signs.present else "")
    return said[:1].upper() + said[1:]
