"""The commands that make a project and its workbook: init, templates, provision, check."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from kpisheets.cli.frame import command, json_option, print_json
from kpisheets.cli.session import Session
from kpisheets.errors import BadConfig, UsageError


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--template", "templates", multiple=True, metavar="N", help="A pack of KPIs; may be repeated.")
@click.option("--language", default="en", show_default=True, help="Language of the workbook: en, fr, de or es.")
@click.option("--backend", type=click.Choice(["excel", "google"]), default="excel", show_default=True)
@command
def init(session: Session, directory: Path, templates: tuple[str, ...], language: str, backend: str) -> None:
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


@click.command()
@json_option
@command
def templates(session: Session, as_json: bool) -> None:
    """List the packs of KPIs."""
    from kpisheets.printing import packs_document, packs_text

    print_json(packs_document()) if as_json else session.say(packs_text())


@click.command()
@click.argument("name", required=False)
@json_option
@command
def recipes(session: Session, name: str | None, as_json: bool) -> None:
    """List the recipes for services, or print the one called NAME, to be pasted into kpisheets.toml."""
    from kpisheets.printing import recipes_document, recipes_text
    from kpisheets.recipes import text

    if as_json:
        print_json(recipes_document(name))
    elif name:
        click.echo(text(name), nl=False)
    else:
        session.say(recipes_text())


@click.command()
@json_option
@command
def provision(session: Session, as_json: bool) -> None:
    """Create the workbook, add the KPI tabs to one that exists, or bring a KPI workbook up to date."""
    from kpisheets.printing import provisioned_document, provisioned_text

    done = session.project().provision()
    if as_json:
        print_json(provisioned_document(done))
        return
    session.say(provisioned_text(done))


@click.command()
@json_option
@command
def check(session: Session, as_json: bool) -> int:
    """Find every problem of configuration, catalogue, sources and workbook."""
    from kpisheets.core.together import together
    from kpisheets.printing import problem_document

    try:
        code, problems = session.project().check()
    except BadConfig as error:
        if not error.problems:
            raise
        code, problems = error.exit_code, error.problems
    if as_json:
        print_json({"problems": [problem_document(problem) for problem in problems]})
    elif problems:
        for problem in together(problems):
            click.echo(str(problem), err=True)
    else:
        session.say("No problems found.")
    return code
