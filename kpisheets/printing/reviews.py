"""A review: what it finds, with the evidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kpisheets.core.review import Finding, Reason, Said
from kpisheets.printing.values import counted, plain

if TYPE_CHECKING:
    from kpisheets.project.reviewing import Reviewed


def review_document(found: Reviewed) -> dict[str, Any]:
    return {
        "suggestions": [_document(finding, said) for finding, said in found.findings],
        "waiting": [
            {"kpi": one.kpi or None, "name": one.name, "finding": one.finding, "raised": plain(one.raised)}
            for one in found.waiting
        ],
    }


def _document(finding: Finding, said: Said) -> dict[str, Any]:
    judged = finding.reason in (Reason.ALWAYS_MET, Reason.NEVER_MET)
    return {
        "reason": finding.reason.value,
        "kpi": finding.kpi.id if finding.kpi else None,
        "about": finding.about or None,
        "name": said.kpi,
        "finding": said.finding,
        "evidence": said.evidence,
        "suggestion": said.suggestion,
        "count": finding.count,
        "of": finding.total,
        "since": finding.since or None,
        "share": finding.share if judged else None,
        "target": plain(finding.target),
        "proposed": plain(finding.proposed),
        "correlation": finding.correlation if finding.reason is Reason.SAME else None,
    }


def review_lines(found: Reviewed) -> Iterator[str]:
    for _, said in found.findings:
        yield f"{said.kpi}: {said.finding}. {said.evidence}"
        yield f"    {said.suggestion}"
    if not found.findings:
        yield "Nothing to suggest."
    if found.waiting:
        count = counted(len(found.waiting), "suggestion")
        yield f"Awaiting a decision in the workbook: {count}."
