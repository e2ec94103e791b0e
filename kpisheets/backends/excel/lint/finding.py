"""What the linter finds, and the list that it grows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from .rules import RULES, Severity

# A sheet of a million bad cells needs no million lines.
_MOST = 25


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault: the part, the place in it (a cell, a name, an element), the rule's id, what is wrong, what mends it."""

    part: str
    where: str
    rule: str
    what: str
    mend: str

    @property
    def severity(self) -> Severity:
        """Whether Excel repairs for sure, or at times."""
        return RULES[self.rule].severity

    @property
    def is_error(self) -> bool:
        """Whether Excel repairs for sure."""
        return self.severity is Severity.ERROR

    def __str__(self) -> str:
        place = f" {self.where}" if self.where else ""
        return f"{self.part}{place}: {self.what} [{self.rule}]; {self.mend}"


class Report:
    """The findings in the order in which they came; of one rule in one part, the first 25."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._counted: Counter[tuple[str, str]] = Counter()

    def add(self, rule: str, part: str, where: str, what: str) -> None:
        """One finding more."""
        self._counted[part, rule] += 1
        if self._counted[part, rule] <= _MOST:
            self.findings.append(Finding(part, where[:100], rule, _short(what), RULES[rule].mend))

    def extend(self, other: Report) -> None:
        """Those of another list behind."""
        for finding in other.findings:
            self.add(finding.rule, finding.part, finding.where, finding.what)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 200 else text[:199] + "…"
