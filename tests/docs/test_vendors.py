"""docs/vendors.md names the services, tables, columns and days that there are: no less, no more."""

from __future__ import annotations

from kpisheets.recipes import names as recipes
from kpisheets.services.catalogue import described, names
from tests.docs.papers import quoted, read, rows

PAPER = read("docs/vendors.md")


def test_every_service_has_a_section_a_recipe_and_its_tables() -> None:
    for name in names()[1:]:
        service = described(name)
        assert name in recipes()
        found = {
            quoted(cells[0])[0]: (quoted(cells[1]), quoted(cells[2])) for cells in rows(PAPER.sections[service.title])
        }
        assert found == {table.name: (list(table.windows), list(table.columns)) for table in service.tables.values()}
