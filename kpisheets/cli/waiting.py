"""What a person sees who waits at a terminal: the step at hand, and a line for each source that is asked."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.progress import Progress, TaskID
    from rich.spinner import Spinner


class Waiting:
    """Shown on stderr, and taken away by ``done``. Several threads may call ``source``."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console
        self._live: Live | None = None
        self._step: Spinner
        self._sources: Progress
        self._tasks: dict[str, TaskID] = {}
        self._lock = threading.Lock()

    def step(self, text: str) -> None:
        """The step at hand. Sources that have finished are of no more interest."""
        with self._lock:
            self._begin()
            self._step.update(text=f"{text}…")
            for task in self._sources.tasks:
                if task.finished:
                    self._sources.remove_task(task.id)
                    self._tasks.pop(task.description, None)

    def source(self, name: str, doing: str, records: int) -> None:
        """What a source does, and how many records it has brought so far; blank when it has finished.

        Shown below the step at hand: where there is none, nobody waits any more.
        """
        with self._lock:
            if self._live is None:
                return
            if name not in self._tasks:
                self._tasks[name] = self._sources.add_task(name, total=None, doing="", records="")
            task = self._tasks[name]
            if doing:
                shown = f"{records:,} records".replace(",", " ") if records else ""
                self._sources.update(task, doing=doing, records=shown)
            else:
                self._sources.update(task, doing="done", total=1, completed=1)

    def done(self) -> None:
        """Take it away: what follows is the answer."""
        with self._lock:
            if self._live is not None:
                self._live.stop()
                self._live, self._tasks = None, {}

    def _begin(self) -> None:
        if self._live is not None:
            return
        from rich.console import Console, Group
        from rich.live import Live
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
        from rich.spinner import Spinner
        from rich.table import Column

        self._console = self._console or Console(stderr=True)
        self._step = Spinner("dots", "")
        self._sources = Progress(
            TextColumn("  {task.description}", markup=False, table_column=Column(max_width=24, no_wrap=True)),
            BarColumn(bar_width=16),
            TimeElapsedColumn(table_column=Column(min_width=7, no_wrap=True)),
            TextColumn(
                "{task.fields[doing]}",
                markup=False,
                table_column=Column(max_width=44, no_wrap=True, overflow="ellipsis"),
            ),
            TextColumn("{task.fields[records]}", markup=False, table_column=Column(no_wrap=True)),
            console=self._console,
        )
        self._live = Live(
            Group(self._step, self._sources), console=self._console, transient=True, redirect_stdout=False,
            redirect_stderr=False, refresh_per_second=10,
        )  # fmt: skip
        self._live.start()
