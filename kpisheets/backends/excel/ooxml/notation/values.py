"""Cell values: what a stored cell means, and how a value is stored."""

from __future__ import annotations

import datetime as dt
import math
import re
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from kpisheets.errors import BadData

from .markup import content, to_xstring
from .refs import column_letters

MAX_TEXT = 32_767
_MAX_FORMULA = 8_192
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ERROR = re.compile(r"#[A-Z][A-Z0-9/_]*[!?]?")
_DAY_MS = 86_400_000
_LAST_SERIAL = 2_958_466  # the day after 9999-12-31


class CellError(str):
    """An error value such as ``#DIV/0!``."""

    __slots__ = ()


Value: TypeAlias = bool | float | int | str | dt.datetime | CellError | None


class Cell(NamedTuple):
    """A cell: its stored value, its formula without ``=``, its style id.

    Numbers shown as dates are datetimes; pure times and durations stay numbers (fractions of a day).
    """

    value: Value
    formula: str | None
    style: int


EMPTY = Cell(None, None, 0)


def from_serial(number: float, date1904: bool) -> dt.datetime | None:
    """The moment of a date serial, to the millisecond; None where Excel itself has no date for it."""
    if date1904:
        base = dt.datetime(1904, 1, 1)  # noqa: DTZ001 - cells have no time zone
        first = 0
    else:
        # Day 60 is 29 February 1900, which Excel believes in and the calendar does not.
        base = dt.datetime(1899, 12, 31) if number < 60 else dt.datetime(1899, 12, 30)  # noqa: DTZ001
        first = 1
    if not first <= number < _LAST_SERIAL - (1462 if date1904 else 0) or (not date1904 and 60 <= number < 61):
        return None
    try:
        return base + dt.timedelta(milliseconds=round(number * _DAY_MS))
    except OverflowError:
        return None


def to_serial(moment: dt.date, date1904: bool) -> float:
    """The date serial of a date or naive datetime.

    Raises:
        BadData: the date is before the workbook's calendar begins, or has a time zone.
    """
    whole = moment if isinstance(moment, dt.datetime) else dt.datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001
    if whole.tzinfo is not None:
        raise BadData(f"{moment.isoformat()} has a time zone, which cells cannot hold", mend="convert it first")
    if date1904:
        days = whole - dt.datetime(1904, 1, 1)  # noqa: DTZ001
        smallest = dt.timedelta(0)
    else:
        days = whole - dt.datetime(1899, 12, 30)  # noqa: DTZ001
        if days < dt.timedelta(61):
            days -= dt.timedelta(1)
        smallest = dt.timedelta(1)
    if days < smallest:
        raise BadData(f"{moment.isoformat()} is before the workbook's calendar begins", mend="write it as text")
    return days / dt.timedelta(days=1)


def check(value: object, formula: str | None) -> None:
    """BadData for what a cell cannot hold."""
    if (
        formula is not None
        and not (formula.isprintable() and 0 < len(formula) <= _MAX_FORMULA)
        and (not formula or len(formula) > _MAX_FORMULA or _FORBIDDEN.search(formula))
    ):
        raise BadData(
            "the formula is empty, longer than 8,192 characters or has control characters",
            mend="shorten or clean it",
        )
    # What cells hold by the million, told in few steps: printable text has no character that is forbidden.
    kind = type(value)
    if value is None or kind is bool or (kind is float and math.isfinite(value)):  # type: ignore[arg-type]
        return
    if kind is str and len(value) <= MAX_TEXT // 2 and value.isprintable():  # type: ignore[arg-type, attr-defined]
        return
    if isinstance(value, dt.date):
        return
    if isinstance(value, CellError):
        if not _ERROR.fullmatch(value):
            raise BadData(f"{value!s} is not an error value", mend="use one such as #N/A")
    elif isinstance(value, str):
        if len(value.encode("utf-16-le", "surrogatepass")) > 2 * MAX_TEXT:
            raise BadData("the text is longer than the 32,767 characters of a cell", mend="shorten it")
        if found := _FORBIDDEN.search(value):
            raise BadData(f"the text has the control character U+{ord(found[0]):04X}", mend="remove it")
    elif isinstance(value, int | float):
        try:
            finite = math.isfinite(value)
        except OverflowError:
            finite = False
        if not finite:
            raise BadData(f"{value!r:.40} is not a number that a cell can hold", mend="leave it blank")
    else:
        raise BadData(f"a {type(value).__name__} is not a cell's value", mend="convert it first")


def number_text(value: int | float) -> str:
    """A number as the file spells it: all its precision, no needless ``.0``."""
    number = float(value)
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def render(
    prefix: bytes, row: int, column: int, style: int, value: Value | dt.date, formula: bytes, *, date1904: bool
) -> bytes:
    """A whole ``<c>`` element; ``formula`` is its finished ``<f>`` element or empty."""
    p = prefix
    if isinstance(value, dt.date):
        value = to_serial(value, date1904)
    if isinstance(value, str) and not isinstance(value, CellError) and not formula:
        text = to_xstring(value)
        kept = b' xml:space="preserve"' if text != text.strip() or "\n" in text or "  " in text else b""
        head = _head(p, row, column, style, b"inlineStr")
        return b"%b><%bis><%bt%b>%b</%bt></%bis></%bc>" % (head, p, p, kept, content(text), p, p, p)
    kind, inner = value_markup(p, value)
    head = _head(p, row, column, style, kind.encode())
    body = formula + inner
    return b"%b>%b</%bc>" % (head, body, p) if body else head + b"/>"


def value_markup(prefix: bytes, value: Value) -> tuple[str, bytes]:
    """A cell's type and its finished ``<v>`` element, both empty where they are not needed; text as of a formula."""
    if value is None:
        return "", b""
    if isinstance(value, CellError):
        kind, inner = "e", content(value)
    elif isinstance(value, str):
        kind, inner = "str", content(to_xstring(value))
    elif isinstance(value, bool):
        kind, inner = "b", b"1" if value else b"0"
    elif isinstance(value, int | float):
        kind, inner = "", number_text(value).encode()
    else:
        raise TypeError("a date is stored as its serial")
    return kind, b"<%bv>%b</%bv>" % (prefix, inner, prefix)


def _head(prefix: bytes, row: int, column: int, style: int, kind: bytes) -> bytes:
    before, after = _around_row(prefix, column, style, kind)
    return b"%b%d%b" % (before, row, after)


@lru_cache(maxsize=4096)
def _around_row(prefix: bytes, column: int, style: int, kind: bytes) -> tuple[bytes, bytes]:
    """A cell's opening tag but for its end, before and behind its row's number."""
    after = b'"' + (b' s="%d"' % style if style else b"") + (b' t="' + kind + b'"' if kind else b"")
    return b'<%bc r="%b' % (prefix, column_letters(column).encode()), after
