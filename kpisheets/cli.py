"""The command line: parse, call the project, print; nothing else."""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import shlex
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from kpisheets import __version__
from kpisheets.errors import BadConfig, CannotWrite, Defect, KpisheetsError, NotAllowed, Unreachable, UsageError

if TYPE_CHECKING:
    from rich.status import Status

    from kpisheets.project import Project

_PARTIAL = 1
_INTERRUPTED = 130


class _Session:
    """The options that every command takes."""

    def __init__(self, folder: Path | None, quiet: bool, verbose: bool) -> None:
        self.folder, self.quiet, self.verbose = folder, quiet, verbose
        self._status: Status | None = None

    def project(self) -> Project:
        from kpisheets.project import Project

        return Project.load(self.folder, progress=self.tell)

    def tell(self, step: str) -> None:
        """Show the step at hand to a person who waits at a terminal."""
        if self.quiet or not sys.stderr.isatty():
            return
        if self._status is None:
            from rich.console import Console

            self._status = Console(stderr=True).status(step)
            self._status.start()
        self._status.update(f"{step}…")

    def done(self) -> None:
        """Take the step away: what follows is the answer."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def say(self, text: str) -> None:
        """Print for a person, unless --quiet."""
        self.done()
        if not self.quiet:
            click.echo(text)


def _fail(error: KpisheetsError, verbose: bool) -> NoReturn:
    if verbose:
        traceback.print_exception(error)
    click.echo(f"kpisheets: {error}", err=True)
    sys.exit(error.exit_code)


def _defect(error: Exception, verbose: bool) -> NoReturn:
    """Something that no message was written for. A person gets one line all the same."""
    if verbose:
        traceback.print_exception(error)
    said = " ".join(f"{type(error).__name__} {error}".split())[:200]
    mend = "please report it with what --verbose shows"
    click.echo(f"kpisheets: stopped by a defect of kpisheets ({said}); {mend}", err=True)
    sys.exit(Defect.exit_code)


def _leave_pipe() -> NoReturn:
    """The reader of a pipe had enough: whatever is still in the buffers goes nowhere, without a word."""
    with contextlib.suppress(OSError, ValueError, io.UnsupportedOperation):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)


class _Commands(click.Group):
    """A group whose own refusals are one line too."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any) -> NoReturn:  # type: ignore[override]
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")  # a terminal of another age shows ? for →, and no traceback
        words = list(sys.argv[1:] if args is None else args) or ["--help"]
        try:
            code = super().main(words, prog_name or "kpisheets", **(extra | {"standalone_mode": False}))
        except click.UsageError as error:
            asked = error.ctx.command_path if error.ctx else "kpisheets"
            said = error.format_message().strip().rstrip(".").replace("\n", " ")
            click.echo(f"kpisheets: {said[:1].lower()}{said[1:]}; see `{asked} --help`", err=True)
            sys.exit(error.exit_code)
        except click.ClickException as error:
            click.echo(f"kpisheets: {error.format_message()}", err=True)
            sys.exit(error.exit_code)
        except (click.Abort, KeyboardInterrupt):
            click.echo("kpisheets: interrupted; run it again when you like", err=True)
            sys.exit(_INTERRUPTED)
        sys.exit(code if isinstance(code, int) else 0)


_SHARED = (
    click.option(
        "--project",
        "folder",
        type=click.Path(path_type=Path, file_okay=True),
        help="The project's folder (default: the nearest kpisheets.toml upwards).",
    ),
    click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors."),
    click.option("--verbose", "-v", is_flag=True, help="Show a traceback where something fails."),
)


def _command(function: Callable[..., int | None]) -> Callable[..., None]:
    """Add the shared options (before or after the command's name), and turn errors into one line and an exit code."""

    @click.pass_context
    def run(context: click.Context, /, folder: Path | None, quiet: bool, verbose: bool, **options: Any) -> None:
        above = context.obj or {}
        session = _Session(
            folder or above.get("folder"), quiet or above.get("quiet", False), verbose or above.get("verbose", False)
        )
        # A command makes millions of objects that live to its end: to look for cycles among them again and again takes
        # a quarter of its time and frees nothing.
        gc.disable()
        try:
            code = function(session, **options)
        except KpisheetsError as error:
            session.done()
            _fail(error, session.verbose)
        except BrokenPipeError:
            _leave_pipe()
        except click.ClickException:
            raise
        except Exception as error:
            _defect(error, session.verbose)
        finally:
            gc.enable()
            session.done()
        sys.exit(code or 0)

    wrapped = update_wrapper(run, function)
    for option in reversed(_SHARED):
        wrapped = option(wrapped)
    return wrapped


def _json(document: object) -> None:
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").casefold().replace("-", "")
    click.echo(json.dumps(document, ensure_ascii=encoding != "utf8", indent=2, allow_nan=False))


_json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


@click.group(
    "kpisheets", cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="kpisheets")
@_SHARED[0]
@_SHARED[1]
@_SHARED[2]
@click.pass_context
def main(context: click.Context, folder: Path | None, quiet: bool, verbose: bool) -> None:
    """KPI workbooks that keep themselves up to date.

    Start with `kpisheets init DIR`, then `provision` and `sync` in that folder.
    """
    context.obj = {"folder": folder, "quiet": quiet, "verbose": verbose}


@main.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--template", "templates", multiple=True, metavar="N", help="A pack of KPIs; may be repeated.")
@click.option("--language", default="en", show_default=True, help="Language of the workbook: en or fr.")
@click.option("--backend", type=click.Choice(["excel", "google"]), default="excel", show_default=True)
@_command
def init(session: _Session, directory: Path, templates: tuple[str, ...], language: str, backend: str) -> None:
    """Make a project folder that runs at once on sample data."""
    from datetime import date

    from kpisheets.scaffold import create_project

    today = date.today()  # noqa: DTZ011 - the sample data ends on the machine's own day
    packs = templates or ("sales", "finance")
    try:
        made = create_project(directory, templates=packs, language=language, backend=backend, today=today)
    except BadConfig as error:  # here the words came from the command line
        raise UsageError(error.what, mend=error.mend) from None
    session.say(f"Made {len(made)} files in {directory}. Next:")
    session.say(f"  cd {shlex.quote(str(directory))}\n  kpisheets provision\n  kpisheets sync")


@main.command()
@_json_option
@_command
def templates(session: _Session, as_json: bool) -> None:
    """List the packs of KPIs."""
    from kpisheets.printing import packs_document, packs_text

    _json(packs_document()) if as_json else session.say(packs_text())


@main.command()
@_json_option
@_command
def provision(session: _Session, as_json: bool) -> None:
    """Create the workbook, add the KPI tabs to one that exists, or bring a KPI workbook up to date."""
    from kpisheets.printing import provisioned_document, provisioned_text

    done = session.project().provision()
    if as_json:
        _json(provisioned_document(done))
        return
    session.say(provisioned_text(done))


@main.command()
@_json_option
@_command
def check(session: _Session, as_json: bool) -> int:
    """Find every problem of configuration, catalogue, sources and workbook."""
    from kpisheets.printing import problem_document

    try:
        code, problems = session.project().check()
    except BadConfig as error:
        if not error.problems:
            raise
        code, problems = error.exit_code, error.problems
    if as_json:
        _json({"problems": [problem_document(problem) for problem in problems]})
    elif problems:
        for problem in problems:
            click.echo(str(problem), err=True)
    else:
        session.say("No problems found.")
    return code


@main.command()
@click.option("--dry-run", is_flag=True, help="Print the cell-by-cell plan and touch nothing.")
@click.option("--kpi", "kpis", multiple=True, metavar="ID", help="Only this KPI; may be repeated.")
@click.option("--since", metavar="PERIOD", help="Read the sources from this period on, such as 2026-01.")
@_json_option
@_command
def sync(session: _Session, dry_run: bool, kpis: tuple[str, ...], since: str | None, as_json: bool) -> int:
    """Read, collect, plan, apply."""
    from kpisheets.printing import sync_document, sync_lines

    done = session.project().sync(dry_run=dry_run, only=kpis, since=since)
    if as_json:
        _json(sync_document(done))
    else:
        for line in sync_lines(done):
            session.say(line)
        for problem in done.problems:
            click.echo(f"kpisheets: {problem}", err=True)
    if done.unreachable:
        return NotAllowed.exit_code if done.denied else Unreachable.exit_code
    return _PARTIAL if done.problems else 0


@main.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "text", "md", "json", "pdf", "xlsx"]),
    default="text",
    show_default=True,
    help="pdf and xlsx: the whole workbook, of Google Sheets alone.",
)
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
@_json_option
@_command
def report(session: _Session, form: str, output: Path | None, as_json: bool) -> None:
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
        _json(json.loads(text))
    elif output is None:
        click.echo(text, nl=not text.endswith("\n"))
    else:
        write_text(output, text)
        session.say(f"Wrote {output}")


@main.command()
@click.argument("name", required=False, metavar="[REPORT]")
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
@click.option("--to", metavar="ADDRESS", help="Send to this address alone.")
@_json_option
@_command
def send(session: _Session, name: str | None, dry_run: bool, to: str | None, as_json: bool) -> None:
    """Send a report now."""
    done = session.project().send(name, to=to, dry_run=dry_run)
    if as_json:
        keys = ("report", "to", "subject", "where", "without")
        _json({"dry_run": dry_run, "sent": [{key: getattr(one, key) for key in keys} for one in done]})
        return
    for kind in done[0].without if done else ():
        said = f"attach: this version cannot make a {kind}, and the mail goes without it"
        click.echo(f'kpisheets: [reports.{done[0].report}] {said}; attach = ["xlsx"] sends the workbook', err=True)
    for one in done:
        session.say(f"{'Would send' if dry_run else 'Sent'} “{one.subject}” to {one.to}" + f"  {one.where}".rstrip())


@main.command("run-due")
@click.option("--resend", is_flag=True, help="Send held messages again, with their former Message-ID.")
@_json_option
@_command
def run_due(session: _Session, resend: bool, as_json: bool) -> int:
    """Do whatever is due, once: what cron calls. Prints nothing unless something is wrong."""
    from kpisheets.printing import problems_line, run_document

    done = session.project().run_due(resend=resend)
    if as_json:
        _json(run_document(done))
    elif done.problems:
        line = problems_line(done.problems, "kpisheets schedule show")
        click.echo(f"kpisheets: {line}", err=True)
    return done.code


@main.group(no_args_is_help=False)
@_SHARED[0]
@_SHARED[1]
@_SHARED[2]
@click.pass_context
def schedule(context: click.Context, folder: Path | None, quiet: bool, verbose: bool) -> None:
    """What is due when, and the line of crontab that sees to it."""
    above = context.obj or {}
    context.obj = {
        "folder": folder or above.get("folder"),
        "quiet": quiet or above.get("quiet", False),
        "verbose": verbose or above.get("verbose", False),
    }


@schedule.command("show")
@_json_option
@_command
def schedule_show(session: _Session, as_json: bool) -> None:
    """Next times, the last run, and mails that wait for a person."""
    from kpisheets.printing import schedule_document, schedule_lines
    from kpisheets.running import calling

    project = session.project()
    found = calling.look(project.config, project.clock())
    if as_json:
        _json(schedule_document(found))
        return
    for line in schedule_lines(found):
        session.say(line)


@schedule.command("install")
@click.option("--systemd", "form", flag_value="systemd", help="Print a service and a timer instead.")
@click.option("--launchd", "form", flag_value="launchd", help="Print a property list for macOS instead.")
@click.option("--windows", "form", flag_value="windows", help="Print a task for Windows instead.")
@_command
def schedule_install(session: _Session, form: str | None) -> None:
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
@_command
def schedule_remove(session: _Session) -> None:
    """Take the line out of your crontab."""
    from kpisheets.schedule import cron

    root = session.project().config.root
    session.say(f"Removed the line of {root}." if cron.remove(root) else f"There was no line of {root}.")


@main.command()
@click.argument("kpi")
@click.argument("period", required=False)
@_json_option
@_command
def explain(session: _Session, kpi: str, period: str | None, as_json: bool) -> int:
    """Where a number comes from: source, query, window, as-of, overrides, history."""
    from kpisheets.printing import explanation_document, explanation_text

    found = session.project().explain(kpi, period)
    _json(explanation_document(found)) if as_json else click.echo(explanation_text(found))
    return _PARTIAL if found.problems else 0


@main.command()
@click.option("--no-browser", is_flag=True, help="Print the address to open, on this computer or another one.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Where the browser comes back to; 0: any.")
@_json_option
@_command
def login(session: _Session, no_browser: bool, port: int, as_json: bool) -> None:
    """Sign in to Google as a person, in the browser."""

    def show(text: str) -> None:
        click.echo(text, err=True)

    done = session.project().login(show, browser=not no_browser, port=port)
    if as_json:
        _json({"account": done.account, "token": str(done.path), "scopes": list(done.scopes), "problem": done.problem})
    else:
        session.say(f"Signed in{f' as {done.account}' if done.account else ''}; kept in {done.path}")
    if done.problem:
        click.echo(f"kpisheets: {done.problem}", err=True)


if __name__ == "__main__":
    main()
