"""What Google refuses for reasons of the file: whose it is, who may edit it, how large it is, what is in it."""

from __future__ import annotations

import re

from kpisheets.errors import BadData, CannotWrite, KpisheetsError, NotAllowed
from kpisheets.google_access.caller import Caller, Kind
from kpisheets.google_access.case import Case, Rule

FILE_ID = re.compile(r"/(?:spreadsheets|files)/([\w-]+)")

_MISSING = re.compile(r"File not found: ([\w-]+)")


class NoSpreadsheet(BadData):
    """Google knows no spreadsheet of that id, or does not show it to this account."""


class Moved(BadData):
    """A range, tab or name that a request speaks of is not there (any more)."""


def _storage(case: Case) -> KpisheetsError | None:
    if case.refusal.reason not in ("storageQuotaExceeded", "teamDriveFileLimitExceeded") and not (
        case.refusal.code == 403 and "storage quota" in case.refusal.message
    ):
        return None
    if case.caller.owns_nothing:
        return NotAllowed(
            f"the service account {case.caller.email} has no storage in Drive and can own no spreadsheet",
            where="Google Drive",
            mend=f"make an empty spreadsheet yourself, share it with {case.caller.email} as Editor and put its id into "
            "[workbook] id; or put a folder of a Shared Drive, shared with that address as Content manager, into "
            "[workbook] folder; or sign in as a person with `kpisheets login`",
        )
    return CannotWrite(
        f"the Drive of {case.caller.name} is full", where="Google Drive", mend="make room there, or use another account"
    )


def _protected(case: Case) -> KpisheetsError | None:
    if "protected cell" not in case.refusal.message:
        return None
    return NotAllowed(
        f"cells that are to be written are protected against {case.caller.name}",
        mend=f"in the spreadsheet, open Data, Protect sheets and ranges, and let {case.caller.name} edit them",
    )


def _too_large(case: Case) -> KpisheetsError | None:
    if case.refusal.reason == "exportSizeLimitExceeded":
        mend = 'remove tabs that are not needed, or send the report without it: attach = ["none"]'
        return BadData("it is larger than what Google exports (10 MB)", mend=mend)
    if "above the limit of" in case.refusal.message:
        return BadData(
            f"the spreadsheet is full ({case.refusal.message.rstrip('.')})",
            mend="delete tabs, rows or columns that are not needed, or begin a new spreadsheet",
        )
    return None


def _other_kind(case: Case) -> KpisheetsError | None:
    if case.refusal.code != 400 or "not supported for this document" not in case.refusal.message:
        return None
    mend = "open it in Drive, choose File, Save as Google Sheets, and put the id of the new file into [workbook] id"
    return BadData("it is an Excel file in Drive, not a Google spreadsheet", mend=mend)


def _not_exported(case: Case) -> KpisheetsError | None:
    """A person grants no look at the whole of their Drive, and export takes that for what kpisheets did not make."""
    is_person = case.caller.kind is Kind.PERSON or case.caller.subject
    if not case.path.endswith("/export") or case.refusal.code != 404 or not is_person:
        return None
    return NotAllowed(
        f"Drive exports for {case.caller.name} only what kpisheets made",
        mend='send the report without it (attach = ["none"]), sign in with the key of a service account, or let '
        "kpisheets make the spreadsheet (title instead of id)",
    )


def _missing(case: Case) -> KpisheetsError | None:
    if case.refusal.code != 404 or case.refusal.foreign:
        return None
    found = _MISSING.search(case.refusal.message) or FILE_ID.search(case.path)
    name = found[1] if found else ""
    share = (
        f"share it with {case.caller.name} as {case.caller.role}"
        if case.caller.email
        else "share it with the account that signed in"
    )
    if name and name not in case.path:
        return NotAllowed(
            f"Drive shows no folder {name} to {case.caller.name}",
            where="kpisheets.toml, [workbook]",
            mend=f"correct folder (the last part of its address), and {share}; or remove the line",
        )
    id = "the id in the source's url" if case.caller.reads else "[workbook] id"
    return NoSpreadsheet(
        f"Google shows no spreadsheet with this id to {case.caller.name}",
        mend=f"correct {id} (in its address, what stands between /d/ and /edit), take it out of Drive's bin, "
        f"or {share}{_or_sign_in(case.caller)}",
    )


def _not_shared(case: Case) -> KpisheetsError | None:
    signs = ("insufficientFilePermissions", "forbidden", "")
    if case.refusal.code != 403 or case.refusal.reason not in signs or "does not have" not in case.refusal.message:
        return None
    return NotAllowed(
        f"the spreadsheet is not shared with {case.caller.name} as {case.caller.role}", mend=how_to_share(case.caller)
    )


def _sharing(case: Case) -> KpisheetsError | None:
    signs = ("invalidSharingRequest", "cannotInviteNonGoogleUser", "shareOutNotPermitted", "shareOutNotPermittedToUser")
    if case.refusal.reason not in signs:
        return None
    mend = "correct the address, or open the spreadsheet, click Share and add it there"
    return NotAllowed(f"it cannot be shared like this ({case.refusal.message.rstrip('.')})", mend=mend)


def _moved(case: Case) -> KpisheetsError | None:
    """What was there when the spreadsheet was read, and is not any more."""
    signs = ("No grid with id", "exceeds grid limits", "Unable to parse range", "No data matched", "does not exist")
    if case.refusal.code != 400 or not any(sign in case.refusal.message for sign in signs):
        return None
    return Moved(
        f"the spreadsheet is not as it was read ({case.refusal.message.rstrip('.')})",
        mend="run it again; if that does not help, please report it with what --verbose shows",
    )


def how_to_share(caller: Caller) -> str:
    return f"open it in a browser, click Share, and add {caller.name} as {caller.role}{_or_sign_in(caller)}"


def _or_sign_in(caller: Caller) -> str:
    """A person may have granted too little: what is asked for depends on the id."""
    again = ", or run `kpisheets login` again (with another account, or because id was set since)"
    return again if caller.kind is Kind.PERSON else ""


FILE_RULES: tuple[Rule, ...] = (
    _storage,
    _protected,
    _too_large,
    _other_kind,
    _not_exported,
    _missing,
    _not_shared,
    _sharing,
    _moved,
)
