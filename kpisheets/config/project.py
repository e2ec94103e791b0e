"""``[project]``: whose KPIs, in which language, zone and calendar."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo, available_timezones

from kpisheets.config import calendar as calendars
from kpisheets.core.period import Calendar
from kpisheets.toml.document import Document, Table, quoted, suggestion

KEYS = (
    *("name", "language", "timezone", *calendars.KEYS, "templates", "currency"),
    *("active_from", "close_after_days", "close_after"),
)
_CLOSE_AFTER = re.compile(r"(\d{1,3}) (working )?days?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Project:
    """``[project]``.

    ``calendar`` is in its ``timezone``; ``currency`` is an ISO 4217 code; ``active_from`` the start of the KPIs that
    provision adds (``None``: they begin with the current period); ``close_after_days`` the days after a period's end
    during which it is still open, working days where ``close_on_working_days``.
    """

    name: str
    language: str = "en"
    timezone: str = "UTC"
    calendar: Calendar = field(default_factory=Calendar)
    templates: tuple[str, ...] = ()
    currency: str = "EUR"
    active_from: date | None = None
    close_after_days: int = 5
    close_on_working_days: bool = False


def project(document: Document, templates: Collection[str] | None, languages: Collection[str] | None) -> Project:
    table = document.section("project", KEYS)
    language = table.text("language", "en")
    if languages is not None and language not in languages:
        table.refuse("language", f"unknown language {quoted(language)}", suggestion(language, languages))
    elif not _LANGUAGE.fullmatch(language):
        table.refuse("language", f"{quoted(language)} is not a language code", "write one such as en or de")
    timezone = _timezone(table)
    calendar = calendars.calendar(table, timezone)
    packs = table.texts("templates")
    for number, pack in packs:
        if templates is not None and pack not in templates:
            table.refuse("templates", f"unknown template {quoted(pack)}", suggestion(pack, templates), number)
    days, working = _close_after(table)
    currency = table.text("currency", "EUR")
    if not _CURRENCY.fullmatch(currency):
        table.refuse("currency", f"{quoted(currency)} is not a currency code", "write three capitals such as EUR")
    return Project(
        name=table.text("name", required=True),
        language=language,
        timezone=timezone,
        calendar=calendar,
        templates=tuple(dict.fromkeys(pack for _, pack in packs)),
        currency=currency,
        active_from=_active_from(table, calendar),
        close_after_days=days,
        close_on_working_days=working,
    )


def _close_after(table: Table) -> tuple[int, bool]:
    """How many days a period stays open after its end, and whether these are working days."""
    days = table.whole("close_after_days", 5, 0, 366, "a number of days, 0 to 366")
    text = table.text("close_after")
    if not text:
        return days, False
    if table.has("close_after_days"):
        said = f"{quoted('close_after')} and {quoted('close_after_days')} say both when a period closes"
        table.refuse("close_after", said, "keep one of the two")
    found = _CLOSE_AFTER.fullmatch(text)
    if found is None or int(found[1]) > 366:
        said = f"{quoted('close_after')} is {quoted(text)}"
        table.refuse("close_after", said, 'write "5 working days" or "10 days", at most 366')
        return days, False
    return int(found[1]), bool(found[2])


def _timezone(table: Table) -> str:
    name = table.text("timezone", "UTC")
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # Every other name of a zone, such as "Zulu", is good; regions and cities are what people mean.
        cities = [zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")]
        mend = suggestion(name, [*cities, "UTC"])
        table.refuse(
            "timezone", f"unknown time zone {quoted(name)}", mend if "?" in mend else "write one such as Europe/Paris"
        )
    return name


def _active_from(table: Table, calendar: Calendar) -> date | None:
    value = table.values.get("active_from")
    if value is None:
        return None
    try:
        if isinstance(value, datetime) or not isinstance(value, str | date):
            raise ValueError(f"{value} is not a date")
        return calendar.parse(value).start
    except ValueError as error:
        table.refuse("active_from", f"{quoted('active_from')}: {error}", "write a date such as 2025-01-01")
        return None
