"""``[schedule]`` of ``kpisheets.toml``, and when a report is due: read and checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from kpisheets.config.texts import is_address, with_references
from kpisheets.core.close import Close
from kpisheets.toml.document import Document, Table, quoted, suggestion

BEFORE_REPORTS = "before reports"
KEYS = (
    *("sync", "country", "holidays", "every", "patience", "max_late", "max_age", "jitter"),
    *("ledger", "on_failure", "heartbeat_url"),
)
_DURATION = re.compile(r"(\d{1,4}) ?([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://.")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """``[schedule]``.

    ``sync`` holds cron expressions and ``before reports``; ``country`` is an ISO 3166 code, perhaps with a part of the
    country (``DE-BY``), whose holidays are no working days, like ``holidays``. ``every``: how often cron calls.
    ``patience``: how long a report waits for a sync that fails. A report later than ``max_late`` is not sent, nor one
    on data older than ``max_age`` (None: however old). ``ledger`` is a SQLAlchemy URL, blank for the project's own
    file. ``on_failure`` are mail addresses and URLs of other services.
    """

    sync: tuple[str, ...] = (BEFORE_REPORTS,)
    country: str = ""
    holidays: tuple[date, ...] = ()
    every: timedelta = timedelta(minutes=15)
    patience: timedelta = timedelta(hours=1)
    max_late: timedelta = timedelta(days=7)
    max_age: timedelta | None = None
    jitter: timedelta = timedelta(0)
    ledger: str = ""
    on_failure: tuple[str, ...] = ()
    heartbeat_url: str = ""


def schedule(document: Document) -> ScheduleSettings:
    """The section, what is wrong with it recorded in the document."""
    table = document.section("schedule", KEYS)
    told = with_references(table, "ledger", table.text("ledger"))
    if told and not _URL.match(told) and "${" not in told:
        table.refuse("ledger", f"{quoted(told)} is not a database", 'write a URL such as "postgresql://db/kpi"')
    beat = with_references(table, "heartbeat_url", table.text("heartbeat_url"))
    if beat and not beat.startswith(("https://", "http://")) and "${" not in beat:
        table.refuse("heartbeat_url", f"{quoted(beat)} is not a web address", "begin it with https://")
    return ScheduleSettings(
        sync=_sync(table),
        country=_country(table),
        holidays=_holidays(table),
        every=_every(table),
        patience=duration(table, "patience", timedelta(hours=1), _DAY),
        max_late=duration(table, "max_late", timedelta(days=7), 366 * _DAY),
        max_age=duration(table, "max_age", timedelta(0), 366 * _DAY) or None,
        jitter=duration(table, "jitter", timedelta(0), timedelta(minutes=10)),
        ledger=told,
        on_failure=_on_failure(table),
        heartbeat_url=beat,
    )


def when(table: Table, key: str, text: str, item: int | None = None, *, or_else: str = 'or "close+3"') -> str:
    """A schedule: a cron expression of five fields, or ``close+N``. What is neither is recorded in the table."""
    if text and Close.read(text) is None and (wrong := _wrong_cron(text)) is not None:
        said = f"{quoted(text)} is not a schedule{wrong}"
        table.refuse(key, said, f'write five cron fields such as "0 7 * * MON", {or_else}', item)
    return text


def _wrong_cron(text: str) -> str | None:
    """What is wrong with a cron expression, blank where that can't be said; None if nothing is."""
    from cronsim import CronSim, CronSimError

    if len(text.split()) != 5:
        return ""
    try:
        next(CronSim(text, datetime(2026, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        return f" ({str(error).replace('Bad', 'look at the').lower()})"
    except StopIteration:
        return " (there is no such day)"
    return None


def _sync(table: Table) -> tuple[str, ...]:
    if "sync" not in table.values:
        return (BEFORE_REPORTS,)
    found = []
    for number, text in table.texts("sync"):
        if text != BEFORE_REPORTS:
            when(table, "sync", text, number, or_else=f"or {quoted(BEFORE_REPORTS)}")
        found.append(text)
    return tuple(dict.fromkeys(filter(None, found)))


def _country(table: Table) -> str:
    text = table.text("country")
    if not text:
        return ""
    from holidays import list_supported_countries

    known = list_supported_countries()
    country, _, part = text.partition("-")
    if country not in known:
        table.refuse("country", f"the holidays of {quoted(country)} are not known", suggestion(country, known))
    elif part and part not in known[country]:
        mend = suggestion(part, known[country]) if known[country] else f"write {country} alone"
        table.refuse("country", f"the part {quoted(part)} of {country} is not known", mend)
    return text


def _holidays(table: Table) -> tuple[date, ...]:
    value = table.values.get("holidays", [])
    found = []
    for number, item in enumerate(value if isinstance(value, list) else [value]):
        try:
            if isinstance(item, datetime) or not isinstance(item, str | date):
                raise ValueError(item)
            found.append(item if isinstance(item, date) else date.fromisoformat(item.strip()))
        except ValueError:
            place = number if isinstance(value, list) else None
            table.refuse("holidays", f"{quoted(item)} is not a date", "write a date such as 2026-12-24", place)
    return tuple(found)


def _every(table: Table) -> timedelta:
    found = duration(table, "every", timedelta(minutes=15), _DAY)
    seconds = int(found.total_seconds())
    whole = 3600 if seconds <= 3600 else 86400
    if seconds % 60 or not seconds or whole % seconds or (seconds > 3600 and seconds % 3600):
        mend = "write minutes that divide an hour, such as 15m, or hours that divide a day, such as 6h"
        table.refuse("every", f"{quoted('every')} is {quoted(table.text('every'))}", mend)
        return timedelta(minutes=15)
    return found


def duration(table: Table, key: str, default: timedelta, most: timedelta) -> timedelta:
    """A length of time such as ``90m``, at most ``most``; what is none is recorded in the table."""
    text = table.text(key)
    if not text:
        return default
    found = _DURATION.fullmatch(text)
    length = timedelta(seconds=int(found[1]) * _SECONDS[found[2]]) if found else None
    if length is None or length > most:
        said = f"{quoted(key)} is {quoted(text)}"
        table.refuse(key, said, f"write a time such as 30s, 10m, 12h or 3d, at most {_written(most)}")
        return default
    return length


def _written(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    return f"{seconds // 86400}d" if seconds % 86400 == 0 else f"{seconds // 60}m"


def _on_failure(table: Table) -> tuple[str, ...]:
    found = []
    for number, text in table.texts("on_failure"):
        if not is_address(text) and not _URL.match(text) and "${" not in text:
            mend = "write ops@example.org, or the URL of a service"
            table.refuse("on_failure", f"{quoted(text)} is no mail address and no URL", mend, number)
        found.append(with_references(table, "on_failure", text))
    return tuple(dict.fromkeys(filter(None, found)))
