"""What the Report tab's own formulas say, in the words and numbers of a report."""

from __future__ import annotations

from kpisheets.core.bounds import Bounds
from kpisheets.core.kpi import Kpi
from kpisheets.core.unit import Unit
from kpisheets.reports.numbers import Writer
from kpisheets.reports.rows import clean
from kpisheets.templates import Language


def bounds(kpi: Kpi, currency: str, words: Language) -> Bounds:
    """How the bounds of a Range KPI are written; ``currency`` is the project's."""
    unit = Unit.read(clean(kpi.unit), currency)
    return Writer.of(words).spelled(kpi.low, kpi.high, unit)
