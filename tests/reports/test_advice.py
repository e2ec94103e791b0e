"""What to do, by side, signal and size: in every language, for every range of the packs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from kpisheets.core.insight import Change, Insight
from kpisheets.core.insight.behaviour import Limits, Rule
from kpisheets.core.kpi import Direction, Kpi
from kpisheets.reports.advice import advice
from kpisheets.reports.rows import written
from kpisheets.templates import language, languages, packs
from kpisheets.templates import pack as pack_of
from tests.reports import samples

EN = language("en")
CALM = Insight(Limits(100, 80, 120), False, None, None, None, None)
WORSE = Change("2026-03", Rule.RUN, up=False, better=False, lasting=True)
RANGES = [kpi for pack in map(pack_of, packs()) for kpi in pack.kpis if kpi.direction is Direction.RANGE]


def line(actual: float, insight: Insight | None = None, **kpi: Any) -> Any:
    known = Kpi("k", "K", target=Decimal(110), **kpi)
    return replace(samples.line(known, [Decimal(str(actual))] * 12), insight=insight)


def test_the_packs_have_ranges() -> None:
    assert len(RANGES) >= 5


@pytest.mark.parametrize("code", sorted(languages()))
def test_of_a_range_the_right_side_is_told(code: str) -> None:
    words, both = language(code), 0
    for pack in map(pack_of, packs()):
        for kpi, text in zip(pack.kpis, pack.localised(words), strict=True):
            if kpi.direction is not Direction.RANGE:
                continue
            low, high = float(kpi.low or 0), float(kpi.high or 0)
            more = {"direction": kpi.direction, "low": kpi.low, "high": kpi.high}
            above = advice(line(high + 1, **more), text.recommendation, words)
            below = advice(line(low - 1, **more), text.recommendation, words)
            within = advice(line((low + high) / 2, **more), text.recommendation, words)
            assert within == text.recommendation
            if above == below:
                assert above == text.recommendation  # it makes no difference
                continue
            both += 1
            # Each is one of two parts of what the catalogue says, in which no word for a side is left.
            whole = text.recommendation.casefold()
            first, second = sorted((above, below), key=lambda part: whole.index(part.casefold()))
            assert whole.index(second.casefold()) > whole.index(first.casefold()) + len(first)
            for part in (first, second):
                assert part[0].isupper()
                assert words.word("advice.above").partition("|")[0].casefold() not in part.casefold()
    assert both >= 5, "every pack with both sides is understood"


@pytest.mark.parametrize(
    ("insight", "more", "said"),
    [
        (None, {}, ""),
        (CALM, {}, ""),
        (replace(CALM, limits=Limits(100, 95, 105)), {}, "advice.beyond"),
        (replace(CALM, limits=Limits(100, 95, 105), seasonal=True), {}, ""),
        (replace(CALM, limits=Limits(130, 120, 140)), {"direction": Direction.LOWER}, "advice.beyond"),
        (replace(CALM, change=WORSE), {}, "advice.changed"),
        (replace(CALM, change=replace(WORSE, lasting=False)), {}, "advice.once"),
        (replace(CALM, change=replace(WORSE, up=True, better=True)), {}, "advice.improving"),
    ],
)
def test_what_its_history_asks_for(insight: Insight | None, more: dict[str, Any], said: str) -> None:
    actual = 130 if more else 90
    found = written(line(actual, insight, recommendation="Call them.", **more), "EUR", EN, compact=True)
    assert found.recommendation == ("Call them. " + EN.word(said) if said else "Call them.")


def test_nothing_is_said_of_what_is_well() -> None:
    assert written(line(200, CALM, recommendation="Call them."), "EUR", EN, compact=True).recommendation == ""


def test_words_of_people_that_name_one_side_stay_whole() -> None:
    more = {"direction": Direction.RANGE, "low": Decimal(1), "high": Decimal(2)}
    for text in ("Above: sell.", "Look above: see below. It", "", "A: b. Below the range: c. Below: d."):
        assert advice(line(5, **more), text, EN) == text
    assert advice(line(5, **more), "First this. Above: sell. Below: buy. Above: all.", EN) == "First this. Sell. all."
