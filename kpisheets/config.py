"""``kpisheets.toml``, read into frozen values: every problem at once, each with its line.

Relative paths are relative to the folder of the file. Secrets stay references (``${env:NAME}``, ``${file:PATH}``):
whoever connects resolves them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from kpisheets.core.metric import TIMEOUT, Metric, Source
from kpisheets.core.period import Calendar
from kpisheets.errors import BadConfig
from kpisheets.files import file_name
from kpisheets.timing import SCHEDULE_KEYS, ScheduleSettings, schedule, when
from kpisheets.toml.document import Document, Table, quoted, suggestion

FILE_NAME = "kpisheets.toml"
BACKENDS = ("excel", "google")
ATTACHMENTS = ("none", "pdf", "xlsx")
DEFAULT_MAIL = "outbox:outbox/"

_SECTIONS: Mapping[str, tuple[str, ...]] = {
    "project": (
        "name",
        "language",
        "timezone",
        "fiscal_year_start",
        "templates",
        "currency",
        "active_from",
        "close_after_days",
    ),
    "workbook": ("backend", "path", "backups", "backups_mb", "id", "title", "folder", "share"),
    "sources": ("url", "timeout"),
    "metrics": ("source", "table", "date", "value", "numerator", "denominator", "where", "sql"),
    "reports": ("to", "owners", "schedule", "attach"),
    "mail": ("url", "from"),
    "schedule": SCHEDULE_KEYS,
    "google": ("credentials", "client", "token", "subject", "api_root", "deadline", "user_quota", "project_quota"),
}

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_CURRENCY = re.compile(r"[A-Z]{3}")
_ADDRESS = re.compile(r'[^\s@<>,;:"()\[\]\\]+@(?:localhost|[\w-]+(?:\.[\w-]+)+)')
_NAMED_ADDRESS = re.compile(rf"[^<>\r\n]*<{_ADDRESS.pattern}>")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.")
_REFERENCE = re.compile(r"\$\{([^}]*)\}?")
_GOOD_REFERENCE = re.compile(r"\$\{(?:env|file|keyring|cmd):[^}]+\}")
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Project:
    """``[project]``.

    ``currency`` is an ISO 4217 code; ``active_from`` the start of the KPIs that provision adds (``None``: they begin
    with the current period); ``close_after_days`` the days after a period's end during which it is still open.
    """

    name: str
    language: str = "en"
    timezone: str = "UTC"
    fiscal_year_start: int = 1
    templates: tuple[str, ...] = ()
    currency: str = "EUR"
    active_from: date | None = None
    close_after_days: int = 5


@dataclass(frozen=True, slots=True)
class WorkbookSettings:
    """``[workbook]``: an Excel file (``path``, absolute) or a Google spreadsheet.

    For Google, ``id`` adopts a spreadsheet; without it one called ``title`` is created in ``folder`` and shared with
    ``share``. ``path`` is ``None`` for Google. ``backups`` former versions of an Excel file are kept, ``backups_mb``
    megabytes in all, and the newest always.
    """

    backend: str
    path: Path | None
    id: str | None
    title: str
    folder: str | None
    backups: int = 5
    backups_mb: int = 500
    share: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """``[reports.NAME]``: who gets it (``to``, and with ``owners`` each owner their own KPIs), when, with what.

    ``schedule`` is a cron expression of five fields, ``close+N`` (see ``Close``), or empty (sent only when asked);
    ``attach`` holds ``pdf`` and ``xlsx`` at most.
    """

    name: str
    to: tuple[str, ...]
    owners: bool
    schedule: str
    attach: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MailSettings:
    """``[mail]``: the ``url`` of a server or outbox folder, its secrets unresolved; ``sender`` is the key ``from``."""

    url: str = DEFAULT_MAIL
    sender: str = ""


@dataclass(frozen=True, slots=True)
class GoogleSettings:
    """``[google]``: how to sign in, and how to treat the service; references are unresolved, paths as written.

    ``credentials`` is a key's file or its JSON text, ``client`` the file of an OAuth client, ``token`` where
    ``kpisheets login`` keeps what it was granted, ``subject`` a person in whose name a service account acts.
    ``api_root`` is another endpoint than Google's. ``deadline`` is in seconds; quotas are requests a minute, None where
    they are Google's usual ones.
    """

    credentials: str = ""
    client: str = ""
    token: str = ""
    subject: str = ""
    api_root: str = ""
    deadline: int = 180
    user_quota: int | None = None
    project_quota: int | None = None

    @property
    def is_private(self) -> bool:
        """Whether the endpoint is on this machine, where nobody counts unless a quota is set."""
        here = urlsplit(self.api_root).hostname in _THIS_MACHINE
        return here and self.user_quota is None and self.project_quota is None


@dataclass(frozen=True, slots=True)
class Config:
    """A project's configuration. ``path`` is the file, ``root`` its folder; both absolute."""

    path: Path
    root: Path
    project: Project
    workbook: WorkbookSettings
    sources: Mapping[str, Source]
    metrics: Mapping[str, Metric]
    reports: Mapping[str, ReportSettings]
    mail: MailSettings
    google: GoogleSettings = GoogleSettings()
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)

    @property
    def calendar(self) -> Calendar:
        return Calendar(self.project.fiscal_year_start, self.project.timezone)


def find(start: Path) -> Path:
    """The nearest ``kpisheets.toml`` in ``start`` or above it. BadConfig where there is none."""
    start = start.absolute()
    for folder in (start, *start.parents):
        if folder.name == FILE_NAME and folder.is_file():
            return folder
        candidate = folder / FILE_NAME
        if candidate.is_file():
            return candidate
    raise BadConfig(
        f"no {FILE_NAME} here or in a folder above",
        where=str(start),
        mend="run `kpisheets init DIR` to make a project, or name its folder with --project",
    )


def load(
    path: Path,
    *,
    known_templates: Collection[str] | None = None,
    known_languages: Collection[str] | None = None,
) -> Config:
    """Read and check a ``kpisheets.toml``.

    Where the names of template packs and languages are given, others are refused. Raises BadConfig with all
    problems found (``error.problems``), each located ``kpisheets.toml:LINE``.
    """
    path = path.absolute()
    document = Document.read(path)
    _check_sections(document)
    project = _project(document, known_templates, known_languages)
    sources = {table.name: _source(table) for table in document.sections("sources", _SECTIONS["sources"])}
    config = Config(
        path=path,
        root=path.parent,
        project=project,
        workbook=_workbook(document, path.parent, project.name),
        sources=MappingProxyType(sources),
        metrics=MappingProxyType(
            {table.name: _metric(table, sources) for table in document.sections("metrics", _SECTIONS["metrics"])}
        ),
        reports=MappingProxyType(
            {table.name: _report(table) for table in document.sections("reports", _SECTIONS["reports"])}
        ),
        mail=_mail(document),
        schedule=schedule(document.section("schedule", SCHEDULE_KEYS), _is_address, _with_references),
        google=_google(document),
    )
    document.raise_problems()
    return config


def _check_sections(document: Document) -> None:
    titles = [f"[{section}]" for section in _SECTIONS]
    for name, value in document.data.items():
        if name in _SECTIONS:
            continue
        if isinstance(value, dict | list):
            document.refuse((name,), f"unknown section [{name}]", suggestion(f"[{name}]", titles))
        else:
            home = next((f"[{section}]" for section, keys in _SECTIONS.items() if name in keys), "a section")
            document.refuse((name,), f"the key {quoted(name)} stands above all sections", f"put it under {home}")


def _project(document: Document, templates: Collection[str] | None, languages: Collection[str] | None) -> Project:
    table = document.section("project", _SECTIONS["project"])
    language = table.text("language", "en")
    if languages is not None and language not in languages:
        table.refuse("language", f"unknown language {quoted(language)}", suggestion(language, languages))
    elif not _LANGUAGE.fullmatch(language):
        table.refuse("language", f"{quoted(language)} is not a language code", "write one such as en or fr")
    fiscal_year_start = table.whole("fiscal_year_start", 1, 1, 12, "the number of a month, 1 to 12")
    packs = table.texts("templates")
    for number, pack in packs:
        if templates is not None and pack not in templates:
            table.refuse("templates", f"unknown template {quoted(pack)}", suggestion(pack, templates), number)
    currency = table.text("currency", "EUR")
    if not _CURRENCY.fullmatch(currency):
        table.refuse("currency", f"{quoted(currency)} is not a currency code", "write three capitals such as EUR")
    return Project(
        name=table.text("name", required=True),
        language=language,
        timezone=_timezone(table),
        fiscal_year_start=fiscal_year_start,
        templates=tuple(dict.fromkeys(pack for _, pack in packs)),
        currency=currency,
        active_from=_active_from(table, Calendar(fiscal_year_start)),
        close_after_days=table.whole("close_after_days", 5, 0, 366, "a number of days, 0 to 366"),
    )


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


def _workbook(document: Document, root: Path, project: str) -> WorkbookSettings:
    table = document.section("workbook", _SECTIONS["workbook"])
    backend = table.text("backend", "excel")
    if backend not in BACKENDS:
        table.refuse("backend", f"unknown backend {quoted(backend)}", suggestion(backend, BACKENDS))
    written = table.text("path", file_name(f"{project} KPIs.xlsx"))
    path = root / written
    if path.is_dir():
        table.refuse("path", f"{quoted(written)} is a folder", "name a file in it, ending in .xlsx")
    elif path.suffix.lower() not in (".xlsx", ".xlsm"):
        table.refuse("path", f"{quoted(written)} is not the name of an Excel file", "end it in .xlsx or .xlsm")
    google = {key: table.text(key) or None for key in ("id", "title", "folder")}
    for key, value in google.items():
        if backend == "excel" and value is not None:
            table.refuse(key, f"{quoted(key)} is for Google Sheets", 'write backend = "google", or remove this line')
    share = _addresses(table, "share")
    if share and backend == "excel":
        table.refuse(
            "share", f"{quoted('share')} is for Google Sheets", 'write backend = "google", or remove this line'
        )
    return WorkbookSettings(
        backend=backend,
        path=path if backend == "excel" else None,
        backups=table.whole("backups", 5, 0, 1000, "a number of copies, 0 to 1000"),
        backups_mb=table.whole("backups_mb", 500, 1, 1_000_000, "a number of megabytes, 1 to 1000000"),
        id=google["id"],
        title=google["title"] or f"{project} KPIs",
        folder=google["folder"],
        share=share,
    )


def _addresses(table: Table, key: str) -> tuple[str, ...]:
    found = table.texts(key)
    for number, address in found:
        if not _ADDRESS.fullmatch(address):
            mend = f'write each address alone: {key} = ["a@example.org", "b@example.org"]'
            table.refuse(key, f"{quoted(address)} is not an e-mail address", mend, number)
    return tuple(dict.fromkeys(address for _, address in found))


def _source(table: Table) -> Source:
    url = _with_references(table, "url", table.text("url", required=True))
    timeout = table.whole("timeout", int(TIMEOUT), 1, 86_400, "a number of seconds, 1 to 86400")
    return Source(table.name, url, table.where, timeout)


def _metric(table: Table, sources: Collection[str]) -> Metric:
    required = ("source",) if table.has("sql") else ("source", "table", "date")
    read = {key: table.text(key, required=key in required) for key in _SECTIONS["metrics"]}
    source = read["source"]
    if source and source not in sources:
        mend = suggestion(source, sources) if sources else f"add [sources.{source}] with its url"
        table.refuse("source", f"there is no source {quoted(source)}", mend)
    value, numerator, denominator = (table.has(key) for key in ("value", "numerator", "denominator"))
    title = f"the metric {quoted(table.name)}"
    if value and (numerator or denominator):
        other = "numerator" if numerator else "denominator"
        table.refuse(other, f"{title} has both value and {other}", "keep value, or numerator and denominator")
    elif numerator != denominator:
        has, lacks = ("numerator", "denominator") if numerator else ("denominator", "numerator")
        table.refuse(has, f"{title} has a {has} and no {lacks}", f"add {lacks}, or use value alone")
    elif table.has("sql") and not table.has("date"):
        if value or numerator or table.has("where"):
            table.refuse(
                "sql", f"{title} has sql and a measure, and no date", "name the date column of its rows in date"
            )
    elif not value and not numerator:
        table.refuse("value", f"{title} measures nothing", 'add value = "sum(…)", or numerator and denominator')
    if table.has("sql") and table.has("table"):
        table.refuse("table", f"{title} has both sql and table", "keep one of the two")
    return Metric(
        name=table.name,
        source=source,
        table=read["table"],
        date=read["date"],
        value=read["value"],
        numerator=read["numerator"],
        denominator=read["denominator"],
        filter=read["where"],
        sql=read["sql"],
        where=table.where,
    )


def _report(table: Table) -> ReportSettings:
    to = _addresses(table, "to")
    if not table.has("to") and not table.values.get("owners"):
        table.refuse("to", f"the report {quoted(table.name)} goes to nobody", "give “to” addresses, or owners = true")
    attach = table.texts("attach")
    for number, kind in attach:
        if kind not in ATTACHMENTS:
            table.refuse("attach", f"cannot attach {quoted(kind)}", suggestion(kind, ATTACHMENTS), number)
    kinds = tuple(dict.fromkeys(kind for _, kind in attach if kind != "none"))
    if kinds and any(kind == "none" for _, kind in attach):
        table.refuse("attach", f"{quoted('attach')} says none and something else", "keep one of the two")
    return ReportSettings(
        name=table.name,
        to=to,
        owners=table.flag("owners"),
        schedule=when(table, "schedule", table.text("schedule")),
        attach=kinds,
    )


def _mail(document: Document) -> MailSettings:
    table = document.section("mail", _SECTIONS["mail"])
    url = _with_references(table, "url", table.text("url", DEFAULT_MAIL))
    if not _SCHEME.match(url) and "${" not in url:
        table.refuse("url", "the mail url does not say how to send", "begin it with smtp:// or outbox:")
    sender = _with_references(table, "from", table.text("from"))
    if sender and "${" not in sender and not (_ADDRESS.fullmatch(sender) or _NAMED_ADDRESS.fullmatch(sender)):
        mend = "write kpi@example.org, or Name <kpi@example.org>"
        table.refuse("from", f"{quoted(sender)} is not a sender", mend)
    return MailSettings(url, sender)


def _is_address(text: str) -> bool:
    return _ADDRESS.fullmatch(text) is not None


def _google(document: Document) -> GoogleSettings:
    table = document.section("google", _SECTIONS["google"])
    texts = {key: _with_references(table, key, table.text(key)) for key in ("credentials", "client", "token")}
    subject = table.text("subject")
    if subject and not _ADDRESS.fullmatch(subject):
        table.refuse("subject", f"{quoted(subject)} is not an e-mail address", "write one such as kpi@example.org")
    return GoogleSettings(
        **texts,
        subject=subject,
        api_root=_api_root(table),
        deadline=table.whole("deadline", 180, 1, 3600, "a number of seconds, 1 to 3600"),
        user_quota=_quota(table, "user_quota"),
        project_quota=_quota(table, "project_quota"),
    )


def _quota(table: Table, key: str) -> int | None:
    return table.whole(key, 1, 1, 100_000, "requests a minute, 1 to 100000") if key in table.values else None


def _api_root(table: Table) -> str:
    root = table.text("api_root")
    try:
        parts = urlsplit(root)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if root and (parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment):
        table.refuse(
            "api_root", f"{quoted(root)} is not the address of a server", "write https://HOST, without a query"
        )
    elif parts.scheme == "http" and host not in _THIS_MACHINE:
        # What signs every request would travel in the clear.
        table.refuse("api_root", f"{quoted(root)} is not encrypted", "begin it with https://")
    return root.rstrip("/")


def _with_references(table: Table, key: str, text: str) -> str:
    """The text; what looks like a reference to a secret and is none is refused."""
    for found in _REFERENCE.finditer(text):
        if not _GOOD_REFERENCE.fullmatch(found.group()):
            name = found[1].rpartition(":")[2] or "NAME"
            mend = f"write ${{env:{name}}}, or ${{file:PATH}}"
            table.refuse(key, f"{quoted(found.group())} in {quoted(key)} is not a reference", mend)
    return text
