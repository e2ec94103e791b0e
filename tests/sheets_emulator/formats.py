"""What a cell displays (``formattedValue``): a value, its number format and the locale become text.

Where Google's documents are silent, this is a guess: how many digits a plain number shows outside 1e-10 … 1e15, and
that a negative number keeps its sign when all its digits are rounded away.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import takewhile
from typing import Any

from .calc_types import CalcError, CalcValue
from .dates import shown
from .locales import Manner, manner
from .pattern import Section, Token, parsed

ERROR_TEXTS = {
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "ERROR": "#ERROR!",
    "LOADING": "Loading...",
    "NAME": "#NAME?",
    "NULL_VALUE": "#NULL!",
    "NUM": "#NUM!",
    "N_A": "#N/A",
    "REF": "#REF!",
    "VALUE": "#VALUE!",
}
_SIGNIFICANT, _SCIENTIFIC = 10, 6
_EXACT = Decimal("1e15")


def formatted(value: CalcValue, number_format: Mapping[str, Any] | None, locale: str) -> str:
    """The displayed text. ``number_format`` is the API's ``NumberFormat`` (``type``, ``pattern``) or nothing."""
    here = manner(locale)
    if value is None:
        return ""
    if isinstance(value, CalcError):
        return ERROR_TEXTS[value.type]
    if isinstance(value, bool):
        return here.true if value else here.false
    pattern = _pattern(number_format or {}, here)
    if isinstance(value, str):
        text = parsed(pattern).text if pattern else None
        return value if text is None else "".join(value if t == ("mark", "@") else t.text for t in text.tokens)
    if not pattern:
        return plain(value, here)
    found = parsed(pattern).section(value)
    if found is None:
        return "###"
    section, shows_sign = found
    return _number(section, value, shows_sign, here)


def plain(number: float, here: Manner) -> str:
    """A number without a format: at most ten significant digits, whole ones up to fifteen."""
    exact = _decimal(number)
    if exact == 0:
        return "0"
    magnitude = exact.copy_abs().adjusted()
    if exact.copy_abs() >= _EXACT or magnitude < -_SIGNIFICANT:
        mantissa, _, exponent = f"{exact:.{_SCIENTIFIC - 1}E}".partition("E")
        return f"{_trimmed(mantissa)}E{exponent[0]}{int(exponent[1:]):02d}".replace(".", here.decimal)
    places = max(0, _SIGNIFICANT - 1 - magnitude)
    return _trimmed(f"{_rounded(exact, places):f}").replace(".", here.decimal)


def _pattern(number_format: Mapping[str, Any], here: Manner) -> str:
    if pattern := number_format.get("pattern"):
        return str(pattern)
    defaults = {
        "NUMBER": "#,##0.00",
        "PERCENT": "0.00%",
        "CURRENCY": here.currency,
        "DATE": here.date,
        "TIME": here.time,
        "DATE_TIME": f"{here.date} {here.time}",
        "SCIENTIFIC": "0.00E+00",
    }
    return defaults.get(str(number_format.get("type")), "")


def _number(section: Section, number: float, shows_sign: bool, here: Manner) -> str:
    if section.is_date:
        return shown(section.tokens, abs(number) if shows_sign else number, here)
    kinds = [token.kind for token in section.tokens]
    sign = "-" if number < 0 and not shows_sign else ""
    size = abs(_decimal(number))
    if "general" in kinds:
        general = sign + plain(float(size), here)
        return "".join(general if token.kind == "general" else token.text for token in section.tokens)
    if "digit" not in kinds:
        return sign + "".join(token.text for token in section.tokens if token.kind != "exponent")
    if "exponent" in kinds:
        return sign + _scientific(section.tokens, size, here)
    if Token("mark", "/") in section.tokens:
        return sign + _fraction(section.tokens, size)
    return sign + _digits(section.tokens, size, here)


def _digits(tokens: tuple[Token, ...], size: Decimal, here: Manner) -> str:
    point = next((place for place, token in enumerate(tokens) if token == ("mark", ".")), len(tokens))
    places = [place for place, token in enumerate(tokens) if token.kind == "digit"]
    whole, part = [p for p in places if p < point], [p for p in places if p > point]
    commas = {place for place, token in enumerate(tokens) if token == ("mark", ",")}
    # A comma between digits groups; one that no digit follows (before the point or the end) divides by a thousand.
    grouping = {comma for comma in commas if whole and whole[0] < comma < whole[-1]}
    scaling = {c for c in commas - grouping if places and any(p < c for p in places) and (c > places[-1] or c < point)}
    size = size.scaleb(2 * tokens.count(Token("mark", "%")) - 3 * len(scaling))
    text = f"{_rounded(size, len(part)):f}"
    digits, _, decimals = text.partition(".")
    out = dict(zip(part, _after(decimals, [tokens[place].text for place in part]), strict=True))
    out |= _before(digits.lstrip("0"), whole, tokens, here.group if grouping else "")
    if not whole and digits.strip("0"):
        out[point] = digits + here.decimal
    for place, token in enumerate(tokens):
        if place in grouping or place in scaling:
            out[place] = ""
        elif place == point:
            out.setdefault(place, here.decimal)
        else:
            out.setdefault(place, token.text)
    return "".join(out[place] for place in range(len(tokens)))


def _before(digits: str, places: list[int], tokens: tuple[Token, ...], group: str) -> dict[int, str]:
    """The text at each placeholder left of the point; what has no placeholder goes to the first."""
    out = {}
    position = 0
    for place in reversed(places):
        take = digits if place == places[0] else digits[-1:]
        digits = digits[: len(digits) - len(take)]
        piece = ""
        for digit in reversed(take or {"0": "0", "?": " ", "#": ""}[tokens[place].text]):
            if group and position and position % 3 == 0 and digit != " ":
                piece = group + piece
            piece = digit + piece
            position += 1
        out[place] = piece
    return out


def _after(decimals: str, placeholders: list[str]) -> list[str]:
    kept = len(decimals.rstrip("0"))
    unseen = {"0": "0", "?": " ", "#": ""}
    return [decimals[i] if i < kept else unseen[placeholder] for i, placeholder in enumerate(placeholders)]


def _scientific(tokens: tuple[Token, ...], size: Decimal, here: Manner) -> str:
    split = next(place for place, token in enumerate(tokens) if token.kind == "exponent")
    mantissa, mark, tail = tokens[:split], tokens[split].text, tokens[split + 1 :]
    before = tuple(takewhile(lambda token: token != ("mark", "."), mantissa))
    width = max(1, sum(token.kind == "digit" for token in before))
    places = sum(token.kind == "digit" for token in mantissa) - sum(token.kind == "digit" for token in before)
    exponent = _stepped(size.adjusted(), width) if size else 0
    if size and _rounded(size.scaleb(-exponent), places).adjusted() >= width:
        exponent += width
    power = _digits(tuple(token for token in tail if token.kind == "digit"), Decimal(abs(exponent)), here)
    sign = "-" if exponent < 0 else ("+" if mark[1] == "+" else "")
    rest = "".join(token.text for token in tail if token.kind != "digit")
    return _digits(mantissa, size.scaleb(-exponent), here) + mark[0] + sign + power + rest


def _stepped(exponent: int, width: int) -> int:
    return exponent // width * width


def _fraction(tokens: tuple[Token, ...], size: Decimal) -> str:
    """``# ?/?``: a whole number if there is a placeholder apart from the numerator's, and a fraction or nothing."""
    text = "".join(token.text for token in tokens)
    left, _, right = text.partition("/")
    has_whole = " " in left.strip()
    whole = int(size) if has_whole else 0
    part = Fraction(size) - whole
    fixed = right.strip().isdigit() and right.strip()[0] != "0"
    if fixed:
        bottom = int(right)
        top = int(part * bottom + Fraction(1, 2))
    else:
        near = part.limit_denominator(10 ** len(right.strip()) - 1)
        top, bottom = near.numerator, near.denominator
    if has_whole and top == bottom:
        whole, top = whole + 1, 0
    if not top and has_whole:
        return f"{whole}" if whole or left.lstrip().startswith("0") else "0"
    return f"{whole} {top}/{bottom}" if whole else f"{top}/{bottom}"


def _decimal(number: float) -> Decimal:
    return Decimal(repr(float(number)))


def _rounded(number: Decimal, places: int) -> Decimal:
    if places > 60:
        return number
    return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
