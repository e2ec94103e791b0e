"""What changed in closed periods and waits for a person: restated figures, and targets that were changed too late."""

from __future__ import annotations

from kpisheets.core.kpi import Number
from kpisheets.core.summary import Waiting
from kpisheets.core.tracking import Tracking
from kpisheets.core.values import is_number
from kpisheets.core.workbook import Value


def waiting(tracking: Tracking) -> tuple[Waiting, ...]:
    """All of it, once the steps of a sync were taken: the latest periods first, figures before targets."""
    found = []
    for is_target, noted in ((False, tracking.tally.restatements), (True, tracking.tally.late_targets)):
        for item in noted:
            identity, period = tracking.rows.owners[tracking.rows.by_key[item.key]]
            kpi = tracking.catalogue.kpis.get(identity)
            if kpi is not None and period is not None:
                one = Waiting(kpi, period.label, _number(item.old), _number(item.new), is_target)
                found.append((is_target, -period.end.toordinal(), one))
    return tuple(one for _, _, one in sorted(found, key=lambda each: each[:2]))


def _number(value: Value) -> Number | None:
    return value if is_number(value) else None
