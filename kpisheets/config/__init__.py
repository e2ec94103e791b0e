"""``kpisheets.toml``, read into frozen values: every problem at once, each with its line.

Relative paths are relative to the folder of the file. Secrets stay references (``${env:NAME}``, ``${file:PATH}``):
whoever connects resolves them. Each section has a module that knows its keys, its values and what can be wrong.
"""

from kpisheets.config.channels import SlackSettings
from kpisheets.config.file import FILE_NAME, Config, find, load
from kpisheets.config.google import GoogleSettings
from kpisheets.config.mail import DEFAULT_MAIL, MailSettings
from kpisheets.config.meetings import MeetingSettings, ReminderSettings
from kpisheets.config.project import Project
from kpisheets.config.reports import ATTACHMENTS, ReportSettings
from kpisheets.config.schedule import BEFORE_REPORTS, ScheduleSettings
from kpisheets.config.workbook import BACKENDS, WorkbookSettings

__all__ = [
    "ATTACHMENTS",
    "BACKENDS",
    "BEFORE_REPORTS",
    "DEFAULT_MAIL",
    "FILE_NAME",
    "Config",
    "GoogleSettings",
    "MailSettings",
    "MeetingSettings",
    "Project",
    "ReminderSettings",
    "ReportSettings",
    "ScheduleSettings",
    "SlackSettings",
    "WorkbookSettings",
    "find",
    "load",
]
