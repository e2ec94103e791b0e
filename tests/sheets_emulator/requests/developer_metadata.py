"""Developer metadata: created, changed, deleted."""

from __future__ import annotations

from .. import discovery
from ..book import Book
from ..errors import invalid
from ..masks import touches, writing, written
from ..messages import Message, normalised
from ..metadata import matching
from .batch import Batch, request, required


def _location(book: Book, given: Message) -> Message:
    """A location as the service keeps it: with its type."""
    places = [name for name in ("spreadsheet", "sheetId", "dimensionRange") if given.get(name) not in (None, False)]
    if len(places) != 1:
        raise invalid("The location must be exactly one of spreadsheet, sheetId and dimensionRange.")
    if places == ["spreadsheet"]:
        return {"locationType": "SPREADSHEET", "spreadsheet": True}
    if places == ["sheetId"]:
        tab = book.tab(given["sheetId"])
        return {"locationType": "SHEET"} | ({"sheetId": tab.id} if tab.id else {})
    span = given["dimensionRange"]
    tab = book.tab(span.get("sheetId", 0))
    dimension = span.get("dimension")
    if dimension not in ("ROWS", "COLUMNS"):
        raise invalid("dimensionRange.dimension must be set.")
    start, end = span.get("startIndex", 0), span.get("endIndex", 0)
    if end - start != 1:
        raise invalid("The dimensionRange must span exactly one row or column.")
    if end > (tab.rows if dimension == "ROWS" else tab.columns) or start < 0:
        raise invalid("The dimensionRange is outside of the grid.")
    return {
        "locationType": "ROW" if dimension == "ROWS" else "COLUMN",
        "dimensionRange": normalised("DimensionRange", {**span, "startIndex": start, "endIndex": end}),
    }


@request("createDeveloperMetadata")
def create_developer_metadata(batch: Batch, given: Message) -> Message:
    book = batch.book
    item = required(given, "developerMetadata")
    if not item.get("metadataKey"):
        raise invalid("developerMetadata.metadataKey must be set.")
    if item.get("visibility", "DEVELOPER_METADATA_VISIBILITY_UNSPECIFIED") not in ("DOCUMENT", "PROJECT"):
        raise invalid("developerMetadata.visibility must be set.")
    wanted = item.get("metadataId") or book.new_id()
    if any(other["metadataId"] == wanted for _, other in book.metadata):
        raise invalid(f"Developer metadata with the id {wanted} already exists.")
    stored = {"metadataId": wanted, "metadataKey": item["metadataKey"]}
    if item.get("metadataValue"):
        stored["metadataValue"] = item["metadataValue"]
    stored |= {"location": _location(book, required(item, "location")), "visibility": item["visibility"]}
    book.metadata.append((batch.caller.project, stored))
    return {"developerMetadata": stored}


def _found(batch: Batch, filters: list[Message]) -> list[int]:
    """The ids of the metadata that data filters of the kind `developerMetadataLookup` find."""
    found = []
    for item in filters:
        if "developerMetadataLookup" not in item:
            raise invalid("Developer metadata is found by a developerMetadataLookup.")
        found += [
            one["metadataId"] for one in matching(batch.book, batch.caller.project, item["developerMetadataLookup"])
        ]
    return found


@request("updateDeveloperMetadata")
def update_developer_metadata(batch: Batch, given: Message) -> Message:
    book = batch.book
    new = required(given, "developerMetadata")
    mask = writing(discovery.sheets(), "DeveloperMetadata", given.get("fields"))
    found = set(_found(batch, required(given, "dataFilters")))
    changed = []
    for place, (project, item) in enumerate(book.metadata):
        if item["metadataId"] in found:
            rest = {name: inner for name, inner in mask.items() if name not in ("location", "metadataId")}
            result = written(item, normalised("DeveloperMetadata", new), rest) if rest else dict(item)
            if not mask or touches(mask, "location"):
                result["location"] = _location(book, required(new, "location"))
            if not result.get("metadataKey"):
                raise invalid("developerMetadata.metadataKey must be set.")
            book.metadata[place] = (project, result)
            changed.append(result)
    return {"developerMetadata": changed} if changed else {}


@request("deleteDeveloperMetadata")
def delete_developer_metadata(batch: Batch, given: Message) -> Message:
    found = set(_found(batch, [required(given, "dataFilter")]))
    gone = [item for _, item in batch.book.metadata if item["metadataId"] in found]
    batch.book.metadata = [pair for pair in batch.book.metadata if pair[1]["metadataId"] not in found]
    return {"deletedDeveloperMetadata": gone} if gone else {}
