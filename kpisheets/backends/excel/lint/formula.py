"""Whether Excel could parse a formula as a file stores it: tokens and their order, without evaluating anything.

The notation is that of files, whatever the user's language: English names, commas between arguments, points in numbers.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

MAX_FORMULA = 8192
MAX_TEXT = 255
_MAX_DEPTH = 64
_MAX_ARGUMENTS = 255
_CONSTANTS = frozenset({"TRUE", "FALSE"})

# Word characters, $ . ? and \, and all beyond ASCII, by what they are not: so it compiles in a tenth of the time.
_W = r"[^\x00-#%-\-/:->@\[\]\^`{-\x7f]"
_STRUCTURED = r"\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\])*\]"
_TOKEN = re.compile(
    rf"""
      (?P<space>  \s+ )
    | (?P<text>   "(?:[^"]|"")*" )
    | (?P<link>   {_W}+ \| (?:'(?:[^']|'')*'|{_W}+) ! (?:'(?:[^']|'')*'|{_W}+) )
    | (?P<sheet>  (?: '(?:[^']|'')*' | (?:\[[^\[\]]+\])?{_W}+ | \[\d+\] ) !
                  | \#REF!(?=[\$A-Za-z\d]) | ! )
    | (?P<error>  \#(?:REF!|N/A|DIV/0!|NULL!|NAME\?|VALUE!|NUM!|GETTING_DATA|SPILL!|CALC!|FIELD!|BLOCKED!|UNKNOWN!
                  |CONNECT!|BUSY!|PYTHON!|EXTERNAL!|TIMEOUT!) )
    | (?P<number> (?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)? (?!{_W}) )
    | (?P<word>   {_W}+ )
    | (?P<inside> {_STRUCTURED} )
    | (?P<operator> <>|<=|>=|[-+*/^&=<>:] )
    | (?P<postfix> [%\#] )
    | (?P<at>     @ )
    | (?P<mark>   [(){{}},;] )
    """,
    re.VERBOSE,
)
_A1 = re.compile(r"\$?[A-Za-z]{1,3}\$?[1-9]\d{0,6}|\$[A-Za-z]{1,3}|\$\d+")
_BOOK = re.compile(r"\[([^\[\]]*)\](.*)", re.DOTALL)


class Parsed(NamedTuple):
    """``fault``: why Excel cannot parse it, or ``""``. ``sheets``: the sheets it names; ``files``: its external
    workbooks by number; ``bare``: it names a cell without its sheet."""

    fault: str
    sheets: frozenset[str] = frozenset()
    files: frozenset[int] = frozenset()
    bare: bool = False
    long_text: bool = False


@lru_cache(maxsize=4096)
def parse(formula: str) -> Parsed:
    """What a formula says, as far as a linter asks."""
    if len(formula) > MAX_FORMULA:
        return Parsed(f"it has {len(formula)} characters")
    machine = _Machine()
    at = 0
    while at < len(formula):
        match = _TOKEN.match(formula, at)
        if match is None:
            return Parsed(f"“{formula[at : at + 12]}” cannot be read")
        kind = match.lastgroup or ""
        fault = machine.take(kind, match[0])
        if fault:
            return Parsed(f"{fault} at “{formula[at : at + 12]}”")
        at = match.end()
    fault = machine.end()
    return Parsed(fault, frozenset(machine.sheets), frozenset(machine.files), machine.bare, machine.long_text)


class _Machine:
    """Operands and operators in turn; brackets in pairs."""

    def __init__(self) -> None:
        self.sheets: set[str] = set()
        self.files: set[int] = set()
        self.bare = self.long_text = False
        self._open: list[str] = []  # "(" of a group, "f" of a call, "{"
        self._arguments: list[int] = []
        self._before = ""  # the kind of the token before; "" where an operand must come
        self._qualified = False  # a sheet came just before
        self._range = False  # a colon came just before: the sheet is that of the range's other end
        self._space = False

    def take(self, kind: str, text: str) -> str:
        """One token; says what is wrong with it."""
        if kind == "space":
            self._space = True
            return "a sheet without its cells" if self._qualified else ""
        spaced, self._space = self._space, False
        if self._qualified and kind not in ("word", "error", "inside", "number"):
            return "a sheet without its cells"
        if kind == "mark":
            return self._mark(text)
        if kind in ("operator", "postfix", "at"):
            return self._operator(kind, text)
        if self._before and not self._follows(kind, spaced):
            return "an operator is missing"
        return self._operand(kind, text)

    def end(self) -> str:
        """What is missing at the end."""
        if self._open:
            return "a bracket is not closed"
        return "" if self._before and not self._qualified else "it ends too early"

    def _follows(self, kind: str, spaced: bool) -> bool:
        # A space between two references is their intersection; brackets after a word are a table's column.
        if kind == "inside":
            return self._before in ("word", "inside")
        references = ("word", "inside", "error", "close", "postfix")
        return spaced and self._before in references and kind in ("word", "sheet", "error")

    def _operand(self, kind: str, text: str) -> str:
        if "{" in self._open and (kind in ("sheet", "inside") or (kind == "word" and text.upper() not in _CONSTANTS)):
            return "an array of constants holds a reference"
        if kind == "sheet":
            self._before, self._qualified = "", True
            return self._note(text)
        if kind == "text":
            self.long_text = self.long_text or len(text[1:-1].replace('""', '"')) > MAX_TEXT
        if kind == "word" and not self._qualified and not self._range and _A1.fullmatch(text):
            self.bare = True
        self._before, self._qualified, self._range = kind, False, False
        return ""

    def _note(self, text: str) -> str:
        name = text[:-1]
        if not name or text == "#REF!":
            return ""
        quoted = name.startswith("'")
        if quoted:
            name = name[1:-1].replace("''", "'")
        book = _BOOK.search(name)
        if book:
            if book[1].isdigit() and len(book[1]) < 9:
                self.files.add(int(book[1]))
            return ""
        if not quoted and name[0].isdigit():
            return "a sheet's name that starts with a digit wants quotes"
        self.sheets.update(name.split(":"))
        return ""

    def _operator(self, kind: str, text: str) -> str:
        if kind == "at":
            return "an operator is missing" if self._before else ""
        if not self._before:
            return "" if text in ("+", "-") else "an operand is missing"
        self._before = "postfix" if kind == "postfix" else ""
        self._range = text == ":"
        return ""

    def _mark(self, text: str) -> str:
        if text in "({":
            call = text == "(" and self._before in ("word", "close", "error", "inside")
            if self._before and not call:
                return "an operator is missing"
            if text == "{" and "{" in self._open:
                return "an array holds another"
            self._open.append("f" if call else text)
            self._arguments.append(1)
            self._before = ""
            return "it is nested too deeply" if self._open.count("f") > _MAX_DEPTH else ""
        inside = self._open[-1] if self._open else ""
        if text in ")}":
            if inside != "{" if text == "}" else inside not in ("(", "f"):
                return "a bracket was not opened"
            if not self._before and inside != "f":
                return "an operand is missing"
            self._open.pop()
            self._before = "close" if self._arguments.pop() <= _MAX_ARGUMENTS or inside == "{" else ""
            return "" if self._before else "it has too many arguments"
        if text == ";" and inside != "{":
            return "arguments are parted by commas, not by semicolons"
        if not self._before and inside != "f":
            return "an operand is missing"
        if self._arguments:
            self._arguments[-1] += 1
        self._before = ""
        return ""


def fault_of(formula: str) -> tuple[str, str]:
    """(rule's last word, what is wrong) of a stored formula: ``("", "")`` where nothing is."""
    if formula.startswith("="):
        return "equals-sign", "it starts with an equals sign"
    if len(formula) > MAX_FORMULA:
        return "too-long", f"it has {len(formula)} characters"
    if not formula.strip():
        return "empty", "it is empty"
    parsed = parse(formula)
    if parsed.fault:
        return "syntax", f"{parsed.fault}: {formula[:80]}"
    return ("too-long", "a text in it is longer than 255 characters") if parsed.long_text else ("", "")
