"""Texts that try to break out of a report: markup of HTML and typst, very long ones, other scripts, addresses."""

from __future__ import annotations

from dataclasses import replace

from kpisheets.core.summary import Line
from tests.reports import samples

TEXTS = (
    '#strong[x] #import "a" $x^2$ *b* _c_ `d` @ref <lab>',
    "<script>document.title = 'taken'</script> &amp; </td></table>",
    "n" * 200,
    "long words " * 18,
    "שלום עולם مرحبا بالعالم",
    "👩‍👩‍👧 🚀 été 漢字漢字",
    "\u202eevil\u202c a\r\nb",
    "https://example.org/" + "a/" * 70,
)


def lines() -> tuple[Line, ...]:
    """Lines whose names, owners and recommendations are such texts."""
    return tuple(
        replace(line, kpi=replace(line.kpi, name=text, owner=text, recommendation=text))
        for line, text in zip(samples.eight(), TEXTS, strict=True)
    )
