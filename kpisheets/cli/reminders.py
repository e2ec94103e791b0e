"""The command that reminds owners: remind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpisheets.cli.frame import command, json_option, print_json
from kpisheets.cli.session import Session
from kpisheets.errors import UsageError

if TYPE_CHECKING:
    from kpisheets.project.reminding import Reminded


@click.command()
@click.option("--dry-run", is_flag=True, help="Say who would be reminded of what, and send nothing.")
@click.option(
    "--ics",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the due dates of open actions to this calendar file, and send nothing.",
)
@json_option
@command
def remind(session: Session, dry_run: bool, ics: Path | None, as_json: bool) -> None:
    """Remind owners of figures, comments and actions that wait for them."""
    project = session.project()
    if ics is not None:
        if dry_run or as_json:
            raise UsageError("--ics sends nothing and has no JSON", where="--ics", mend="leave the other option out")
        from kpisheets.files import write

        write(ics, project.agenda())
        session.say(f"Wrote {ics}")
        return
    done = project.remind(dry_run=dry_run)
    if as_json:
        print_json(_document(done, dry_run=dry_run))
        return
    for one in done.sent:
        verb = "Would send" if dry_run else "Sent"
        session.say(f"{verb} “{one.subject}” to {one.to}" + f"  {one.where}".rstrip())
    if not done.sent:
        session.say("Nobody needs to be reminded.")
    if done.unowned:
        click.echo(f"kpisheets: nobody to remind of {', '.join(done.unowned)}; fill “Owner email” in KPIs", err=True)


def _document(done: Reminded, *, dry_run: bool) -> dict[str, object]:
    reminders = [
        {
            "owner": one.owner,
            "email": one.email,
            "actuals": [{"kpi": want.kpi.id, "periods": list(want.actuals)} for want in one.wanted if want.actuals],
            "comments": [{"kpi": want.kpi.id, "period": want.comment} for want in one.wanted if want.comment],
            "overdue": [
                {
                    "kpi": action.kpi,
                    "period": action.period,
                    "action": action.action,
                    "due": action.due and action.due.isoformat(),
                }
                for action in one.overdue
            ],
        }
        for one in done.reminders
    ]
    sent = [{"to": one.to, "subject": one.subject, "where": one.where} for one in done.sent]
    return {"dry_run": dry_run, "reminders": reminders, "sent": sent, "unowned": list(done.unowned)}
