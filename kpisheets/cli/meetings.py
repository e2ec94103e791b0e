"""The command for review meetings: agenda."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpisheets.cli.frame import command, json_option, print_json
from kpisheets.cli.session import Session
from kpisheets.errors import UsageError

if TYPE_CHECKING:
    from kpisheets.project.mailing import Sent


@click.command()
@click.option(
    "--meeting",
    type=click.Choice(["weekly", "monthly", "quarterly"]),
    help="Which one (default: the one that most KPIs belong to).",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "md", "html", "json", "ics"]),
    default="text",
    show_default=True,
    help="ics: the meetings and the due dates of actions, as a calendar file.",
)
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
@click.option("--send", is_flag=True, help="Mail it to who is invited, and print nothing of it.")
@click.option("--to", metavar="ADDRESS", help="With --send: to this address alone.")
@click.option("--dry-run", is_flag=True, help="With --send: say who would get it, and send nothing.")
@json_option
@command
def agenda(
    session: Session,
    meeting: str | None,
    form: str,
    output: Path | None,
    send: bool,
    to: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """The page of a review meeting: what changed, what needs a decision, open actions."""
    from kpisheets.files import write, write_text

    if send and (output is not None or form != "text"):
        raise UsageError("--send mails the page", where="--send", mend="leave --format and --output out")
    if not send and (to is not None or dry_run):
        raise UsageError("only what is sent goes to somebody", where="--to", mend="add --send")
    project = session.project()
    if send:
        _tell(session, project.send_meeting(meeting, to=to, dry_run=dry_run), dry_run=dry_run, as_json=as_json)
        return
    if form == "ics" and not as_json:
        made = project.calendar(meeting)
        if output is None:
            click.echo(made.decode(), nl=False)
            return
        write(output, made)
        session.say(f"Wrote {output}")
        return
    text = project.render_meeting("json" if as_json else form, meeting)
    if output is not None:
        write_text(output, text)
        session.say(f"Wrote {output}")
    elif as_json or form == "json":
        print_json(json.loads(text))
    else:
        click.echo(text, nl=False)


def _tell(session: Session, done: list[Sent], *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        sent = [{"to": one.to, "subject": one.subject, "where": one.where} for one in done]
        print_json({"dry_run": dry_run, "sent": sent})
        return
    for one in done:
        verb = "Would send" if dry_run else "Sent"
        session.say(f"{verb} “{one.subject}” to {one.to}" + f"  {one.where}".rstrip())
