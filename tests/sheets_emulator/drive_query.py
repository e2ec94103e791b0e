"""The `q` of `files.list`: `name = 'x' and 'id' in parents and not trashed …`."""

from __future__ import annotations

import re
from collections.abc import Callable

from .drive_files import DriveFile, timestamp
from .errors import DriveError, NotImplementedHere

Test = Callable[[DriveFile], bool]

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<sign><=|>=|!=|=|<|>|\(|\)|\{|\})|(?P<word>[A-Za-z]+))"""
)
_LISTS = {"parents", "owners", "writers", "readers"}
_PROPERTIES = {"appProperties", "properties"}
_TEXTS: dict[str, Callable[[DriveFile], str]] = {
    "name": lambda file: file.name,
    "mimeType": lambda file: file.mime_type,
}
_TIMES: dict[str, Callable[[DriveFile], float]] = {
    "modifiedTime": lambda file: file.modified,
    "createdTime": lambda file: file.created,
}
_FLAGS: dict[str, Callable[[DriveFile], bool]] = {
    "trashed": lambda file: file.trashed,
    "starred": lambda file: file.starred,
}


def query(text: str) -> Test:
    """The test that a query stands for. Raises Drive's 400 where it is none."""
    parser = _Parser(_tokens(text))
    test = parser.either()
    if parser.rest:
        raise _bad()
    return test


def _bad() -> DriveError:
    return DriveError(400, "Invalid Value", "invalid", location="q")


def _tokens(text: str) -> list[tuple[str, str]]:
    found = []
    at, text = 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise _bad()
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.rest = tokens

    def either(self) -> Test:
        tests = [self.both()]
        while self._takes("word", "or"):
            tests.append(self.both())
        return tests[0] if len(tests) == 1 else lambda file: any(test(file) for test in tests)

    def both(self) -> Test:
        tests = [self.one()]
        while self._takes("word", "and"):
            tests.append(self.one())
        return tests[0] if len(tests) == 1 else lambda file: all(test(file) for test in tests)

    def one(self) -> Test:
        if self._takes("word", "not"):
            test = self.one()
            return lambda file: not test(file)
        if self._takes("sign", "("):
            test = self.either()
            self._expect("sign", ")")
            return test
        kind, value = self._next()
        if kind == "text":
            self._expect("word", "in")
            return _in_list(self._next()[1], _unquoted(value))
        return self._term(value)

    def _term(self, name: str) -> Test:
        if name in _PROPERTIES:
            return self._property(name)
        sign = self._next()[1]
        kind, value = self._next()
        if name in _FLAGS and kind == "word" and value in ("true", "false") and sign in ("=", "!="):
            return lambda file: (_FLAGS[name](file) == (value == "true")) == (sign == "=")
        if kind != "text":
            raise _bad()
        if name in _TEXTS:
            return _text_test(_TEXTS[name], sign, _unquoted(value))
        if name in _TIMES:
            return _time_test(_TIMES[name], sign, _unquoted(value))
        raise NotImplementedHere(f"files.list with {name} in q")

    def _property(self, name: str) -> Test:
        """`appProperties has { key='k' and value='v' }`."""
        self._expect("word", "has")
        self._expect("sign", "{")
        pair = {}
        for place, word in enumerate(("key", "value")):
            if place:
                self._expect("word", "and")
            self._expect("word", word)
            self._expect("sign", "=")
            pair[word] = _unquoted(self._next()[1])
        self._expect("sign", "}")
        attribute = "app_properties" if name == "appProperties" else "properties"
        return lambda file: getattr(file, attribute).get(pair["key"]) == pair["value"]

    def _next(self) -> tuple[str, str]:
        if not self.rest:
            raise _bad()
        return self.rest.pop(0)

    def _takes(self, kind: str, value: str) -> bool:
        if self.rest and self.rest[0] == (kind, value):
            self.rest.pop(0)
            return True
        return False

    def _expect(self, kind: str, value: str) -> None:
        if not self._takes(kind, value):
            raise _bad()


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _in_list(name: str, value: str) -> Test:
    if name not in _LISTS:
        raise _bad()
    if name == "parents":
        return lambda file: value in file.parents
    if name == "owners":
        return lambda file: file.owner == value
    roles = ("writer", "owner") if name == "writers" else ("reader", "commenter", "writer", "owner")
    return lambda file: any(item["role"] in roles and item.get("emailAddress") == value for item in file.permissions)


def _text_test(read: Callable[[DriveFile], str], sign: str, value: str) -> Test:
    if sign == "contains":
        # As the service does: the beginning of a word.
        pattern = re.compile(r"(?:^|\W)" + re.escape(value), re.IGNORECASE)
        return lambda file: pattern.search(read(file)) is not None
    if sign not in ("=", "!="):
        raise _bad()
    return lambda file: (read(file).casefold() == value.casefold()) == (sign == "=")


def _time_test(read: Callable[[DriveFile], float], sign: str, value: str) -> Test:
    compare: dict[str, Callable[[str, str], bool]] = {
        "=": lambda first, second: first == second,
        "!=": lambda first, second: first != second,
        "<": lambda first, second: first < second,
        "<=": lambda first, second: first <= second,
        ">": lambda first, second: first > second,
        ">=": lambda first, second: first >= second,
    }
    if sign not in compare:
        raise _bad()
    return lambda file: compare[sign](timestamp(read(file))[: len(value.rstrip("Z"))], value.rstrip("Z"))
