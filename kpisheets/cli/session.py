"""What every command has: its options, a person at the terminal, and the project."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpisheets.cli.waiting import Waiting

if TYPE_CHECKING:
    from kpisheets.project import Project


class Session:
    """The options that every command takes. ``as_json``: stdout is a document, and nobody waits who would watch."""

    def __init__(self, folder: Path | None, quiet: bool, verbose: bool, as_json: bool = False) -> None:
        self.folder, self.quiet, self.verbose = folder, quiet, verbose
        self._silent = quiet or as_json
        self._waiting = Waiting()

    def project(self) -> Project:
        from kpisheets.project import Project

        return Project.load(self.folder, progress=self.tell, watch=self.watch)

    def tell(self, step: str) -> None:
        """Show the step at hand to a person who waits at a terminal."""
        if not self._silent and sys.stderr.isatty():
            self._waiting.step(step)

    def watch(self, source: str, doing: str, records: int) -> None:
        """Show them what a source does. Any thread may call it."""
        if not self._silent and sys.stderr.isatty():
            self._waiting.source(source, doing, records)

    def done(self) -> None:
        """Take the step away: what follows is the answer."""
        self._waiting.done()

    def say(self, text: str) -> None:
        """Print for a person, unless --quiet."""
        self.done()
        if not self.quiet:
            click.echo(text)
