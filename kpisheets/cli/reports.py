"""The commands that tell people: report, send."""

from __future__ import annotations

import json
from pathlib import Path

import click

from kpisheets.cli.frame import command, json_option, print_json
from kpisheets.cli.session import Session
from kpisheets.errors import UsageError

_FILES = ("pdf", "xlsx", "workbook-pdf")
_MENDS = {
    "pdf": 'its packages may be missing: pip install "kpisheets[pdf]"',
    "xlsx": "the workbook does not exist yet: run `kpisheets provision`",
    "workbook-pdf": 'only Google prints a whole workbook; attach = ["pdf"] sends the report as pages',
}


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "text", "md", "json", "pdf", "xlsx", "workbook-pdf"]),
    default="text",
    show_default=True,
    help="xlsx and workbook-pdf: the whole workbook, of Google Sheets alone.",
)
@click.option("--paper", type=click.Choice(["a4", "letter"]), default="a4", show_default=True, help="Of a PDF.")
@click.option("--open", "show", is_flag=True, help="Show it in the browser: as html, or as pdf.")
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
@json_option
@command
def report(session: Session, form: str, paper: str, show: bool, output: Path | None, as_json: bool) -> None:
    """The summary: the same numbers as the Report tab."""
    from kpisheets.files import write, write_text

    project = session.project()
    if show:
        form = "html" if form == "text" else form
        if as_json or form not in ("html", "pdf"):
            raise UsageError(
                "a browser shows html or pdf", where="--open", mend="leave --open out, or the other format"
            )
        if output is None:
            output = project.config.root / ".kpisheets" / f"report.{form}"
            output.parent.mkdir(exist_ok=True)
    if form in _FILES and not as_json:
        if output is None:
            ending = form.rpartition("-")[2]
            raise UsageError(f"{ending.upper()} goes into a file", where="--format", mend=f"add -o report.{ending}")
        write(output, project.pdf(paper) if form == "pdf" else project.export(form))
        _written(session, output, show=show)
        return
    text = project.render("json" if as_json else form)
    if output is None and (as_json or form == "json"):
        print_json(json.loads(text))
    elif output is None:
        click.echo(text, nl=not text.endswith("\n"))
    else:
        write_text(output, text)
        _written(session, output, show=show)


def _written(session: Session, output: Path, *, show: bool) -> None:
    import webbrowser

    session.say(f"Wrote {output}")
    if show and not webbrowser.open(output.absolute().as_uri()):
        session.say("No browser was found here: open that file in one.")


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
        said = f"attach: the mail goes without {kind}"
        click.echo(f"kpisheets: [reports.{done[0].report}] {said}; {_MENDS[kind]}", err=True)
    for one in done:
        session.say(
            f"{'Would send' if dry_run else 'Sent'} “{one.subject}” to {_named(one.channel)}{one.to}"
            + f"  {one.where}".rstrip()
        )
