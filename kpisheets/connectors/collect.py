"""From questions to facts: every source is opened once, and all are asked side by side."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path

from kpisheets.config import GoogleSettings
from kpisheets.connectors.aside import stdout_aside
from kpisheets.connectors.asking.answers import Answers, place
from kpisheets.connectors.asking.interview import ask
from kpisheets.connectors.base import Connection, Divided, Opening, Tell, silent
from kpisheets.connectors.registry import connect
from kpisheets.core.metric import Asked, Collected, Fact, Query, Source
from kpisheets.core.period import Calendar
from kpisheets.errors import KpisheetsError, NotAllowed, Problem, TryLater, Unreachable
from kpisheets.secrets import Revealed, reveal, reveal_all

Watch = Callable[[str, str, int], None]
"""Hears (source, what it does, records so far); blank when it has finished."""

_NO_SETTINGS = GoogleSettings()


@dataclass(frozen=True, slots=True)
class Around:
    """What every source of a project is opened with. ``now`` is an aware instant."""

    calendar: Calendar
    root: Path
    now: datetime
    google: GoogleSettings = _NO_SETTINGS


def nobody(source: str, doing: str, records: int) -> None:
    """Watches nothing."""


def collect(
    sources: Mapping[str, Source],
    asked: Sequence[Asked],
    *,
    calendar: Calendar,
    root: Path,
    now: datetime,
    google: GoogleSettings = _NO_SETTINGS,
    watch: Watch = nobody,
) -> Collected:
    """Answer every question with the facts that its source holds, read at ``now`` (an aware instant).

    A period in which the table has no record gives no fact. Whatever fails becomes a problem of the KPIs that it
    concerns, and the others go on. A source that can't be opened, or that does not answer in its time, is named in
    ``unreachable``, and gives nothing. Sources are asked side by side; ``watch`` hears of each what it does, from
    several threads.
    """
    by_source: dict[str, list[Asked]] = {}
    for one in asked:
        by_source.setdefault(one.metric.source, []).append(one)
    with stdout_aside():
        return _collected(sources, asked, by_source, Around(calendar, root, now, google), watch)


def _collected(
    sources: Mapping[str, Source],
    asked: Sequence[Asked],
    by_source: Mapping[str, Sequence[Asked]],
    around: Around,
    watch: Watch,
) -> Collected:
    running = [
        _Conversation(sources[name], questions, around, partial(watch, name))
        for name, questions in by_source.items()
        if name in sources
    ]
    unknown = Answers(around.calendar, around.now)
    for name in by_source.keys() - sources.keys():
        mend = f"choose among: {', '.join(sources) or 'none'}"
        unknown.blame(by_source[name], f"there is no source “{name}”", mend)
    facts: dict[int, list[Fact]] = {}
    queries: list[Query] = []
    problems = list(unknown.problems)
    watermarks: dict[str, datetime | date] = {}
    widened: dict[int, Asked] = {}
    unreachable, denied, later = set(), set(), set()
    for conversation in running:
        try:
            answers = conversation.finished()
        except KpisheetsError as error:
            source = conversation.source
            unreachable.add(source.name)
            if isinstance(error, NotAllowed):
                denied.add(source.name)
            if isinstance(error, TryLater):
                later.add(source.name)
            problems.append(Problem(error.where or place(source), error.what, error.mend, code=error.exit_code))
            continue
        facts |= answers.facts
        watermarks |= answers.watermarks
        widened |= answers.widened
        queries += answers.queries
        problems += answers.problems
    return Collected(
        facts=tuple(fact for one in asked for fact in facts.get(id(one), ())),
        queries=tuple(queries),
        problems=tuple(problems),
        unreachable=frozenset(unreachable),
        denied=frozenset(denied),
        later=frozenset(later),
        watermarks=watermarks,
        asked=tuple(widened.get(id(one), one) for one in asked),
    )


_GRACE = 1.0
"""Seconds beyond its timeout in which a source may say itself that its time was over."""


class _Conversation:
    """The questions to one source, in a thread of its own: whoever waits can give it up."""

    def __init__(self, source: Source, asked: Sequence[Asked], around: Around, tell: Tell) -> None:
        self.source, self._watch, self._given_up = source, tell, False
        self._connection: Connection | Divided | None = None
        self._ends = time.monotonic() + source.timeout + _GRACE
        self._found: Answers | None = None
        self._error: BaseException | None = None

        def talk() -> None:
            try:
                self._tell("connecting", 0)
                answers = Answers(around.calendar, around.now, self._tell)
                with opened(source, around, self._tell) as self._connection:
                    ask(self._connection, source, asked, answers)
                self._found = answers
            except BaseException as error:
                self._error = error
            self._tell("", 0)

        # A daemon: a source that never answers must not keep the program from ending.
        self._thread = threading.Thread(target=talk, name=f"source {source.name}", daemon=True)
        self._thread.start()

    def _tell(self, doing: str, records: int) -> None:
        """Whoever waited has gone when a source was given up: what it goes on to do is nobody's."""
        if not self._given_up:
            self._watch(doing, records)

    def finished(self) -> Answers:
        """What it answered. Unreachable when its time is over; else whatever it raised."""
        self._thread.join(max(0.0, self._ends - time.monotonic()))
        if self._thread.is_alive():
            if self._connection is not None:
                self._connection.cancel()
            self._tell("", 0)
            self._given_up = True
            raise Unreachable(
                f"the source did not answer within {self.source.timeout:g} seconds",
                where=place(self.source),
                mend="sync again later, or give it a longer timeout in kpisheets.toml",
            )
        if self._error is not None:
            raise self._error
        assert self._found is not None  # noqa: S101 — a thread that ended has found or failed
        return self._found


@contextmanager
def opened(source: Source, around: Around, tell: Tell = silent) -> Iterator[Connection | Divided]:
    """The source, open until the block ends. Unreachable or NotAllowed, with the place of its definition."""
    calendar, root = around.calendar, around.root
    url = Revealed(source.url, source.url)
    try:
        url = reveal(source.url, root, where=place(source))
        settings, secrets = reveal_all(source.settings, root, where=place(source))
        url = replace(url, secrets=(*url.secrets, *secrets))
        connection = connect(
            Opening(
                url,
                root,
                calendar.timezone,
                source.timeout,
                settings,
                now=around.now,
                calendar=calendar,
                google=around.google,
                tell=tell,
            )
        )
    except KpisheetsError as error:
        raise type(error)(url.masked(error.what), where=place(source), mend=url.masked(error.mend)) from None
    try:
        yield connection
    finally:
        connection.close()
