"""The commands that tell people: report, send."""

from __future__ import annotations

import json
from pathlib import Path

import click

from kpisheets.cli.frame import command, json_option, print_json
from kpisheets.cli.session import Session
from kpisheets.errors import UsageError


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "text", "md", "json", "pdf", "xlsx"]),
    default="text",
    show_default=True,
    help="pdf and xlsx: the whole workbook, of Google Sheets alone.",
)
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
@json_option
@command
def report(session: Session, form: str, output: Path | None, as_json: bool) -> None:
    """The summary: the same numbers as the Report tab."""
    from kpisheets.files import write, write_text

    project = session.project()
    if form in ("pdf", "xlsx") and not as_json:
        content = project.export(form)
        if output is None:
            raise UsageError(f"{form.upper()} goes into a file", where="--format", mend=f"add -o report.{form}")
        write(output, content)
        session.say(f"Wrote {output}")
        return
    text = project.render("json" if as_json else form)
    if output is None and (as_json or form == "json"):
        print_json(json.loads(text))
    elif output is None:
        click.echo(text, nl=not text.endswith("\n"))
    else:
        write_text(output, text)
        session.say(f"Wrote {output}")


def _named(channel: str) -> str:
    return "" if channel == "mail" else f"{channel.capitalize()}, "


@click.command()
@click.argument("name", required=False, metavar="[REPORT]")
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
@click.option("--to", metavar="ADDRESS", help="Send to this address alone.")
@json_option
@command
def send(session: Session, name: str | None, dry_run: bool, to: str | None, as_json: bool) -> None:
    """Send a report now."""
    done = session.project().send(name, to=to, dry_run=dry_run)
    if as_json:
        keys = ("report", "to", "subject", "where", "without", "channel")
        print_json({"dry_run": dry_run, "sent": [{key: getattr(one, key) for key in keys} for one in done]})
        return
    for kind in done[0].without if done else ():
        said = f"attach: this version cannot make a {kind}, and the mail goes without it"
        click.echo(f'kpisheets: [reports.{done[0].report}] {said}; attach = ["xlsx"] sends the workbook', err=True)
    for one in done:
        session.say(
            f"{'Would send' if dry_run else 'Sent'} “{one.subject}” to {_named(one.channel)}{one.to}"
            + f"  {one.where}".rstrip()
        )
