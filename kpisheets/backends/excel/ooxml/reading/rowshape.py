"""What the rows of a table look like, learnt from some of them: one regular expression that takes a whole row apart.

Most columns hold cells of one shape from top to bottom (a style, a type, a formula or none). Spelling such a column out
makes the expression four times as fast as one that is ready for every cell; it is used for columns that vary.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..notation.cells import patterns
from ..notation.refs import column_number

_WIDEST = 64
_ANY_GROUPS = 6
_NEARLY_ALL = 0.96  # a heading among the rows must not make the expression slow for all


class Shape(NamedTuple):
    """How a cell is spelled: whether it has a style and a formula, its type, the element of its value (``v``, ``is``
    or none)."""

    style: bool
    kind: bytes
    formula: bool
    value: bytes


class Slot(NamedTuple):
    """A column of the expression: its first group, and its one shape where it has one.

    ``style`` and ``formula`` are those of all its cells where these have but one (the formula with NUL for the row's
    number), which is then spelled out and makes no group.
    """

    column: int
    group: int
    shape: Shape | None
    style: bytes | None = None
    formula: bytes | None = None

    @property
    def parts(self) -> tuple[bool, bool, bool]:
        """Whether its style, its formula and its value are groups of the expression."""
        shape = self.shape
        if shape is None:
            raise AssertionError("a column of many shapes has groups of its own")
        return shape.style and self.style is None, shape.formula and self.formula is None, bool(shape.value)

    @property
    def groups(self) -> int:
        """How many groups it has."""
        return _ANY_GROUPS if self.shape is None else sum(self.parts)


class Taken(NamedTuple):
    """A column's cells, taken apart: of the rows where ``there`` says so (None: all). None stands for what no cell
    has; ``styles``, ``kinds`` and ``formulas`` may be what all have (a formula with NUL for the row's number)."""

    column: int
    there: Sequence[bytes] | None
    styles: Sequence[bytes] | bytes | None
    kinds: Sequence[bytes] | bytes
    attributes: Sequence[bytes] | None
    formulas: Sequence[bytes] | bytes | None
    values: Sequence[bytes] | None


@dataclass(frozen=True, slots=True)
class RowPattern:
    """``findall`` gives for each row its number, the groups of the slots, and at last the whole row where it is of
    another shape. ``is_exact``: styles or formulas are spelled out."""

    regex: re.Pattern[bytes]
    slots: tuple[Slot, ...]

    @property
    def is_exact(self) -> bool:
        return any(slot.style is not None or slot.formula is not None for slot in self.slots)

    def columns(self, groups: Sequence[Sequence[bytes]]) -> Iterator[Taken]:
        """The columns of rows that were taken apart; ``groups`` are the transposed findings."""
        for slot in self.slots:
            own = groups[slot.group : slot.group + slot.groups]
            if slot.shape is None:
                there, styles, kinds, attributes, formulas, values = own
                yield Taken(slot.column, there, styles, kinds, attributes, formulas, values)
                continue
            has_style, has_formula, has_value = slot.parts
            found = iter(own)
            yield Taken(
                slot.column,
                None,
                next(found) if has_style else slot.style,
                slot.shape.kind,
                None,
                next(found) if has_formula else slot.formula,
                next(found) if has_value else None,
            )


def learn(prefix: bytes, rows: Iterable[bytes], *, exact: bool = False) -> RowPattern | None:
    """The pattern of rows like these; None where they are wider than one expression should be.

    ``exact``: the style and the formula that all cells of a column have are spelled out; other rows don't fit then.
    """
    found: dict[bytes, Counter[Shape | None]] = {}
    details: dict[tuple[bytes, Shape | None], _Details] = {}
    count = 0
    for row in rows:
        count += 1
        for letters, shape, style, formula, number in _shapes(prefix, row):
            found.setdefault(letters, Counter())[shape] += 1
            if exact:
                details.setdefault((letters, shape), _Details()).note(style, formula, number)
    if not found or len(found) > _WIDEST:
        return None
    pattern, slots, group = rb'<#row r="(\d+)"[^>]*>', list[Slot](), 1
    for letters in sorted(found, key=lambda name: column_number(name.decode())):
        shape, often = found[letters].most_common(1)[0]
        slot = Slot(column_number(letters.decode()), group, shape if often >= count * _NEARLY_ALL else None)
        known = details.get((letters, shape))
        if slot.shape and known:
            slot = slot._replace(style=known.style if slot.shape.style else None, formula=known.formula)
        slots.append(slot)
        pattern += (_ANY if slot.shape is None else _of_shape(slot.shape, slot)).replace(b"@", letters)
        group += slot.groups
    pattern += rb"</#row>|(<#row(?=[\s/>])[^>]*?(?:/>|>.*?</#row\s*>))"
    return RowPattern(re.compile(pattern.replace(b"#", re.escape(prefix)), re.DOTALL), tuple(slots))


class _Details:
    """The style and the formula of some cells, as long as all have the same."""

    def __init__(self) -> None:
        self._styles: set[bytes] = set()
        self._formulas: list[tuple[bytes, bytes]] = []

    def note(self, style: bytes | None, formula: bytes | None, number: bytes) -> None:
        """One cell more."""
        self._styles.add(style or b"")
        if formula is not None:
            self._formulas.append((formula, number))

    @property
    def style(self) -> bytes | None:
        return next(iter(self._styles)) if len(self._styles) == 1 else None

    @property
    def formula(self) -> bytes | None:
        """With NUL for the row's number, by a row with a long one: a short one's digits stand elsewhere too."""
        if not self._formulas:
            return None
        longest, number = max(self._formulas, key=lambda one: len(one[1]))
        pieces = longest.split(number)
        return b"\0".join(pieces) if all(number.join(pieces) == text for text, number in self._formulas) else None


_ANY = (
    rb'(?:<#c r="@(\1)"(?: s="(\d+)")?(?: t="(\w+)")?'
    rb"(?:/>|>(?:<#f([^>]*?)(?:/>|>([^<]*)</#f>))?"
    rb"(?:(?:<#v>|<#is><#t(?: [^>]*)?>)([^<]*)(?:</#v>|</#t></#is>))?</#c>))?"
)


def _of_shape(shape: Shape, slot: Slot) -> bytes:
    cell = rb'<#c r="@\1"'
    if shape.style:
        cell += b' s="%b"' % (rb"(\d+)" if slot.style is None else slot.style)
    if shape.kind:
        cell += b' t="' + shape.kind + b'"'
    if not shape.formula and not shape.value:
        return cell + b"/>"
    cell += b">"
    if shape.formula:
        spelled = None if slot.formula is None else rb"(?:\1)".join(map(_escaped, slot.formula.split(b"\0")))
        cell += b"<#f>%b</#f>" % (rb"([^<]*)" if spelled is None else spelled)
    if shape.value == b"v":
        cell += rb"<#v>([^<]*)</#v>"
    elif shape.value:
        cell += rb"<#is><#t(?: [^>]*)?>([^<]*)</#t></#is>"
    return cell + b"</#c>"


def _escaped(text: bytes) -> bytes:
    """Text as a pattern, without the marks that stand for a column's letters and a prefix."""
    return re.escape(text).replace(b"@", rb"\x40").replace(rb"\#", rb"\x23")


def _shapes(prefix: bytes, row: bytes) -> Iterator[tuple[bytes, Shape | None, bytes | None, bytes | None, bytes]]:
    """The columns of a row's cells with their shapes, styles, formulas and row numbers; the shape None is that of a
    cell that only the general expression can take."""
    known = patterns(prefix)
    for match in known.quick_cell.finditer(row):
        letters, number, style, kind, attributes, formula, value = match.groups()[:7]
        if letters is None:
            continue
        element = b""
        if value is not None:
            element = b"is" if match[0].endswith(b"</%bis></%bc>" % (prefix, prefix)) else b"v"
        plain = attributes is None or (attributes == b"" and formula is not None)
        bare = formula is None and value is None and not match[0].endswith(b"/>")  # <c ...></c>
        shape = Shape(style is not None, kind or b"", formula is not None, element)
        yield letters, shape if plain and not bare else None, style, formula, number
