"""What a KPI's history says: whether it changed or merely varies, and where it is heading."""

from kpisheets.core.insight.behaviour import BASELINE, SCALE
from kpisheets.core.insight.forecast import SHARE
from kpisheets.core.insight.history import Past
from kpisheets.core.insight.outlook import Outlook
from kpisheets.core.insight.reading import Change, Insight, Present, Signs, read, signs

__all__ = [
    "BASELINE",
    "SCALE",
    "SHARE",
    "Change",
    "Insight",
    "Outlook",
    "Past",
    "Present",
    "Signs",
    "read",
    "signs",
]
