"""The types of columns that a file holds as text: decided by every value of the file, never by a sample.

Amounts become exact decimals, whichever way they are written (``1234.5``, ``1,234.50``, ``1 234,50``, ``1.234,50``);
what is ambiguous stays text and says so, since a number that is wrong by a thousand is worse than none.
"""

# ruff: noqa: S608 — identifiers are quoted or matched against the catalogue; expressions have been read by expression.py

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kpisheets.connectors.base import Column, Kind, literal, quoted
from kpisheets.connectors.databases.duckdb import kind_of

Run = Callable[[str], Sequence[tuple[Any, ...]]]

_ISO_DAY = r"\d{4}-\d{2}-\d{2}"
_ISO_TIME = rf"{_ISO_DAY}[T ]\d{{2}}:\d{{2}}(:\d{{2}}(\.\d+)?)?"
_OFFSET = r"\s*([Zz]|[+-]\d{2}(:?\d{2})?)"
_POINT = r"[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)"
_FLOATING = r"(?i)[+-]?(?:(?:\d+\.?\d*|\.\d+)e[+-]?\d+|nan|inf|infinity)"
_COMMA = r"[+-]?(?:0|[1-9]\d*|[1-9]\d{0,2}(?:[ .'’]\d{3})+)(?:,\d+)?"
_ENGLISH = r"[+-]?(?:0|[1-9]\d*|[1-9]\d{0,2}(?:[ ,]\d{3})+)(?:\.\d+)?"
_GROUPED = r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+"
_DAY_MONTH = r"\d{1,2}([/.-])\d{1,2}[/.-]\d{4}"
_NUMBERLIKE = r"^[+-]?[.,]?\d"
_TRUTH = "(?i)true|false"
_LONG = 18
"""As many digits fit into an integer of 8 bytes."""

_FORMATS = {"day first": "['%d/%m/%Y', '%d.%m.%Y', '%d-%m-%Y']", "month first": "['%m/%d/%Y', '%m.%d.%Y', '%m-%d-%Y']"}


@dataclass(frozen=True, slots=True)
class Typed:
    """A column and the SQL expression that reads it with its type; ``form`` says what was taken for granted, if any."""

    column: Column
    expression: str
    form: str = ""


def typed(run: Run, source: str, names: Sequence[str], *, decimal_comma: bool) -> list[Typed]:
    """The type of each text column ``names`` of the relation ``source`` (SQL).

    ``decimal_comma`` tells that the file separates its fields by semicolons, as programs do where the comma is the
    decimal separator; it settles values such as ``1,234`` and ``05/10/2026`` that could be read in two ways.
    """
    if not names:
        return []
    cleaned = f"(SELECT {', '.join(f'{_clean(name)} AS {quoted(name)}' for name in names)} FROM {source}) AS cleaned"
    first = _measure(run, cleaned, names, _first)
    open_names = [n for n in names if (f := first[n])["n"] and f["n"] not in (f["point"], f["day"], f["time"], f["at"])]
    second = _measure(run, cleaned, [n for n in open_names if first[n]["numberlike"] or first[n]["truth"]], _second)
    return [_typed(name, first[name] | second.get(name, {}), decimal_comma) for name in names]


def selected(
    run: Run, source: str, described: Sequence[tuple[str, str]], used: frozenset[str], *, decimal_comma: bool
) -> list[Typed]:
    """All columns of a relation of (name, DuckDB type) in order; the text among those that are ``used`` with its type.

    ``used`` are case-folded names; ``*`` stands for all.
    """
    texts = [n for n, kind in described if kind == "VARCHAR" and (n.casefold() in used or "*" in used)]
    found = {one.column.name: one for one in typed(run, source, texts, decimal_comma=decimal_comma)}
    return [found.get(name) or Typed(Column(name, kind_of(kind)), quoted(name)) for name, kind in described]


def _clean(name: str) -> str:
    """A value without blanks around it, with plain spaces and minus signs; NULL when nothing is left."""
    text = quoted(name)
    plain = f"replace(replace(replace({text}, '\u00a0', ' '), '\u202f', ' '), '\u2212', '-')"
    # Nearly every value is ASCII alone: as many bytes as characters.
    return f"nullif(trim(CASE WHEN strlen({text}) = length({text}) THEN {text} ELSE {plain} END), '')"


def _measure(run: Run, source: str, names: Sequence[str], tests: Callable[[str], dict[str, str]]) -> dict[str, Any]:
    if not names:
        return {}
    asked = {name: tests(quoted(name)) for name in names}
    (row,) = run(f"SELECT {', '.join(text for found in asked.values() for text in found.values())} FROM {source}")
    values = iter(row)
    return {name: {key: next(values) for key in found} for name, found in asked.items()}


def _full(name: str, pattern: str) -> str:
    return _count(f"regexp_full_match({name}, {literal(pattern)})")


def _valid(name: str, pattern: str, kind: str) -> str:
    matches = f"{_like_day(name)} AND regexp_full_match({name}, {literal(pattern)})"
    return _count(f"{matches} AND TRY_CAST({name} AS {kind}) IS NOT NULL")


def _like_day(name: str) -> str:
    """A quick test that spares most values the regular expressions of days."""
    return f"strlen({name}) >= 10 AND {name} LIKE '____-__-__%'"


def _count(test: str) -> str:
    return f"COUNT(CASE WHEN {test} THEN 1 END)"


def _first(name: str) -> dict[str, str]:
    quick = f"{name} < ':'"  # what digits, signs and points come before
    numberlike = f"{quick} AND regexp_matches({name}, {literal(_NUMBERLIKE)})"
    # That there are few digits is known from the length.
    counted = f"length(regexp_replace({name}, '[^0-9]', '', 'g'))"
    return {
        "n": f"COUNT({name})",
        "point": _count(f"{quick} AND regexp_full_match({name}, {literal(_POINT)})"),
        "day": _valid(name, _ISO_DAY, "DATE"),
        "time": _valid(name, rf"{_ISO_DAY}|{_ISO_TIME}", "TIMESTAMP"),
        "at": _valid(name, _ISO_TIME + _OFFSET, "TIMESTAMPTZ"),
        "digits": f"MAX(CASE WHEN length({name}) <= {_LONG} THEN length({name}) "
        f"WHEN {numberlike} AND NOT ({_like_day(name)}) THEN {counted} END)",
        "after_point": f"MAX(CASE WHEN contains({name}, '.') THEN length(regexp_extract({name}, '\\.(\\d*)$', 1)) END)",
        "pointed": _count(f"contains({name}, '.')"),
        "grouped": _count(f"contains({name}, '.') AND regexp_full_match({name}, {literal(_GROUPED)})"),
        "numberlike": _count(numberlike),
        "truth": _count(f"length({name}) <= 5 AND regexp_full_match({name}, {literal(_TRUTH)})"),
    }


def _second(name: str) -> dict[str, str]:
    either = f"{_POINT}|{_COMMA}|{_ENGLISH}|{_FLOATING}"
    return {
        "floating": _full(name, f"{_POINT}|{_FLOATING}"),
        "comma": _full(name, _COMMA),
        "english": _full(name, _ENGLISH),
        "after_comma": f"MAX(length(regexp_extract({name}, ',(\\d*)$', 1)))",
        "numbers": _full(name, either),
        "example": f"MIN(CASE WHEN NOT regexp_full_match({name}, {literal(either)}) THEN {name} END)",
        "day_month": _full(name, _DAY_MONTH),
        "dotted": _full(name, r"\d{1,2}\.\d{1,2}\.\d{4}"),
        "left": f"MAX(TRY_CAST(regexp_extract({name}, '^(\\d+)', 1) AS INTEGER))",
        "middle": f"MAX(TRY_CAST(regexp_extract({name}, '^\\d+[/.-](\\d+)', 1) AS INTEGER))",
    }


def _typed(name: str, found: dict[str, Any], decimal_comma: bool) -> Typed:
    clean = _clean(name)
    n = found["n"]

    def as_(kind: Kind, expression: str, hint: str = "", form: str = "") -> Typed:
        return Typed(Column(name, kind, hint), expression, form)

    if n == 0:
        # An untyped NULL fits a comparison with text as well as a sum.
        return as_(Kind.OTHER, "NULL")
    if found["day"] == n:
        return as_(Kind.DATE, f"CAST({clean} AS DATE)")
    if found["time"] == n:
        return as_(Kind.LOCAL, f"CAST({clean} AS TIMESTAMP)")
    if found["at"] == n:
        return as_(Kind.INSTANT, f"CAST({clean} AS TIMESTAMPTZ)")
    text = f"nullif({quoted(name)}, '')"
    if found["point"] == n:
        if decimal_comma and found["pointed"] and found["pointed"] == found["grouped"]:
            return as_(Kind.TEXT, text, _twofold(name, "1.234"))
        return as_(Kind.NUMBER, _number(clean, found["digits"], found["after_point"] or 0))
    if not found["numberlike"] and not found["truth"]:
        return as_(Kind.TEXT, text, f"column “{name}” is text" if n else "")
    if found["truth"] == n:
        return as_(Kind.OTHER, f"CAST({clean} AS BOOLEAN)")
    if found["floating"] == n:
        return as_(Kind.NUMBER, f"CAST({clean} AS DOUBLE)")
    comma, english = found["comma"] == n, found["english"] == n
    if comma and english and not decimal_comma and found["after_comma"]:
        return as_(Kind.TEXT, text, _twofold(name, "1,234"))
    if comma:
        digits = f"replace(regexp_replace({clean}, '[ .''’]', '', 'g'), ',', '.')"
        form = "decimal commas" if found["after_comma"] else ""
        return as_(Kind.NUMBER, _number(digits, found["digits"], found["after_comma"] or 0), form=form)
    if english:
        digits = f"regexp_replace({clean}, '[ ,]', '', 'g')"
        form = "decimal points, and commas between thousands"
        return as_(Kind.NUMBER, _number(digits, found["digits"], found["after_point"] or 0), form=form)
    if found["day_month"] == n:
        return _day_month(name, clean, text, found, decimal_comma)
    wrong = n - found["numbers"]
    such = f", such as “{found['example'][:40]}”" if found["example"] else ""
    said = (
        f"column “{name}” is text: {wrong} of {n} values are not numbers{such}"
        if wrong
        else (f"column “{name}” is text: its numbers are written in several ways")
    )
    return as_(Kind.TEXT, text, said)


def _number(digits: str, count: int, scale: int) -> str:
    if count <= _LONG and scale == 0:
        return f"CAST({digits} AS BIGINT)"
    if count > 38:
        return f"CAST({digits} AS DOUBLE)"
    return f"CAST({digits} AS DECIMAL({_LONG if count <= _LONG else 38}, {scale}))"


def _day_month(name: str, clean: str, text: str, found: dict[str, Any], decimal_comma: bool) -> Typed:
    order = ""
    if found["middle"] <= 12 and (found["left"] > 12 or decimal_comma or found["dotted"] == found["n"]):
        order = "day first"
    elif found["left"] <= 12 < found["middle"]:
        order = "month first"
    if not order:
        hint = f"column “{name}” holds dates such as 05/10/2026 that can be read in two ways: write 2026-10-05"
        return Typed(Column(name, Kind.TEXT, hint), text)
    return Typed(Column(name, Kind.DATE), f"CAST(try_strptime({clean}, {_FORMATS[order]}) AS DATE)", f"the {order}")


def _twofold(name: str, example: str) -> str:
    return f"column “{name}” is text: numbers such as {example} can be read in two ways; write 1234.00"
