"""What a review finds as things stand, in words, whatever stands in the ``Review`` tab."""

from __future__ import annotations

from dataclasses import dataclass

from kpisheets.core import sync
from kpisheets.core.review import Finding, Said
from kpisheets.core.summary import Suggestion
from kpisheets.project.desk import Desk


@dataclass(frozen=True, slots=True)
class Reviewed:
    """``findings`` with their words; ``waiting`` are the suggestions of the tab that await a decision."""

    findings: tuple[tuple[Finding, Said], ...]
    waiting: tuple[Suggestion, ...]


def review(desk: Desk) -> Reviewed:
    """Everything that a review of today finds, from the workbook as it is."""
    observed = desk.workbook().observe()
    request = desk.request(observed, add_rows=False)
    planned = sync.plan(observed, desk.catalogue(observed), request)
    found = tuple((one, request.reviewing.say(one)) for one in planned.findings())
    return Reviewed(found, planned.suggestions())
