"""The command that reviews the KPIs themselves: review."""

from __future__ import annotations

import click

from kpisheets.cli.frame import command, json_option, print_answer
from kpisheets.cli.numbers import tell_sync
from kpisheets.cli.session import Session


@click.command()
@click.option("--now", is_flag=True, help="Sync, and hold the review at once: its suggestions enter the Review tab.")
@click.option("--dry-run", is_flag=True, help="With --now: print the plan and touch nothing.")
@json_option
@command
def review(session: Session, now: bool, dry_run: bool, as_json: bool) -> int:
    """Print which KPIs to keep, recalibrate, replace or retire, with the evidence; writes nothing without --now."""
    project = session.project()
    if now:
        return tell_sync(session, project.sync(dry_run=dry_run, review=True), as_json=as_json)
    from kpisheets.printing import review_document, review_lines

    found = project.review()
    print_answer(session, lambda: review_document(found), lambda: review_lines(found), as_json=as_json)
    return 0
