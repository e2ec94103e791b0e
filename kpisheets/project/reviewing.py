"""What a review finds as things stand, in words, whatever stands in the ``Review`` tab."""

from __future__ import annotations

from dataclasses import dataclass

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
    looked = desk.look()
    found = tuple((one, looked.request.reviewing.say(one)) for one in looked.planned.findings())
    return Reviewed(found, looked.planned.suggestions())
