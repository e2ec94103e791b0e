"""Which call of which service a path is: as the discovery documents say."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from . import discovery
from .discovery import Document, Method

# A spreadsheet's id has no colon; a range may have anything in it.
PATTERNS = {"range": "(?P<range>.+)", "spreadsheetId": "(?P<spreadsheetId>[^/:]+)"}
VERBS = re.compile(r":[A-Za-z]+\Z")
PREFIXES = {"sheets": ("/",), "drive": ("/drive/v3/", "/upload/drive/v3/")}
# gspread imports CSV files through the second version of Drive.
OLD_UPLOAD = re.compile(r"/upload/drive/v2/files/(?P<fileId>[^/]+)\Z")


@dataclass(frozen=True)
class Route:
    document: Document
    method: Method
    pattern: re.Pattern[str]


@functools.cache
def routes() -> tuple[Route, ...]:
    """All calls; those with a verb (`…:append`) before those that would take the verb for a part of a range."""
    found = []
    for document in (discovery.sheets(), discovery.drive()):
        for method in document.methods.values():
            parts = re.split(r"\{(\w+)\}", method.path)
            text = "".join(
                PATTERNS.get(part, f"(?P<{part}>[^/:]+)") if index % 2 else re.escape(part)
                for index, part in enumerate(parts)
            )
            prefix = "|".join(re.escape(prefix) for prefix in PREFIXES[document.name])
            found.append(Route(document, method, re.compile(f"(?:{prefix}){text}")))
    return tuple(sorted(found, key=lambda route: VERBS.search(route.method.path) is None))


def find(http_method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    for route in routes():
        if route.method.http_method == http_method:
            match = route.pattern.fullmatch(path)
            if match is not None:
                return route, match.groupdict()
    return None
