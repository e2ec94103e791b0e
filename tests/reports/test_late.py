"""What changed in closed periods stands in every form of a report, with both numbers, until a person accepts it."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest

from kpisheets.core.summary import Waiting
from kpisheets.reports import pdf, render
from kpisheets.reports.html import body
from kpisheets.reports.posts import post
from kpisheets.templates import language, languages
from tests.reports import samples
from tests.reports.plain import bare, of_pdf


@pytest.mark.parametrize("form", ["text", "md", "html", "mail", "slack", "teams", "pdf"])
@pytest.mark.parametrize("code", languages())
def test_each_form_lists_it(form: str, code: str) -> None:
    words, summary = language(code), samples.summary(language=code)
    if form == "pdf":
        said = of_pdf(pdf(summary, words))
    elif form in ("slack", "teams"):
        said = json.dumps(post(summary, words, form).document, ensure_ascii=False)
    else:
        said = bare(body(summary, words).html if form == "mail" else render(summary, form, words))
    part = " ".join(said.partition(words.word("late.title"))[2].split())
    digits = re.sub(r"(?<=\d)[^\w:;]+(?=\d)", "", part)  # whatever parts thousands and decimals
    short = form in ("html", "mail")
    kept, says = ("12150", "12154") if short else ("1215000", "1215431")
    figure, _, target = digits.partition("Delivery time")
    assert figure.index(kept) < figure.index(says)
    assert target.index("50") < target.index("75")
    if form not in ("slack", "teams"):
        assert " ".join(words.word("late.accept_actual").split()) in part
        assert " ".join(words.word("late.accept_target").split()) in part


def test_json_has_all_of_it_and_nothing_is_said_where_nothing_waits() -> None:
    words = language("en")
    found = json.loads(render(samples.summary(), "json", words))["waiting"]
    assert [(one["kpi"], one["period"], one["field"], one["kept"], one["says"]) for one in found] == [
        ("revenue", "2026-09", "actual", 1_215_000, 1_215_431),
        ("delivery", "2026-08", "target", 5, 7.5),
    ]
    quiet = samples.summary(waiting=())
    for form in ("text", "md", "html"):
        assert words.word("late.title") not in render(quiet, form, words)


def test_hundreds_of_restatements_leave_a_mail_readable() -> None:
    """A source that moves all its dates restates everything; JSON still has each."""
    kpi = samples.eight()[0].kpi
    waiting = tuple(Waiting(kpi, f"20{year:02d}-W{week:02d}", Decimal(week), Decimal(year))
                    for year in range(20, 26) for week in range(1, 52))  # fmt: skip
    summary, words = samples.summary(waiting=waiting), language("en")
    assert f"and {len(waiting) - 10} more" in body(summary, words).html
    assert f"and {len(waiting) - 20} more" in render(summary, "text", words)
    assert len(json.loads(render(summary, "json", words))["waiting"]) == len(waiting)
