"""The languages: each says the same things, in words that people can type back, and typeset as it is written."""

from __future__ import annotations

import re
import string
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from kpisheets import templates
from kpisheets.backends.tabs.units import number_format
from kpisheets.core.kpi import Direction, RollUp, Status
from kpisheets.core.period import Frequency
from kpisheets.core.plan import Why
from kpisheets.core.unit import Unit
from kpisheets.core.workbook import FIELDS
from kpisheets.errors import BadConfig

ROOT = Path(__file__).resolve().parents[2] / "sheet_templates"
CODES = templates.languages()
ENGLISH, FRENCH = templates.language("en"), templates.language("fr")


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a TOML document with its path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{path}/{number}")
    else:
        yield path, str(value)


def documents(code: str) -> dict[str, dict[str, str]]:
    """The texts of a language, by file and path, read without the loader."""
    folder = ROOT / "languages"
    files = [folder / f"{code}.toml", *sorted((folder / code).rglob("*.toml"))]
    return {file.name: dict(leaves(tomllib.loads(file.read_text(encoding="utf-8")))) for file in files}


def texts(code: str) -> dict[str, str]:
    return {
        f"{'language' if file == f'{code}.toml' else file}{path}": text
        for file, found in documents(code).items()
        for path, text in found.items()
    }


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_file_is_toml() -> None:
    files = list(ROOT.rglob("*.toml"))
    assert len(files) >= 17
    for file in files:
        tomllib.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("code", [code for code in CODES if code != "en"])
def test_every_language_says_everything(code: str) -> None:
    english, other = texts("en"), texts(code)
    assert set(english) == set(other)
    for path, text in english.items():
        assert placeholders(text) == placeholders(other[path]), path
    blank = {path for path, text in english.items() if not text.strip()}
    # In English nothing stands between a number and its percent sign.
    assert blank <= {"language/words/report/percent_space"}


def test_the_english_names_are_the_canonical_ones() -> None:
    assert list(ENGLISH.tabs.values()) == [
        *("Report", "Tracking", "KPIs", "Actions", "Review", "Control", "Log", "Guide", "Targets"),
    ]
    assert list(ENGLISH.columns["tracking"].values()) == [
        *("KPI", "Period", "Target", "Actual", "Variance", "Variance %", "Status", "Owner", "Comment"),
        *("Key", "Source value", "Source", "As of", "Target seen", "Flag", "Proposed target"),
    ]
    assert list(ENGLISH.columns["catalogue"].values()) == [
        *("ID", "KPI", "Objective", "Department", "Owner", "Owner email", "Unit", "Direction", "Frequency", "Metric"),
        *("Target", "Low", "High", "Tolerance %", "Roll-up", "Active from", "Active to", "Definition"),
        *("Recommendation", "Seen"),
    ]
    assert all(word == canonical for words in ENGLISH.enums.values() for canonical, word in words.items())


@pytest.mark.parametrize("code", CODES)
def test_every_field_of_the_workbook_has_a_header(code: str) -> None:
    columns = templates.language(code).columns
    for table, fields in FIELDS.items():
        named = {field for field in fields if not re.fullmatch(r"(label|point|season|value|range)_\d+", field)}
        assert named <= set(columns[table.removeprefix("kpi_")]), table


@pytest.mark.parametrize("table", ENGLISH.columns)
def test_a_header_means_one_field_in_all_languages(table: str) -> None:
    meant: dict[str, set[str]] = {}
    for code in CODES:
        for field, header in templates.language(code).columns[table].items():
            meant.setdefault(header.casefold(), set()).add(field)
    assert {header: fields for header, fields in meant.items() if len(fields) > 1} == {}


def test_a_title_means_one_tab_in_all_languages() -> None:
    meant: dict[str, set[str]] = {}
    for code in CODES:
        for tab, title in templates.language(code).tabs.items():
            meant.setdefault(title.casefold(), set()).add(tab)
    assert {title: tabs for title, tabs in meant.items() if len(tabs) > 1} == {}


def test_a_word_means_one_thing_in_all_languages() -> None:
    meant: dict[tuple[str, str], set[str]] = {}
    for kind, canonical, word in WORDS:
        meant.setdefault((kind, word.casefold()), set()).add(canonical)
    assert {word: things for word, things in meant.items() if len(things) > 1} == {}


@pytest.mark.parametrize("code", CODES)
def test_the_words_for_units_are_read_and_written(code: str) -> None:
    language = templates.language(code)
    for canonical, word in language.enums["unit"].items():
        assert Unit.read(word, "EUR") == Unit.read(canonical, "EUR"), word
    for unit in ("days", "hours"):
        assert language.word(f"report.{unit}") in number_format(unit, "EUR", language=code)
    percent = Locale.parse(language.locale.babel).percent_formats[None].pattern
    assert number_format("%", "EUR", language=code).replace('"', "")[3:] == percent.partition("0")[2]


@pytest.mark.parametrize("code", CODES)
def test_the_separators_are_those_of_unicode(code: str) -> None:
    locale = templates.language(code).locale
    symbols = Locale.parse(locale.babel).number_symbols["latn"]
    assert (locale.decimal, locale.thousands) == (symbols["decimal"], symbols["group"])
    assert ZoneInfo(locale.timezone)


@pytest.mark.parametrize("code", CODES)
def test_what_a_spreadsheet_asks_of_names(code: str) -> None:
    language = templates.language(code)
    tabs = list(language.tabs.values())
    assert len({tab.casefold() for tab in tabs}) == len(tabs)
    assert all(0 < len(tab) <= 31 and not set(tab) & set("[]:*?/\\") for tab in tabs)
    assert not any(tab.startswith("'") or tab.endswith("'") for tab in tabs)
    for table, headers in language.columns.items():
        assert len({header.casefold() for header in headers.values()}) == len(headers), table
        assert not any(set(header) & set("[]'#@\n") for header in headers.values()), table
    for words in language.enums.values():
        assert all("," not in word for word in words.values()), "a dropdown's list is separated by commas"
        assert len(",".join(words.values())) <= 255


@pytest.mark.parametrize("code", CODES)
def test_what_has_a_cell_of_its_own_fits_into_it(code: str) -> None:
    language = templates.language(code)
    # In the Report tab's last column, which is 27 wide; a number with its text shows as ### where it does not fit.
    assert len(f"{language.word('data_as_of')} 28 Nov 2026 21:44") <= 28
    assert all(len(status) <= 16 for status in language.status.values())
    in_progress = language.status[Status.IN_PROGRESS]
    assert all(len(f"{in_progress}: {pace}") <= 27 for pace in language.so_far.values())
    for table in ("tracking", "report"):
        assert len(language.columns[table]["variance_pct"]) <= 11
    assert all(len(language.columns["actions"][field]) <= 14 for field in ("opened", "due", "status", "closed"))


@pytest.mark.parametrize("code", CODES)
def test_statuses_are_distinct_words_with_a_symbol(code: str) -> None:
    language = templates.language(code)
    assert set(language.status) == set(Status)
    assert [word[0] for word in language.status.values()] == ["✔", "▲", "✖", "–", "–", "◔"]
    assert all(re.fullmatch(r"\S \w.+", word) for word in language.status.values())
    assert set(language.so_far) == {Status.MET, Status.AT_RISK, Status.MISSED}
    for words in (language.status, language.so_far):
        assert len(set(words.values())) == len(words)
        for one, other in combinations(words.values(), 2):
            assert not one.startswith(other)
            assert not other.startswith(one)


@pytest.mark.parametrize("code", CODES)
def test_the_words_that_plans_and_formulas_put_into_cells(code: str) -> None:
    words = templates.language(code).for_workbook
    assert {why.value for why in Why} <= set(words.text)
    assert all(f"counted_{status.value}" in words.text for status in Status)
    for key in ("run_written", "run_rows_added", "run_overrides", "run_restatements", "run_problems"):
        assert "3" in words.text[key].format(n=3)


@pytest.mark.parametrize("code", CODES)
def test_enumerations_cover_the_model(code: str) -> None:
    enums = templates.language(code).enums
    assert set(enums["direction"]) == {direction.value for direction in Direction}
    assert set(enums["frequency"]) == {frequency.value for frequency in Frequency}
    assert set(enums["roll_up"]) == {kind.value for kind in RollUp}


WORDS = [
    (kind, canonical, word)
    for code in CODES
    for kind, words in templates.language(code).enums.items()
    for canonical, word in words.items()
]


@given(found=st.sampled_from(WORDS), change=st.sampled_from([str.upper, str.lower, str.title, str.swapcase]))
def test_any_word_is_understood_whatever_its_language_and_case(found: tuple[str, str, str], change: Any) -> None:
    kind, canonical, word = found
    assert templates.enum_value(kind, f" {change(word)}\u00a0") == canonical
    assert FRENCH.enum_value(kind, change(canonical)) == canonical


def test_words_that_mean_nothing() -> None:
    assert templates.enum_value("direction", "sideways") is None
    assert templates.enum_value("direction", "") is None
    with pytest.raises(KeyError):
        templates.enum_value("colour", "blue")
    assert FRENCH.enum("unit", "tonnes") == "tonnes"


def test_a_phrase_is_filled_in() -> None:
    assert ENGLISH.word("run_written", n=12) == "cells written: 12"
    assert FRENCH.word("better_by", gap="2,6 j") == "mieux de 2,6 j"
    with pytest.raises(KeyError):
        ENGLISH.word("run_written")
    with pytest.raises(KeyError):
        ENGLISH.word("no_such_phrase")


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadConfig, match=r"“tlh”.*de, en, es, fr"):
        templates.language("tlh")


@pytest.mark.parametrize("code", CODES)
def test_the_guide_says_what_it_must(code: str) -> None:
    guide = templates.language(code).guide
    assert len(guide) >= 7
    everything = " ".join(paragraph for section in guide for paragraph in section.paragraphs)
    assert "30" in " ".join(section.heading for section in guide)
    steps = guide[-1].paragraphs
    assert [step[:2] for step in steps] == [f"{n}." for n in range(1, 8)]
    for tab in ("tracking", "report", "kpis", "actions", "review", "control", "log"):
        assert templates.language(code).tabs[tab] in everything
    for status in Status:
        assert templates.language(code).status[status] in everything
    for request in templates.language(code).enums["request"].values():
        assert request in everything


@pytest.mark.parametrize("code", [code for code in CODES if code != "en"])
def test_the_guide_names_columns_as_they_are(code: str) -> None:
    language = templates.language(code)
    everything = " ".join(paragraph for section in language.guide for paragraph in section.paragraphs)
    for field in ("target", "actual", "comment", "key", "source_value", "source", "as_of", "target_seen", "flag"):
        assert language.columns["tracking"][field].casefold() in everything.casefold(), field
    assert language.columns["catalogue"]["active_to"] in everything


# --- typography -------------------------------------------------------------------------------------------------------

NO_BREAK = "\u00a0\u202f"


def test_french_typography() -> None:
    faults = []
    for path, text in texts("fr").items():
        if "/locale/" in path or (path.startswith("language/words/report/") and len(text) <= 2):
            continue
        plain = re.sub(r"\{[^}]*\}|\d\d:\d\d|hh:mm|close\+\d|\bhttps?:\S+|\boutbox:\S*", "0", text)
        # A percent or euro sign that follows no number is the name of a unit.
        if re.search(rf"[^{NO_BREAK}(][:;!?»](?!\w)", plain) or re.search(r"\d ?[%€]", plain):
            faults.append((path, text))
        if re.search(rf"«[^{NO_BREAK}]", plain) or '"' in plain or "'" in plain or "..." in plain:
            faults.append((path, text))
        if re.search(r"  | [.,)]", plain) or plain != plain.strip():
            faults.append((path, text))
    assert faults == []


def test_english_typography() -> None:
    for path, text in texts("en").items():
        if "/locale/" in path:
            continue
        assert not re.search(r"\s[:;!?]|\d\s%|  |\.\.\.|['\"]", text), (path, text)


GERMAN = re.compile(r"""\s[:;!?]|  |\.\.\.|['"”«»]|\d ?[%€]|“\w|„\s|\s“|\b[zd]\. ?[Bh]\.""")
SPANISH = re.compile(r"""\s[:;!?»]|«\s|  |\.\.\.|['"“”]|\d ?[%€]""")


@pytest.mark.parametrize(("code", "faults"), [("de", GERMAN), ("es", SPANISH)], ids=["de", "es"])
def test_german_and_spanish_typography(code: str, faults: re.Pattern[str]) -> None:
    for path, text in texts(code).items():
        if "/locale/" in path or path.endswith("/enums/unit/%"):
            continue
        assert not faults.search(text), (path, text)
        assert text.count("„") == text.count("“"), (path, text)
        assert text.count("«") == text.count("»"), (path, text)
        if code == "es":
            assert text.count("¿") == text.count("?"), (path, text)
            assert text.count("¡") == text.count("!"), (path, text)


def test_the_loader_is_quick() -> None:
    code = (
        "import sys; from kpisheets import templates; templates.language('fr'); templates.packs(); print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert {"duckdb", "pandas", "sqlglot", "xlsxwriter", "sqlalchemy", "jinja2", "click"}.isdisjoint(loaded)
