"""A review meeting: its page, the mail that brings it, and when it is held."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from kpisheets.config import MeetingSettings
from kpisheets.core import meeting as meetings
from kpisheets.core.meeting import Agenda, Meeting, meeting_of, usual
from kpisheets.core.summary import Summary
from kpisheets.errors import BadConfig, BadData, Problem, UsageError
from kpisheets.project import mailing
from kpisheets.project.desk import Desk
from kpisheets.project.mailing import Sent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpisheets.delivery import Composed
    from kpisheets.reports.calendar import Held

_AHEAD = timedelta(days=366)


def page(desk: Desk, which: str | None = None) -> Agenda:
    """What a meeting talks about. ``which`` is weekly, monthly or quarterly; else the one that most KPIs belong to."""
    summary = desk.summary()
    return _page(desk, summary, _known(which) or usual(line.kpi.frequency for line in summary.lines))


def render(desk: Desk, form: str, which: str | None = None) -> str:
    from kpisheets.reports.meeting import render

    return render(page(desk, which), form, desk.language)


def send(desk: Desk, which: str | None = None, *, to: str | None = None, dry_run: bool = False) -> list[Sent]:
    """Send a meeting's page now, one message to each recipient of ``[meetings.NAME]``, or to ``to`` alone."""
    if to is not None:
        mailing.check_address(to)
    return mailing.deliver(desk, compose(desk, which, to=to), dry_run=dry_run)


def compose(
    desk: Desk,
    which: str | None = None,
    *,
    to: str | None = None,
    occasion: str = "",
    problems: tuple[Problem, ...] = (),
    unsynced: bool = False,
) -> Composed:
    """The messages of a meeting's page; see ``mailing.compose``."""
    from kpisheets.delivery import Composed, address
    from kpisheets.reports.meeting.letter import letter
    from kpisheets.secrets import resolve

    summary = desk.summary()
    summary = replace(summary, problems=(*problems, *summary.problems), unsynced=unsynced)
    agenda = _page(desk, summary, _known(which) or usual(line.kpi.frequency for line in summary.lines))
    name = agenda.meeting.value
    recipients = (to,) if to else desk.config.meeting(agenda.meeting).to
    if not recipients:
        what, mend = f"nobody is invited to the {name} meeting", f"add to = [...] under [meetings.{name}], or use --to"
        raise BadConfig(what, where="kpisheets.toml", mend=mend)
    sender = resolve(desk.config.mail.sender, desk.config.root, where=mailing.MAIL) or "kpisheets@localhost"
    messages, refused = [], []
    for recipient in recipients:
        try:
            message = address(
                letter(agenda, desk.language, recipient=recipient),
                sender=sender,
                recipient=recipient,
                report_name=f"agenda-{name}",
                project=summary.project,
                day=summary.report_date,
                language=desk.language.code,
                occasion=occasion,
            )
        except BadData as error:
            refused.append(Problem(f"the {name} meeting", error.what, error.mend, code=error.exit_code))
        else:
            messages.append((message, ""))
    made = f"agenda {name}"
    return Composed(made, tuple(messages), {}, refused=tuple(refused), as_of=summary.synced_at)


def calendar(desk: Desk, which: str | None = None) -> bytes:
    """The meetings of ``kpisheets.toml`` (those that the KPIs need where it names none), or one of them, and the due
    dates of open actions, as a calendar file."""
    from kpisheets.reports.calendar import calendar

    summary, chosen = desk.summary(), _known(which)
    wanted = {chosen} if chosen else {*desk.config.meetings} or {meeting_of(x.kpi.frequency) for x in summary.lines}
    held = [_held(desk, desk.config.meeting(one)) for one in Meeting if one in wanted]
    return calendar(
        held,
        summary.actions,
        desk.language,
        project=summary.project,
        workbook=summary.workbook,
        now=desk.clock(),
    )


def _page(desk: Desk, summary: Summary, which: Meeting) -> Agenda:
    settings = desk.config.meeting(which)
    begins = next(_times(desk, settings, desk.clock()), None)
    return meetings.agenda(summary, which, settings.minutes, begins)


def _held(desk: Desk, settings: MeetingSettings) -> Held:
    """When a meeting is held, from the beginning of this week, month or quarter on."""
    from kpisheets.reports.calendar import Held
    from kpisheets.schedule import rule

    today = desk.today
    first = {
        Meeting.WEEKLY: today - timedelta(days=today.weekday()),
        Meeting.MONTHLY: today.replace(day=1),
        Meeting.QUARTERLY: today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1),
    }[settings.meeting]
    since = datetime.combine(first, time(), UTC) - timedelta(days=1)
    found = []
    for start in _times(desk, settings, since):
        if start.date() - today > _AHEAD:
            break
        if start.date() >= first:
            found.append(start)
    return Held(settings.meeting, settings.minutes, found, rule(settings.schedule))


def _times(desk: Desk, settings: MeetingSettings, after: datetime) -> Iterator[datetime]:
    """When it begins, in local time."""
    from kpisheets.running.timetable import rules_of
    from kpisheets.schedule import Job, times

    return times(Job(f"meeting {settings.meeting.value}", settings.schedule), after, rules_of(desk.config))


def _known(which: str | None) -> Meeting | None:
    if which is None:
        return None
    try:
        return Meeting(which)
    except ValueError:
        mend = f"choose among: {', '.join(one.value for one in Meeting)}"
        raise UsageError(f"there is no meeting “{which}”", mend=mend) from None
