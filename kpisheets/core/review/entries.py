"""The rows of the ``Review`` tab, read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from kpisheets.core.catalogue import Catalogue
from kpisheets.core.draft import Draft
from kpisheets.core.review.finding import Reason
from kpisheets.core.review.reviewing import Decision
from kpisheets.core.rows import day_of, text_of
from kpisheets.core.values import is_number


@dataclass(frozen=True, slots=True)
class Entry:
    """A row. ``subject`` is what its finding is about, blank in a row that a person began; ``named`` are the KPIs that
    its KPI cell names, ``kpi`` the one of its Key, ``other`` the one that says the same. ``decision`` is None where
    people decided nothing or wrote a word that is none (``typed``); ``carried`` is the one that was carried out.
    ``is_told``: the row says what came of it, or what it waits for."""

    row: int
    key: str
    subject: str
    kpi: str
    other: str
    named: frozenset[str]
    typed: str
    decision: Decision | None
    carried: Decision | None
    done: date | None
    size: float
    is_told: bool

    @property
    def is_begun(self) -> bool:
        """Whether the row speaks of anything."""
        return bool(self.key or self.named or self.typed)

    @property
    def is_open(self) -> bool:
        return self.done is None

    @property
    def waits(self) -> bool:
        """Whether a person is to decide."""
        return self.is_open and bool(self.subject) and not self.typed


def entries(draft: Draft, names: Mapping[str, frozenset[str]], read: Callable[[str], str | None]) -> list[Entry]:
    return [_entry(draft, row, names, read) for row in range(len(draft))]


def names_of(catalogue: Catalogue) -> dict[str, frozenset[str]]:
    """The KPIs that a text may mean, by their IDs and names, both without regard to case."""
    found: dict[str, frozenset[str]] = {}
    for kpi in catalogue.kpis.values():
        for text in {kpi.name.casefold(), kpi.id.casefold()}:
            found[text] = found.get(text, frozenset()) | {kpi.id}
    return found


def _entry(draft: Draft, row: int, names: Mapping[str, frozenset[str]], read: Callable[[str], str | None]) -> Entry:
    key, typed = text_of(draft.value(row, "key")), text_of(draft.value(row, "decision"))
    carried, size, found = text_of(draft.value(row, "carried")), draft.value(row, "size"), read(typed)
    subject = key.rpartition("|")[0]
    identity, _, rest = subject.partition("|")
    return Entry(
        row=row,
        key=key,
        subject=subject,
        kpi=identity,
        other=rest.partition("|")[2] if rest.startswith(f"{Reason.SAME}|") else "",
        named=names.get(text_of(draft.value(row, "kpi")).casefold(), frozenset()),
        typed=typed,
        decision=Decision(found) if found else None,
        carried=Decision(carried) if carried in list(Decision) else None,
        done=day_of(draft.value(row, "done")),
        size=float(size) if is_number(size) else 1.0,
        is_told=bool(text_of(draft.value(row, "outcome"))),
    )
