"""The packs: sound facts, complete words, recipes that measure something, and a believable mix of results."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest

from kpisheets import templates
from kpisheets.core.kpi import Direction, RollUp, Status
from kpisheets.core.kpi import judge as judged
from kpisheets.core.metric import Metric
from kpisheets.core.period import Calendar, Frequency, Period
from kpisheets.errors import BadConfig
from kpisheets.sample_data import SAMPLE_TABLES

Measure = Callable[[Metric, Period], float | None]
PACKS = [templates.pack(name) for name in templates.packs()]
KPIS = [(pack, kpi) for pack in PACKS for kpi in pack.kpis]
LANGUAGES = [templates.language(code) for code in templates.languages()]
CALENDAR = Calendar()
UNITS = {"currency", "%", "count", "days", "hours", "score", "ratio"}
ABOVE_ONE = {"net_revenue_retention"}
"""Shares that may pass 100 %."""
TODAY = date(2026, 11, 23)


def test_there_are_the_ten_packs_of_a_sensible_size() -> None:
    assert templates.packs() == (
        *("ecommerce", "finance", "hr", "manufacturing", "marketing"),
        *("operations", "projects", "saas", "sales", "support"),
    )
    assert all(8 <= len(pack.kpis) <= 12 for pack in PACKS)


def test_the_kpis_of_the_procedure_are_there() -> None:
    ids = {kpi.id for _, kpi in KPIS}
    assert ids >= {"leads", "cost_per_acquisition", "gross_margin", "operating_cash_flow", "employee_retention"}
    assert ids >= {"internal_satisfaction", "error_rate", "delivery_time", "conversion_rate", "mrr"}


def test_ids_are_plain_and_unique_over_all_packs() -> None:
    ids = [kpi.id for _, kpi in KPIS]
    assert [found for found, n in Counter(ids).items() if n > 1] == []
    assert all(re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", found) for found in ids)
    assert max(map(len, ids)) <= 24, "the column is 22 wide"


@pytest.mark.parametrize(("pack", "kpi"), KPIS, ids=lambda value: value.id)
def test_the_facts_of_a_kpi_are_sound(pack: templates.Pack, kpi: templates.PackKpi) -> None:
    assert kpi.unit in UNITS
    assert all(kpi.department in language.enums["department"] for language in LANGUAGES)
    assert 0 <= kpi.tolerance < 1
    if kpi.direction is Direction.RANGE:
        assert kpi.target is None
        assert kpi.low is not None
        assert kpi.high is not None
        assert kpi.low < kpi.high
    else:
        assert kpi.target is not None
        assert kpi.low is kpi.high is None
    goals = [goal for goal in (kpi.target, kpi.low, kpi.high) if goal is not None]
    if kpi.unit == "%":
        assert all(0 <= goal <= 1 + (kpi.id in ABOVE_ONE) for goal in goals), "shares are fractions"
    if kpi.metric:
        assert kpi.metric == kpi.id
        metric = pack.metrics[kpi.metric]
        assert metric.is_ratio == (kpi.roll_up is RollUp.RATIO), "a ratio rolls up as a ratio"
        assert metric.source == "sample"
        assert metric.date in SAMPLE_TABLES[metric.table]
    else:
        assert kpi.roll_up is not RollUp.RATIO, "what is typed by hand has no parts"


def test_every_recipe_is_the_metric_of_a_kpi() -> None:
    assert all(set(pack.metrics) == {kpi.metric for kpi in pack.kpis if kpi.metric} for pack in PACKS)


def test_the_packs_vary() -> None:
    frequencies = Counter(kpi.frequency for _, kpi in KPIS)
    assert frequencies.most_common(1)[0][0] is Frequency.MONTHLY
    assert frequencies[Frequency.WEEKLY] >= 3
    assert frequencies[Frequency.QUARTERLY] >= 3
    assert {kpi.direction for _, kpi in KPIS} == set(Direction)
    assert {kpi.roll_up for _, kpi in KPIS} == set(RollUp)
    assert sum(1 for _, kpi in KPIS if not kpi.metric) >= 2


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.code)
@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.id)
def test_every_kpi_has_its_words(pack: templates.Pack, language: templates.Language) -> None:
    texts = pack.localised(language)
    assert [text.id for text in texts] == [kpi.id for kpi in pack.kpis]
    for text in texts:
        for part in (text.name, text.objective, text.definition, text.recommendation):
            assert part.strip() == part != ""
        assert len(text.name) <= 40
        assert text.definition.endswith(".")
        assert text.recommendation.endswith((".", "?"))
    assert pack.title(language)
    assert pack.description(language)


STANDARDS = {
    **dict.fromkeys(
        (
            *("oee", "machine_availability", "machine_effectiveness", "first_pass_yield", "scrap_ratio"),
            *("throughput_rate", "energy_per_unit", "equipment_availability"),
        ),
        "ISO 22400-2",
    ),
    **{
        "time_to_restoration": "60050-192",
        "perfect_orders": "SCOR",
        "order_cycle_time": "SCOR",
        "on_time_delivery": "SCOR",
    },
    **{"repeat_free_resolution": "COPC", "first_contact_resolution": "ITIL", "sla_compliance": "ITIL"},
    **{"headcount": "ISO 30414", "absence_rate": "ISO 30414"},
    **dict.fromkeys(("cost_performance", "schedule_performance"), "ANSI/EIA-748"),
    **dict.fromkeys(("net_revenue_retention", "gross_revenue_retention"), "SaaS Metrics Standards Board"),
}


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.code)
def test_a_standard_is_named_where_there_is_one(language: templates.Language) -> None:
    said = {text.id: text.definition for pack in PACKS for text in pack.localised(language)}
    assert [kpi for kpi, standard in STANDARDS.items() if standard not in said[kpi]] == []


def test_overall_effectiveness_is_the_product_of_its_factors(measured_on: Callable[[date], Measure]) -> None:
    metrics, measure = templates.pack("manufacturing").metrics, measured_on(TODAY)
    for period in CALENDAR.span(CALENDAR.parse("2025-01"), CALENDAR.parse("2026-10")):
        oee, available, effective, scrap = (
            measure(metrics[name], period)
            for name in ("oee", "machine_availability", "machine_effectiveness", "scrap_ratio")
        )
        assert oee is not None
        assert available is not None
        assert effective is not None
        assert scrap is not None
        assert oee == pytest.approx(available * effective * (1 - scrap))


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.code)
def test_no_two_kpis_bear_one_name(language: templates.Language) -> None:
    names = [text.name.casefold() for pack in PACKS for text in pack.localised(language)]
    assert len(set(names)) == len(names)


def test_a_catalogue_row_has_facts_and_words() -> None:
    rows = {kpi.id: kpi for kpi in templates.pack("finance").catalogue(templates.language("fr"), active_from=TODAY)}
    margin = rows["gross_margin"]
    assert (margin.name, margin.department, margin.frequency) == ("Marge brute", "Finance", Frequency.MONTHLY)
    assert str(margin.target) == "0.4"
    assert margin.active_from == TODAY


def test_an_unknown_pack_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadConfig, match=r"“salse”.*sales"):
        templates.pack("salse")


@pytest.mark.parametrize(("pack", "kpi"), [(p, k) for p, k in KPIS if k.metric], ids=lambda value: value.id)
def test_a_recipe_measures_every_full_period(
    pack: templates.Pack, kpi: templates.PackKpi, measured_on: Callable[[date], Measure]
) -> None:
    measure, metric = measured_on(TODAY), pack.metrics[kpi.metric]
    for frequency in {Frequency.MONTHLY, Frequency.QUARTERLY, kpi.frequency}:
        first = CALENDAR.period(frequency, date(2025, 1, 8))
        last = CALENDAR.previous(CALENDAR.period(frequency, TODAY))
        for period in CALENDAR.span(first, last):
            value = measure(metric, period)
            assert value is not None, period
            assert math.isfinite(value), period
            if kpi.unit == "%":
                assert 0 <= value <= 1 + (kpi.id in ABOVE_ONE), period
            if frequency is kpi.frequency:
                goal = float(kpi.target or kpi.high or 0)
                # Lumpy or rare things may stray further than twofold; nothing is off by an order of magnitude.
                assert goal == 0 or abs(goal) / 4 < abs(value) < abs(goal) * 4, period


def _results(today: date, measure: Measure, pack: templates.Pack) -> Counter[Status]:
    found: Counter[Status] = Counter()
    for row in pack.catalogue(templates.language("en")):
        if row.metric:
            period = CALENDAR.previous(CALENDAR.period(row.frequency, today))
            found[judged(row, measure(pack.metrics[row.metric], period), row.target).status] += 1
    return found


@pytest.mark.parametrize("today", [date(2026, 1, 15), date(2026, 5, 4), TODAY, date(2027, 8, 30)], ids=str)
def test_the_results_are_a_believable_mix(today: date, measured_on: Callable[[date], Measure]) -> None:
    by_pack = {pack.id: _results(today, measured_on(today), pack) for pack in PACKS}
    found: Counter[Status] = sum(by_pack.values(), Counter())
    total = found.total()
    assert set(found) == {Status.MET, Status.AT_RISK, Status.MISSED}
    assert 0.4 <= found[Status.MET] / total <= 0.7
    assert 0.15 <= found[Status.AT_RISK] / total <= 0.45
    assert 0.05 <= found[Status.MISSED] / total <= 0.2
    for mix in by_pack.values():
        assert 0 < mix[Status.MET] < mix.total()
