"""Open actions are in every form of a report, with owner and due date, whatever people typed."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from kpisheets.core.reminding import Reminder, Wanted
from kpisheets.core.summary import Action
from kpisheets.reports import pdf, render
from kpisheets.reports.reminder import reminder
from kpisheets.templates import language, languages
from tests.reports import hostile, samples
from tests.reports.plain import bare, of_pdf

DAY = samples.summary().report_date
LATE = Action(
    "delivery",
    "Delivery time",
    "2026-10",
    "worse by 2.6 d (52%)",
    action="A second carrier",
    owner="Jonas Weber",
    due=DAY - timedelta(days=1),
)
TODAY = Action("stock", "Days of stock", "2026-10", "above the range by 2.0 d", owner="Ann", due=DAY)
BARE = Action("", "", "", "", action="Ask the bank")


@pytest.mark.parametrize("form", ["text", "md", "html", "pdf"])
@pytest.mark.parametrize("code", languages())
def test_each_form_lists_them(form: str, code: str) -> None:
    words, summary = language(code), samples.summary(actions=(LATE, TODAY, BARE))
    said = of_pdf(pdf(summary, words)) if form == "pdf" else bare(render(summary, form, words))
    part = said.partition(words.word("actions_title"))[2]
    assert part.index("Delivery time") < part.index("Days of stock") < part.index("Ask the bank")
    assert all(piece in part for piece in ("A second carrier", "Jonas Weber", "worse by 2.6 d (52%)"))
    late, still = part[part.index("Delivery time") :], part[part.index("Days of stock") :]
    assert words.word("action_overdue") in late[: late.index("Days of stock")]
    assert words.word("action_overdue") not in still[: still.index("Ask the bank")]


def test_programs_read_them() -> None:
    [late, today, _] = json.loads(render(samples.summary(actions=(LATE, TODAY, BARE)), "json", language("en")))[
        "actions"
    ]
    assert (late["kpi"], late["due"], late["overdue"]) == ("delivery", LATE.due and LATE.due.isoformat(), True)
    assert (today["overdue"], today["action"], today["opened"]) == (False, "", None)


def test_hostile_texts_stay_texts() -> None:
    found = tuple(Action("x", text, text, text, text, text, text, None, date(2026, 1, 1)) for text in hostile.TEXTS)
    summary = samples.summary(actions=found)
    page = render(summary, "html", language("en"))
    assert "<script>" not in page.casefold()
    assert "&lt;script&gt;" in page
    assert "\u202e" not in page + render(summary, "text", language("en"))
    pytest.importorskip("typst")
    assert pdf(summary, language("en")).startswith(b"%PDF")


def test_a_mail_stays_small_and_says_how_many_are_left_out() -> None:
    page = bare(render(samples.summary(actions=(LATE,) * 300), "html", language("en")))
    assert language("en").word("report.more", n=290) in page


@pytest.mark.parametrize("code", languages())
def test_a_reminder_keeps_hostile_texts_texts(code: str) -> None:
    late = tuple(Action("x", text, text, text, text, text, text, None, date(2026, 1, 1)) for text in hostile.TEXTS)
    wanted = tuple(Wanted(line.kpi, ("2026-09", "2026-10"), "2026-10") for line in hostile.lines())
    found = Reminder("Ann", "ann@example.org", DAY, wanted, late)
    made = reminder(
        found, language(code), project=hostile.TEXTS[1], workbook="https://example.org/?a=<b>", calendar=True
    )
    assert "\n" not in made.subject
    assert str(found.count) in made.subject
    assert "<script>" not in made.html.casefold()
    assert "\u202e" not in made.html + made.text
    assert all(language(code).word(f"remind_{part}") in made.text for part in ("overdue", "actuals", "comments"))
    assert "2026" in made.text
