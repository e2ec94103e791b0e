"""A linter for Excel's repair dialog: what makes Excel say “We found a problem with some content”.

It is free of KPI words and needs no Excel. ``lint`` looks at a whole file; ``findings_in`` at the parts that an edit
changed, and only at what was not wrong before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from .finding import Finding
from .rules import RULES, Rule, Severity
from .survey import Changed, Survey

__all__ = ["RULES", "Finding", "Rule", "Severity", "errors", "findings_in", "lint"]


def lint(source: str | Path | bytes) -> list[Finding]:
    """Everything in a workbook that Excel would repair, or might; ``errors`` picks the former.

    Raises:
        BadData: it is encrypted, .xls or .xlsb, which are not looked into.
        OSError: it cannot be read.
    """
    return Survey(_source(source)).run()


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Those that Excel repairs for sure."""
    return [finding for finding in findings if finding.is_error]


def findings_in(
    new: str | Path | bytes,
    changed: Changed | Iterable[str] | None = None,
    before: str | Path | bytes | None = None,
) -> list[Finding]:
    """The errors that an edit has brought into a workbook; ``[]`` says that it may take the old one's place.

    Args:
        new: the edited file.
        changed: the names of the parts that differ from the old one (changed and added); None: all parts. As a mapping
            it also says which rows of a sheet differ, where the others are known to be sound: they are not looked at,
            and a sheet of 100,000 rows takes a few tenths of a second. A value of None: the whole part.
        before: the old file, whose own faults don't count. It is read only where the new one has errors.

    Raises:
        BadData, OSError: as in ``lint``.
    """
    names: Changed | None = changed if changed is None or isinstance(changed, Mapping) else dict.fromkeys(changed)
    found = errors(Survey(_source(new), names).run())
    if not found or before is None:
        return found
    old = Counter((finding.part, finding.rule, finding.where) for finding in lint(before))
    fresh = []
    for finding in found:
        key = (finding.part, finding.rule, finding.where)
        if old[key] > 0:
            old[key] -= 1
        else:
            fresh.append(finding)
    return fresh


def _source(source: str | Path | bytes) -> Path | bytes:
    return Path(source) if isinstance(source, str) else source
