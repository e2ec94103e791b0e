"""How many suggestions of the Review tab await a decision is in every form of a report; and the words of findings."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from kpisheets.core.kpi import Direction, Kpi
from kpisheets.core.review import Came, Finding, Reason, Result
from kpisheets.core.summary import Suggestion
from kpisheets.project.mailing import _part
from kpisheets.reports import pdf, render, review
from kpisheets.templates import language, languages
from tests.reports import samples
from tests.reports.plain import bare, of_pdf

DELIVERY = Suggestion("delivery", "Delivery time", "Never met", "Met in 0 of 12 months", "Find the cause", "Jonas")
SALES = Suggestion("", "Sales", "Too many KPIs", "16 KPIs are followed", "Retire some", raised=date(2026, 10, 1))


@pytest.mark.parametrize("form", ["text", "md", "html"])
@pytest.mark.parametrize("code", languages())
def test_each_form_counts_them(form: str, code: str) -> None:
    words = language(code)
    said = bare(render(samples.summary(suggestions=(DELIVERY, SALES)), form, words))
    line = bare(words.word("mail_suggestions", tab=words.tabs["review"], n=2))
    assert line in said
    assert line.partition("2")[0].strip() not in bare(render(samples.summary(), form, words))


def test_pages_and_programs() -> None:
    summary = samples.summary(suggestions=(DELIVERY, SALES))
    found = json.loads(render(summary, "json", language("en")))["suggestions"]
    assert [(one["kpi"], one["raised"]) for one in found] == [("delivery", None), (None, "2026-10-01")]
    assert "en attente de décision" in of_pdf(pdf(summary, language("fr")))


def test_an_owner_hears_of_their_own() -> None:
    summary = samples.summary(suggestions=(DELIVERY, SALES))
    mine = tuple(line for line in summary.lines if line.kpi.id == "delivery")
    assert _part(summary, mine).suggestions == (DELIVERY,)


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("reason", Reason)
def test_every_finding_and_outcome_has_words(reason: Reason, code: str) -> None:
    words = language(code)
    for kpi in (
        Kpi("a", "Margin", unit="%", target=Decimal("0.2")),
        Kpi("b", "Stock", direction=Direction.RANGE),
        None,
    ):
        owned = kpi if reason not in (Reason.OBJECTIVE, Reason.DEPARTMENT) else None
        if owned is None and reason not in (Reason.OBJECTIVE, Reason.DEPARTMENT, Reason.NO_OWNER):
            continue
        finding = Finding(
            *(reason, owned, "Sales"),
            **{"count": 12, "total": 15, "gap": 0.05, "share": 0.18, "since": "2025-11", "until": "2026-02"},
            **{"before": 0.2, "now": 0.25, "target": 0.2, "proposed": 0.25, "correlation": -0.97},
            other=Kpi("o", "Other"),
        )
        said = review.said(finding, "EUR", words)
        texts = (said.kpi, said.finding, said.evidence, said.suggestion)
        assert all(texts)
        assert not any(mark in text for text in texts for mark in "{}")
        if reason is Reason.SAME:
            assert "Other" in said.evidence
            assert "−" in said.evidence
    came = (review.told(Came(result, date(2026, 1, 20), None, 1, 2), "EUR", words) for result in Result)
    assert not any("{" in text or not text for text in came)
