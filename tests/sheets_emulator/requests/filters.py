"""Filters: the basic one of a tab, which hides rows, and filter views, which are stored."""

from __future__ import annotations

from .. import discovery
from ..book import Tab
from ..computed import effective, shown
from ..errors import NotImplementedHere, invalid
from ..masks import writing, written
from ..messages import Message, normalised
from .batch import Batch, everywhere, fresh_id, located, request, required
from .sorting import sort


@request("setBasicFilter")
def set_basic_filter(batch: Batch, given: Message) -> None:
    item = required(given, "filter")
    if "tableId" in item:
        raise NotImplementedHere("basic filters of tables")
    tab, bounds = batch.book.grid_tab(required(item, "range"))
    row0, row1, column0, column1 = bounds
    stored = normalised("BasicFilter", item)
    names = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
    stored["range"] = ({"sheetId": tab.id} if tab.id else {}) | dict(zip(names, bounds, strict=True))
    tab.basic_filter = stored
    if item.get("sortSpecs"):
        sort(batch, tab, (row0 + 1, row1, column0, column1), item["sortSpecs"])
    _hide(batch, tab, stored, bounds)


def _hide(batch: Batch, tab: Tab, item: Message, bounds: tuple[int, int, int, int]) -> None:
    """Hide the rows below the header whose shown values the criteria hide."""
    show_all(tab)
    hidden: dict[int, set[str]] = {}
    criteria = [(int(column), one) for column, one in item.get("criteria", {}).items()]
    criteria += [(spec.get("columnIndex", 0), spec.get("filterCriteria", {})) for spec in item.get("filterSpecs", [])]
    for column, one in criteria:
        if one.keys() - {"hiddenValues"}:
            raise NotImplementedHere(f"filters by {', '.join(sorted(one.keys() - {'hiddenValues'}))}")
        hidden.setdefault(column, set()).update(one.get("hiddenValues", []))
    for row in range(bounds[0] + 1, bounds[1]):
        for column, values in hidden.items():
            cell = tab.grid.get(row, column)
            if shown(effective(batch.book, tab, row, column, cell), cell, batch.book.locale) in values:
                tab.row_properties[row] = {**tab.row_properties.get(row, {}), "hiddenByFilter": True}


def show_all(tab: Tab) -> None:
    for row, properties in list(tab.row_properties.items()):
        if "hiddenByFilter" in properties:
            rest = {name: part for name, part in properties.items() if name != "hiddenByFilter"}
            tab.row_properties[row] = rest
            if not rest:
                del tab.row_properties[row]


@request("clearBasicFilter")
def clear_basic_filter(batch: Batch, given: Message) -> None:
    tab = batch.book.tab(given.get("sheetId", 0))
    tab.basic_filter = None
    show_all(tab)


@request("addFilterView")
def add_filter_view(batch: Batch, given: Message) -> Message:
    book = batch.book
    item = required(given, "filter")
    wanted = fresh_id(book, everywhere(book, "filterViews"), "filterViewId", item, "A filter view")
    tab, _ = book.grid_tab(required(item, "range"))
    number = len(tab.objects["filterViews"]) + 1
    full = {"title": f"Filter {number}", **item, "filterViewId": wanted}
    stored = {"filterViewId": wanted} | normalised("FilterView", full)
    _check_title(tab, stored)
    tab.objects["filterViews"].append(stored)
    return {"filter": stored}


def _check_title(tab: Tab, item: Message) -> None:
    for other in tab.objects["filterViews"]:
        if other["title"] == item["title"] and other["filterViewId"] != item["filterViewId"]:
            raise invalid(f"A filter view with the title {item['title']} already exists.")


@request("updateFilterView")
def update_filter_view(batch: Batch, given: Message) -> None:
    item = required(given, "filter")
    mask = writing(discovery.sheets(), "FilterView", given.get("fields"))
    wanted = required(item, "filterViewId")
    tab, place = located(batch.book, "filterViews", "filterViewId", wanted, "filter view")
    new = written(tab.objects["filterViews"][place], normalised("FilterView", item), mask)
    new["filterViewId"] = wanted
    batch.book.grid_tab(required(new, "range"))
    _check_title(tab, new)
    tab.objects["filterViews"][place] = new


@request("deleteFilterView")
def delete_filter_view(batch: Batch, given: Message) -> None:
    wanted = given.get("filterId", 0)
    tab, place = located(batch.book, "filterViews", "filterViewId", wanted, "filter view")
    del tab.objects["filterViews"][place]


@request("duplicateFilterView")
def duplicate_filter_view(batch: Batch, given: Message) -> Message:
    wanted = given.get("filterId", 0)
    tab, place = located(batch.book, "filterViews", "filterViewId", wanted, "filter view")
    item = tab.objects["filterViews"][place]
    stored = {**item, "filterViewId": batch.book.new_id(), "title": f"Copy of {item['title']}"}
    _check_title(tab, stored)
    tab.objects["filterViews"].append(stored)
    return {"filter": stored}
