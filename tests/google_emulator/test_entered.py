"""What typed texts become: judged by the recorded service and by CLDR."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from babel.dates import format_date
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from tests.sheets_emulator.calc_types import Formula
from tests.sheets_emulator.dates import EPOCH
from tests.sheets_emulator.entered import entered
from tests.sheets_emulator.formats import formatted
from tests.sheets_emulator.locales import manner

LOCALES = ["en_US", "fr_FR", "de_DE", "es_ES", "pt_BR", "it_IT", "en_GB", "nl_NL", "sv_SE"]


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2), st.sampled_from(LOCALES))
def test_a_number_written_by_the_rules_of_a_locale_is_read(number: Decimal, locale: str) -> None:
    """Babel writes it with the separators of CLDR."""
    text = format_decimal(number, "#,##0.00", locale=locale).replace("\u2212", "-")
    found = entered(text, locale)
    assert found.value == float(number)
    grouped = abs(number) >= 1000
    assert found.number_format == ({"type": "NUMBER", "pattern": "#,##0.00"} if grouped else None)


@given(st.dates(date(1930, 1, 1), date(2029, 12, 31)), st.sampled_from(LOCALES), st.sampled_from(["short", "long"]))
def test_a_date_written_by_the_rules_of_a_locale_is_read(day: date, locale: str, width: str) -> None:
    text = format_date(day, "short" if width == "short" else "long", locale=locale)
    if width == "long" and locale in ("de_DE", "es_ES", "pt_BR"):
        text = format_date(day, manner(locale).date.replace("m", "M"), locale=locale)  # "5. Mai", "5 de mayo": beyond
    found = entered(text, locale)
    assert found.value == (day - EPOCH.date()).days, text
    assert found.number_format is not None
    assert found.number_format["type"] == "DATE"


@pytest.mark.parametrize(
    ("text", "locale", "value", "shown"),
    [
        ("0042", "en_US", 42.0, "42"),
        ("12%", "en_US", 0.12, "12%"),
        ("12.5%", "en_US", 0.125, "12.50%"),
        ("$1,234.50", "en_US", 1234.5, "$1,234.50"),
        ("-$5", "en_US", -5.0, "-$5"),
        ("12 €", "fr_FR", 12.0, "12 €"),
        ("(5)", "en_US", -5.0, "-5"),
        ("1e3", "en_US", 1000.0, "1.00E+03"),
        (".5", "en_US", 0.5, "0.5"),
        ("12:30", "en_US", 0.520833333333, "12:30"),
        ("12:30:45 PM", "en_US", 0.521354166667, "12:30:45 PM"),
        ("30:15:00", "en_US", 1.260416666667, "30:15:00"),
        ("2020-01-01 12:00", "en_US", 43831.5, "2020-01-01 12:00"),
        ("2026-01", "en_US", 46023.0, "2026-01"),
        ("2026", "en_US", 2026.0, "2026"),
        ("Jan 5, 2026", "en_US", 46027.0, "Jan 5, 2026"),
        ("1/2/2026", "en_US", 46024.0, "1/2/2026"),
        ("1/2/2026", "fr_FR", 46054.0, "01/02/2026"),
        ("vrai", "fr_FR", True, "VRAI"),
        ("true", "en_US", True, "TRUE"),
    ],
)
def test_a_typed_text_has_a_value_and_looks_as_typed(text: str, locale: str, value: float | bool, shown: str) -> None:
    found = entered(text, locale)
    assert found.value == pytest.approx(value)
    assert not isinstance(found.value, Formula)
    assert formatted(found.value, found.number_format, locale) == shown


@pytest.mark.parametrize(
    "text",
    ["abc", "-", "1.2.3", "2,00", "1234,567", "--5", "5-", "revenue|2026-01", "2026-W42", "2026-Q4", "2024-02-30",
     "31/12/2026", "1e999", "3_1_0", "a\nb", "٣", "=", "1'000"],
)  # fmt: skip
def test_what_is_no_number_stays_a_text(text: str) -> None:
    assert entered(text, "en_US") == (text, None)


def test_an_apostrophe_makes_a_text_and_a_sign_of_equality_a_formula() -> None:
    assert entered("'=1", "en_US").value == "=1"
    assert entered("= 1 / 1024", "en_US").value == Formula("= 1 / 1024")
    assert entered("", "en_US").value is None
