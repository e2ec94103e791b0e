"""Named ranges."""

from __future__ import annotations

import re

from .. import discovery
from ..a1 import span
from ..book import Book
from ..errors import invalid
from ..masks import touches, writing, written
from ..messages import Message, normalised
from ..references import renamed_name
from ..shifting import rewrite_formulas
from .batch import Batch, request, required

_NAME = re.compile(r"[^\W\d]\w{0,249}\Z")
_R1C1 = re.compile(r"[Rr]\d*[Cc]\d*\Z")


def check_name(name: str) -> None:
    if not _NAME.match(name) or span(name) is not None or _R1C1.match(name) or name.lower() in ("true", "false"):
        raise invalid(f"Invalid name: {name}. The name of a range has letters, digits and _, and is no cell.")


def _check_free(book: Book, name: str, own: str | None) -> None:
    for item in book.named_ranges:
        if item["name"].casefold() == name.casefold() and item["namedRangeId"] != own:
            raise invalid(f"A named range with the name {name} already exists.")


@request("addNamedRange")
def add_named_range(batch: Batch, given: Message) -> Message:
    book = batch.book
    item = required(given, "namedRange")
    name = required(item, "name")
    check_name(name)
    _check_free(book, name, None)
    book.grid_tab(required(item, "range"))
    wanted = item.get("namedRangeId") or str(book.new_id())
    if any(other["namedRangeId"] == wanted for other in book.named_ranges):
        raise invalid(f"A named range with the id {wanted} already exists.")
    stored = normalised("NamedRange", {"namedRangeId": wanted, "name": name, "range": item["range"]})
    book.named_ranges.append(stored)
    return {"namedRange": stored}


@request("updateNamedRange")
def update_named_range(batch: Batch, given: Message) -> None:
    book = batch.book
    item = required(given, "namedRange")
    mask = writing(discovery.sheets(), "NamedRange", given.get("fields"))
    place = _place(book, required(item, "namedRangeId"))
    old = book.named_ranges[place]
    new = written(old, normalised("NamedRange", item), mask) | {"namedRangeId": old["namedRangeId"]}
    if touches(mask, "name"):
        check_name(new.get("name", ""))
        _check_free(book, new["name"], old["namedRangeId"])
        for tab in book.tabs:
            rewrite_formulas(tab, lambda formula, home: renamed_name(formula, old["name"], new["name"]), tab)
    book.grid_tab(required(new, "range"))
    book.named_ranges[place] = {name: new[name] for name in ("namedRangeId", "name", "range")}


@request("deleteNamedRange")
def delete_named_range(batch: Batch, given: Message) -> None:
    del batch.book.named_ranges[_place(batch.book, required(given, "namedRangeId"))]


def _place(book: Book, wanted: str) -> int:
    for place, item in enumerate(book.named_ranges):
        if item["namedRangeId"] == wanted:
            return place
    raise invalid(f"No named range with id: {wanted}")
