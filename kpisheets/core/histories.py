"""The closed periods of each KPI with their figures, as a tracking table will have them, and what they say."""

from __future__ import annotations

from datetime import date, datetime

from kpisheets.core.insight import Insight, Past, Signs, read, signs
from kpisheets.core.kpi import Kpi
from kpisheets.core.period import Period
from kpisheets.core.summary import TREND_POINTS
from kpisheets.core.tracking import Tracking
from kpisheets.core.values import is_number


class Histories:
    """Reads the columns once, when the plan is complete: a large table has a thousand periods of each KPI."""

    def __init__(self, tracking: Tracking) -> None:
        self._tracking = tracking
        self._actual, self._as_of = tracking.draft.values("actual"), tracking.draft.values("as_of")

    def insight(self, kpi: Kpi, last: Period) -> Insight | None:
        """What the KPI's periods up to ``last`` say, those that were read to their end.

        None where ``last`` was not, where it has no figure, and where it is long past.
        """
        return None if self._is_long_past(last) else self.insight_then(kpi, last)

    def insight_then(self, kpi: Kpi, last: Period) -> Insight | None:
        """The same, however long ``last`` is past."""
        history, tracking = self.of(kpi, last), self._tracking
        if not history:
            return None
        coming, targets, begun = tracking.calendar.next(last), dict[str, float](), False
        for period, row in tracking.periods()[kpi.id].values():
            if period.frequency is not kpi.frequency:
                continue
            target = tracking.goal(row)
            if is_number(target):
                targets[period.label] = float(target)
            begun = begun or (period == coming and is_number(self._actual[row]))
        return read(kpi, history, targets, tracking.calendar, begun=begun)

    def signs(self, kpi: Kpi, last: Period) -> Signs | None:
        """Whether it changed, as ``insight`` says it."""
        history = [] if self._is_long_past(last) else self.of(kpi, last)
        return signs(kpi, history, TREND_POINTS) if history else None

    def of(self, kpi: Kpi, last: Period) -> list[Past]:
        """The closed periods with a figure up to ``last``, in time order; none where ``last`` is not among them."""
        frequency, until = kpi.frequency, min(last.end, self._tracking.moment.as_of)
        actuals, stamps, history = self._actual, self._as_of, []
        for period, row in self._tracking.periods().get(kpi.id, {}).values():
            end = period.end
            if end > until or period.frequency is not frequency:
                continue
            actual, stamp = actuals[row], stamps[row]
            # Nearly all were read long after they ended: that is seen at once.
            read_later = isinstance(stamp, datetime) and stamp.date() >= end
            if is_number(actual) and (read_later or not self._tracking.is_partial(row, period)):
                history.append(Past(period, float(actual)))
        history.sort(key=_start)
        return history if history and history[-1].period == last else []

    def _is_long_past(self, last: Period) -> bool:
        return self._tracking.calendar.next(last).ended(self._tracking.moment.as_of)


def _start(past: Past) -> date:
    return past.period.start
