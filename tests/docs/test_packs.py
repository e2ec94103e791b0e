"""docs/packs.md lists the packs, the KPIs of each and the languages, as they are."""

from __future__ import annotations

from babel.numbers import format_decimal

from kpisheets import templates
from tests.docs.papers import quoted, read, rows

PAPER = read("docs/packs.md")


def test_every_pack_and_its_kpis_are_listed() -> None:
    told = [(cells[0].strip("`"), quoted(cells[1])) for cells in rows(PAPER.sections["Packs and languages"])]
    assert told == [(name, [kpi.id for kpi in templates.pack(name).kpis]) for name in templates.packs()]


def test_every_language_is_listed() -> None:
    told = [(cells[0].strip("`"), quoted(cells[2])[0]) for cells in rows(PAPER.sections["Languages"])]
    babel = {code: templates.language(code).locale.babel for code in templates.languages()}
    written = {code: format_decimal(1234.5, locale=locale) for code, locale in babel.items()}
    assert told == [(code, number.replace("\N{NARROW NO-BREAK SPACE}", " ")) for code, number in written.items()]


def test_what_is_said_to_follow_a_standard_says_so_itself() -> None:
    """The packs' own definitions name the body; its page may name it at more length."""
    definitions = {text.id: text.definition for name in templates.packs() for text in _texts(name)}
    bodies = (
        "ISO 22400-2",
        "IEC 60050-192",
        "SCOR",
        "ANSI/EIA-748",
        "ITIL",
        "ISO 30414",
        "SaaS Metrics Standards Board",
    )
    for cells in rows(PAPER.sections["Published definitions"]):
        (body,) = [body for body in bodies if body in cells[1]]
        for kpi in quoted(cells[0]):
            assert body in definitions[kpi], kpi


def _texts(name: str) -> tuple[templates.KpiText, ...]:
    return templates.pack(name).localised(templates.language("en"))
