"""Each fault, planted by a small edit of one part, is named by its rule and by no other."""

from __future__ import annotations

import pytest

from kpisheets.backends.excel.lint import RULES, lint
from tests.excel_lint.base import Parts
from tests.excel_lint.faults import FAULTS, Crooked, Fault, named


@pytest.mark.parametrize("fault", FAULTS, ids=named)
def test_a_planted_fault_is_named(fault: Fault | Crooked, parts: Parts) -> None:
    found = lint(fault.plant(parts))
    assert fault.rule in {finding.rule for finding in found}, found
    assert {finding.rule for finding in found} <= {fault.rule, *fault.also}, found
    assert all(finding.mend and finding.what for finding in found)


def test_every_rule_has_its_fault() -> None:
    assert {fault.rule for fault in FAULTS} == set(RULES)
