"""The report as a post into a channel of Slack or Teams: the same numbers, the worst first, as short as a post is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kpisheets.core.summary import Summary
from kpisheets.reports.posts import slack, teams
from kpisheets.reports.rows import clean
from kpisheets.reports.view import view
from kpisheets.templates import Language

SLACK, TEAMS = "slack", "teams"


@dataclass(frozen=True, slots=True)
class PostText:
    """``subject``: what it says in one line; ``document``: what the channel takes, as JSON has it."""

    subject: str
    document: dict[str, Any]


def post(summary: Summary, words: Language, channel: str) -> PostText:
    """The summary for ``slack`` (``{"text", "blocks"}``) or ``teams`` (a message with an Adaptive Card)."""
    shown = view(summary, words)
    key = "mail_subject_stale" if shown.stale else "mail_subject"
    subject = clean(words.word(key, project=shown.project, period=shown.period, verdict=shown.verdict))
    return PostText(subject, {SLACK: slack.document, TEAMS: teams.document}[channel](shown, words, subject))
