"""Workbooks of many programs: each gets the KPI tabs and keeps all else, or is refused in one line."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from kpisheets.errors import KpisheetsError
from kpisheets.provisioning import Provisioned
from tests.excel_graft.conftest import TABS, Team, opened, raw_entries, team

pytestmark = pytest.mark.filterwarnings("ignore")
_EVERY = 37
"""All of them take an hour on a busy machine."""
_FOLLOWS = ("[Content_Types].xml", ".rels", "workbook.xml", "styles.xml", "calcChain.xml")


def loads(path: Path) -> bool:
    try:
        openpyxl.load_workbook(path).close()
    except Exception:
        return False
    return True


def attempt(there: Team) -> tuple[Provisioned | None, KpisheetsError | None]:
    try:
        return there.provision(), None
    except KpisheetsError as error:
        return None, error


def test_grafted_or_refused(shared_corpus: Path, tmp_path: Path) -> None:
    found = [path for path in sorted(shared_corpus.rglob("*")) if path.suffix.lower() in (".xlsx", ".xlsm")]
    if not found:
        pytest.skip("the corpus has no workbooks")
    grafted = 0
    for number, source in enumerate(found[::_EVERY]):
        if source.stat().st_size > 300_000:
            continue
        there = team(tmp_path / str(number), f"Book{source.suffix.lower()}")
        shutil.copy(source, there.book)
        before = there.book.read_bytes()
        done, refusal = attempt(there)
        if done is None:
            assert refusal is not None
            assert (refusal.exit_code, len(str(refusal).splitlines())) == (65, 1), source
            assert there.book.read_bytes() == before, source
            continue
        grafted += 1
        once = there.book.read_bytes()
        assert there.provision().tabs == {}, source
        assert there.book.read_bytes() == once, source
        there.project().sync()
        assert there.project().sync().plan.is_bookkeeping, source
        theirs, now = raw_entries(source), raw_entries(there.book)
        changed = [name for name in theirs if now.get(name) != theirs[name]]
        assert [name for name in changed if not name.endswith(_FOLLOWS)] == [], source
        assert list(done.tabs) == TABS, source
        if loads(source):
            with opened(there.book) as book:
                assert book.sheetnames[-len(TABS) :] == list(done.tabs.values()), source
                assert str(book[done.tabs["Report"]]["B4"].value).startswith("="), source
            tabs = CalamineWorkbook.from_path(str(there.book)).get_sheet_by_name(done.tabs["Tracking"]).to_python()
            assert any(row[0] == "Revenue" and row[3] == 10_000 for row in tabs), source
    assert grafted > 8
