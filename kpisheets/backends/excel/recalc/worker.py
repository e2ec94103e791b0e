"""The process in which an engine computes: a request on standard input, a reply on standard output, both JSON.

It is a process of its own because an engine is native code, fed with other people's files: it may loop, fill the memory
or abort, and a sync must outlive that.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import formualizer

from .judge import Judge, Scalar
from .language import Demand, Unproven, demands

Cell: TypeAlias = tuple[str, int, int]
_PROBES = "probes"
_MEMORY = 2 << 30
_ERRORS = {
    "Div": "#DIV/0!",
    "Na": "#N/A",
    "Value": "#VALUE!",
    "Ref": "#REF!",
    "Num": "#NUM!",
    "Null": "#NULL!",
}
_KINDS = {text: kind for kind, text in _ERRORS.items()}
_BLOCK = re.compile(r"(tab_\d+)!\$([A-Z]+)\$(\d+)(?::\$([A-Z]+)\$(\d+))?")


class Unknown(Exception):
    """A value that is no cell's value: an engine's own error, an array."""


class Model:
    """A workbook in the engine's memory: values, and formulas to be computed."""

    def __init__(self, sheets: Sequence[str], values: list[tuple[str, int, int, Scalar]]) -> None:
        self._book = formualizer.Workbook(
            config=formualizer.WorkbookConfig(mode=formualizer.WorkbookMode.Ephemeral, eval_config=_settings())
        )
        self._book.set_temporal_egress("serial")
        self._known: dict[str, Scalar] = {}
        self._columns: dict[tuple[str, int], dict[int, Scalar]] = {}
        for sheet in (*sheets, _PROBES):
            self._book.add_sheet(sheet)
        for sheet, row, column, value in values:
            self._columns.setdefault((sheet, column), {})[row] = value
        for (sheet, column), cells in self._columns.items():
            for top, run in _runs(cells):
                self._book.set_values_batch(sheet, top, column, [[_literal(value)] for value in run])

    def compute(self, formulas: list[tuple[str, int, int, str]]) -> list[Scalar | Unknown]:
        """The values of formulas, which stay in the model."""
        for sheet, row, column, text in formulas:
            self._book.set_formula(sheet, row, column, "=" + text)
        places = [(sheet, row, column) for sheet, row, column, _ in formulas]
        found = [_scalar(value) for value in self._book.evaluate_cells(places)]
        for (sheet, row, column), value in zip(places, found, strict=True):
            if not isinstance(value, Unknown):
                self._columns.setdefault((sheet, column), {})[row] = value
        return found

    def probe(self, texts: Sequence[str]) -> None:
        """Computes expressions, so that ``value`` knows them."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        first = len(self._known) + 1
        for row, text in enumerate(new, first):
            self._book.set_formula(_PROBES, row, 1, "=" + text)
        for text, value in zip(
            new,
            self._book.evaluate_cells([(_PROBES, row, 1) for row in range(first, first + len(new))]),
            strict=True,
        ):
            known = self._cell(text) if _BLOCK.fullmatch(text) else _scalar(value)
            self._known[text] = "\0?" if isinstance(known, Unknown) else known

    def value(self, text: str) -> Scalar:
        """An expression's value; that of a plain cell as it is there, blank or not."""
        return self._known[text]

    def _cell(self, text: str) -> Scalar:
        return next(iter(self.cells(text)), None)

    def cells(self, text: str) -> list[Scalar]:
        """The filled cells of a block."""
        match = _BLOCK.fullmatch(text)
        if match is None:
            return []
        sheet, left, top = match[1], _number(match[2]), int(match[3])
        right, bottom = _number(match[4] or match[2]), int(match[5] or match[3])
        return [
            value
            for (name, column), cells in self._columns.items()
            if name == sheet and left <= column <= right
            for row, value in cells.items()
            if top <= row <= bottom and value is not None
        ]


def answer(request: dict[str, Any]) -> list[dict[str, Any]]:
    """For each formula of the request: ``before`` and ``after``, or ``why`` it is not proven."""
    nodes: list[tuple[str, int, int, str, str]] = [tuple(node) for node in request["formulas"]]
    wanted = [_demands(text) for *_, text in nodes]
    # What is outside the language is not computed at all; nor is anything trusted that it feeds.
    sound = [(*node, found) for node, found in zip(nodes, wanted, strict=True) if not isinstance(found, str)]
    values = {(sheet, row, column): value for sheet, row, column, value in request["values"]}
    first = Model(request["sheets"], [(*place, value) for place, value in values.items()])
    before = first.compute([(sheet, row, column, text) for sheet, row, column, text, _, _ in sound])
    values |= {(sheet, row, column): value for sheet, row, column, value in request["changes"]}
    second = Model(request["sheets"], [(*place, value) for place, value in values.items()])
    after = second.compute([(sheet, row, column, text) for sheet, row, column, _, text, _ in sound])
    second.probe([text for *_, found in sound for text in _expressions(found)])
    judge = Judge(second.value, second.cells)
    judged = (_judged(judge, node[-1], old, new) for node, old, new in zip(sound, before, after, strict=True))
    return [{"why": found} if isinstance(found, str) else next(judged) for found in wanted]


def _judged(judge: Judge, found: list[Demand], old: Scalar | Unknown, new: Scalar | Unknown) -> dict[str, Any]:
    if isinstance(old, Unknown) or isinstance(new, Unknown):
        return {"why": "the engine cannot compute it"}
    if broken := next((demand for demand in found if not judge.holds(demand)), None):
        return {"why": f"programs may differ on it ({broken.kind}: {', '.join(broken.operands)})"}
    return {"before": old, "after": new}


def _demands(text: str) -> list[Demand] | str:
    try:
        return demands(formualizer.parse("=" + text))
    except (Unproven, formualizer.ParserError, formualizer.TokenizerError) as error:
        return str(error)


def _expressions(found: list[Demand]) -> Iterator[str]:
    for demand in found:
        for text in (*demand.operands, *(guard for _, guard in demand.guards)):
            match = _BLOCK.fullmatch(text)
            if match is None or match[4] is None:
                yield text


def _settings() -> Any:
    settings = formualizer.EvaluationConfig()
    settings.enable_parallel = False
    return settings


def _runs(cells: dict[int, Scalar]) -> Iterator[tuple[int, list[Scalar]]]:
    """Values in unbroken runs of rows, each with its first row."""
    run: list[Scalar] = []
    top = last = 0
    for row in sorted(cells):
        if not run or row != last + 1:
            if run:
                yield top, run
            top, run = row, []
        run.append(cells[row])
        last = row
    if run:
        yield top, run


def _literal(value: Scalar) -> Any:
    if isinstance(value, str):
        if value.startswith("\0"):
            return formualizer.LiteralValue.error(_KINDS[value[1:]], None)
        return formualizer.LiteralValue.text(value)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _scalar(value: Any) -> Scalar | Unknown:
    if isinstance(value, dict):
        text = _ERRORS.get(value.get("kind", ""))
        return Unknown() if text is None else "\0" + text
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, float)):
        return float(value) if value - value == 0 else Unknown()
    return Unknown()


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _limit(seconds: int) -> None:
    """Bounds this process, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for kind, bound in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (bound, bound))


def main() -> None:
    """Answers the one request. The argument is the number of seconds that computing may take."""
    _limit(int(sys.argv[1]))
    json.dump(answer(json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    main()
