"""The command that proposes targets."""

from __future__ import annotations

from pathlib import Path

import click

from kpisheets.cli.frame import SHARED, command, inherited, json_option, print_answer
from kpisheets.cli.session import Session


@click.group()
@SHARED[0]
@SHARED[1]
@SHARED[2]
@click.pass_context
def targets(context: click.Context, folder: Path | None, quiet: bool, verbose: bool) -> None:
    """Targets for the periods of a year."""
    inherited(context, folder, quiet, verbose)


@targets.command()
@click.argument("kpi")
@click.option("--year", required=True, help="The year, such as 2027 or FY2027.")
@click.option("--total", metavar="N", help="What the year's periods add up to.")
@click.option("--goal", metavar="N", help="The level that is aimed at; with growth, that of the last period.")
@click.option(
    "--method",
    type=click.Choice(["even", "seasonal", "working-days", "growth"]),
    default="even",
    show_default=True,
    help="How the figure is phased.",
)
@click.option("--from", "start", metavar="N", help="Where growth begins (default: what the past says).")
@click.option(
    "--curve",
    type=click.Choice(["linear", "compound"]),
    default="linear",
    show_default=True,
    help="Growth by the same amount, or the same share, each period.",
)
@click.option("--round", "step", metavar="N", help="Round to multiples of this (default: as the unit is written).")
@click.option("--dry-run", is_flag=True, help="Print the targets and touch nothing.")
@json_option
@command
def propose(
    session: Session,
    kpi: str,
    year: str,
    total: str | None,
    goal: str | None,
    method: str,
    start: str | None,
    curve: str,
    step: str | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Write targets for a KPI and a year into the workbook's column of proposed targets."""
    from kpisheets.printing import targets_document, targets_lines

    done = session.project().propose_targets(
        kpi, year, method=method, total=total, goal=goal, start=start, curve=curve, step=step, dry_run=dry_run
    )
    print_answer(session, lambda: targets_document(done), lambda: targets_lines(done), done.problems, as_json=as_json)
    return done.exit_code
