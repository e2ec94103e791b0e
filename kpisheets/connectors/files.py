"""Files as tables: a file, a folder or a glob of CSV, Parquet and JSON lines; each file is named after its stem."""

# ruff: noqa: S608 — identifiers are quoted or matched against the catalogue; expressions have been read by expression.py

from __future__ import annotations

import codecs
import gzip
import re
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import IO, cast
from urllib.parse import unquote

from kpisheets.connectors.base import Opening, Refused, Table, Window, literal, quoted
from kpisheets.connectors.columns import selected
from kpisheets.connectors.duckdb import Session
from kpisheets.errors import Unreachable
from kpisheets.secrets import Revealed

_TEXT_TABLES = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
_JSON_LINES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
_SUFFIXES = (*_TEXT_TABLES, *_JSON_LINES, ".parquet")
_CHUNK = 1 << 20


class Files(Session):
    """A folder's data files. A file is opened when its table is asked for, so a broken one concerns itself alone."""

    def __init__(self, url: Revealed, timezone: str, files: Sequence[Path]) -> None:
        super().__init__(url, timezone, ())
        self.files = files
        self._open = ExitStack()
        self._made = 0
        self._named: set[str] = set()

    def tables(self) -> Sequence[str]:
        return sorted({_stem(path) for path in self.files})

    def query(self, name: str, text: str, tables: Sequence[str], window: Window) -> Table:
        known = {table.casefold(): table for table in self.tables()}
        for wanted in dict.fromkeys(table.casefold() for table in tables):
            if wanted in known and wanted not in self._named:
                table = self.table(known[wanted], replace(window, columns=frozenset("*")))
                self.run(f"CREATE TEMP VIEW {quoted(known[wanted])} AS SELECT * FROM {table.reference}", ())
                self._named.add(wanted)
        return super().query(name, text, tables, window)

    def table(self, name: str, window: Window) -> Table:
        found = [path for path in self.files if _stem(path) == name]
        if len(found) > 1:
            names = ", ".join(path.name for path in found)
            raise Refused(f"several files are the table “{name}”: {names}", "rename or remove all but one")
        path = found[0].resolve()
        try:
            if path.stat().st_size == 0:
                raise Refused(f"the file {path.name} is empty", "export it again")
            if path.name.lower().endswith(".parquet"):
                (relation, described), comma, used = self._parquet(path), False, frozenset[str]()
            else:
                csv, used = path.name.lower().endswith(_TEXT_TABLES), window.columns
                relation, described, comma = self._separated(path) if csv else self._json_lines(path)
            columns = selected(lambda query: self.run(query, ()), relation, described, used, decimal_comma=comma)
        except UnicodeError:
            raise Refused(f"the file {path.name} can't be read: it is no text", "export it again") from None
        except (OSError, EOFError, zlib.error) as error:
            said = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise Refused(f"the file {path.name} can't be read: {said}", "export it again") from None
        except Refused as error:
            if path.name in error.what and not error.what.startswith("Invalid"):
                raise
            # The engine read a copy, whose folder says nothing to a person.
            said = re.sub(r'"[^"]*/([^"/]*)"', r"“\1”", self.url.masked(error.what)).rstrip(".")
            raise Refused(
                f"the file {path.name} can't be read, it may be half written: {said}", "export it again"
            ) from None
        self._made += 1
        chosen = ", ".join(f"{one.expression} AS {quoted(one.column.name)}" for one in columns)
        view = f"kpisheets_file_{self._made}"
        self.run(f"CREATE TEMP VIEW {view} AS SELECT {chosen} FROM {relation}", ())
        return Table(name, view, tuple(one.column for one in columns))

    def close(self) -> None:
        super().close()
        self._open.close()

    def _parquet(self, path: Path) -> tuple[str, list[tuple[str, str]]]:
        self.doors.append(path)
        relation = f"read_parquet({literal(_glob_safe(path))})"
        return relation, self.described(f"SELECT * FROM {relation}")

    def _separated(self, path: Path) -> tuple[str, list[tuple[str, str]], bool]:
        path = self._utf8(path)
        header = _header(path)
        separator = "\t" if ".tsv" in path.name.lower() else _separator(header)
        relation = (
            f"read_csv({literal(_glob_safe(path))}, delim = {literal(separator)}, quote = '\"', escape = '\"', "
            "header = true, all_varchar = true, auto_detect = true, sample_size = 2048, comment = '')"
        )
        return relation, self.described(f"SELECT * FROM {relation}"), separator == ";"

    def _json_lines(self, path: Path) -> tuple[str, list[tuple[str, str]], bool]:
        path = self._utf8(path)
        reading = f"{literal(_glob_safe(path))}, format = 'newline_delimited'"
        described = self.described(f"SELECT * FROM read_json({reading}, sample_size = -1)")
        nested = ("STRUCT", "MAP", "UNION")
        types = [(n, kind if kind.startswith(nested) or kind.endswith("]") else "VARCHAR") for n, kind in described]
        columns = ", ".join(f"{quoted(n)}: {literal(kind)}" for n, kind in types)
        return f"read_json({reading}, columns = {{{columns}}})", types, False

    def _utf8(self, path: Path) -> Path:
        """The file itself when it is UTF-8, else a temporary copy that is."""
        encoding = _encoding(path)
        if encoding != "utf-8":
            folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="kpisheets-")))
            copy = folder / path.name.removesuffix(".gz")
            errors = "replace" if encoding == "cp1252" else "strict"
            with _reading(path) as source, copy.open("w", encoding="utf-8", newline="") as target:
                decoder = codecs.getincrementaldecoder(encoding)(errors)
                for chunk in _chunks(source):
                    target.write(decoder.decode(chunk))
            path = copy
        self.doors.append(path)
        return path


def open_files(opening: Opening) -> Files:
    """Open a file, a folder or a glob. Unreachable when nothing is there."""
    url = opening.url.value
    text = unquote(url.partition("://")[2]) if url.casefold().startswith("file://") else url
    path = opening.root / Path(text).expanduser()
    shown = opening.url.masked(text)
    if path.is_file():
        if not path.name.lower().endswith(_SUFFIXES):
            raise Unreachable(f"{shown} is no data file that can be read", mend=f"use one of {', '.join(_SUFFIXES)}")
        files = [path]
    elif path.is_dir():
        files = _data_files(path.iterdir())
    elif any(sign in text for sign in "*?["):
        base = Path(path.anchor)
        files = _data_files(base.glob(str(path.relative_to(base))))
        if not files:
            raise Unreachable(f"no data file matches {shown}", mend="correct the url or add the files")
    else:
        raise Unreachable(f"{shown} does not exist", mend="correct the url or create the file or folder")
    return Files(opening.url, opening.timezone, files)


def _data_files(paths: Iterator[Path]) -> list[Path]:
    """The data files among ``paths``; not the lock and temporary files that programs leave beside them."""
    kept = (p for p in paths if p.name.lower().endswith(_SUFFIXES) and not p.name.startswith((".", "~")))
    return sorted(path for path in kept if path.is_file())


def _stem(path: Path) -> str:
    name = path.name
    suffix = max((s for s in _SUFFIXES if name.lower().endswith(s)), key=len)
    return name[: -len(suffix)]


def _glob_safe(path: Path) -> str:
    """The path as the engine's readers take it, for whom ``*``, ``?`` and ``[`` in a name are a pattern."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))


def _reading(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path, "rb") if path.name.lower().endswith(".gz") else path.open("rb"))


def _chunks(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(_CHUNK):
        yield chunk


def _encoding(path: Path) -> str:
    """utf-8, utf-16 (with or without its mark) or, for anything else, cp1252: what programs on Windows write."""
    with _reading(path) as source:
        start = source.read(_CHUNK)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if b"\0" in start[:200]:
            return "utf-16-le" if start[1:200:2].count(0) > start[0:200:2].count(0) else "utf-16-be"
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            decoder.decode(start)
            for chunk in _chunks(source):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _header(path: Path) -> str:
    with _reading(path) as source:
        return source.readline(_CHUNK).decode("utf-8-sig", "replace")


def _separator(header: str) -> str:
    """The separator that stands most often in the header, outside quotes. A cut-off last row can't mislead it."""
    outside = "".join(header.split('"')[::2])
    return max(",;\t|", key=outside.count)
