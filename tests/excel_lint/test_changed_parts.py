"""``findings_in``: what an edit brought in, and no more; quickly where it says which rows changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpisheets.backends.excel.lint import findings_in, lint
from tests.excel_lint.base import Parts, edited, packed
from tests.excel_lint.faults import CH, FAULTS, S1, S2, SS, ST, T1, WB, Fault, in_cells, named


def rules(found: object) -> set[str]:
    return {finding.rule for finding in found}  # type: ignore[attr-defined]


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if isinstance(fault, Fault)], ids=named)
def test_what_is_wrong_in_a_changed_part_is_found_there(fault: Fault, parts: Parts, base: Path) -> None:
    planted = fault.plant(parts)
    wanted = {finding.rule for finding in lint(planted) if finding.is_error and finding.part == fault.part}
    assert rules(findings_in(planted, [fault.part], base)) >= wanted


def test_what_was_wrong_before_does_not_count(parts: Parts) -> None:
    old = edited(parts, S1, lambda data: data.replace(b"<v>1.5</v>", b"<v>x</v>"))
    new = edited(old, S1, lambda data: data.replace(b"<v>2.25</v>", b"<v>2.5</v>"))
    worse = edited(old, S1, lambda data: data.replace(b"<v>2.25</v>", b"<v>y</v>"))
    assert findings_in(packed(new), [S1], packed(old)) == []
    [finding] = findings_in(packed(worse), [S1], packed(old))
    assert (finding.rule, finding.where) == ("cell-number", "B3")


def test_other_parts_are_not_looked_at(parts: Parts) -> None:
    broken = packed(edited(parts, S1, lambda data: data.replace(b"<v>1.5</v>", b"<v>x</v>")))
    assert findings_in(broken, [S2, ST, SS, CH, WB]) == []
    assert rules(findings_in(broken, [T1])) == set()
    assert rules(findings_in(broken)) == {"cell-number"}


@pytest.mark.parametrize("fault", in_cells(), ids=named)
def test_a_fault_in_a_changed_row_is_found(fault: Fault, parts: Parts) -> None:
    planted = fault.plant(parts)
    assert fault.rule in rules(findings_in(planted, {S1: {2, 3, 4}}))


def test_rows_that_did_not_change_are_only_counted(parts: Parts) -> None:
    def change(data: bytes) -> bytes:
        return data.replace(b"<v>1.5</v>", b"<v>x</v>")

    assert findings_in(packed(edited(parts, S1, change)), {S1: {3, 4, 9}}) == []
    twice = edited(parts, S1, lambda data: data.replace(b'<row r="9"', b'<row r="7"'))
    assert rules(findings_in(packed(twice), {S1: {3}})) == {"row-order"}
    broken = edited(parts, S1, lambda data: data.replace(b"<f>B3*2</f>", b"<f>B3<2</f>"))
    assert rules(findings_in(packed(broken), {S1: {3}})) == {"part-not-xml"}
    header = edited(parts, S1, lambda data: data.replace(b'<c r="C1" t="s"><v>2</v>', b'<c r="C1" t="s"><v>3</v>'))
    assert rules(findings_in(packed(header), {S1: {1}})) == {"table-header-differs"}
    assert rules(findings_in(packed(header), {S1: {4}, T1: None})) == {"table-header-differs"}
