"""Numbers judged by Babel, and the promises that a reader relies on."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpisheets.core.unit import Unit
from kpisheets.reports.numbers import MINUS, Writer
from kpisheets.templates import language

WRITERS = {code: Writer.of(language(code)) for code in ("en", "fr")}
NUMBERS = st.decimals(min_value=-(10**14), max_value=10**14, places=4)


@pytest.mark.parametrize(("code", "locale"), [("en", "en_GB"), ("fr", "fr_FR")])
@given(value=st.integers(min_value=1000, max_value=10**12) | st.integers(min_value=-(10**12), max_value=-1000))
def test_whole_numbers_are_written_as_babel_does(code: str, locale: str, value: int) -> None:
    numbers = pytest.importorskip("babel.numbers")
    writer = WRITERS[code]
    assert writer.number(value, Unit.read("count")).replace(MINUS, "-") == numbers.format_decimal(value, locale=locale)
    money = numbers.format_currency(
        value, "EUR", format=None if code == "fr" else "¤#,##0", locale=locale, currency_digits=False
    )
    if code == "fr":
        money = numbers.format_currency(value, "EUR", format="#,##0\xa0¤", locale=locale, currency_digits=False)
    assert writer.number(value, Unit.read("EUR")).replace(MINUS, "-") == money


@pytest.mark.parametrize(
    ("code", "value", "unit", "written"),
    [
        ("en", Decimal("1243000"), "EUR", "€1.24 M"),
        ("fr", Decimal("1243000"), "EUR", "1,24 M€"),
        ("en", Decimal("999950"), "USD", "$1.00 M"),
        ("en", Decimal("-12345"), "count", "−12.3 k"),
        ("fr", Decimal("2500000000"), "count", "2,50 Md"),
        ("en", Decimal("9999"), "count", "9,999"),
        ("fr", Decimal("0.083"), "%", "8,3 %"),
        ("en", 0.083, "%", "8.3%"),
        ("en", 3, "days", "3.0 d"),
        ("fr", 2.5, "hours", "2,5 h"),
        ("en", 1.5, "tonnes", "1.50 tonnes"),
        ("en", Decimal("12345"), "CHF", "CHF 12.3 k"),
        ("en", 4, "JPY", "¥4"),
        ("en", float("nan"), "count", "–"),
        ("en", None, "%", "–"),
    ],
)
def test_by_unit(code: str, value: Decimal | float | None, unit: str, written: str) -> None:
    found = WRITERS[code].number(value, Unit.read(unit), compact=True)
    assert re.sub(r"[\u00a0\u202f]", " ", found) == written


@given(first=NUMBERS, second=NUMBERS, unit=st.sampled_from(["EUR", "%", "days", "count", "score", "tonnes"]))
def test_what_differs_looks_different_unless_by_less_than_is_shown(first: Decimal, second: Decimal, unit: str) -> None:
    shown = WRITERS["en"].pair(first, second, Unit.read(unit))
    assert (shown[0] == shown[1]) == (first == second)


@given(value=NUMBERS.filter(bool), unit=st.sampled_from(["EUR", "days", "count", "score"]))
def test_a_gap_is_never_written_as_nothing(value: Decimal, unit: str) -> None:
    assert re.search("[1-9]", WRITERS["fr"].gap(value, Unit.read(unit), compact=True))


@given(value=NUMBERS, code=st.sampled_from(["en", "fr"]))
def test_a_compact_number_is_within_half_a_per_cent(value: Decimal, code: str) -> None:
    written = WRITERS[code].number(value, Unit.read("count"), compact=True)
    scale = {"k": 10**3, "M": 10**6, "bn": 10**9, "Md": 10**9}.get(re.sub(r"[^a-zA-Z]", "", written), 1)
    digits = re.sub(r"[^\d.,]", "", written).replace("," if code == "en" else ".", "").replace(",", ".")
    assert abs(float(digits) * scale - float(abs(value))) <= max(0.006 * float(abs(value)), 0.051)
