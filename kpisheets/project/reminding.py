"""Reminders: one message to each owner for whom something waits, and the due dates as a calendar file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kpisheets.core import reminding
from kpisheets.core.reminding import Reminder
from kpisheets.errors import BadData, Problem
from kpisheets.project import mailing
from kpisheets.project.desk import Desk
from kpisheets.project.mailing import Sent

if TYPE_CHECKING:
    from kpisheets.delivery import Composed

NAME = "reminder"
_FILE = "actions.ics"


@dataclass(frozen=True, slots=True)
class Reminded:
    """``reminders`` and what was sent for each; ``unowned``: KPIs for which something waits and nobody can be
    reminded."""

    reminders: tuple[Reminder, ...]
    sent: tuple[Sent, ...]
    unowned: tuple[str, ...]


def remind(desk: Desk, *, dry_run: bool = False) -> Reminded:
    """One message to each owner, by the way that reports take. All are written before the first one is sent."""
    made, found, unowned = compose(desk)
    return Reminded(found, tuple(mailing.deliver(desk, made, dry_run=dry_run)), unowned)


def compose(
    desk: Desk, *, occasion: str = "", unsynced: bool = False
) -> tuple[Composed, tuple[Reminder, ...], tuple[str, ...]]:
    """The messages (see ``mailing.compose``), what each is made from, and the KPIs for which nobody can be reminded."""
    from kpisheets.delivery import Composed, address
    from kpisheets.reports.agenda import agenda, can_agenda
    from kpisheets.reports.reminder import reminder
    from kpisheets.reports.view import stale_note
    from kpisheets.secrets import resolve

    looked = desk.look()
    summary, wanted = replace(desk.summed_up(looked), unsynced=unsynced), looked.planned.wanted()
    kpis = looked.catalogue.kpis
    addresses = {kpi.owner_email: _one(kpi.owner_email) for kpi in kpis.values() if kpi.owner_email}
    found = reminding.reminders(kpis, wanted, summary.actions, addresses, desk.today)
    project, words = summary.project, desk.language
    sender = resolve(desk.config.mail.sender, desk.config.root, where=mailing.MAIL) or "kpisheets@localhost"
    messages, refused = [], []
    for one in found:
        dated = can_agenda() and any(action.due for action in one.actions)
        files = {_FILE: agenda(one.actions, words, project=project, now=desk.clock())} if dated else {}
        try:
            message = address(
                reminder(
                    one,
                    words,
                    project=project,
                    workbook=summary.workbook,
                    calendar=dated,
                    stale=stale_note(summary, words),
                ),
                sender=sender,
                recipient=one.email,
                report_name=NAME,
                project=project,
                day=desk.today,
                language=words.code,
                attachments=files,
                occasion=occasion,
            )
        except BadData as error:
            refused.append(Problem(error.where or "the reminders", error.what, error.mend, code=error.exit_code))
        else:
            messages.append((message, ""))
    made = Composed(NAME, tuple(messages), {}, refused=tuple(refused), as_of=summary.synced_at)
    return made, found, reminding.unowned(wanted)


def calendar(desk: Desk) -> bytes:
    """The due dates of all open actions. BadConfig where the package for it is missing."""
    from kpisheets.reports.agenda import agenda

    return agenda(desk.summary().actions, desk.language, project=desk.config.project.name, now=desk.clock())


def _one(email: str) -> str:
    """“Ann <ann@example.org>” and ann@example.org are one owner; what is no address stays, and is refused later."""
    from kpisheets.delivery.addresses import mailbox

    try:
        return mailbox(email).address.casefold()
    except BadData:
        return email
