"""Charts and slicers: what floats above a tab's cells."""

from __future__ import annotations

from typing import Any

from .. import discovery
from ..book import Book, Tab
from ..errors import NotImplementedHere, invalid
from ..masks import writing, written
from ..messages import Message, normalised, rebuilt
from .batch import Batch, everywhere, fresh_id, located, request, required

KINDS = {
    "basicChart",
    "bubbleChart",
    "candlestickChart",
    "histogramChart",
    "orgChart",
    "pieChart",
    "scorecardChart",
    "treemapChart",
    "waterfallChart",
}


def _position(book: Book, given: Message) -> tuple[Tab, Message]:
    """The tab of an `EmbeddedObjectPosition`, and the position with the sizes it has by default."""
    if given.get("newSheet") or "sheetId" in given:
        raise NotImplementedHere("charts on a sheet of their own")
    overlay = required(given, "overlayPosition")
    cell = required(overlay, "anchorCell")
    tab = book.tab(cell.get("sheetId", 0), "grid")
    if cell.get("rowIndex", 0) >= tab.rows or cell.get("columnIndex", 0) >= tab.columns:
        raise invalid("overlayPosition.anchorCell is outside of the grid.")
    full = {"widthPixels": 600, "heightPixels": 371} | overlay
    return tab, {"overlayPosition": {"anchorCell": {}} | normalised("OverlayPosition", full)}


def _check_spec(book: Book, spec: Message) -> Message:
    kinds = spec.keys() & KINDS
    if len(kinds) != 1:
        raise invalid("Exactly one kind of chart must be set in the spec.")
    if "dataSourceChartProperties" in spec:
        raise NotImplementedHere("charts of data sources")

    def check(given: Message) -> Message:
        book.grid_tab(given)
        return given

    stored: Message = normalised("ChartSpec", spec)
    rebuilt("ChartSpec", stored, {"GridRange": check})
    if "basicChart" in spec:
        basic = spec["basicChart"]
        if "chartType" not in basic:
            raise invalid("basicChart.chartType must be set.")
        for item in [*basic.get("domains", []), *basic.get("series", [])]:
            if not _sources(item):
                raise invalid("Every domain and series of a chart needs a source range.")
    return stored


def _sources(item: Message) -> Any:
    data = item.get("domain") or item.get("series") or {}
    return data.get("sourceRange", {}).get("sources") or data.get("columnReference")


@request("addChart")
def add_chart(batch: Batch, given: Message) -> Message:
    book = batch.book
    chart = required(given, "chart")
    wanted = fresh_id(book, everywhere(book, "charts"), "chartId", chart, "A chart")
    spec = _check_spec(book, required(chart, "spec"))
    tab, position = _position(book, required(chart, "position"))
    stored = {"chartId": wanted, "spec": spec, "position": position}
    if "border" in chart:
        stored["border"] = normalised("EmbeddedObjectBorder", chart["border"])
    tab.objects["charts"].append(stored)
    return {"chart": stored}


@request("updateChartSpec")
def update_chart_spec(batch: Batch, given: Message) -> None:
    tab, place = located(batch.book, "charts", "chartId", given.get("chartId", 0), "chart")
    spec = _check_spec(batch.book, required(given, "spec"))
    tab.objects["charts"][place] = {**tab.objects["charts"][place], "spec": spec}


@request("addSlicer")
def add_slicer(batch: Batch, given: Message) -> Message:
    book = batch.book
    slicer = required(given, "slicer")
    wanted = fresh_id(book, everywhere(book, "slicers"), "slicerId", slicer, "A slicer")
    spec = required(slicer, "spec")
    book.grid_tab(required(spec, "dataRange"))
    tab, position = _position(book, required(slicer, "position"))
    stored = {"slicerId": wanted, "spec": normalised("SlicerSpec", spec), "position": position}
    tab.objects["slicers"].append(stored)
    return {"slicer": stored}


@request("updateSlicerSpec")
def update_slicer_spec(batch: Batch, given: Message) -> None:
    tab, place = located(batch.book, "slicers", "slicerId", given.get("slicerId", 0), "slicer")
    mask = writing(discovery.sheets(), "SlicerSpec", given.get("fields"))
    old = tab.objects["slicers"][place]
    spec = written(old["spec"], normalised("SlicerSpec", given.get("spec", {})), mask)
    batch.book.grid_tab(required(spec, "dataRange"))
    tab.objects["slicers"][place] = {**old, "spec": spec}


def _object(book: Book, wanted: int) -> tuple[Tab, str, int]:
    for tab in book.tabs:
        for name, key in (("charts", "chartId"), ("slicers", "slicerId")):
            for place, item in enumerate(tab.objects[name]):
                if item[key] == wanted:
                    return tab, name, place
    raise invalid(f"No embedded object with id: {wanted}")


@request("deleteEmbeddedObject")
def delete_embedded_object(batch: Batch, given: Message) -> None:
    tab, name, place = _object(batch.book, given.get("objectId", 0))
    del tab.objects[name][place]


@request("updateEmbeddedObjectPosition")
def update_position(batch: Batch, given: Message) -> Message:
    """`fields` are those of `newPosition.overlayPosition`."""
    tab, name, place = _object(batch.book, given.get("objectId", 0))
    new = required(given, "newPosition")
    mask = writing(discovery.sheets(), "OverlayPosition", given.get("fields"))
    item = tab.objects[name][place]
    overlay = written(item["position"]["overlayPosition"], new.get("overlayPosition"), mask)
    other, position = _position(batch.book, {"overlayPosition": {"anchorCell": {}} | overlay})
    del tab.objects[name][place]
    other.objects[name].append({**item, "position": position})
    return {"position": position}


@request("updateEmbeddedObjectBorder")
def update_border(batch: Batch, given: Message) -> None:
    tab, name, place = _object(batch.book, given.get("objectId", 0))
    mask = writing(discovery.sheets(), "EmbeddedObjectBorder", given.get("fields"))
    item = tab.objects[name][place]
    border = written(item.get("border"), normalised("EmbeddedObjectBorder", given.get("border", {})), mask)
    tab.objects[name][place] = {**item, "border": border}
