"""A report's posts: into which channels, and what they say."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from kpisheets.config import Config, ReportSettings
from kpisheets.core.summary import Summary
from kpisheets.errors import BadConfig, KpisheetsError, Problem
from kpisheets.project.desk import Desk
from kpisheets.project.enclosures import Enclosures
from kpisheets.templates import Language

if TYPE_CHECKING:
    from kpisheets.delivery import Outlet, Post


_MISSING = BadConfig.exit_code


def posts(settings: ReportSettings, summary: Summary, words: Language, enclosed: Enclosures) -> tuple[Post, ...]:
    """The posts of a report, one for each target. Its PDF goes with those that take files."""
    from kpisheets.delivery import Post, label, takes_files
    from kpisheets.reports.posts import post

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
    from kpisheets.delivery import label

    targets = _targets(settings).items()
    return {(channel, label(one)): _outlet(config, settings, channel, one) for channel, all in targets for one in all}


def problems(desk: Desk) -> list[Problem]:
    """Whether there is a way out for the posts; nothing is opened."""
    found = []
    for settings in desk.config.reports.values():
        if settings.slack and find_spec("slack_sdk") is None:
            mend = 'pip install "kpisheets[slack]"'
            found.append(Problem(_where(settings, "slack"), "Slack's library is not installed", mend, code=_MISSING))
        for channel, targets in _targets(settings).items():
            for one in targets:
                try:
                    _outlet(desk.config, settings, channel, one)
                except KpisheetsError as error:
                    found.append(Problem(error.where, error.what, error.mend, code=error.exit_code))
    return found


def _outlet(config: Config, settings: ReportSettings, channel: str, target: str) -> Outlet:
    from kpisheets.delivery import open_outlet

    return open_outlet(channel, target, config.root, config.slack, where=_where(settings, channel))


def _where(settings: ReportSettings, channel: str) -> str:
    return f"kpisheets.toml, [reports.{settings.name}] {channel}"


def _targets(settings: ReportSettings) -> dict[str, tuple[str, ...]]:
    from kpisheets.delivery import SLACK, TEAMS

    return {SLACK: settings.slack, TEAMS: settings.teams}
