"""Formulas of a table's column in the form in which the core compares them (see ``core.workbook.Table``)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from kpisheets.core.formula import canonical_text
from kpisheets.core.workbook import MISPLACED

_REFERENCE = re.compile(r"(?<![A-Za-z0-9_.!'\"\]])\$?([A-Z]{1,3})\$?([1-9][0-9]*)(?![A-Za-z0-9_(.])")
_STRUCTURED = re.compile(r"(?:[A-Za-z_][\w.]*)?\[(?:\[#This Row\],|@)\[?([^\[\]]+)\]?\]", re.IGNORECASE)


class Canonical:
    """Writes a column's formulas in canonical form: references to cells of the same row become ``[field]``.

    ``fields`` is column letter → field, ``headers`` header text → field. A formula that speaks of one other row, as a
    script that sorts or deletes rows without minding formulas leaves it, is marked as ``MISPLACED``.
    """

    def __init__(self, fields: Mapping[str, str], headers: Mapping[str, str]) -> None:
        self.fields, self.headers = fields, headers

    def column(self, patterns: Sequence[str | None], top: int) -> list[str | None]:
        """The canonical forms of the formulas of consecutive rows from ``top`` on, given as ``Grid.patterns`` gives
        them. The formulas of a column are few patterns, and each is taken apart once."""
        known: dict[str | None, str | None] = {None: None}
        rows = range(top + len(patterns) - 1, top - 1, -1)
        for pattern, row in dict(zip(reversed(patterns), rows, strict=True)).items():  # each with its first row
            if pattern is not None:
                pieces, form = self._of(pattern.replace("\0", str(row)), str(row))
                if list(pieces) == pattern.split("\0"):
                    known[pattern] = form  # else a number in it happens to be that of this row
        if known.keys() >= set(patterns):
            return list(map(known.__getitem__, patterns))
        return [
            known[pattern] if pattern in known else self._of(str(pattern).replace("\0", str(row)), str(row))[1]
            for row, pattern in enumerate(patterns, top)
        ]

    def _of(self, formula: str, number: str) -> tuple[tuple[str, ...], str]:
        """The formula cut where it refers to its own row, and its canonical form."""
        pieces, found = self._take_apart(formula, number)
        if len(pieces) > 1:
            return pieces, found
        others = {
            match[2]
            for text, _ in _outside_quotes(formula)
            for match in _REFERENCE.finditer(text)
            if match[1] in self.fields
        }
        return pieces, MISPLACED + self._take_apart(formula, others.pop())[1] if len(others) == 1 else found

    def _take_apart(self, formula: str, number: str) -> tuple[tuple[str, ...], str]:
        pieces: list[str] = []
        written: list[str] = []
        end = 0
        for text, start in _outside_quotes(formula):
            for match in _REFERENCE.finditer(text):
                if match[2] == number and match[1] in self.fields:
                    pieces.append(formula[end : start + match.start(2)])
                    written.append(formula[end : start + match.start()] + f"[{self.fields[match[1]]}]")
                    end = start + match.end(2)
        pieces.append(formula[end:])
        canonical = "".join([*written, formula[end:]])
        if "[" in formula:
            canonical = _STRUCTURED.sub(self._structured, canonical)
        return tuple(pieces), canonical_text(canonical)

    def _structured(self, match: re.Match[str]) -> str:
        field = self.headers.get(match[1].casefold())
        return f"[{field}]" if field else match[0]


def _outside_quotes(formula: str) -> Iterator[tuple[str, int]]:
    start = 0
    for place, text in enumerate(formula.split('"')):
        if place % 2 == 0:
            yield text, start
        start += len(text) + 1
