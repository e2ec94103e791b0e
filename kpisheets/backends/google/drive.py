"""The file that a spreadsheet is in Drive: found by its project's mark, made, shared."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from urllib.parse import quote

from kpisheets.errors import KpisheetsError, NotAllowed
from kpisheets.google_access.api import Api, Unanswered

_FILES = "/drive/v3/files"
_SPREADSHEET = "application/vnd.google-apps.spreadsheet"
_KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
_MARK = "kpisheets"
"""Key of the property that names the project. Other programs don't see it."""


def mark(project: str, title: str) -> str:
    """How Drive knows a project whose spreadsheet has no id in ``kpisheets.toml`` yet, on whatever machine."""
    return hashlib.sha256(f"{project}\n{title}".encode()).hexdigest()[:40]


def find(api: Api, project: str) -> str | None:
    """The id of the project's spreadsheet, the oldest where there are several."""
    wanted = f"appProperties has {{ key='{_MARK}' and value='{project}' }}"
    params = {
        "q": f"{wanted} and mimeType='{_SPREADSHEET}' and trashed=false",
        "fields": "files(id)",
        "orderBy": "createdTime",
        "pageSize": "10",
        "supportsAllDrives": "true",
        "includeItemsFromAllDrives": "true",
    }
    found = api.request("GET", _FILES, params=params).get("files", ())
    return next((str(file["id"]) for file in found), None)


def create(api: Api, title: str, project: str, folder: str | None) -> str:
    """Make a blank spreadsheet; its id. Where the answer is lost it is looked for, never made a second time."""
    body = {"name": title, "mimeType": _SPREADSHEET, "appProperties": {_MARK: project}}
    if folder:
        body["parents"] = [folder]
    params = {"fields": "id", "supportsAllDrives": "true"}
    try:
        return str(api.request("POST", _FILES, params=params, body=body, repeatable=False)["id"])
    except Unanswered:
        found = find(api, project)
        if found is None:
            raise
        return found


def share(api: Api, spreadsheet: str, addresses: Iterable[str]) -> None:
    """Let people edit it, without a mail to them. Each is tried; NotAllowed names those with whom it failed."""
    failed: dict[str, KpisheetsError] = {}
    for address in addresses:
        try:
            api.request(
                "POST",
                f"{_FILES}/{quote(spreadsheet, safe='')}/permissions",
                params={"sendNotificationEmail": "false", "supportsAllDrives": "true", "fields": "id"},
                body={"type": "user", "role": "writer", "emailAddress": address},
            )
        except KpisheetsError as error:
            failed[address] = error
    if failed:
        first = next(iter(failed.values()))
        raise NotAllowed(
            f"the spreadsheet is made, but not shared with {', '.join(failed)} ({first.what})",
            where=link(spreadsheet),
            mend="open it and share it there: the next run does not try again",
        ) from first


def export(api: Api, spreadsheet: str, kind: str) -> bytes:
    """The whole spreadsheet as a file: ``xlsx`` or ``pdf``. BadData where it is larger than what Drive exports."""
    return api.download(f"{_FILES}/{quote(spreadsheet, safe='')}/export", params={"mimeType": _KINDS[kind]})


def link(spreadsheet: str) -> str:
    """The address under which people open it."""
    return f"https://docs.google.com/spreadsheets/d/{spreadsheet}/edit"
