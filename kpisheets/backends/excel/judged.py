"""The last look at a new file before it takes the place of somebody's workbook."""

from __future__ import annotations

from pathlib import Path

from kpisheets.backends.excel.lint import findings_in
from kpisheets.backends.excel.ooxml.editing.rewrite import Changed
from kpisheets.errors import Defect


def refuse_repairs(new: Path, changed: Changed | None, before: Path) -> None:
    """Raises Defect where Excel would have to repair ``new`` for what ``before``, the file as it is, did not have."""
    found = findings_in(new, changed, before=before)
    if found:
        raise Defect(
            f"the new file would have to be repaired by Excel ({found[0]}); the previous file is intact",
            where=before.name,
            mend="report this, with the workbook if you can",
        )
