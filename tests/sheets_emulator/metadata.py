"""Developer metadata and data filters: what is found by key, id, value or place rather than by position."""

from __future__ import annotations

from .book import Book
from .errors import invalid
from .geometry import overlap
from .messages import Message
from .ranges import Area, area, of_grid

Located = tuple[Message, Area | None]


def visible(book: Book, project: str) -> list[Message]:
    """The metadata that a project may see: everybody's of the document, and its own."""
    return [item for owner, item in book.metadata if item["visibility"] == "DOCUMENT" or owner == project]


def place(item: Message) -> Message | None:
    """Where metadata is, as a `GridRange`; `None` when it is the spreadsheet's."""
    location = item["location"]
    if location["locationType"] == "SPREADSHEET":
        return None
    given = location.get("dimensionRange")
    if given is None:
        return {"sheetId": location.get("sheetId", 0)}
    name = "Row" if given["dimension"] == "ROWS" else "Column"
    found = {"sheetId": given.get("sheetId", 0), f"start{name}Index": given.get("startIndex", 0)}
    if "endIndex" in given:
        found[f"end{name}Index"] = given["endIndex"]
    return found


def matching(book: Book, project: str, lookup: Message) -> list[Message]:
    """The metadata that a `DeveloperMetadataLookup` finds; every field of it must match."""
    wanted = _lookup_place(lookup)
    strategy = lookup.get("locationMatchingStrategy")
    return [
        item
        for item in visible(book, project)
        if all(
            lookup[name] == item.get(name) for name in ("metadataId", "metadataKey", "metadataValue") if name in lookup
        )
        and lookup.get("visibility", item["visibility"]) == item["visibility"]
        and _type_matches(lookup.get("locationType"), item)
        and (wanted is None or _place_matches(wanted, item, strategy))
    ]


def _type_matches(wanted: str | None, item: Message) -> bool:
    return wanted in (None, "DEVELOPER_METADATA_LOCATION_TYPE_UNSPECIFIED", item["location"]["locationType"])


def _lookup_place(lookup: Message) -> Message | None:
    """The location that a lookup names, in the form of a metadata's own."""
    given = lookup.get("metadataLocation")
    if given is None:
        return None
    if "dimensionRange" in given:
        kind = "ROW" if given["dimensionRange"].get("dimension") == "ROWS" else "COLUMN"
        return {"location": {"locationType": kind, "dimensionRange": given["dimensionRange"]}}
    if given.get("spreadsheet"):
        return {"location": {"locationType": "SPREADSHEET"}}
    return {"location": {"locationType": "SHEET", "sheetId": given.get("sheetId", 0)}}


def _place_matches(wanted: Message, item: Message, strategy: str | None) -> bool:
    outer, inner = place(wanted), place(item)
    if strategy == "INTERSECTING_LOCATION":
        return outer is None or (inner is not None and overlap(outer, inner))
    return outer == inner


def by_filter(book: Book, project: str, given: Message) -> list[Located]:
    """What a `DataFilter` finds: the metadata that matched (or `{}`), and its area (`None`: the spreadsheet)."""
    if len(given) != 1:
        raise invalid("A data filter has exactly one of a1Range, developerMetadataLookup and gridRange.")
    if "a1Range" in given:
        return [({}, area(book, given["a1Range"]))]
    if "gridRange" in given:
        return [({}, of_grid(book, given["gridRange"]))]
    found: list[Located] = []
    for item in matching(book, project, given["developerMetadataLookup"]):
        where = place(item)
        found.append((item, None if where is None else of_grid(book, where)))
    return found
