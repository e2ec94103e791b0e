"""The rows of the ``Tracking`` tab: what is asked for them, which there should be, and what becomes of their cells."""

from kpisheets.core.tracking.asking import questions
from kpisheets.core.tracking.closing import Closing, Marks
from kpisheets.core.tracking.moment import Moment
from kpisheets.core.tracking.table import Tracking
from kpisheets.core.tracking.tally import Facts, Suggested, Told
from kpisheets.core.tracking.windows import narrowed, reconciled, reconciling

__all__ = [
    "Closing",
    "Facts",
    "Marks",
    "Moment",
    "Suggested",
    "Told",
    "Tracking",
    "narrowed",
    "questions",
    "reconciled",
    "reconciling",
]
