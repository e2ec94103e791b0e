"""What a KPI's history says: whether it changed or merely varies, and where it is heading."""

from kpisheets.core.insight.behaviour import Behaviour, Limits, Phase, Rule, Signal, behaviour
from kpisheets.core.insight.forecast import Forecast, forecast

__all__ = ["Behaviour", "Forecast", "Limits", "Phase", "Rule", "Signal", "behaviour", "forecast"]
