"""The command that is for Google alone: login."""

from __future__ import annotations

import click

from kpisheets.cli.frame import command, json_option, print_json
from kpisheets.cli.session import Session


@click.command()
@click.option("--no-browser", is_flag=True, help="Print the address to open, on this computer or another one.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Where the browser comes back to; 0: any.")
@json_option
@command
def login(session: Session, no_browser: bool, port: int, as_json: bool) -> None:
    """Sign in to Google as a person, in the browser."""

    def show(text: str) -> None:
        click.echo(text, err=True)

    done = session.project().login(show, browser=not no_browser, port=port)
    if as_json:
        print_json(
            {"account": done.account, "token": str(done.path), "scopes": list(done.scopes), "problem": done.problem}
        )
    else:
        session.say(f"Signed in{f' as {done.account}' if done.account else ''}; kept in {done.path}")
    if done.problem:
        click.echo(f"kpisheets: {done.problem}", err=True)
