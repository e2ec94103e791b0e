"""A meeting's page says the same in every form and language, stays small as a mail, and keeps hostile texts texts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime

import pytest

from kpisheets.core.meeting import Agenda, Meeting, agenda
from kpisheets.core.summary import Action, Suggestion
from kpisheets.reports.html import MAIL_LIMIT
from kpisheets.reports.meeting import FORMATS, render
from kpisheets.reports.meeting.letter import letter
from kpisheets.templates import language, languages
from tests.reports import hostile, samples
from tests.reports.plain import bare
from tests.reports.test_todo import BARE, LATE, TODAY

BEGINS = datetime(2026, 11, 9, 9)  # noqa: DTZ001 - local
TIRED = Suggestion("cash", "Operating cash flow", "Always met", "Met in 12 of 12 months", "Raise the target", "Paul")


def page(code: str, which: Meeting = Meeting.MONTHLY) -> Agenda:
    summary = samples.summary(language=code, actions=(LATE, TODAY, BARE))
    return agenda(replace(summary, suggestions=(TIRED,)), which, begins=BEGINS)


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "json"])
@pytest.mark.parametrize("code", languages())
def test_each_form_says_all_of_it_in_order(form: str, code: str) -> None:
    words, made = language(code), page(code)
    said = bare(render(made, form, words))
    parts = [words.word(f"meeting.part_{part.value}") for part in made.minutes]
    places = [said.index(bare(part)) for part in parts]
    assert places == sorted(places)
    assert len(parts) == 6
    for piece in ("09:00", "Delivery time", "A second carrier", "Jonas Weber", words.word("action_overdue")):
        assert piece in said
    assert said.index("A second carrier") < said.index("Ask the bank", said.index("A second carrier"))
    assert bare(words.word("meeting.review_waits", n=1)) in said
    assert "{" not in said


def test_what_waits_after_a_close_is_to_be_decided() -> None:
    made = agenda(samples.summary(waiting=samples.late()), Meeting.MONTHLY)
    said = " ".join(render(made, "text", language("en")).split())
    part = said[said.index("To decide") :]
    assert "September 2026: €1.2150m kept" in part
    assert "clear its cell" in part
    assert made.minutes != agenda(samples.summary(waiting=()), Meeting.MONTHLY).minutes


def test_the_quarterly_meeting_has_the_suggestions() -> None:
    said = bare(render(page("en", Meeting.QUARTERLY), "text", language("en")))
    assert "Operating cash flow: Always met. Met in 12 of 12 months. Raise the target. Paul" in said
    assert "wait for the quarterly meeting" not in said


def test_programs_read_the_whole_page() -> None:
    found = json.loads(render(page("fr"), "json", language("fr")))
    assert (found["meeting"], found["begins"]) == ("monthly", "2026-11-09T09:00")
    assert found["minutes"] == sum(part["minutes"] for part in found["parts"])
    assert {change["kpi"]: change["what"] for change in found["changes"]}["leads"][-1] == "restated"
    assert [one["lacks"] for one in found["decisions"] if one["kpi"] == "delivery"] == [["cause"]]
    assert found["review"][0]["reason"] == TIRED.finding
    assert found["actions"][0]["overdue"] is True


def test_a_mail_stays_under_what_mail_programs_cut() -> None:
    actions = (replace(LATE, action="word " * 400),) * 300
    made = letter(
        agenda(samples.summary(samples.many(60), actions=actions), Meeting.MONTHLY),
        language("en"),
        recipient="ann@example.org",
    )
    assert len(made.html.encode()) <= MAIL_LIMIT
    assert "ann@example.org" in made.html
    assert "ann@example.org" in made.text
    assert made.subject == "Acme, Monthly KPI meeting: agenda"


def test_stale_data_is_said() -> None:
    old = agenda(replace(samples.summary(), unsynced=True), Meeting.MONTHLY)
    made = letter(old, language("en"), recipient="ann@example.org")
    assert "not up to date" in made.subject
    assert "last collected" in made.text
    assert "last collected" in made.html


def test_hostile_texts_stay_texts() -> None:
    day = date(2026, 1, 1)
    actions = tuple(Action("x", text, text, text, text, text, text, None, day) for text in hostile.TEXTS)
    waiting = tuple(Suggestion(text, text, text, text, text, text) for text in hostile.TEXTS)
    summary = samples.summary(hostile.lines(), actions=actions, project=hostile.TEXTS[1])
    made = agenda(replace(summary, suggestions=waiting), Meeting.QUARTERLY)
    for form in FORMATS[:3]:
        said = render(made, form, language("en"))
        assert "\u202e" not in said
        assert "<script>" not in said.casefold() or form == "text"
    assert "\n" not in letter(made, language("en"), recipient="ann@example.org").subject
