"""A TOML file as sections whose values are read by type: what is wrong is collected, located at its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from kpisheets.errors import BadConfig, Problem
from kpisheets.toml.lines import KeyPath, key_lines

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
        text = _text(path)
        return cls(path.name, _parsed(text, path.name), key_lines(text))

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
        return self._checked(self.data.get(name, {}), (name,), keys)

    def sections(self, name: str, keys: Collection[str]) -> list[Table]:
        """The named tables of a section: ``[metrics.revenue]`` is the table ``revenue`` of ``metrics``."""
        section = self.data.get(name, {})
        one = name.removesuffix("s")
        if not isinstance(section, dict):
            self.refuse((name,), f"{quoted(name)} is {_kind(section)}", f"write [{name}.NAME] above each {one}")
            return []
        tables = []
        for key, value in section.items():
            if not isinstance(value, dict) and key in keys:
                self.refuse((name, key), f"the {one} has no name", f"write [{name}.NAME] instead of [{name}]")
                continue
            if not key or key != key.strip() or not key.isprintable():
                self.refuse((name, key), f"{quoted(key)} is not a name for a {one}", "use letters and digits")
            tables.append(self._checked(value, (name, key), keys))
        return tables

    def raise_problems(self) -> None:
        """Raise BadConfig with all problems, in the file's order, if there are any."""
        if self.problems:
            _refuse(sorted(self.problems, key=lambda problem: int(problem.where.rpartition(":")[2])))

    def _checked(self, value: object, path: KeyPath, keys: Collection[str]) -> Table:
        if not isinstance(value, dict):
            title = _title(path)
            self.refuse(path, f"{quoted(title)} is {_kind(value)}, not a section", f"write [{title}] on its own line")
            return Table(self, path, {}, malformed=True)
        unknown = [key for key in value if key not in keys]
        for key in unknown:
            self.refuse((*path, key), f"unknown key {quoted(key)} in [{_title(path)}]", suggestion(key, keys))
        return Table(self, path, value, misspelt={_closest(key, keys) for key in unknown})


class Table:
    """One section's values, read by type: what is wrong is recorded, and the default stands in for it.

    A ``malformed`` table is no table in the file, and ``misspelt`` keys stand there under a similar name: that is
    recorded already, and their absence is not a second problem.
    """

    def __init__(
        self,
        document: Document,
        path: KeyPath,
        values: Mapping[str, Any],
        *,
        malformed: bool = False,
        misspelt: Collection[str | None] = (),
    ) -> None:
        self.document = document
        self.path = path
        self.values = values
        self.malformed = malformed
        self.misspelt = misspelt

    @property
    def name(self) -> str:
        return str(self.path[-1])

    @property
    def where(self) -> str:
        return self.document.where(self.path)

    def refuse(self, key: str, what: str, mend: str, item: int | None = None) -> None:
        """Record a problem at a key, or at one item of its list."""
        place: KeyPath = (*self.path, key) if item is None else (*self.path, key, item)
        if not self.malformed:
            self.document.refuse(place, what, mend)

    def has(self, key: str) -> bool:
        """Whether something other than an empty text or list stands there, of whatever type, or is meant to."""
        value = self.values.get(key)
        return bool(value.strip()) if isinstance(value, str) else value not in (None, []) or key in self.misspelt

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        """The text, without the blanks around it. It may be empty where it is not required and has no default."""
        value = self.values.get(key)
        if value is None:
            if required and key not in self.misspelt:
                self.refuse(key, f"{quoted(key)} is missing in [{_title(self.path)}]", f'add {key} = "…"')
        elif not isinstance(value, str):
            self.refuse(key, f"{quoted(key)} is {_kind(value)}, not text", f'write {key} = "…"')
        elif value.strip():
            return value.strip()
        elif required or default:
            self.refuse(key, f"{quoted(key)} is empty", f'write {key} = "…"')
        return default

    def texts(self, key: str) -> list[tuple[int, str]]:
        """The texts of a list with their positions; one text alone is a list of one."""
        value = self.values.get(key, [])
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list):
            self.refuse(key, f"{quoted(key)} is {_kind(value)}, not a list", f'write {key} = ["…"]')
            return []
        texts = []
        for number, item in enumerate(items):
            if isinstance(item, str):
                texts.append((number, item.strip()))
            else:
                self.refuse(key, f"{quoted(key)} holds {_kind(item)}, not text", f'write {key} = ["…"]', number)
        return texts

    def whole(self, key: str, default: int, low: int, high: int, form: str) -> int:
        """The whole number from ``low`` to ``high``; ``form`` says in words what it may be."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(key, f"{quoted(key)} is {_kind(value)}, not a whole number", f"write {form}")
        elif not low <= value <= high:
            self.refuse(key, f"{quoted(key)} is {value}", f"write {form}")
        else:
            return value
        return default

    def flag(self, key: str) -> bool:
        """True or false; false where it is not given."""
        value = self.values.get(key, False)
        if isinstance(value, bool):
            return value
        self.refuse(key, f"{quoted(key)} is {_kind(value)}, not true or false", f"write {key} = true")
        return False


def quoted(name: object) -> str:
    return f"“{name}”"


def suggestion(name: str, known: Collection[str]) -> str:
    """What to write instead of an unknown name."""
    close = _closest(name, known)
    return f"did you mean {quoted(close)}?" if close else f"known: {', '.join(sorted(known)) or 'none'}"


def _closest(name: str, known: Collection[str]) -> str | None:
    by_folded = {other.casefold(): other for other in sorted(known)}
    close = get_close_matches(name.casefold(), by_folded, n=1)
    return by_folded[close[0]] if close else None


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


def _title(path: KeyPath) -> str:
    return ".".join(str(part) for part in path)


def _kind(value: object) -> str:
    """What a TOML value is, in words for a person."""
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return f"a number ({value})"
        case str():
            return "text"
        case list():
            return "a list"
        case dict():
            return "a section"
        case _:
            return "a date or time"
