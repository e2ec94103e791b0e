"""From ``kpisheets.toml`` to jobs, the rules of their slots, and the ledger that remembers them."""

from __future__ import annotations

from kpisheets.config import BEFORE_REPORTS, Config
from kpisheets.errors import KpisheetsError, Problem
from kpisheets.schedule import Deliveries, Job, Ledger, Rules, open_database
from kpisheets.secrets import resolve

AGENDA, REMIND = "agenda", "remind"
FOLDER, FILE = ".kpisheets", "ledger.sqlite"


def jobs_of(config: Config) -> list[Job]:
    """The syncs, reports, agendas and reminders that have a schedule."""
    times = [text for text in config.schedule.sync if text != BEFORE_REPORTS]
    syncs = [Job(f"sync {number}" if number > 1 else "sync", text) for number, text in enumerate(times, 1)]
    reports = [Job(f"report {one.name}"[:120], one.schedule) for one in config.reports.values() if one.schedule]
    agendas = [
        Job(f"{AGENDA} {one.meeting.value}", one.schedule, one.ahead) for one in config.meetings.values() if one.to
    ]
    reminders = [Job(REMIND, config.reminders.schedule)] if config.reminders.schedule else []
    return [*syncs, *reports, *agendas, *reminders]


def rules_of(config: Config) -> Rules:
    settings = config.schedule
    return Rules(config.calendar, settings.country, settings.holidays, settings.every, settings.max_late)


def memory(config: Config) -> tuple[Ledger, Deliveries]:
    """The project's ledger: a file of its own, or its part of a database that several hosts share."""
    url = resolve(config.schedule.ledger, config.root, where="kpisheets.toml, [schedule] ledger")
    database = open_database(url, config.root / FOLDER / FILE)
    project = config.project.name[:120] if url else ""
    return Ledger(database, project), Deliveries(database, project)


def troubles(config: Config) -> list[Problem]:
    """What a scheduled run would stumble over in ``[schedule]``: secrets and drivers that are missing."""
    settings, found = config.schedule, []
    wanted = [("ledger", settings.ledger), ("heartbeat_url", settings.heartbeat_url)]
    for key, text in [*wanted, *(("on_failure", target) for target in settings.on_failure)]:
        try:
            url = resolve(text, config.root, where=f"kpisheets.toml, [schedule] {key}")
            if key == "ledger" and url:
                open_database(url, config.root / FOLDER / FILE)
        except KpisheetsError as error:
            found.append(Problem(error.where, error.what, error.mend, code=error.exit_code))
    return found


def parts_of(job: str) -> tuple[str, str]:
    """What a job does (sync, report, agenda, remind) and the name of what it sends: ``request report weekly``."""
    kind, _, name = job.removeprefix("request ").partition(" ")
    return kind, name


def report_of(job: str) -> str:
    """The report that a job sends; blank for another job."""
    kind, name = parts_of(job)
    return name if kind == "report" else ""


def sends(job: str) -> bool:
    """Whether a job sends messages; a sync sends none."""
    return parts_of(job)[0] != "sync"


def by_hand(job: str) -> str:
    """The command that does what a job does, for a person."""
    kind, name = parts_of(job)
    commands = {"report": f"send {name}", AGENDA: f"agenda --meeting {name} --send", REMIND: "remind"}
    return f"kpisheets {commands.get(kind, 'sync')}"


def is_request(job: str) -> bool:
    return job.startswith("request ")


def said(job: str) -> str:
    """A job in words for a person."""
    kind, name = parts_of(job)
    named = {"report": f"the report “{name}”", AGENDA: f"the agenda “{name}”", REMIND: "the reminders"}
    what = named.get(kind, "the sync")
    return f"{what} that was asked for" if is_request(job) else what
