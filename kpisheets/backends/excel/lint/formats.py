"""Conditional formats, validations and sparklines of a sheet, of the first schema and of 2010's."""

from __future__ import annotations

from collections.abc import Iterator

from kpisheets.backends.excel.ooxml.notation import markup
from kpisheets.backends.excel.ooxml.notation.refs import parse_cell

from . import formula
from .finding import Report
from .frame import check_differential
from .sections import areas, inside
from .styles import StyleCounts
from .workbook import WorkbookFacts

_LONGEST_LIST = 255
_TEXTS = {"promptTitle": 32, "errorTitle": 32, "prompt": 255, "error": 255}
_FORMULAS = {"expression": 1, "cellIs": 1}
_ICONS = {"3": 3, "4": 4, "5": 5, "N": 0}


class Formats:
    """Looks at one sheet's tree."""

    def __init__(self, root: markup.Node, part: str, styles: StyleCounts, book: WorkbookFacts, report: Report) -> None:
        self._part = part
        self._styles = styles
        self._book = book
        self._report = report
        for node in root.children:
            if node.name == "conditionalFormatting":
                self._format(node, node.attributes.get("sqref"))
            elif node.name == "dataValidations":
                for validation in node.all("dataValidation"):
                    self._validation(validation, validation.attributes.get("sqref"))
            elif node.name == "extLst":
                self._extensions(node)

    def _extensions(self, root: markup.Node) -> None:
        for node in root.walk():
            if node.name == "conditionalFormatting":
                self._format(node, _text(node, "sqref"))
            elif node.name == "dataValidation":
                self._validation(node, _text(node, "sqref"))
            elif node.name == "sparkline":
                self._sparkline(node)

    def _parsed(self, rule: str, where: str, text: str) -> bool:
        if text.startswith("="):
            self._report.add("equals-sign", self._part, where, f"it starts with an equals sign: {text}")
            text = text[1:]
        word, fault = formula.fault_of(text)
        parsed = formula.parse(text) if not word else None
        if parsed and any(number > self._book.files for number in parsed.files):
            fault = f"there are {self._book.files} external workbooks: {text}"
        if fault:
            self._report.add(rule, self._part, where, fault)
        return not fault

    def _range(self, text: str | None, what: str) -> str:
        if text is None or not text.split() or areas(text) is None:
            self._report.add("range-illegal", self._part, what, f"{text!r} is no range")
        return f"{what} {text}"

    def _format(self, node: markup.Node, sqref: str | None) -> None:
        rules = [rule for rule in node.children if rule.name == "cfRule"]
        where = self._range(sqref, "format") if sqref is not None or "pivot" not in node.attributes else "format"
        for rule in rules:
            check_differential(rule, self._part, where, self._styles, self._report)
            texts = [text for text in _formulas(rule) if text.strip()]
            for text in texts:
                self._parsed("conditional-format-formula", where, text)
            fault = _incomplete(rule, len(texts))
            if fault:
                self._report.add("conditional-format-illegal", self._part, where, fault)

    def _validation(self, node: markup.Node, sqref: str | None) -> None:
        where = self._range(sqref, "validation")
        kind = node.attributes.get("type", "none")
        for name, most in _TEXTS.items():
            text = markup.from_xstring(node.attributes.get(name, ""))
            if len(text) > most:
                what = f"its {name} has {len(text)} characters"
                self._report.add("validation-text-too-long", self._part, where, what)
        texts = {child.name: _formula(child) for child in inside(node) if child.name in ("formula1", "formula2")}
        first = texts.get("formula1", "")
        if kind == "list" and first.startswith('"') and len(first) - 2 > _LONGEST_LIST:
            what = f"its choices have {len(first) - 2} characters"
            self._report.add("validation-list-too-long", self._part, where, what)
            return
        if kind != "none" and not first.strip():
            self._report.add("validation-formula", self._part, where, f"it is of the kind {kind} and has no formula")
        for text in texts.values():
            if text.strip():
                self._parsed("validation-formula", where, text)

    def _sparkline(self, node: markup.Node) -> None:
        place, text = _text(node, "sqref") or "", _text(node, "f")
        where = f"sparkline {place}"
        if parse_cell(place) is None and areas(place) is None:
            self._report.add("sparkline-formula", self._part, where, f"{place!r} is no cell")
        if text is not None:
            self._parsed("sparkline-formula", where, text)


def _text(node: markup.Node, name: str) -> str | None:
    child = node.child(name)
    return None if child is None else child.text


def _formula(node: markup.Node) -> str:
    """The formula in an element, or in the ``xm:f`` within it."""
    inner = node.child("f")
    return inner.text if inner else node.text


def _formulas(rule: markup.Node) -> Iterator[str]:
    for node in rule.walk():
        if node.name == "formula" or node.name == "f":
            yield node.text


def _incomplete(rule: markup.Node, formulas: int) -> str:
    """What a rule of a conditional format lacks."""
    kind = rule.attributes.get("type", "")
    wanted = _FORMULAS.get(kind, 0) + (rule.attributes.get("operator") in ("between", "notBetween"))
    if kind in _FORMULAS and formulas < wanted:
        return f"a rule of the kind {kind} has {formulas} formulas"
    priority = rule.attributes.get("priority")
    if rule.namespace == markup.MAIN and (priority is None or not priority.lstrip("-").isdigit()):
        return "a rule has no priority"
    for name, least in (("colorScale", 2), ("dataBar", 2), ("iconSet", 2)):
        scale = rule.child(name)
        if scale is None:
            continue
        count = len(scale.all("cfvo"))
        if name == "iconSet":
            least = _ICONS.get(scale.attributes.get("iconSet", "3TrafficLights1")[:1], 0) or count
        colours = len(scale.all("color"))
        if count < least or (name == "colorScale" and colours != count) or (name != "colorScale" and count > least):
            return f"its {name} has {count} thresholds and {colours} colours"
    return ""
