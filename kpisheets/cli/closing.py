"""The commands that close periods and open them again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from kpisheets.cli.frame import command, json_option, print_answer
from kpisheets.cli.session import Session


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        json_option,
        click.option("--by", metavar="NAME", default="", help="Who decided it, for the Log (default: the user)."),
        click.option("--kpi", "kpis", multiple=True, metavar="ID", help="Only this KPI; may be repeated."),
        click.option("--dry-run", is_flag=True, help="Say what would change and touch nothing."),
        click.argument("period"),
    ):
        function = option(function)
    return function


@click.command()
@_options
@command
def close(session: Session, period: str, dry_run: bool, kpis: tuple[str, ...], by: str, as_json: bool) -> int:
    """Close PERIOD: its figures are kept, its targets are settled."""
    return _mark(session, "close", period, dry_run, kpis, by, as_json)


@click.command()
@_options
@command
def reopen(session: Session, period: str, dry_run: bool, kpis: tuple[str, ...], by: str, as_json: bool) -> int:
    """Open PERIOD again, until it is closed anew."""
    return _mark(session, "reopen", period, dry_run, kpis, by, as_json)


def _mark(
    session: Session, what: str, period: str, dry_run: bool, kpis: tuple[str, ...], by: str, as_json: bool
) -> int:
    from kpisheets.printing import marked_document, marked_lines

    project = session.project()
    done = (project.reopen if what == "reopen" else project.close)(period, only=kpis, by=by, dry_run=dry_run)
    print_answer(session, lambda: marked_document(done), lambda: marked_lines(done), done.problems, as_json=as_json)
    return done.exit_code
