"""Where each key of a TOML text stands: the standard library's parser gives values, not their lines."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

KeyPath = tuple[str | int, ...]
"""The keys and list positions that lead to a value: ``("reports", "weekly", "to", 0)``."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]*")
_STRINGS = (
    re.compile(r'"""(?:\\.|[^\\])*?"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'{3,5}", re.DOTALL),
    re.compile(r'"(?:\\.|[^"\\\n])*"'),
    re.compile(r"'[^'\n]*'"),
)
_BLANK = re.compile(r"[ \t]*")
_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")


def key_lines(text: str) -> Mapping[KeyPath, int]:
    """The line (from 1) at which each key, table and list item of a *valid* TOML text first appears.

    Call it on a text that ``tomllib`` has accepted: it checks nothing itself.
    """
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[KeyPath, int] = {}
        self.sizes: dict[KeyPath, int] = {}
        self._counted = 0
        self._line = 1

    def scan(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        self._skip(_GAP)
        while self.at < len(self.text):
            if self._here("["):
                table = self._header()
            else:
                self._pair(table)
            self._skip(_GAP)
        return self.lines

    def _header(self) -> KeyPath:
        line = self._line_here()
        listed = self._here("[[")
        self.at += 2 if listed else 1
        path: KeyPath = ()
        keys = self._key()
        for number, key in enumerate(keys):
            path = (*path, key)
            self._mark(path, line)
            if listed and number == len(keys) - 1:
                self.sizes[path] = self.sizes.get(path, 0) + 1
            if path in self.sizes:
                # [a.b] after [[a]] continues the list's last table.
                path = (*path, self.sizes[path] - 1)
                self._mark(path, line)
        self.at += 2 if listed else 1
        return path

    def _pair(self, table: KeyPath) -> None:
        line = self._line_here()
        path = table
        for key in self._key():
            path = (*path, key)
            self._mark(path, line)
        self.at += 1  # the equals sign
        self._skip(_BLANK)
        self._value(path)

    def _key(self) -> list[str]:
        """Read a dotted key; stops after it and the blanks that follow."""
        keys: list[str] = []
        while True:
            self._skip(_BLANK)
            if self._here('"') or self._here("'"):
                keys.append(tomllib.loads("key = " + self._string())["key"])
            else:
                keys.append(self._take(_BARE_KEY))
            self._skip(_BLANK)
            if not self._here("."):
                return keys
            self.at += 1

    def _value(self, path: KeyPath) -> None:
        if self._here('"') or self._here("'"):
            self._string()
        elif self._here("["):
            self._items(path, "]")
        elif self._here("{"):
            self._items(path, "}")
        else:
            self._take(_SCALAR)

    def _items(self, path: KeyPath, closing: str) -> None:
        self.at += 1
        self._skip(_GAP)
        number = 0
        while not self._here(closing):
            if closing == "}":
                self._pair(path)
            else:
                self._mark((*path, number), self._line_here())
                self._value((*path, number))
            number += 1
            self._skip(_GAP)
            if self._here(","):
                self.at += 1
                self._skip(_GAP)
        self.at += 1

    def _string(self) -> str:
        for form in _STRINGS:
            found = form.match(self.text, self.at)
            if found:
                self.at = found.end()
                return found.group()
        raise ValueError(f"line {self._line_here()}: not a valid TOML text")

    def _mark(self, path: KeyPath, line: int) -> None:
        self.lines.setdefault(path, line)

    def _here(self, token: str) -> bool:
        return self.text.startswith(token, self.at)

    def _skip(self, form: re.Pattern[str]) -> None:
        self._take(form)

    def _take(self, form: re.Pattern[str]) -> str:
        found = form.match(self.text, self.at)
        if found is None:
            raise ValueError(f"line {self._line_here()}: not a valid TOML text")
        self.at = found.end()
        return found.group()

    def _line_here(self) -> int:
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line
