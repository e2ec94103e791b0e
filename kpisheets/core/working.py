"""Working days: Monday to Friday, but for the holidays of a country or a part of it, and for others that are named."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase


def working_days(country: str, closed: Iterable[date]) -> HolidayBase:
    """``country`` is an ISO 3166 code (``FR``, ``DE-BY``) or blank: no holidays then, but for ``closed``."""
    from holidays import HolidayBase, country_holidays

    code, _, part = country.partition("-")
    days = country_holidays(code, subdiv=part or None) if code else HolidayBase()
    days.update(dict.fromkeys(closed, "closed"))
    return days


def counted(working: HolidayBase, first: date, last: date) -> int:
    """The working days from ``first`` to ``last``, both included."""
    return sum(working.is_working_day(first + timedelta(days=at)) for at in range((last - first).days + 1))


def closed_until(today: date, days: int, working: HolidayBase | None) -> date:
    """The day by which a period must have ended to be closed today: open through ``days`` days after its last one,
    working days where a calendar of these is given."""
    if working is None or not days:
        return today - timedelta(days=days)
    return working.get_nth_working_day(today, -days)
