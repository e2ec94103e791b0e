"""Reminders: one message to each owner for whom something waits, and the due dates as a calendar file."""

from __future__ import annotations

from dataclasses import dataclass

from kpisheets.core import reminding, sync
from kpisheets.core.catalogue import Catalogue
from kpisheets.core.reminding import Reminder
from kpisheets.errors import BadData, KpisheetsError
from kpisheets.project import mailing
from kpisheets.project.desk import Desk
from kpisheets.project.mailing import Sent

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
    from kpisheets.delivery import address
    from kpisheets.reports.agenda import agenda, can_agenda
    from kpisheets.reports.reminder import reminder
    from kpisheets.secrets import resolve

    catalogue, planned = _look(desk)
    wanted = planned.wanted()
    addresses = {kpi.owner_email: _one(kpi.owner_email) for kpi in catalogue.kpis.values() if kpi.owner_email}
    found = reminding.reminders(catalogue.kpis, wanted, planned.actions(), addresses, desk.today)
    project, words = desk.config.project.name, desk.language
    sender = resolve(desk.config.mail.sender, desk.config.root, where=mailing.MAIL) or "kpisheets@localhost"
    workbook = desk.config.workbook.link or desk.place.link or str(desk.place.path)
    messages = []
    for one in found:
        dated = can_agenda() and any(action.due for action in one.actions)
        files = {_FILE: agenda(one.actions, words, project=project, now=desk.clock())} if dated else {}
        message = address(
            reminder(one, words, project=project, workbook=workbook, calendar=dated),
            sender=sender,
            recipient=one.email,
            report_name=NAME,
            project=project,
            day=desk.today,
            language=words.code,
            attachments=files,
        )
        messages.append(message)
    sent = [Sent(NAME, str(message["To"]), str(message["Subject"]), "") for message in messages]
    if sent and not dry_run:
        done: list[Sent] = []
        try:
            mailing.carry(desk, sent, messages, done)
        except KpisheetsError as error:
            mailing.tell_done(error, done)
            raise
        sent = done
    return Reminded(found, tuple(sent), reminding.unowned(wanted))


def calendar(desk: Desk) -> bytes:
    """The due dates of all open actions. BadConfig where the package for it is missing."""
    from kpisheets.reports.agenda import agenda

    _, planned = _look(desk)
    return agenda(planned.actions(), desk.language, project=desk.config.project.name, now=desk.clock())


def _look(desk: Desk) -> tuple[Catalogue, sync.Planned]:
    observed = desk.workbook().observe()
    catalogue = desk.catalogue(observed)
    return catalogue, sync.plan(observed, catalogue, desk.request(observed, add_rows=False))


def _one(email: str) -> str:
    """“Ann <ann@example.org>” and ann@example.org are one owner; what is no address stays, and is refused later."""
    from kpisheets.delivery.addresses import mailbox

    try:
        return mailbox(email).address.casefold()
    except BadData:
        return email
