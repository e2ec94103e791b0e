"""``[workbook]``: where the workbook is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from kpisheets.config.texts import addresses
from kpisheets.files import file_name
from kpisheets.toml.document import Document, quoted, suggestion

BACKENDS = ("excel", "google")
KEYS = ("backend", "path", "backups", "backups_mb", "id", "title", "folder", "share", "link", "targets_tab")

_LINK = re.compile(r"https?://[^\s/]\S*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WorkbookSettings:
    """``[workbook]``: an Excel file (``path``, absolute) or a Google spreadsheet.

    For Google, ``id`` adopts a spreadsheet; without it one called ``title`` is created in ``folder`` and shared with
    ``share``. ``path`` is ``None`` for Google. ``backups`` former versions of an Excel file are kept, ``backups_mb``
    megabytes in all, and the newest always. ``link`` is the address under which people open it, where the tool can't
    know it. ``targets_tab``: provision adds the tab Targets.
    """

    backend: str
    path: Path | None
    id: str | None
    title: str
    folder: str | None
    backups: int = 5
    backups_mb: int = 500
    share: tuple[str, ...] = ()
    link: str = ""
    targets_tab: bool = False


def workbook(document: Document, root: Path, project: str) -> WorkbookSettings:
    table = document.section("workbook", KEYS)
    backend = table.text("backend", "excel")
    if backend not in BACKENDS:
        table.refuse("backend", f"unknown backend {quoted(backend)}", suggestion(backend, BACKENDS))
    written = table.text("path", file_name(f"{project} KPIs.xlsx"))
    path = root / written
    if path.is_dir():
        table.refuse("path", f"{quoted(written)} is a folder", "name a file in it, ending in .xlsx")
    elif path.suffix.lower() not in (".xlsx", ".xlsm"):
        table.refuse("path", f"{quoted(written)} is not the name of an Excel file", "end it in .xlsx or .xlsm")
    google = {key: table.text(key) or None for key in ("id", "title", "folder")}
    for key, value in google.items():
        if backend == "excel" and value is not None:
            table.refuse(key, f"{quoted(key)} is for Google Sheets", 'write backend = "google", or remove this line')
    share = addresses(table, "share")
    if share and backend == "excel":
        table.refuse(
            "share", f"{quoted('share')} is for Google Sheets", 'write backend = "google", or remove this line'
        )
    link = table.text("link")
    if link and not _LINK.fullmatch(link):
        table.refuse("link", f"{quoted(link)} is not a web address", "begin it with https://, without blanks")
    return WorkbookSettings(
        backend=backend,
        path=path if backend == "excel" else None,
        backups=table.whole("backups", 5, 0, 1000, "a number of copies, 0 to 1000"),
        backups_mb=table.whole("backups_mb", 500, 1, 1_000_000, "a number of megabytes, 1 to 1000000"),
        id=google["id"],
        title=google["title"] or f"{project} KPIs",
        folder=google["folder"],
        share=share,
        link=link,
        targets_tab=table.flag("targets_tab"),
    )
