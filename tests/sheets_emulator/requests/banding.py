"""Alternating colours."""

from __future__ import annotations

from .. import discovery
from ..errors import invalid
from ..geometry import overlap
from ..masks import writing, written
from ..messages import Message, normalised, with_colours
from .batch import Batch, everywhere, fresh_id, located, request, required

TAKEN = "You cannot add alternating background colors to a range that already has alternating background colors."


def _check(batch: Batch, item: Message) -> None:
    tab, _ = batch.book.grid_tab(required(item, "range"))
    if not item.get("rowProperties") and not item.get("columnProperties"):
        raise invalid("At least one of rowProperties and columnProperties must be set.")
    others = [other for other in tab.objects["bandedRanges"] if other["bandedRangeId"] != item.get("bandedRangeId")]
    if any(overlap(other["range"], item["range"]) for other in [*others, *tab.objects["tables"]]):
        raise invalid(TAKEN)


@request("addBanding")
def add_banding(batch: Batch, given: Message) -> Message:
    item = required(given, "bandedRange")
    wanted = fresh_id(batch.book, everywhere(batch.book, "bandedRanges"), "bandedRangeId", item, "A banded range")
    _check(batch, {**item, "bandedRangeId": None})
    stored = {"bandedRangeId": wanted} | normalised("BandedRange", {**item, "bandedRangeId": wanted})
    batch.book.tab(item["range"].get("sheetId", 0)).objects["bandedRanges"].append(stored)
    return {"bandedRange": stored}


@request("updateBanding")
def update_banding(batch: Batch, given: Message) -> None:
    item = required(given, "bandedRange")
    mask = with_colours("BandedRange", writing(discovery.sheets(), "BandedRange", given.get("fields")))
    wanted = required(item, "bandedRangeId")
    tab, place = located(batch.book, "bandedRanges", "bandedRangeId", wanted, "banded range")
    new = written(tab.objects["bandedRanges"][place], normalised("BandedRange", item), mask)
    new["bandedRangeId"] = wanted
    _check(batch, new)
    tab.objects["bandedRanges"][place] = new


@request("deleteBanding")
def delete_banding(batch: Batch, given: Message) -> None:
    tab, place = located(batch.book, "bandedRanges", "bandedRangeId", given.get("bandedRangeId", 0), "banded range")
    del tab.objects["bandedRanges"][place]
