"""The commands that bring numbers and tell where they are from: sync, explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kpisheets.cli.frame import PARTIAL, command, json_option, print_answer, print_json
from kpisheets.cli.session import Session
from kpisheets.errors import UsageError

if TYPE_CHECKING:
    from kpisheets.project import Synced


@click.command()
@click.option("--dry-run", is_flag=True, help="Print the cell-by-cell plan and touch nothing.")
@click.option("--kpi", "kpis", multiple=True, metavar="ID", help="Only this KPI; may be repeated.")
@click.option("--since", metavar="PERIOD", help="Read the sources from this period on, such as 2026-01.")
@click.option("--full", is_flag=True, help="Read every source from the start, whatever its window.")
@json_option
@command
def sync(session: Session, dry_run: bool, kpis: tuple[str, ...], since: str | None, full: bool, as_json: bool) -> int:
    """Read, collect, plan, apply."""
    if full and since:
        raise UsageError("--full and --since exclude each other", where="--full", mend="give one of the two")
    done = session.project().sync(dry_run=dry_run, only=kpis, since=since, full=full)
    return tell_sync(session, done, as_json=as_json)


def tell_sync(session: Session, done: Synced, *, as_json: bool) -> int:
    """What a sync did, or would do; returns its exit code."""
    from kpisheets.core.together import together
    from kpisheets.printing import sync_document, sync_lines

    problems = together(done.problems)
    print_answer(session, lambda: sync_document(done), lambda: sync_lines(done), problems, as_json=as_json)
    return done.exit_code


@click.command()
@click.argument("kpi")
@click.argument("period", required=False)
@json_option
@command
def explain(session: Session, kpi: str, period: str | None, as_json: bool) -> int:
    """Where a number comes from: source, query, window, as-of, overrides, history."""
    from kpisheets.printing import explanation_document, explanation_text

    project = session.project()
    found, currency = project.explain(kpi, period), project.config.project.currency
    print_json(explanation_document(found)) if as_json else click.echo(explanation_text(found, currency))
    return PARTIAL if found.problems else 0
