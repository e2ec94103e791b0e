"""Files as tables, each named after its stem: a file, a folder or a glob of CSV, Parquet, JSON lines, workbooks."""

# ruff: noqa: S608 — identifiers are quoted or matched against the catalogue; expressions have been read by expression.py

from __future__ import annotations

import re
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import unquote

from kpisheets.connectors.base import Capabilities, Column, Opening, Refused, Table, Window, literal, quoted
from kpisheets.connectors.databases.duckdb import Session, kind_of
from kpisheets.connectors.extracted.columns import selected
from kpisheets.connectors.files import sheets, texts
from kpisheets.core.metric import TIMEOUT
from kpisheets.errors import Unreachable
from kpisheets.secrets import Revealed

_TEXT_TABLES = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
_JSON_LINES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
SUFFIXES = (*_TEXT_TABLES, *_JSON_LINES, ".parquet", *sheets.SUFFIXES)


@dataclass(frozen=True, slots=True)
class _Relation:
    """What the engine reads of one file: ``text`` with (name, type) of its columns, and what was found out about it.

    ``typed``: its columns have their types already. ``comma``: the file's form says that the comma is the decimal mark.
    """

    text: str
    described: list[tuple[str, str]]
    typed: bool = False
    comma: bool = False
    note: str = ""


class Files(Session):
    """A folder's data files. A file is opened when its table is asked for, so a broken one concerns itself alone."""

    capabilities = Capabilities(patterns=True)

    def __init__(self, url: Revealed, timezone: str, files: Sequence[Path], timeout: float = TIMEOUT) -> None:
        super().__init__(url, timezone, ())
        self.files = files
        self.timeout = timeout
        self._open = ExitStack()
        self._made = 0
        self._named: set[str] = set()

    def tables(self) -> Sequence[str]:
        found = {_stem(path) for path in self.files}
        books = [path for path in self.files if _is_workbook(path)]
        return sorted(found | {f"{_stem(path)}.{sheet}" for path in books for sheet in self.sheet_names(path)})

    def sheet_names(self, path: Path) -> list[str]:
        return sheets.names(path)

    def located(self, path: Path) -> Path:
        """Where a file can be read."""
        return path.resolve()

    def query(self, name: str, text: str, tables: Sequence[str], window: Window) -> Table:
        known = {table.casefold(): table for table in self.tables()}
        for wanted in dict.fromkeys(table.casefold() for table in tables):
            if wanted in known and wanted not in self._named:
                table = self.table(known[wanted], replace(window, columns=frozenset("*")))
                self.run(f"CREATE TEMP VIEW {quoted(known[wanted])} AS SELECT * FROM {table.reference}", ())
                self._named.add(wanted)
        return super().query(name, text, tables, window)

    def table(self, name: str, window: Window) -> Table:
        selects: list[str] = []
        columns: dict[str, Column] = {}
        notes: list[str] = []
        for path, sheet in self._parts(name):
            with self._told(path):
                read = self._relation(path, sheet)
                used = frozenset[str]() if read.typed else window.columns
                found = selected(
                    lambda query: self.run(query, ()), read.text, read.described, used, decimal_comma=read.comma
                )
            chosen = ", ".join(f"{one.expression} AS {quoted(one.column.name)}" for one in found)
            selects.append(f"SELECT {chosen} FROM {read.text}")
            columns = {one.column.name: one.column for one in found} | columns
            notes += [read.note] if read.note else []
            notes += [f"column “{one.column.name}” is read with {one.form}" for one in found if one.form]
        self._made += 1
        view = f"kpisheets_file_{self._made}"
        self.run(f"CREATE TEMP VIEW {view} AS {' UNION ALL BY NAME '.join(selects)}", ())
        if len(selects) > 1:
            kinds = self.described(f"SELECT * FROM {view}")
            columns = {column: Column(column, kind_of(kind), columns[column].hint) for column, kind in kinds}
        return Table(name, view, tuple(columns.values()), tuple(dict.fromkeys(notes)))

    def close(self) -> None:
        super().close()
        self._open.close()

    def _parts(self, name: str) -> list[tuple[Path, str]]:
        """The files, each with its sheet, that a table's name means; several where it is a pattern. Refused if none."""
        found = [(path, "") for path in self.files if _stem(path) == name]
        if len(found) > 1:
            said = ", ".join(path.name for path, _ in found)
            raise Refused(f"several files are the table “{name}”: {said}", "rename or remove all but one")
        books = [path for path in self.files if _is_workbook(path) and name.startswith(f"{_stem(path)}.")]
        found += [(path, name.removeprefix(f"{_stem(path)}.")) for path in books]
        found = found or [(path, "") for path in self.files if fnmatchcase(_stem(path).casefold(), name.casefold())]
        if not found:
            raise Refused(f"there is no table “{name}”", "name a file without its ending")
        return found

    def _relation(self, path: Path, sheet: str) -> _Relation:
        path = self.located(path)
        if path.stat().st_size == 0:
            raise Refused(f"the file {path.name} is empty", "export it again")
        name = path.name.lower()
        if name.endswith(".parquet"):
            self.doors.append(path)
            text = f"read_parquet({literal(_glob_safe(path))})"
            return _Relation(text, self.described(f"SELECT * FROM {text}"), typed=True)
        if _is_workbook(path):
            copy = self._folder() / f"{path.name}.csv"
            sheets.as_csv(path, sheet, copy, self.timeout)
            self.doors.append(copy)
            return self._separated(copy, ",", "")
        encoding = texts.encoding_of(path)
        shown = path.name
        if encoding != "utf-8":
            path = texts.copied(path, encoding, self._folder())
        self.doors.append(path)
        called = texts.ENCODINGS.get(encoding, "UTF-16")
        if name.endswith(_JSON_LINES):
            return self._json_lines(path, f"{shown}: {called}")
        separator = "\t" if ".tsv" in name else texts.separator_of(path)
        return self._separated(path, separator, f"{shown}: {called}, separated by {texts.SEPARATORS[separator]}")

    def _separated(self, path: Path, separator: str, note: str) -> _Relation:
        form = (
            f"{literal(_glob_safe(path))}, delim = {literal(separator)}, quote = '\"', escape = '\"', header = true, "
            "all_varchar = true, comment = ''"
        )
        # Sniffed once: a view that left it to the engine would sniff again whenever a query names it.
        sniffing = f"SELECT NewLineDelimiter, SkipRows, Columns FROM sniff_csv({form}, sample_size = 2048)"
        ((line_end, skipped, columns),) = self.run(sniffing, ())
        names = [str(column["name"]) for column in columns]
        listed = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
        text = (
            f"read_csv({form}, auto_detect = false, new_line = {literal(line_end)}, skip = {skipped}, "
            f"columns = {{{listed}}})"
        )
        return _Relation(text, [(name, "VARCHAR") for name in names], comma=separator == ";", note=note)

    def _json_lines(self, path: Path, note: str) -> _Relation:
        reading = f"{literal(_glob_safe(path))}, format = 'newline_delimited'"
        described = self.described(f"SELECT * FROM read_json({reading}, sample_size = -1)")
        nested = ("STRUCT", "MAP", "UNION")
        types = [(n, kind if kind.startswith(nested) or kind.endswith("]") else "VARCHAR") for n, kind in described]
        columns = ", ".join(f"{quoted(n)}: {literal(kind)}" for n, kind in types)
        return _Relation(f"read_json({reading}, columns = {{{columns}}})", types, note=note)

    def _folder(self) -> Path:
        return Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="kpisheets-")))

    @contextmanager
    def _told(self, path: Path) -> Iterator[None]:
        """What is wrong with a file, in one line that names it."""
        try:
            yield
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


def open_files(opening: Opening) -> Files:
    """Open a file, a folder or a glob. Unreachable when nothing is there."""
    url = opening.url.value
    text = unquote(url.partition("://")[2]) if url.casefold().startswith("file://") else url
    path = opening.root / Path(text).expanduser()
    shown = opening.url.masked(text)
    if path.is_file():
        if not path.name.lower().endswith(SUFFIXES):
            raise Unreachable(f"{shown} is no data file that can be read", mend=f"use one of {', '.join(SUFFIXES)}")
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
    return Files(opening.url, opening.timezone, files, opening.timeout)


def is_data_file(name: str) -> bool:
    """Whether a file is read as data: not the lock and temporary files that programs leave beside theirs."""
    return name.lower().endswith(SUFFIXES) and not name.startswith((".", "~"))


def _data_files(paths: Iterator[Path]) -> list[Path]:
    return sorted(path for path in paths if is_data_file(path.name) and path.is_file())


def _is_workbook(path: Path) -> bool:
    return path.name.lower().endswith(sheets.SUFFIXES)


def _stem(path: Path) -> str:
    name = path.name
    suffix = max((s for s in SUFFIXES if name.lower().endswith(s)), key=len)
    return name[: -len(suffix)]


def _glob_safe(path: Path) -> str:
    """The path as the engine's readers take it, for whom ``*``, ``?`` and ``[`` in a name are a pattern."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))
