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

from .cells import patterns
from .refs import column_number

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
    """A column of the expression: its first group, and its one shape where it has one."""

    column: int
    group: int
    shape: Shape | None


class Taken(NamedTuple):
    """A column's cells, taken apart: of the rows where ``there`` says so (None: all). None stands for what no cell
    has; ``kinds`` is the type of all where it is one."""

    column: int
    there: Sequence[bytes] | None
    styles: Sequence[bytes] | None
    kinds: Sequence[bytes] | bytes
    attributes: Sequence[bytes] | None
    formulas: Sequence[bytes] | None
    values: Sequence[bytes] | None


@dataclass(frozen=True, slots=True)
class RowPattern:
    """``findall`` gives for each row its number, the groups of the slots, and at last the whole row where it is of
    another shape."""

    regex: re.Pattern[bytes]
    slots: tuple[Slot, ...]

    def columns(self, groups: Sequence[Sequence[bytes]]) -> Iterator[Taken]:
        """The columns of rows that were taken apart; ``groups`` are the transposed findings."""
        for column, at, shape in self.slots:
            if shape is None:
                there, styles, kinds, attributes, formulas, values = groups[at : at + _ANY_GROUPS]
                yield Taken(column, there, styles, kinds, attributes, formulas, values)
                continue
            own = iter(groups[at : at + shape.style + shape.formula + bool(shape.value)])
            yield Taken(
                column,
                None,
                next(own) if shape.style else None,
                shape.kind,
                None,
                next(own) if shape.formula else None,
                next(own) if shape.value else None,
            )


def learn(prefix: bytes, rows: Iterable[bytes]) -> RowPattern | None:
    """The pattern of rows like these; None where they are wider than one expression should be."""
    found: dict[bytes, Counter[Shape | None]] = {}
    count = 0
    for row in rows:
        count += 1
        for letters, shape in _shapes(prefix, row):
            found.setdefault(letters, Counter())[shape] += 1
    if not found or len(found) > _WIDEST:
        return None
    pattern, slots, group = rb'<#row r="(\d+)"[^>]*>', list[Slot](), 1
    for letters in sorted(found, key=lambda name: column_number(name.decode())):
        shape, often = found[letters].most_common(1)[0]
        if often < count * _NEARLY_ALL:
            shape = None
        slots.append(Slot(column_number(letters.decode()), group, shape))
        pattern += (_of_shape(shape) if shape else _ANY).replace(b"@", letters)
        group += shape.style + shape.formula + bool(shape.value) if shape else _ANY_GROUPS
    pattern += rb"</#row>|(<#row(?=[\s/>])[^>]*?(?:/>|>.*?</#row\s*>))"
    return RowPattern(re.compile(pattern.replace(b"#", re.escape(prefix)), re.DOTALL), tuple(slots))


_ANY = (
    rb'(?:<#c r="@(\1)"(?: s="(\d+)")?(?: t="(\w+)")?'
    rb"(?:/>|>(?:<#f([^>]*?)(?:/>|>([^<]*)</#f>))?"
    rb"(?:(?:<#v>|<#is><#t(?: [^>]*)?>)([^<]*)(?:</#v>|</#t></#is>))?</#c>))?"
)


def _of_shape(shape: Shape) -> bytes:
    cell = rb'<#c r="@\1"'
    if shape.style:
        cell += rb' s="(\d+)"'
    if shape.kind:
        cell += b' t="' + shape.kind + b'"'
    if not shape.formula and not shape.value:
        return cell + b"/>"
    cell += b">"
    if shape.formula:
        cell += rb"<#f>([^<]*)</#f>"
    if shape.value == b"v":
        cell += rb"<#v>([^<]*)</#v>"
    elif shape.value:
        cell += rb"<#is><#t(?: [^>]*)?>([^<]*)</#t></#is>"
    return cell + b"</#c>"


def _shapes(prefix: bytes, row: bytes) -> Iterator[tuple[bytes, Shape | None]]:
    """The columns of a row's cells with their shapes; None for one that only the general expression can take."""
    known = patterns(prefix)
    for match in known.quick_cell.finditer(row):
        letters, _, style, kind, attributes, formula, value = match.groups()[:7]
        if letters is None:
            continue
        element = b""
        if value is not None:
            element = b"is" if match[0].endswith(b"</%bis></%bc>" % (prefix, prefix)) else b"v"
        plain = attributes is None or (attributes == b"" and formula is not None)
        bare = formula is None and value is None and not match[0].endswith(b"/>")  # <c ...></c>
        shape = Shape(style is not None, kind or b"", formula is not None, element)
        yield letters, shape if plain and not bare else None
