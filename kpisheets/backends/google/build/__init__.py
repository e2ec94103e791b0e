"""The tabs as requests for Google Sheets: ``draw`` gives what one ``batchUpdate`` has to carry, and what will be read
when it has been carried out. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kpisheets.backends.google.build.canvas import GoogleCanvas
from kpisheets.backends.google.reading.snapshot import Snapshot
from kpisheets.backends.google.writing.requests import Request
from kpisheets.backends.tabs import Content, lay_out

__all__ = ["Drawing", "draw"]


@dataclass(frozen=True, slots=True)
class Drawing:
    """``requests`` make the tabs, without formulas and computed numbers; ``snapshot`` is what they make."""

    requests: list[Request]
    snapshot: Snapshot


def draw(
    content: Content,
    titles: Mapping[str, str] | None = None,
    *,
    taken: Collection[int] = (),
    left: Mapping[str, str] = MappingProxyType({}),
    fresh: int | None = None,
) -> Drawing:
    """Draw the tabs. ``titles`` are theirs by key (default: the language's).

    ``taken`` are the ids of the tabs that there are, ``left`` those of the names, among which may be the names of KPI
    tabs that somebody deleted. ``fresh`` is the one blank tab of a spreadsheet that nobody has seen yet: it goes, and
    the spreadsheet gets the language's locale and the project's time zone, which those of people keep.
    """
    canvas = GoogleCanvas(taken)
    lay_out(canvas, content, titles)
    snapshot = canvas.snapshot(content.project)
    stale = [{"deleteNamedRange": {"namedRangeId": id}} for name, id in left.items() if name in snapshot.names]
    requests = [*stale, *canvas.requests()]
    if fresh is not None:
        requests = [_properties(content), *requests, {"deleteSheet": {"sheetId": fresh}}]
    return Drawing(requests, snapshot)


_UTC = frozenset({"UTC", "Etc/UTC", "GMT", "Etc/GMT", "Zulu", "Etc/Zulu", "UCT", "Etc/UCT", "Universal"})


def _properties(content: Content) -> Request:
    """Before everything else: the locale decides how what follows is shown."""
    zone = "Etc/GMT" if content.timezone in _UTC else content.timezone
    properties = {"locale": content.language.locale.babel, "timeZone": zone}
    return {"updateSpreadsheetProperties": {"properties": properties, "fields": "locale,timeZone"}}
