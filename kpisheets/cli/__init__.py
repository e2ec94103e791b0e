"""The command line: parse, call the project, print; nothing else. A module has a few commands that belong together."""

from __future__ import annotations

from pathlib import Path

import click

from kpisheets import __version__
from kpisheets.cli import closing, google, meetings, numbers, reminders, reports, reviews, schedule, targets, workbook
from kpisheets.cli.frame import SHARED, Commands, inherited


@click.group(
    "kpisheets", cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="kpisheets")
@SHARED[0]
@SHARED[1]
@SHARED[2]
@click.pass_context
def main(context: click.Context, folder: Path | None, quiet: bool, verbose: bool) -> None:
    """KPI workbooks that keep themselves up to date.

    Start with `kpisheets init DIR`, then `provision` and `sync` in that folder.
    """
    inherited(context, folder, quiet, verbose)


for _command in (
    *(workbook.init, workbook.templates, workbook.recipes, workbook.provision, workbook.check),
    *(numbers.sync, closing.close, closing.reopen, targets.targets, reviews.review),
    *(reports.report, reports.send, reminders.remind, meetings.agenda),
    *(schedule.run_due, schedule.schedule, numbers.explain, google.login),
):
    main.add_command(_command)
