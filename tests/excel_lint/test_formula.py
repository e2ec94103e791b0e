"""The notation of stored formulas: what Excel writes is understood, what it repairs is not; overlapping ranges."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpisheets.backends.excel.lint.formula import parse
from kpisheets.backends.excel.lint.sections import overlapping
from kpisheets.backends.excel.ooxml.notation.refs import Area

GOOD = """A1+B2 | SUM(A1:B2,C3) | IF(A1="<","&",1) | -A1%+2
t[[#This Row],[Target]]*2 | Table1[1] | [1]Sheet1!A1 | NOW()
'[1]My sheet'!A1:B2 | [1]!name | Sheet1:Sheet3!A1 | Sheet1!$A$1:Sheet1!$B$2 | A:A | $1:$3 | 1:1 | {1,2;3,-4}
IF(A1,,1) | LAMBDA(x,x+1)(2) | A1:INDEX(B:B,3) | (A1,B2) | A1:B2 B1:C3 | #REF! | Sheet1!#REF! | #REF!$A$1
SUM(#REF!) | A1# | @A1 | Sheet1!$A$1,Sheet1!$B$2 | 1E+5*.5 | "a""b"&'It''s'!A1 | t[[#Headers],[a]:[b]]
COUNTIF(A:A,">="&B1) | Été!A1 | --A1
SUBTOTAL(109,[Col '[x']]) | _xlfn.ANCHORARRAY(A1) | A1<>B1
IF(TRUE,{"a";"b"},#N/A) | Excel|'book.xls'!'!Sheet1!R1C1'"""
BAD = """A1+ | SUM(A1 | SUM(A1)) | "abc | FIND("x";H5) | A1 "b" | *A1 | {1,A1} | 12pm!A1 | Sheet1! | A1: | 1 2 | ( | )
() | a~b | IF(A1,1 | Sheet1! A1 | t[Amount | 'Sheet!A1 | {{1}} | 1,2, | A1,,B2 | "a"(1) | {1;} | SUM(1}"""


def listed(text: str) -> list[str]:
    return [word for line in text.splitlines() for word in line.split(" | ")]


@pytest.mark.parametrize("formula", listed(GOOD))
def test_what_excel_writes(formula: str) -> None:
    assert parse(formula).fault == ""


@pytest.mark.parametrize("formula", listed(BAD))
def test_what_excel_repairs(formula: str) -> None:
    assert parse(formula).fault != ""


def test_what_a_formula_refers_to() -> None:
    parsed = parse("Data!A1+'It''s'!B2+[2]Far!C3+SUM('[3]x y'!D4)")
    assert (parsed.sheets, parsed.files, parsed.bare) == ({"Data", "It's"}, {2, 3}, False)
    assert parse("Data!A1+B2").bare
    assert not parse("Data!$A$1:$B$2").bare


@pytest.mark.parametrize("piece", ["[", "a[", "((", "'", '"', "a", "1", "[[a],", "!", "{", "a!", "[1]", "''", "a1:"])
def test_no_formula_takes_long(piece: str) -> None:
    started = time.process_time()
    parse((piece * 8192)[:8192])
    assert time.process_time() - started < 2


areas = st.builds(
    lambda top, left, high, wide: Area(top, left, top + high, left + wide),
    st.integers(1, 12), st.integers(1, 12), st.integers(0, 4), st.integers(0, 4),
)  # fmt: skip


@given(st.lists(areas, max_size=12))
def test_overlapping_ranges_agree_with_looking_at_every_pair(found: list[Area]) -> None:
    pairs = overlapping([(area, str(at)) for at, area in enumerate(found)])
    assert bool(pairs) == any(one.meets(other) for one, other in itertools.combinations(found, 2))
    assert all(found[int(one)].meets(found[int(other)]) for one, other in pairs)
