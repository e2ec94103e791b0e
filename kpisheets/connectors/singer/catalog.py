"""A tap's catalog: which streams it has, and the same with one of them selected."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

FULL, INCREMENTAL = "FULL_TABLE", "INCREMENTAL"


def streams(catalog: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The streams by the names under which their records come."""
    found = {}
    for entry in catalog.get("streams", ()):
        found[str(entry.get("stream") or entry["tap_stream_id"])] = entry
    return found


def selected(catalog: Mapping[str, Any], stream: str) -> dict[str, Any]:
    """The catalog with one stream selected, whole, and no other."""
    found = copy.deepcopy(dict(catalog))
    for name, entry in streams(found).items():
        wanted = name == stream
        entry["selected"] = wanted
        root: list[dict[str, Any]] = [one for one in entry.setdefault("metadata", []) if not one.get("breadcrumb")]
        if not root:
            root = [{"breadcrumb": [], "metadata": {}}]
            entry["metadata"] += root
        root[0].setdefault("metadata", {})["selected"] = wanted
        for one in entry["metadata"]:
            said = one.get("metadata", {})
            usable = said.get("inclusion") != "unsupported" and said.get("selected-by-default") is not False
            if one.get("breadcrumb") and wanted and usable:
                said["selected"] = True
    return found


def method(entry: Mapping[str, Any], bookmarks: tuple[str, ...]) -> str:
    """Whether a run brings the whole stream or what is new since the last state.

    ``bookmarks`` are those of the stream's SCHEMA, for taps whose catalog does not say.
    """
    root: Mapping[str, Any] = next(
        (one.get("metadata", {}) for one in entry.get("metadata", ()) if not one.get("breadcrumb")), {}
    )
    said = (
        root.get("replication-method")
        or entry.get("replication_method")
        or root.get("forced-replication-method")
        or (INCREMENTAL if bookmarks else FULL)
    )
    return str(said).upper()
