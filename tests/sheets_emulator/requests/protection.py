"""Protected ranges."""

from __future__ import annotations

from .. import discovery
from ..errors import invalid
from ..masks import writing, written
from ..messages import Message, normalised
from ..view import may_edit, protected_range
from .batch import PROTECTED, Batch, everywhere, fresh_id, located, request, required


def _check(batch: Batch, item: Message) -> int:
    """The tab of a protection, whose place is exactly one of a range, a name and a table."""
    places = [name for name in ("range", "namedRangeId", "tableId") if item.get(name) is not None]
    if len(places) != 1:
        raise invalid("Exactly one of range, namedRangeId and tableId must be set.")
    if item.get("warningOnly") and (item.get("editors") or {}).get("users"):
        raise invalid("Editors cannot be set on a protected range with warningOnly.")
    if places == ["range"]:
        tab = batch.book.tab(item["range"].get("sheetId", 0), "grid")
        if item["range"].keys() - {"sheetId"}:
            batch.book.grid_tab(item["range"])
        return tab.id
    if places == ["namedRangeId"]:
        for name in batch.book.named_ranges:
            if name["namedRangeId"] == item["namedRangeId"]:
                return int(name["range"].get("sheetId", 0))
        raise invalid(f"No named range with id: {item['namedRangeId']}")
    return located(batch.book, "tables", "tableId", item["tableId"], "table")[0].id


@request("addProtectedRange")
def add_protected_range(batch: Batch, given: Message) -> Message:
    item = required(given, "protectedRange")
    sheet_id = _check(batch, item)
    wanted = fresh_id(
        batch.book, everywhere(batch.book, "protectedRanges"), "protectedRangeId", item, "A protected range"
    )
    stored = {"protectedRangeId": wanted} | normalised("ProtectedRange", {**item, "protectedRangeId": wanted})
    stored.pop("requestingUserCanEdit", None)
    batch.book.tab(sheet_id).objects["protectedRanges"].append(_with_editor(batch, stored))
    # The answer shows the editors as they were asked for, without the one who asks.
    return {"protectedRange": protected_range(stored, batch.caller.email, owner=True)}


def _with_editor(batch: Batch, item: Message) -> Message:
    """Whoever protects a range is one of its editors."""
    editors = item.get("editors", {})
    users = editors.get("users", [])
    if batch.caller.email in users:
        return item
    return {**item, "editors": {**editors, "users": [*users, batch.caller.email]}}


@request("updateProtectedRange")
def update_protected_range(batch: Batch, given: Message) -> None:
    item = required(given, "protectedRange")
    mask = writing(discovery.sheets(), "ProtectedRange", given.get("fields"))
    wanted = required(item, "protectedRangeId")
    tab, place = located(batch.book, "protectedRanges", "protectedRangeId", wanted, "protected range")
    old = tab.objects["protectedRanges"][place]
    _check_editor(batch, old)
    new = written(old, normalised("ProtectedRange", item), mask) | {"protectedRangeId": wanted}
    new.pop("requestingUserCanEdit", None)
    _check(batch, new)
    tab.objects["protectedRanges"][place] = _with_editor(batch, new)


@request("deleteProtectedRange")
def delete_protected_range(batch: Batch, given: Message) -> None:
    wanted = given.get("protectedRangeId", 0)
    tab, place = located(batch.book, "protectedRanges", "protectedRangeId", wanted, "protected range")
    _check_editor(batch, tab.objects["protectedRanges"][place])
    del tab.objects["protectedRanges"][place]


def _check_editor(batch: Batch, item: Message) -> None:
    if not batch.caller.owner and not may_edit(item, batch.caller.email):
        raise invalid(PROTECTED)
