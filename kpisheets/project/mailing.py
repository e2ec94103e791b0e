"""A report on its way: who gets it, what is in the message, and through which channel it goes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kpisheets.config import ReportSettings
from kpisheets.core.summary import Line, Summary
from kpisheets.errors import BadConfig, BadData, KpisheetsError, Problem, UsageError
from kpisheets.project import enclosures, posting
from kpisheets.project.desk import Desk
from kpisheets.project.enclosures import Enclosures
from kpisheets.templates import language

if TYPE_CHECKING:
    from email.message import EmailMessage

    from kpisheets.delivery import Composed

MAIL = "kpisheets.toml, [mail]"


@dataclass(frozen=True, slots=True)
class Sent:
    """One message or post: to whom, and where it went (a file, a server, a channel). ``without``: attachments that it
    lacks. ``channel`` is ``mail``, ``slack`` or ``teams``."""

    report: str
    to: str
    subject: str
    where: str
    without: tuple[str, ...] = ()
    channel: str = "mail"


def send(desk: Desk, report: str | None = None, *, to: str | None = None, dry_run: bool = False) -> list[Sent]:
    """Send a report now, one message to each recipient, one post to each channel; ``to`` replaces all of them."""
    return deliver(desk, compose(desk, report, to=to), dry_run=dry_run)


def deliver(desk: Desk, made: Composed, *, dry_run: bool) -> list[Sent]:
    """Send what is composed now, unless it is a dry run. BadData where somebody is refused, before anything is sent."""
    from kpisheets.delivery import attach

    for problem in made.refused:
        raise BadData(problem.what, where=problem.where, mend=problem.mend)
    messages = [attach(message, made.attachments) for message, _ in made.messages]
    mails = [Sent(made.report, str(m["To"]), str(m["Subject"]), "", made.without) for m in messages]
    sent = [Sent(made.report, one.to, one.subject, "", made.without, one.channel) for one in made.posts]
    if dry_run:
        return [*mails, *sent]
    outlets = posting.outlets(desk.config, desk.config.reports[made.report]) if sent else {}
    done: list[Sent] = []
    try:
        if mails:
            _carry(desk, mails, messages, done)
        for one, post in zip(sent, made.posts, strict=True):
            done.append(replace(one, where=outlets[post.channel, post.to].post(post.content, made.attachments)))
    except KpisheetsError as error:
        # Whoever sends again is to know who has it.
        if names := ", ".join(one.to for one in done):
            error.what += f" (it went out to: {names})"
        raise
    return done


def _carry(desk: Desk, mails: Iterable[Sent], messages: Iterable[EmailMessage], done: list[Sent]) -> None:
    """Send the messages, in order; ``done`` gets each that went out, with where it went."""
    from kpisheets.delivery import open_mail

    with contextlib.closing(open_mail(desk.config.mail, desk.config.root, desk.config.google)) as channel:
        for one, message in zip(mails, messages, strict=True):
            done.append(replace(one, where=channel.send(message)))


def compose(
    desk: Desk,
    report: str | None = None,
    *,
    to: str | None = None,
    occasion: str = "",
    problems: tuple[Problem, ...] = (),
    unsynced: bool = False,
) -> Composed:
    """The messages of a report, from the workbook as it is; see ``send``.

    ``occasion`` names the slot that they are for, and so their Message-IDs. ``problems`` are shown with those of
    the workbook; ``unsynced`` labels the data as not up to date.
    """
    from kpisheets.delivery import Composed, address
    from kpisheets.reports.letter import letter
    from kpisheets.secrets import resolve

    settings = _report(desk, report)
    if to is not None:
        check_address(to)
    summary = desk.summary()
    summary = replace(summary, problems=(*problems, *summary.problems), unsynced=unsynced)
    pairs = [(recipient, summary, "") for recipient in ((to,) if to else settings.to)]
    if settings.owners and not to:
        pairs += [(one, _part(summary, mine), "own") for one, mine in _by_owner(summary.lines).items()]
    if not pairs and (to or not (settings.slack or settings.teams)):
        raise BadData(
            "no active KPI has the e-mail address of its owner",
            where=f"the report “{settings.name}”",
            mend="fill “Owner email” in the KPIs tab, or add to = [...] in kpisheets.toml",
        )
    sender = resolve(desk.config.mail.sender, desk.config.root, where=MAIL) or "kpisheets@localhost"
    words = language(settings.language) if settings.language else desk.language
    enclosed = Enclosures(desk.place, settings, words)
    attachments = enclosed.workbook
    posts = () if to else posting.posts(settings, summary, words, enclosed)
    messages, refused = [], []
    for recipient, part, kind in pairs:
        try:
            message = address(
                letter(
                    part,
                    words,
                    recipient=recipient,
                    report_name=settings.name,
                    own=bool(kind),
                    without=enclosed.lacking(part),
                ),
                sender=sender,
                recipient=recipient,
                report_name=settings.name,
                project=part.project,
                day=part.report_date,
                language=words.code,
                attachments=enclosed.pages(part),
                occasion=occasion and f"{occasion} {kind}",
            )
        except BadData as error:
            refused.append(Problem(f"the report “{settings.name}”", error.what, error.mend, code=error.exit_code))
        else:
            messages.append((message, kind))
    return Composed(
        settings.name,
        tuple(messages),
        attachments,
        enclosed.lacking(summary),
        tuple(refused),
        as_of=summary.synced_at,
        posts=posts,
    )


def problems(desk: Desk) -> list[Problem]:
    """Whether there is a way out for the reports; nothing is opened."""
    from kpisheets.delivery import open_mail
    from kpisheets.reports import can_pdf

    found = posting.problems(desk)
    try:
        open_mail(desk.config.mail, desk.config.root, desk.config.google)
    except KpisheetsError as error:
        found.insert(0, Problem(error.where, error.what, error.mend))
    wanted = [report.name for report in desk.config.reports.values() if enclosures.PAGES in report.attach]
    if wanted and not can_pdf():
        where = f"kpisheets.toml, [reports.{wanted[0]}]"
        found.append(Problem(where, "the PDF that it attaches needs more packages", enclosures.INSTALL))
    return found


def _report(desk: Desk, name: str | None) -> ReportSettings:
    known = desk.config.reports
    if name is None and len(known) == 1:
        return next(iter(known.values()))
    if name is None and not known:
        raise BadConfig("there are no reports", where="kpisheets.toml", mend="add a [reports.weekly] section")
    if name is None or name not in known:
        said = f"there is no report “{name}”" if name else "there are several reports"
        raise UsageError(said, mend=f"choose among: {', '.join(known) or 'none'}")
    return known[name]


def check_address(to: str) -> None:
    """UsageError where ``--to`` is no address."""
    from kpisheets.delivery.addresses import mailbox

    try:
        mailbox(to)
    except BadData as error:
        raise UsageError(error.what, where="--to", mend=error.mend) from None


def _part(summary: Summary, mine: tuple[Line, ...]) -> Summary:
    """What one owner gets: their lines, and what there is to their KPIs: actions, closed periods, suggestions."""
    kpis = {line.kpi.id for line in mine}
    return replace(
        summary,
        lines=mine,
        actions=tuple(one for one in summary.actions if one.kpi in kpis),
        waiting=tuple(one for one in summary.waiting if one.kpi.id in kpis),
        suggestions=tuple(one for one in summary.suggestions if one.kpi in kpis),
    )


def _by_owner(lines: Iterable[Line]) -> dict[str, tuple[Line, ...]]:
    from kpisheets.delivery.addresses import mailbox

    found: dict[str, tuple[str, tuple[Line, ...]]] = {}
    for line in lines:
        if owner := line.kpi.owner_email:
            try:
                one = mailbox(owner).address.casefold()  # “Ann <ann@example.org>” and ann@example.org are one owner
            except BadData:
                one = owner
            first, theirs = found.get(one, (owner, ()))
            found[one] = (first, (*theirs, line))
    return dict(found.values())
