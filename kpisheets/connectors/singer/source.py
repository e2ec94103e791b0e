"""``singer:tap-NAME?config=…``: the tap is run for each stream that is wanted; DuckDB adds up what it has brought."""

# ruff: noqa: S608 — identifiers are quoted

from __future__ import annotations

import json
import os
import re
import shlex
import tempfile
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from kpisheets.connectors.base import Capabilities, Column, Kind, Opening, Refused, Table, Window, literal, quoted
from kpisheets.connectors.databases.duckdb import Session
from kpisheets.connectors.extracted.columns import selected as typed
from kpisheets.connectors.singer import catalog
from kpisheets.connectors.singer.messages import Activate, Other, Record, Schema, State, Tally, message
from kpisheets.connectors.singer.process import Process, running
from kpisheets.connectors.singer.store import MARK, RECORDS, VERSION, Store
from kpisheets.errors import BadConfig, KpisheetsError, Unreachable
from kpisheets.files import file_name
from kpisheets.secrets import reveal_all

_NAME = re.compile(r"tap-[a-z0-9][a-z0-9_-]*")
_SECRET = re.compile(r"(?i)password|passwd|secret|token|key|credential|pwd")
_TOLD_EVERY = 500


class Tap(Session):
    """See ``Connection``. Each of its tables is a stream."""

    capabilities = Capabilities(aggregates=False)

    def __init__(self, opening: Opening) -> None:
        self.name = opening.url.value.partition(":")[2].partition("?")[0].strip("/")
        if not _NAME.fullmatch(self.name):
            mend = 'write url = "singer:tap-NAME?config=tap.json"'
            raise BadConfig(f"“{self.name}” is not the name of a tap", mend=mend)
        self.root = opening.root
        self.command = _command(self.name, opening)
        config, self._settings, secrets = _config(opening)
        super().__init__(replace(opening.url, secrets=(*opening.url.secrets, *secrets)), opening.timezone, ())
        self.engine = f"{self.name}, added up by DuckDB"
        self._tell = opening.tell
        self._ends = time.monotonic() + opening.timeout
        self._running: Process | None = None
        known = sha256(f"{opening.url.template}\n{config}".encode()).hexdigest()[:12]
        self._folder = opening.root / ".kpisheets" / "singer" / f"{self.name}-{known}"
        self._attached: dict[str, tuple[str, list[str]]] = {}
        self._views = 0

    def tables(self) -> Sequence[str]:
        return list(catalog.streams(self._catalog))

    def table(self, name: str, window: Window) -> Table:
        streams = catalog.streams(self._catalog)
        found = next((stream for stream in streams if stream.casefold() == name.casefold()), None)
        if found is None:
            raise Refused(f"{self.name} has no stream “{name}”", f"its streams are: {', '.join(list(streams)[:12])}")
        if found not in self._attached:
            path = self._folder / f"{file_name(found)}.duckdb"
            notes = self._brought(found, streams[found], path)
            schema = f"kpisheets_stream_{len(self._attached) + 1}"
            self.doors.append(path)
            self.run(f"ATTACH {literal(str(path))} AS {schema} (READ_ONLY)", ())
            self._attached[found] = schema, notes
        schema, notes = self._attached[found]
        self._views += 1
        view = f"kpisheets_view_{self._views}"
        described = [
            one for one in self.described(f"SELECT * FROM {schema}.{RECORDS}") if one[0] not in (MARK, VERSION)
        ]
        columns = typed(
            lambda query: self.run(query, ()), f"{schema}.{RECORDS}", described, window.columns, decimal_comma=False
        )
        chosen = ", ".join(f"{one.expression} AS {quoted(one.column.name)}" for one in columns) or "NULL AS nothing"
        self.run(f"CREATE TEMP VIEW {view} AS SELECT {chosen} FROM {schema}.{RECORDS}", ())
        known = tuple(one.column for one in columns) or (Column("nothing", Kind.OTHER),)
        return Table(name, view, known, tuple(self.url.masked(note) for note in notes))

    def query(self, name: str, text: str, tables: Sequence[str], window: Window) -> Table:
        for wanted in dict.fromkeys(table.casefold() for table in tables):
            found = self.table(wanted, replace(window, columns=frozenset("*")))
            self.run(f"CREATE OR REPLACE TEMP VIEW {quoted(wanted)} AS SELECT * FROM {found.reference}", ())
        return super().query(name, text, tables, window)

    def cancel(self) -> None:
        if self._running is not None:
            self._running.cancel()
        super().cancel()

    @cached_property
    def _catalog(self) -> Mapping[str, Any]:
        self._tell("asking for its streams", 0)
        with self._run("--discover") as process:
            said = b"".join(process.lines())
        try:
            found = json.loads(said)
            catalog.streams(found)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Unreachable(
                f"{self.name} --discover gives no catalog",
                mend=f"run it by itself: {shlex.join(self.command)} --discover",
            ) from None
        return dict(found)

    def _brought(self, stream: str, entry: Mapping[str, Any], path: Path) -> list[str]:
        """Let the tap bring a stream into its store; what people should know of it."""
        store, tally = Store(path), Tally()
        try:
            more = {"--catalog": json.dumps(catalog.selected(self._catalog, stream))}
            if store.state:
                more["--state"] = store.state
            began = False
            with self._run(files=more) as process:
                for line in process.lines():
                    said = message(line)
                    if isinstance(said, Schema) and said.stream == stream and not began:
                        whole = catalog.method(entry, said.bookmarks) == catalog.FULL
                        store.begin(said.keys, said.columns, replace=whole)
                        began = True
                    self._keep(said, stream, store if began else None, tally)
            if not began:
                # A stream without a SCHEMA has brought nothing; what is there stays.
                store.begin((), (), replace=False)
            store.end()
        except BaseException:
            store.stopped()
            raise
        finally:
            store.close()
        notes = []
        if tally.junk:
            notes.append(f"{tally.junk} lines of its output were no messages")
        if tally.kinds:
            notes.append(f"messages of an unknown kind were left out: {', '.join(sorted(tally.kinds))}")
        return notes

    def _keep(self, said: object, stream: str, store: Store | None, tally: Tally) -> None:
        match said:
            case Record() if said.stream == stream:
                if store is None:
                    self._amiss("a record came before its schema")
                else:
                    store.add(said)
                    tally.records += 1
                    if tally.records % _TOLD_EVERY == 0:
                        self._tell(f"reading {stream}", tally.records)
            case State() if store is not None:
                store.reached(said.text)
            case Activate() if said.stream == stream and store is not None:
                store.activate(said.version)
            case Other("BATCH"):
                self._amiss("it hands over files in batches, which can't be read")
            case Other(""):
                tally.junk += 1
            case Other():
                tally.kinds.add(said.kind)

    def _amiss(self, what: str) -> None:
        raise Unreachable(f"{self.name}: {what}", mend="use another version of the tap, or remove batch_config")

    @contextmanager
    def _run(self, *words: str, files: Mapping[str, str] | None = None) -> Iterator[Process]:
        """The tap while it runs; what it is handed are files for its owner alone, which are gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="kpisheets-") as folder:
            command = [*self.command]
            for option, text in {"--config": self._settings, **(files or {})}.items():
                path = Path(folder) / f"{option.strip('-')}.json"
                with os.fdopen(
                    os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
                ) as file:
                    file.write(text)
                command += [option, str(path)]
            try:
                with running([*command, *words], self.root, self._ends) as self._running:
                    yield self._running
                    self._running.finish()
            except KpisheetsError as error:
                error.what, error.mend = self.url.masked(error.what), self.url.masked(error.mend)
                raise
            finally:
                self._running = None


def open_tap(opening: Opening) -> Tap:
    """Open a tap. BadConfig where it is not installed, with the command that installs it, or has no configuration."""
    return Tap(opening)


def _command(name: str, opening: Opening) -> list[str]:
    """The command that the URL names, or the tap in the project's own place for taps. Nothing is installed unasked."""
    said = opening.options.get("command", "")
    if said:
        words = shlex.split(said)
        named = opening.root / Path(words[0]).expanduser()
        return [str(named), *words[1:]] if named.is_file() else words
    home = Path(".kpisheets") / "taps" / name
    place = home / ("Scripts" if os.name == "nt" else "bin")
    found = next((path for path in (place / name, place / f"{name}.exe") if (opening.root / path).is_file()), None)
    if found is None:
        install = f"python -m venv {home} && {place / 'pip'} install {name}"
        raise BadConfig(
            f"{name} is not installed", mend=f"in the project's folder: {install}; or name it with ?command="
        )
    return [str(opening.root / found)]


def _config(opening: Opening) -> tuple[str, str, tuple[str, ...]]:
    """The tap's configuration as it is written, the same with its secrets as JSON, and these secrets."""
    written = opening.options.get("config", "")
    if not written:
        return "{}", "{}", ()
    path = opening.root / Path(written).expanduser()
    try:
        text = path.read_text(encoding="utf-8-sig")
        said = tomllib.loads(text) if path.suffix.casefold() == ".toml" else json.loads(text)
        if not isinstance(said, dict):
            raise ValueError("it is no object")
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise BadConfig(f"the tap's configuration {written} can't be read: {reason}", mend="correct it") from None
    revealed, secrets = reveal_all(said, opening.root, where=written)
    return text, json.dumps(revealed, default=_plain), (*secrets, *_secrets(revealed))


def _plain(value: Any) -> Any:
    """Frozen values, and TOML's dates, as JSON has them."""
    return dict(value) if isinstance(value, Mapping) else str(value)


def _secrets(value: object, name: str = "") -> Iterator[str]:
    """What stands under a name that sounds like a secret's, though it was written as it is."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _secrets(one, str(key))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _secrets(one, name)
    elif isinstance(value, str) and len(value) > 3 and _SECRET.search(name):
        yield value
