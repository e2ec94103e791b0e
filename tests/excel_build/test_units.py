"""Number formats, shown by LibreOffice as people see them."""

from __future__ import annotations

import csv

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from kpisheets.backends.tabs.units import number_format
from tests.libreoffice import convert

NBSP = "\N{NO-BREAK SPACE}"
SHOWN = (
    # unit, language, signed, value, what a reader in an English setting sees
    ("EUR", "en", False, 117859.33, "€117,859.33"),
    ("EUR", "en", False, 43.69, "€43.69"),
    ("EUR", "en", False, -43.69, "-€43.69"),
    ("EUR", "en", False, -2140.67, "-€2,140.67"),
    ("EUR", "en", True, 2140.67, "+€2,140.67"),
    ("EUR", "en", True, -2140.67, "-€2,140.67"),
    ("EUR", "fr", False, 117859.33, f"117,859.33{NBSP}€"),
    ("EUR", "fr", True, -43.69, f"-43.69{NBSP}€"),
    ("currency", "en", False, 5, "£5.00"),
    ("CHF", "en", False, 1200, f"CHF{NBSP}1,200.00"),
    ("NPS", "en", False, 42, f"42.0{NBSP}NPS"),
    ("JPY", "en", True, 120, "+¥120"),
    ("%", "en", False, 0.0325, "3.3%"),
    ("%", "fr", False, 0.0325, f"3.3{NBSP}%"),
    ("%", "en", True, 0.5, "+50.0%"),
    ("%", "en", True, -0.5, "-50.0%"),
    ("%", "en", True, 0, "0.0%"),
    ("days", "en", False, 3.5, f"3.5{NBSP}d"),
    ("jours", "fr", True, 3.5, f"+3.5{NBSP}j"),
    ("hours", "en", True, -1200.25, f"-1,200.3{NBSP}h"),
    ("count", "en", False, 1234, "1,234"),
    ("", "en", True, 12, "+12"),
    ("score", "en", False, 7.25, "7.3"),
    ("ratio", "en", False, 3.14159, "3.14"),
    ("EUR", "de", True, 1234.5, f"+1,234.50{NBSP}€"),
    ("Tage", "de", True, 3.5, f"+3.5{NBSP}Tage"),
    ("Stunden", "de", False, 1.5, f"1.5{NBSP}Std."),
    ("%", "es", True, -0.5, f"-50.0{NBSP}%"),
    ("días", "es", False, 3.5, f"3.5{NBSP}días"),
    ("tickets", "en", False, 12.34, f"12.3{NBSP}tickets"),
    ("tickets", "en", True, -1234.5, f"-1,234.5{NBSP}tickets"),
    ('5" disks', "en", False, 12, f"12.0{NBSP}5” disks"),
    ("[Red]0;@", "en", False, 12, f"12.0{NBSP}[Red]0;@"),
)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory, soffice: str) -> list[str]:
    folder = tmp_path_factory.mktemp("units")
    with xlsxwriter.Workbook(folder / "units.xlsx") as book:
        sheet = book.add_worksheet()
        for row, (unit, language, signed, value, _) in enumerate(SHOWN):
            wanted = number_format(unit, "GBP", signed=signed, language=language)
            sheet.write_number(row, 0, value, book.add_format({"num_format": wanted}))
    shown = convert(soffice, folder / "units.xlsx", "csv", folder)
    with shown.open(encoding="utf-8-sig", newline="") as file:
        return [row[0] for row in csv.reader(file)]


@pytest.mark.parametrize("place", range(len(SHOWN)))
def test_a_number_looks_as_its_unit_asks(shown: list[str], place: int) -> None:
    assert shown[place] == SHOWN[place][-1]


@given(unit=st.text(max_size=400), signed=st.booleans(), language=st.sampled_from(["en", "fr", "de", "es", "en-GB"]))
def test_a_format_of_any_text_is_well_formed(unit: str, signed: bool, language: str) -> None:
    made = number_format(unit, "EUR", signed=signed, language=language)
    assert len(made) <= 255
    assert made.count('"') % 2 == 0
    assert all(letter.isprintable() or letter == NBSP for letter in made)
    assert len("".join(made.split('"')[::2]).split(";")) <= 3
