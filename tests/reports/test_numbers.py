"""Numbers judged by Babel, and the promises that a reader relies on."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from babel import Locale, numbers
from hypothesis import given
from hypothesis import strategies as st

from kpisheets.core.unit import Unit
from kpisheets.reports.numbers import MINUS, Writer
from kpisheets.templates import language, languages

WRITERS = {code: Writer.of(language(code)) for code in languages()}
NUMBERS = st.decimals(min_value=-(10**14), max_value=10**14, places=4)


SCALES = {"k": 10**3, "m": 10**6, "M": 10**6, "bn": 10**9, "Md": 10**9, "tn": 10**12, "Bn": 10**12}
LOCALES = {"en": "en_GB", "fr": "fr_FR", "de": "de_DE", "es": "es_ES"}


def as_babel(written: str) -> str:
    """Babel writes a hyphen for the minus sign, which is the one thing that reports do otherwise."""
    return written.replace(MINUS, "-")


@pytest.mark.parametrize("code", LOCALES)
@given(
    value=st.decimals(min_value=1000, max_value=10**12, places=2)
    | st.decimals(min_value=-(10**12), max_value=-1000, places=2)
)
def test_long_numbers_are_written_as_babel_does(code: str, value: Decimal) -> None:
    writer, locale = WRITERS[code], LOCALES[code]
    whole = round(value)
    assert as_babel(writer.number(value, Unit.read("count"))) == numbers.format_decimal(whole, locale=locale)
    for currency in ("EUR", "CHF", "PLN"):
        money = re.sub(r"[.,]00(?!\d)", "", numbers.format_currency(whole, currency, locale=locale))
        ours = as_babel(writer.number(value, Unit.read(currency)))
        if code == "en":  # CLDR parts letters from digits (¤¤ before [:digit:]), which Babel leaves out
            ours = ours.replace(f"{currency}\xa0", currency)
        assert ours == money


@pytest.mark.parametrize("code", LOCALES)
@given(
    digits=st.integers(101, 999).filter(lambda n: n % 10),  # Babel leaves the last zero out, which moves columns
    power=st.integers(2, 12),
    rest=st.floats(-0.49, 0.49),
    sign=st.sampled_from([1, -1]),
)
def test_short_numbers_are_written_as_babel_does(code: str, digits: int, power: int, rest: float, sign: int) -> None:
    power = max(power, 4) if code == "de" else power  # German has no short word for thousands
    value, rounded = sign * round((digits + rest) * 10**power), sign * digits * 10**power
    if code == "es" and power == 7:
        rounded = round(value, -6)  # Spanish says 1234 M where others have a word for the billion
    for unit, babel in (("count", numbers.format_compact_decimal), ("EUR", numbers.format_compact_currency)):
        ours = as_babel(WRITERS[code].number(value, Unit.read(unit), compact=True))
        behind = ours.partition("." if code == "en" else ",")[2]
        decimals = len(behind) - len(behind.lstrip("0123456789"))
        money = ("EUR",) if unit == "EUR" else ()
        ours = re.sub(r"(?<=\d)\.(?=\d{3}\b)", "", ours) if code in ("de", "es") else ours  # Babel writes 1240 M
        assert ours == babel(rounded, *money, locale=LOCALES[code], fraction_digits=decimals)


@pytest.mark.parametrize("code", LOCALES)
@given(value=st.decimals(min_value=-5, max_value=5, places=5))
def test_shares_are_written_as_babel_does(code: str, value: Decimal) -> None:
    tenths = str(Locale.parse(LOCALES[code]).percent_formats[None].pattern).replace("0", "0.0")
    babel = numbers.format_percent(round(value, 3), format=tenths, locale=LOCALES[code])
    assert as_babel(WRITERS[code].number(value, Unit.read("%"))) in (
        babel,
        babel.removeprefix("-"),
    )  # no minus before 0.0


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
    scale = SCALES.get(re.sub(r"[^a-zA-Z]", "", written), 1)
    digits = re.sub(r"[^\d.,]", "", written).replace("," if code == "en" else ".", "").replace(",", ".")
    assert abs(float(digits) * scale - float(abs(value))) <= max(0.006 * float(abs(value)), 0.051)
