"""What reports make of a KPI's history: signals, forecasts, warnings, congratulations; in every language."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal

import pytest

from kpisheets.core.insight import Change, Insight, Outlook
from kpisheets.core.insight.behaviour import Limits, Rule
from kpisheets.core.kpi import Direction, Kpi, RollUp
from kpisheets.core.summary import Line, Summary
from kpisheets.reports import FORMATS, render
from kpisheets.reports.html import MAIL_LIMIT, body
from kpisheets.reports.insight import said
from kpisheets.reports.letter import letter
from kpisheets.reports.posts import post
from kpisheets.templates import language, languages
from tests.reports import samples
from tests.reports.test_renderings import Page

EN = language("en")
LIMITS = Limits(100, 80, 120)
WORSE = Change("2026-03", Rule.RUN, up=False, better=False, lasting=True)
YEAR = Outlook("2026", 1_180_000, 1_120_000, 1_240_000, (1_200_000, None), 0.3412)
NOTHING = Insight(LIMITS, False, None, None, None, None)


def revenue(actual: int, insight: Insight | None, **more: str) -> Line:
    kpi = Kpi("revenue", "Revenue", unit="EUR", target=Decimal(100), recommendation="Call them.", **more)  # type: ignore[arg-type]
    values: list[Decimal | float | int | None] = [Decimal(actual)] * 12
    return replace(samples.line(kpi, values), insight=insight)


def plain(summary: Summary, form: str, code: str = "en") -> str:
    text = render(summary, form, language(code))
    text = " ".join(Page(text).text) if form == "html" else re.sub(r"\\(.)", r"\1", text)
    return " ".join(text.split())


def test_the_sentence_of_a_year() -> None:
    kpi = Kpi("revenue", "Revenue", unit="EUR")
    found = said(replace(NOTHING, year=YEAR), kpi, "EUR", EN)
    assert found.year == (
        "On course to reach €1.18m by the end of 2026 (80%: €1.12m to €1.24m); target €1.20m: about 35% likely"
    )
    assert found.brief == "On target in 2026: about 35% likely"
    average = said(replace(NOTHING, year=YEAR), replace(kpi, roll_up=RollUp.AVERAGE), "EUR", EN)
    assert average.year.startswith("On course to average €1.18m over 2026 ")


@pytest.mark.parametrize(
    ("chance", "words"),
    [(0.0, "less than 5%"), (0.049, "less than 5%"), (0.06, "about 5%"), (0.94, "about 95%"), (0.96, "more than 95%")],
)
def test_a_chance_is_said_roughly(chance: float, words: str) -> None:
    found = said(replace(NOTHING, next=replace(YEAR, chance=chance)), Kpi("k", "K"), "EUR", EN)
    assert f": {words} likely" in found.next


def test_a_range_has_both_bounds() -> None:
    kpi = Kpi("k", "K", unit="days", direction=Direction.RANGE, low=Decimal(20), high=Decimal(30))
    outlook = Outlook("2026-12", 25, 21, 29, (20, 30), 0.9)
    assert "target 20.0 d to 30.0 d: about 90%" in said(replace(NOTHING, next=outlook), kpi, "EUR", EN).next.replace(
        "\xa0", " "
    )


@pytest.mark.parametrize("form", ["html", "text", "md"])
def test_a_signal_is_told_and_routine_only_where_it_matters(form: str) -> None:
    for actual in (200, 10):
        calm = plain(samples.summary((revenue(actual, NOTHING),)), form)
        assert ("Routine variation" in calm) is (actual == 10)
        changed = plain(samples.summary((revenue(actual, replace(NOTHING, change=WORSE)),)), form)
        assert "a real change since March 2026, worse" in changed


@pytest.mark.parametrize("form", ["html", "text", "md"])
def test_advice_is_for_what_is_off_target_or_worsening(form: str) -> None:
    well = plain(samples.summary((revenue(200, NOTHING),)), form)
    better = Change("2026-03", Rule.RUN, up=True, better=True, lasting=True)
    improving = plain(samples.summary((revenue(200, replace(NOTHING, change=better)),)), form)
    warned = plain(samples.summary((revenue(200, replace(NOTHING, change=WORSE)),)), form)
    missed = plain(samples.summary((revenue(10, NOTHING),)), form)
    assert ["Call them." in text for text in (well, improving, warned, missed)] == [False, False, True, True]
    assert ["On target, but worsening" in text for text in (well, improving, warned, missed)] == [
        *(False, False, True, False)
    ]


def test_owners_of_successes_are_congratulated_once() -> None:
    lines = tuple(
        replace(line, kpi=replace(line.kpi, id=f"k{at}", owner=owner))
        for at, (line, owner) in enumerate(
            (revenue(200 - at, None), owner) for at, owner in enumerate(("Ada", "", "Tom", "Ada", "Mei", "Sixth"))
        )
    )
    for form in ("html", "text", "md"):
        assert "Well done: Ada, Tom, Mei " in plain(samples.summary(lines), form) + " "
    assert "Well done" not in plain(samples.summary((revenue(10, None, owner="Ada"),)), "text")


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("form", ["html", "text", "md"])
def test_every_language_says_all_of_it(code: str, form: str) -> None:
    words = language(code)
    off = replace(NOTHING, change=WORSE, seasonal=True, year=YEAR)
    shown = plain(samples.summary((revenue(10, off), revenue(200, off)), language=code), form, code)
    for key in ("insight.warnings", "insight.worse", "insight.seasonal"):
        assert words.word(key) in shown, key
    assert "{" not in shown
    for sentence in ("next", "sum", "average", "last"):
        assert set(re.findall(r"{(\w+)}", words.words[f"insight.{sentence}"])) >= {"period", "value", "low", "high"}


@pytest.mark.parametrize("channel", ["slack", "teams"])
def test_posts_have_signal_forecast_warning_and_praise(channel: str) -> None:
    off = replace(NOTHING, change=WORSE, year=YEAR)
    lines = (revenue(10, off), *(revenue(200, off, owner=f"Ada {at}") for at in range(9)))
    found = json.dumps(post(samples.summary(lines), EN, channel).document, ensure_ascii=False)
    assert found.count("A real change since March 2026, worse. On course to reach €1.18m") == 1 + 5
    assert "On target, but worsening" in found
    assert "Well done: Ada 0, Ada 1, Ada 2, Ada 3, Ada 4" in found


def test_json_has_the_whole_insight() -> None:
    lines = (revenue(200, replace(NOTHING, change=WORSE, year=YEAR)), revenue(10, None))
    found = json.loads(render(samples.summary(lines), "json", EN))
    assert found["warnings"] == ["revenue"]
    insight = found["kpis"][0]["insight"]
    assert (insight["signal"], insight["since"], insight["side"], insight["rule"]) == (
        *("change", "2026-03", "worse", "run"),
    )
    assert insight["limits"] == {"mean": 100, "lower": 80, "upper": 120}
    assert insight["year"] == {
        **{"period": "2026", "value": 1_180_000, "low": 1_120_000, "high": 1_240_000, "share": 0.8},
        **{"at_least": 1_200_000, "at_most": None, "chance": 0.3412},
    }
    assert found["kpis"][1]["insight"] is None


def test_a_mail_of_changes_stays_small_and_says_how_many_are_left_out() -> None:
    off = replace(NOTHING, change=WORSE, seasonal=True, year=YEAR)
    for count in (80, 300):
        lines = tuple(replace(line, insight=off) for line in samples.many(count))
        found = body(samples.summary(lines), EN)
        assert len(found.html.encode()) < MAIL_LIMIT
        left = count - len(found.pictures)
        assert left < 20 if count == 80 else left > 200
        assert f"and {left} more in the workbook" in found.html


def test_without_history_a_report_says_what_it_said() -> None:
    summary = samples.summary(tuple(replace(line, insight=None) for line in samples.eight()))
    for form in FORMATS:
        assert "likely" not in render(summary, form, EN)
    assert "likely" not in letter(summary, EN, recipient="a@example.org", report_name="weekly").text
