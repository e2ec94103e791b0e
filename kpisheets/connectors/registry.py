"""Which connector answers to which URL: our own, those of installed packages, a project's own file, any database."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import cast
from urllib.parse import urlsplit

from kpisheets.connectors.base import Connection, Divided, Extractor, Opening
from kpisheets.errors import BadConfig

GROUP = "kpisheets.connectors"
"""The group of entry points under which a package names its connectors, by the scheme of their URLs."""

Opener = Callable[[Opening], Connection | Divided | Extractor]

_openers: dict[str, str | Opener] = {
    "duckdb": "kpisheets.connectors.databases.duckdb:open_database",
    "sqlite": "kpisheets.connectors.databases.sqlite:open_database",
    "sc": "kpisheets.connectors.databases.spark:open_cluster",
    "spark": "kpisheets.connectors.databases.spark:open_master",
    "python": "kpisheets.connectors.own:open_own",
    "ga4": "kpisheets.connectors.ga4.source:open_property",
    "gsheet": "kpisheets.connectors.gsheet:open_spreadsheet",
    "singer": "kpisheets.connectors.singer.source:open_tap",
    "": "kpisheets.connectors.files.tables:open_files",
    "file": "kpisheets.connectors.files.tables:open_files",
    **dict.fromkeys(
        ("http", "https", "s3", "gs", "az", "abfs", "sftp"), "kpisheets.connectors.files.remote:open_remote"
    ),
    **dict.fromkeys(("tryton+http", "tryton+https"), "kpisheets.connectors.erp.tryton:open_tryton"),
    **dict.fromkeys(("odoo+http", "odoo+https"), "kpisheets.connectors.erp.odoo:open_odoo"),
    **dict.fromkeys(("odata+http", "odata+https"), "kpisheets.connectors.erp.odata.source:open_odata"),
}
_WITHOUT_SLASHES = ("python:", "singer:")
_FALLBACK = "kpisheets.connectors.databases.sql:open_database"
_SERVICE = "kpisheets.connectors.rest.source:open_service"


def register(scheme: str, opener: Opener) -> None:
    """Let ``opener`` open the URLs that begin with ``scheme://``."""
    _openers[scheme.casefold()] = opener


def connect(opening: Opening) -> Connection | Divided:
    """Open a source read-only, by the scheme of its URL. Unreachable, or NotAllowed, when it can't be opened."""
    opened = _opener(_scheme(opening.url.value))(opening)
    if hasattr(opened, "records"):
        from kpisheets.connectors.extracted.connection import Extracted

        return Extracted(cast(Extractor, opened), opening)
    return opened


def _scheme(url: str) -> str:
    if url.casefold().startswith(_WITHOUT_SLASHES):
        return url.partition(":")[0].casefold()
    return urlsplit(url).scheme.casefold() if "://" in url else ""


def _opener(scheme: str) -> Opener:
    found: str | Opener | None = _openers.get(scheme)
    if found is None:
        installed = [entry for entry in entry_points(group=GROUP) if entry.name.casefold() == scheme]
        if len({entry.value for entry in installed}) > 1:
            packages = ", ".join(sorted({entry.dist.name for entry in installed if entry.dist}))
            raise BadConfig(f"several packages open {scheme}://: {packages}", mend="uninstall all but one")
        if installed:
            return _loaded(scheme, installed[0].load)
        found = _SERVICE if scheme.endswith(("+http", "+https")) else _FALLBACK
    if isinstance(found, str):
        module, _, name = found.partition(":")
        return cast(Opener, getattr(importlib.import_module(module), name))
    return found


def _loaded(scheme: str, load: Callable[[], object]) -> Opener:
    try:
        return cast(Opener, load())
    except Exception as error:  # a package of somebody else: anything may go wrong while it is imported
        said = f"the connector of {scheme}:// can't be loaded: {type(error).__name__}: {error}"
        raise BadConfig(said, mend="install or mend the package that brings it") from None
