"""What every command has: its options, a person at the terminal, and the project."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.status import Status

    from kpisheets.project import Project


class Session:
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
