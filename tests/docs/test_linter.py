"""docs/linter.md lists the rules that the linter has."""

from __future__ import annotations

from kpisheets.backends.excel.lint import RULES
from kpisheets.backends.excel.lint.__main__ import rules_table
from tests.docs.papers import quoted, read, rows

SECTION = read("docs/linter.md").sections["The rules"]


def test_the_table_is_that_of_the_code() -> None:
    assert "\n".join(rules_table()) in SECTION


def test_every_rule_is_told_once() -> None:
    assert [quoted(cells[0])[0] for cells in rows(SECTION)] == list(RULES)
