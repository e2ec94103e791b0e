"""The commands of the schedule: run-due, schedule show, install, remove."""

from __future__ import annotations

from pathlib import Path

import click

from kpisheets.cli.frame import SHARED, command, inherited, json_option, print_json
from kpisheets.cli.session import Session
from kpisheets.errors import CannotWrite


@click.command("run-due")
@click.option("--resend", is_flag=True, help="Send held messages again, with their former Message-ID.")
@json_option
@command
def run_due(session: Session, resend: bool, as_json: bool) -> int:
    """Do whatever is due, once: what cron calls. Prints nothing unless something is wrong."""
    from kpisheets.printing import problems_line, run_document

    done = session.project().run_due(resend=resend)
    if as_json:
        print_json(run_document(done))
    elif done.problems:
        line = problems_line(done.problems, "kpisheets schedule show")
        click.echo(f"kpisheets: {line}", err=True)
    return done.code


@click.group(no_args_is_help=False)
@SHARED[0]
@SHARED[1]
@SHARED[2]
@click.pass_context
def schedule(context: click.Context, folder: Path | None, quiet: bool, verbose: bool) -> None:
    """What is due when, and the line of crontab that sees to it."""
    inherited(context, folder, quiet, verbose)


@schedule.command("show")
@json_option
@command
def schedule_show(session: Session, as_json: bool) -> None:
    """Next times, the last run, and mails that wait for a person."""
    from kpisheets.printing import schedule_document, schedule_lines
    from kpisheets.running import calling

    project = session.project()
    found = calling.look(project.config, project.clock())
    if as_json:
        print_json(schedule_document(found))
        return
    for line in schedule_lines(found):
        session.say(line)


@schedule.command("install")
@click.option("--systemd", "form", flag_value="systemd", help="Print a service and a timer instead.")
@click.option("--launchd", "form", flag_value="launchd", help="Print a property list for macOS instead.")
@click.option("--windows", "form", flag_value="windows", help="Print a task for Windows instead.")
@command
def schedule_install(session: Session, form: str | None) -> None:
    """Put the line into your crontab, and print it. Repeatable."""
    from kpisheets.running import calling
    from kpisheets.schedule import cron, units

    project = session.project()
    config = project.config
    command, every = calling.command(config), config.schedule.every
    if form:
        click.echo(getattr(units, form)(command, every, config.root), nl=False)
        return
    line = cron.line(command, every, config.root)
    try:
        calling.install(config, project.clock())
    except CannotWrite as error:
        raise CannotWrite(error.what, mend=f"let your scheduler do: {line}") from error
    session.say(line)
    if names := calling.from_environment(config):
        said = f"cron does not set {', '.join(names)}, which kpisheets.toml takes from the environment"
        click.echo(f"kpisheets: {said}; write ${{file:PATH}}, or set it in the crontab", err=True)


@schedule.command("remove")
@command
def schedule_remove(session: Session) -> None:
    """Take the line out of your crontab."""
    from kpisheets.schedule import cron

    root = session.project().config.root
    session.say(f"Removed the line of {root}." if cron.remove(root) else f"There was no line of {root}.")
