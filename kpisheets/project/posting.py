"""A report's posts: into which channels, and what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpisheets.config import Config, ReportSettings
from kpisheets.core.summary import Summary
from kpisheets.errors import KpisheetsError, Problem
from kpisheets.project.desk import Desk
from kpisheets.project.enclosures import Enclosures
from kpisheets.templates import Language

if TYPE_CHECKING:
    from kpisheets.delivery import Outlet, Post


def posts(settings: ReportSettings, summary: Summary, words: Language, enclosed: Enclosures) -> tuple[Post, ...]:
    """The posts of a report, one for each target. Its PDF goes with those that take files."""
    from kpisheets.delivery import Post, label, takes_files
    from kpisheets.reports import post

    found = []
    for channel, targets in _targets(settings).items():
        if not targets:
            continue
        written = post(summary, words, channel)
        for one in targets:
            files = enclosed.pages(summary) if takes_files(channel, one) else {}
            found.append(Post.of(channel, label(one), written.subject, written.document, files))
    return tuple(found)


def outlets(config: Config, settings: ReportSettings) -> dict[tuple[str, str], Outlet]:
    """The way to each target of a report, by channel and label. A KpisheetsError where there is none."""
    from kpisheets.delivery import label, open_outlet

    where = f"kpisheets.toml, [reports.{settings.name}] "
    return {
        (channel, label(one)): open_outlet(channel, one, config.root, config.slack, where=where + channel)
        for channel, targets in _targets(settings).items()
        for one in targets
    }


def problems(desk: Desk) -> list[Problem]:
    """Whether there is a way out for the posts; nothing is opened."""
    found = []
    for settings in desk.config.reports.values():
        try:
            outlets(desk.config, settings)
        except KpisheetsError as error:
            found.append(Problem(error.where, error.what, error.mend, code=error.exit_code))
    return found


def _targets(settings: ReportSettings) -> dict[str, tuple[str, ...]]:
    from kpisheets.delivery import SLACK, TEAMS

    return {SLACK: settings.slack, TEAMS: settings.teams}
