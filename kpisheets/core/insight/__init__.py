"""What a KPI's history says: whether it changed or merely varies, and where it is heading."""

from kpisheets.core.insight.forecast import SHARE
from kpisheets.core.insight.history import Past
from kpisheets.core.insight.outlook import Outlook
from kpisheets.core.insight.reading import Change, Insight, read

__all__ = ["SHARE", "Change", "Insight", "Outlook", "Past", "read"]
