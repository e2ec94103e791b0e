"""How a command ends: an answer, or one line on stderr, and an exit code."""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from functools import update_wrapper
from pathlib import Path
from typing import Any, NoReturn

import click

from kpisheets.cli.session import Session
from kpisheets.errors import Defect, KpisheetsError, Problem

PARTIAL = 1
_INTERRUPTED = 130

SHARED = (
    click.option(
        "--project",
        "folder",
        type=click.Path(path_type=Path, file_okay=True),
        help="The project's folder (default: the nearest kpisheets.toml upwards).",
    ),
    click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors."),
    click.option("--verbose", "-v", is_flag=True, help="Show a traceback where something fails."),
)

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


class Commands(click.Group):
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


def command(function: Callable[..., int | None]) -> Callable[..., None]:
    """Add the shared options (before or after the command's name), and turn errors into one line and an exit code."""

    @click.pass_context
    def run(context: click.Context, /, folder: Path | None, quiet: bool, verbose: bool, **options: Any) -> None:
        above = context.obj or {}
        session = Session(
            folder or above.get("folder"),
            quiet or above.get("quiet", False),
            verbose or above.get("verbose", False),
            as_json=bool(options.get("as_json")),
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
    for option in reversed(SHARED):
        wrapped = option(wrapped)
    return wrapped


def inherited(context: click.Context, folder: Path | None, quiet: bool, verbose: bool) -> None:
    """Hand the options of a group down to its commands."""
    above = context.obj or {}
    context.obj = {
        "folder": folder or above.get("folder"),
        "quiet": quiet or above.get("quiet", False),
        "verbose": verbose or above.get("verbose", False),
    }


def print_json(document: object) -> None:
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").casefold().replace("-", "")
    click.echo(json.dumps(document, ensure_ascii=encoding != "utf8", indent=2, allow_nan=False))


def print_answer(
    session: Session,
    document: Callable[[], object],
    lines: Callable[[], Iterable[str]],
    problems: Iterable[Problem] = (),
    *,
    as_json: bool,
) -> None:
    """The answer as a document, or in lines for a person, with the problems on stderr."""
    if as_json:
        print_json(document())
        return
    for line in lines():
        session.say(line)
    for problem in problems:
        click.echo(f"kpisheets: {problem}", err=True)


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
