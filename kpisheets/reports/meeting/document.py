"""A meeting's page as one JSON document, for programs."""

from __future__ import annotations

import json

from kpisheets.core.meeting import Agenda, Decision, NoAction
from kpisheets.reports import jsonreport


def render(agenda: Agenda) -> str:
    """The document as indented text, with a newline at its end."""
    return json.dumps(document(agenda), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def document(agenda: Agenda) -> dict[str, object]:
    """The document as values: those of the report (of the KPIs that the meeting looks at), and what is the meeting's.

    ``changes`` name a KPI and what changed: newly_missed, newly_met, signal, restated, overridden. A decision is about
    a missed KPI (``action`` is null) or about an action that lacks what ``lacks`` names.
    """
    summary = agenda.summary
    return {
        "meeting": agenda.meeting.value,
        "begins": agenda.begins.isoformat(timespec="minutes") if agenda.begins else None,
        "minutes": agenda.length,
        "parts": [{"part": part.value, "minutes": minutes} for part, minutes in agenda.minutes.items()],
        "changes": [
            {"kpi": change.line.kpi.id, "period": change.line.period, "what": [what.value for what in change.whats]}
            for change in agenda.changes
        ],
        "decisions": [_decision(agenda, decision) for decision in agenda.decisions],
        "review": [
            {
                "kpi": one.kpi,
                "name": one.name,
                "owner": one.owner,
                "reason": one.finding,
                "evidence": one.evidence,
                "suggestion": one.suggestion,
            }
            for one in agenda.suggestions
        ],
        **jsonreport.document(summary),
    }


def _decision(agenda: Agenda, decision: Decision) -> dict[str, object]:
    if isinstance(decision, NoAction):
        return {"kpi": decision.line.kpi.id, "period": decision.line.period, "action": None, "lacks": ["action"]}
    written = jsonreport.action(decision.action, agenda.summary.report_date)
    return {
        "kpi": written["kpi"],
        "period": written["period"],
        "action": written,
        "lacks": list(decision.lacks),
    }
