"""A TOML file as sections whose values are read by type: what is wrong is collected, located at its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NoReturn

from kpisheets.errors import BadConfig, Problem
from kpisheets.toml.lines import KeyPath, key_lines
from kpisheets.toml.table import Table
from kpisheets.toml.words import closest, kind, quoted, suggestion, title

__all__ = ["Document", "Table", "quoted", "suggestion"]

_TOML_MENDS = (
    ("Cannot overwrite", "the same key stands here twice: keep one"),
    ("Cannot declare", "the same section stands here twice: join the two"),
    ("Cannot mutate", "add the key inside the braces of the earlier line"),
    ("Unescaped '\\'", "write the text in 'single quotes', or with / instead of \\"),
    ("Invalid hex value", "write the text in 'single quotes', or with / instead of \\"),
    ("Invalid value", 'write text in "quotes", true and false in small letters'),
    ("Illegal character '\\n'", "close the quotes at the end of the text"),
    ("Unterminated string", "close the quotes at the end of the text"),
    ("Expected '='", "write key = value, or put # before a remark"),
    ("Invalid statement", "write key = value, or put # before a remark"),
    ("Unclosed array", "close the list with ]"),
    ("Expected ']'", "close the section's name with ]"),
)
"""What to do about the parser's messages, by how they begin."""


class Document:
    """A TOML file: ``data`` is what it holds, ``problems`` what has been found wrong with it so far."""

    def __init__(self, name: str, data: Mapping[str, Any], lines: Mapping[KeyPath, int]) -> None:
        self.name = name
        self.data = data
        self.problems: list[Problem] = []
        self._lines = lines

    @classmethod
    def read(cls, path: Path) -> Document:
        """The file, in UTF-8 with or without a byte order mark. BadConfig where it is missing or not TOML."""
        return cls.of(path.name, _text(path))

    @classmethod
    def of(cls, name: str, text: str) -> Document:
        """A text, which messages call ``name``. BadConfig where it is not TOML."""
        return cls(name, _parsed(text, name), key_lines(text))

    def where(self, path: KeyPath) -> str:
        """The place (``kpisheets.toml:12``) of a key, or of the nearest thing around it that is in the file."""
        while path and path not in self._lines:
            path = path[:-1]
        return f"{self.name}:{self._lines.get(path, 1)}"

    def refuse(self, path: KeyPath, what: str, mend: str) -> None:
        """Record a problem at a key."""
        self.problems.append(Problem(self.where(path), what, mend))

    def section(self, name: str, keys: Collection[str]) -> Table:
        """The section ``[name]``, empty where the file has none; ``keys`` are those it may hold."""
        return self.checked(self.data.get(name, {}), (name,), keys)

    def sections(self, name: str, keys: Collection[str]) -> list[Table]:
        """The named tables of a section: ``[metrics.revenue]`` is the table ``revenue`` of ``metrics``."""
        section = self.data.get(name, {})
        one = name.removesuffix("s")
        if not isinstance(section, dict):
            self.refuse((name,), f"{quoted(name)} is {kind(section)}", f"write [{name}.NAME] above each {one}")
            return []
        tables = []
        for key, value in section.items():
            if not isinstance(value, dict) and key in keys:
                self.refuse((name, key), f"the {one} has no name", f"write [{name}.NAME] instead of [{name}]")
                continue
            if not key or key != key.strip() or not key.isprintable():
                self.refuse((name, key), f"{quoted(key)} is not a name for a {one}", "use letters and digits")
            tables.append(self.checked(value, (name, key), keys))
        return tables

    def raise_problems(self) -> None:
        """Raise BadConfig with all problems, in the file's order, if there are any."""
        if self.problems:
            _refuse(sorted(self.problems, key=lambda problem: int(problem.where.rpartition(":")[2])))

    def checked(self, value: object, path: KeyPath, keys: Collection[str]) -> Table:
        """The section at ``path``, whose ``value`` it is; keys that it may not hold are refused."""
        if not isinstance(value, dict):
            named = title(path)
            self.refuse(path, f"{quoted(named)} is {kind(value)}, not a section", f"write [{named}] on its own line")
            return Table(self, path, {}, malformed=True)
        unknown = [key for key in value if key not in keys]
        for key in unknown:
            self.refuse((*path, key), f"unknown key {quoted(key)} in [{title(path)}]", suggestion(key, keys))
        return Table(self, path, value, misspelt={closest(key, keys) for key in unknown})


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise BadConfig("there is no such file", where=str(path), mend="run `kpisheets init DIR`") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadConfig(f"cannot be read ({reason})", where=str(path), mend="make it a readable text file") from error
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        _refuse([Problem(f"{path.name}:{line}", "the file is not UTF-8 text", "save it as UTF-8 in your editor")])


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        message = str(error)
        found = re.search(r" \(at line (\d+), column \d+\)", message)
        line = int(found[1]) if found else text.rstrip().count("\n") + 1
        what = re.sub(r" \(at [^()]*\)$", "", message)
        mend = next((mend for sign, mend in _TOML_MENDS if what.startswith(sign)), "correct this line")
        _refuse([Problem(f"{name}:{line}", f"not valid TOML ({what})", mend)])


def _refuse(problems: Collection[Problem]) -> NoReturn:
    first, *others = problems
    if not others:
        raise BadConfig(first.what, where=first.where, mend=first.mend, problems=(first,))
    raise BadConfig(
        f"{first.what}; {first.mend}",
        where=first.where,
        mend=f"and {len(others)} more; run `kpisheets check`",
        problems=(first, *others),
    )
