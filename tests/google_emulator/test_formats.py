"""What cells display: judged by the examples of Google's guide, by LibreOffice, by CLDR and by the recorded service."""

from __future__ import annotations

import csv
import math
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from tests.libreoffice import convert
from tests.sheets_emulator.calc_types import CalcError
from tests.sheets_emulator.dates import serial
from tests.sheets_emulator.formats import formatted

MOMENT = serial(datetime(2016, 4, 5, 16, 8, 53, 528_000, tzinfo=UTC))
ELAPSED = (3 * 3600 + 13 * 60 + 41.255) / 86_400

# Value, pattern, shown: the tables of "Date and number formats" in the documentation of the Sheets API.
GUIDE: list[tuple[float | str, str, str]] = [
    (MOMENT, "h:mm:ss.00 a/p", "4:08:53.53 p"),
    (MOMENT, 'hh:mm A/P".M."', "04:08 P.M."),
    (MOMENT, "yyyy-mm-dd", "2016-04-05"),
    (MOMENT, r"mmmm d \[dddd\]", "April 5 [Tuesday]"),
    (MOMENT, "h PM, ddd mmm dd", "4 PM, Tue Apr 05"),
    (MOMENT, "dddd, m/d/yy at h:mm", "Tuesday, 4/5/16 at 16:08"),
    (ELAPSED, "[hh]:[mm]:[ss].000", "03:13:41.255"),
    (ELAPSED, "[mmmm]:[ss].000", "0193:41.255"),
    (ELAPSED, "[hh]", "03"),
    (ELAPSED, "[mmmm]", "0193"),
    (ELAPSED, "[ss]", "11621"),
    (12345.125, "####.#", "12345.1"),
    (12.34, "000.0000", "012.3400"),
    (12.0, "#.0#", "12.0"),
    (5.125, "# ???/???", "5 1/8"),
    (12000.0, "#,###", "12,000"),
    (1230000.0, '0.0,,"M"', "1.2M"),
    (1234500000.0, "0.00e+00", "1.23e+09"),
    (123114.15115, '###0.000;"TEXT: "_(@_)', "123114.151"),
    (1234.0, "[Blue]#,##0;[Red]#,##0;[Green]0.0;[Magenta]_(@_)", "1,234"),
    (-1234.0, "[Blue]#,##0;[Red]#,##0;[Green]0.0;[Magenta]_(@_)", "1,234"),
    (0.0, "[Blue]#,##0;[Red]#,##0;[Green]0.0;[Magenta]_(@_)", "0.0"),
    (1005.0, '[>1000]"HIGH";[Color43][<=200]"LOW";0000', "HIGH"),
    (32.0, '[>1000]"HIGH";[Color43][<=200]"LOW";0000', "LOW"),
    (527.0, '[>1000]"HIGH";[Color43][<=200]"LOW";0000', "0527"),
    (99.0, '[<100]"Low";[>1000]"High";000', "Low"),
    (3.0, "00.0", "03.0"),
    (12.0, "##0", "12"),
    (12.4, "???.???", " 12.4  "),
    (3.0, "#0.#", "3."),
    (0.25, "#%", "25%"),
    (12_200_000.0, "#0.0,,", "12.2"),
    (1e-7, "##0.00#E+##", "100.00E-9"),
    (23.25, "0 #/#", "23 1/4"),
    (23.25, "0 #/8", "23 2/8"),
    (23.1, "0 #/3", "23"),
    (10.0, r"\#0", "#10"),
]


@pytest.mark.parametrize(("value", "pattern", "shown"), GUIDE)
def test_the_examples_of_the_guide(value: float | str, pattern: str, shown: str) -> None:
    assert formatted(value, {"type": "NUMBER", "pattern": pattern}, "en_US") == shown


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("NUMBER", 1000.12, "1,000.12"),
        ("PERCENT", 0.1012, "10.12%"),
        ("CURRENCY", 1000.12, "$1,000.12"),
        ("DATE", 39717.0, "9/26/2008"),
        ("TIME", 39717.666, "3:59:02 PM"),
        ("SCIENTIFIC", 1010.0, "1.01E+03"),
        ("TEXT", 1000.12, "1000.12"),
    ],
)
def test_each_type_has_a_pattern_of_its_own(kind: str, value: float, shown: str) -> None:
    """The reference of ``NumberFormatType`` names these."""
    assert formatted(value, {"type": kind}, "en_US") == shown


def test_texts_pass_unless_a_section_is_meant_for_them() -> None:
    assert formatted("#1,5", {"type": "NUMBER", "pattern": "0.00"}, "en_US") == "#1,5"
    assert formatted("a", {"type": "NUMBER", "pattern": '0;"text: "@'}, "en_US") == "text: a"
    assert formatted(None, None, "en_US") == ""
    assert formatted(True, {"type": "NUMBER", "pattern": "0.00"}, "en_US") == "TRUE"
    assert formatted(CalcError("N_A", "nothing"), None, "en_US") == "#N/A"


_VALUES = [0.0, 1.0, -1.0, 0.5, -0.25, 0.126, 12.0, 1234.5, -1234.567, 1_234_567.891, 0.0004, -0.004, 99.995, 46_000.75]
_PATTERNS = [
    "0", "0.0", "0.00", "#,##0", "#,##0.0", "#,##0.00", "#,##0.0#", "0%", "0.0%", "+0.0%;-0.0%;0.0%",
    '+#,##0.0;-#,##0.0;"="', "#,##0;(#,##0)", '#,##0.0" d"', "000.0", "0.0E+00", "0,", '0.0,,"M"', "[Red]0;[Blue]-0",
    "$#,##0.00", '#,##0" €"',
]  # fmt: skip
_DATE_PATTERNS = ["yyyy-mm-dd", "dd/mm/yyyy", "d mmm yyyy", "dddd d mmmm", "yyyy-mm-dd hh:mm", "h:mm AM/PM", "hh:mm:ss"]
_DATES = [1.0, 366.25, 43_831.0, 46_000.75, 46_022.998, 46_350.5]


def test_libreoffice_shows_the_same(tmp_path: Path, soffice: str) -> None:
    """But for the sign of what is rounded to zero, which it leaves out, and Google keeps."""
    book = openpyxl.Workbook()
    sheet = book.active
    wanted = []
    for patterns, values in ((_PATTERNS, _VALUES), (_DATE_PATTERNS, _DATES)):
        for pattern in patterns:
            row = []
            for value in values:
                row.append(formatted(value, {"type": "NUMBER", "pattern": pattern}, "en_US"))
                cell = sheet.cell(len(wanted) + 1, len(row), value)
                cell.number_format = pattern
            wanted.append(row)
    path = tmp_path / "shown.xlsx"
    book.save(path)
    with convert(soffice, path, "csv", tmp_path).open(encoding="utf-8") as file:
        shown = list(csv.reader(file))
    differences = [
        (pattern, ours, theirs)
        for pattern, ours_row, theirs_row in zip(_PATTERNS + _DATE_PATTERNS, wanted, shown, strict=True)
        for ours, theirs in zip(ours_row, theirs_row, strict=False)
        if ours != theirs and not (ours == f"-{theirs}" and set(theirs) <= set("$0., €dM%"))
    ]
    assert not differences, "\n".join(map(str, differences))


@given(
    st.decimals(min_value=-(10**9), max_value=10**9, places=2),
    st.sampled_from(["en_US", "fr_FR", "de_DE", "es_ES", "pt_BR", "it_IT", "en_GB"]),
)
def test_separators_are_those_of_the_locale(number: Decimal, locale: str) -> None:
    """Babel formats the same number by the rules of CLDR."""
    ours = formatted(float(number), {"type": "NUMBER", "pattern": "#,##0.00"}, locale)
    assert ours == format_decimal(number, "#,##0.00", locale=locale).replace("-0.00", "0.00").replace("-0,00", "0,00")


@given(st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_a_plain_number_reads_back_as_itself(number: float) -> None:
    """Ten significant digits are kept, six of very large and very small numbers."""
    shown = formatted(number, None, "en_US")
    inside = number == 0 or 1e-10 <= abs(number) < 1e15
    assert math.isclose(float(shown), number, rel_tol=5.1e-10 if inside else 5.1e-6)
