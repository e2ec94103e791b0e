"""The file: found, read and checked, every problem at once, each with its line."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from kpisheets.config import (
    actions,
    boards,
    channels,
    google,
    mail,
    meetings,
    project,
    reports,
    review,
    schedule,
    sources,
    workbook,
)
from kpisheets.config.actions import ActionSettings
from kpisheets.config.boards import BoardSettings
from kpisheets.config.channels import SlackSettings
from kpisheets.config.google import GoogleSettings
from kpisheets.config.mail import MailSettings
from kpisheets.config.meetings import MeetingSettings, ReminderSettings
from kpisheets.config.project import Project
from kpisheets.config.reports import ReportSettings
from kpisheets.config.review import ReviewSettings
from kpisheets.config.schedule import ScheduleSettings
from kpisheets.config.workbook import WorkbookSettings
from kpisheets.core.meeting import Meeting
from kpisheets.core.metric import Metric, Source
from kpisheets.core.period import Calendar
from kpisheets.errors import BadConfig
from kpisheets.toml.document import Document, quoted, suggestion

FILE_NAME = "kpisheets.toml"

_SECTIONS: Mapping[str, tuple[str, ...]] = {
    "project": project.KEYS,
    "workbook": workbook.KEYS,
    "sources": sources.SOURCE_KEYS,
    "metrics": sources.METRIC_KEYS,
    "reports": reports.REPORT_KEYS,
    "mail": mail.KEYS,
    "slack": channels.KEYS,
    "schedule": schedule.KEYS,
    "meetings": meetings.MEETING_KEYS,
    "reminders": meetings.REMINDER_KEYS,
    "actions": actions.KEYS,
    "boards": boards.KEYS,
    "review": review.KEYS,
    "google": google.KEYS,
}


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
    slack: SlackSettings = field(default_factory=SlackSettings)
    google: GoogleSettings = field(default_factory=GoogleSettings)
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)
    actions: ActionSettings = field(default_factory=ActionSettings)
    boards: Mapping[str, BoardSettings] = field(default_factory=dict)
    meetings: Mapping[Meeting, MeetingSettings] = field(default_factory=dict)
    reminders: ReminderSettings = field(default_factory=ReminderSettings)
    review: ReviewSettings = field(default_factory=ReviewSettings)

    @property
    def calendar(self) -> Calendar:
        return self.project.calendar

    def meeting(self, which: Meeting) -> MeetingSettings:
        """A meeting as the file has it, or as is usual."""
        return self.meetings.get(which) or meetings.default(which)


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
    own = project.project(document, known_templates, known_languages)
    known = sources.sources(document)
    config = Config(
        path=path,
        root=path.parent,
        project=own,
        workbook=workbook.workbook(document, path.parent, own.name),
        sources=MappingProxyType(known),
        metrics=MappingProxyType(sources.metrics(document, known)),
        reports=MappingProxyType(reports.reports(document, known_languages)),
        mail=mail.mail(document),
        slack=channels.slack(document),
        schedule=schedule.schedule(document),
        google=google.google(document),
        actions=actions.actions(document),
        boards=MappingProxyType(boards.boards(document)),
        meetings=MappingProxyType(meetings.meetings(document)),
        reminders=meetings.reminders(document),
        review=review.review(document),
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
