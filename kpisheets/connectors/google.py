"""How a source of Google's signs in: as the project does, unless its URL says otherwise."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from kpisheets.config import GoogleSettings
from kpisheets.connectors.base import Opening
from kpisheets.errors import BadConfig

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def settings(opening: Opening) -> GoogleSettings:
    """``[google]``, with what the URL says behind its question mark: ``credentials``, and ``endpoint`` in place of
    Google's own address; patient no longer than the source's timeout.

    BadConfig for an endpoint to which what signs every request would travel in the clear.
    """
    options, found = opening.options, opening.google
    endpoint = options.get("endpoint", "").rstrip("/")
    parts = urlsplit(endpoint)
    if endpoint and parts.scheme != "https" and parts.hostname not in _THIS_MACHINE:
        raise BadConfig(f"the endpoint {endpoint} is not encrypted", mend="begin it with https://")
    return replace(
        found,
        credentials=options.get("credentials") or found.credentials,
        api_root=endpoint or found.api_root,
        deadline=max(1, min(found.deadline, int(opening.timeout))),
    )
