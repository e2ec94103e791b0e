"""The order of an element's children, which the schema fixes and Excel insists on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from kpisheets.backends.excel.ooxml.notation import markup
from kpisheets.backends.excel.ooxml.notation.refs import Area, parse_area, parse_cell

from .finding import Report

_MAINS = frozenset({markup.MAIN, markup.STRICT_MAIN})


def check_order(
    root: markup.Node, order: Sequence[str], many: frozenset[str], part: str, rule: str, report: Report
) -> None:
    """Children stand in ``order``, each once unless it is one of ``many``; those of other namespaces don't count.

    ``rule`` is the first word of two rules: ``rule-element-order`` and ``rule-element-duplicate``.
    """
    places = {name: at for at, name in enumerate(order)}
    highest = -1
    seen: set[str] = set()
    for node in root.children:
        if node.namespace not in _MAINS or node.name not in places:
            continue
        at = places[node.name]
        if at < highest:
            report.add(f"{rule}-element-order", part, node.name, f"{node.name} stands behind {order[highest]}")
        highest = max(highest, at)
        if node.name in seen and node.name not in many:
            report.add(f"{rule}-element-duplicate", part, node.name, f"there are two elements {node.name}")
        seen.add(node.name)


def inside(node: markup.Node) -> list[markup.Node]:
    """An element's children; where the file offers alternatives, those of all of them."""
    found: list[markup.Node] = []
    for child in node.children:
        if child.name == "AlternateContent":
            found += [below for choice in child.children for below in choice.children]
        else:
            found.append(child)
    return found


def number(text: str | None) -> float | None:
    """A number of an attribute; None where it is none."""
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


def areas(text: str) -> list[Area] | None:
    """The ranges of a ``sqref``, parted by spaces; whole columns and rows too. None where one of them is none."""
    found = []
    for word in text.split():
        area = area_of(word)
        if area is None:
            return None
        found.append(area)
    return found


def area_of(text: str) -> Area | None:
    """A range, or a whole column or row."""
    area = parse_area(text)
    if area is not None:
        return area
    first, mark, last = text.replace("$", "").partition(":")
    if not mark:
        return None
    if first.isalpha() and last.isalpha():
        return parse_area(f"{first}1:{last}1048576")
    if first.isdigit() and last.isdigit() and parse_cell(f"A{first}") and parse_cell(f"A{last}"):
        return parse_area(f"A{first}:XFD{last}")
    return None


def overlapping(found: list[tuple[Area, str]]) -> list[tuple[str, str]]:
    """Pairs of ranges that share a cell, by the words that came with them; none only where no two do.

    A sweep down the rows. Those that are open at a row lie side by side, so that only the neighbour must be asked: ten
    thousands of merged cells take no time.
    """
    pairs: list[tuple[str, str]] = []
    lefts: list[int] = []
    opened: list[tuple[Area, str]] = []
    for area, word in sorted(found):
        at = bisect_right(lefts, area.right) - 1
        while at >= 0 and opened[at][0].bottom < area.top:
            del lefts[at], opened[at]
            at -= 1
        if at >= 0 and opened[at][0].right >= area.left:
            pairs.append((opened[at][1], word))
            continue
        at = bisect_right(lefts, area.left)
        lefts.insert(at, area.left)
        opened.insert(at, (area, word))
    return pairs
