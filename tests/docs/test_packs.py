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
