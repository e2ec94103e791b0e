"""What a refusal of Google's means for a person: an error with its exit code, and what to click or run."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from kpisheets.backends.google.caller import Caller, Kind
from kpisheets.backends.google.refusals import Refusal
from kpisheets.errors import BadConfig, BadData, CannotWrite, Defect, KpisheetsError, NotAllowed, TryLater

_APIS = {"sheets": "the Google Sheets API", "drive": "the Google Drive API"}
_ID = re.compile(r"/(?:spreadsheets|files)/([\w-]+)")
_MISSING = re.compile(r"File not found: ([\w-]+)")
_CONSOLE = "https://console.cloud.google.com/apis/library/{}.googleapis.com"
_GCLOUD = "gcloud auth application-default login --scopes=openid,https://www.googleapis.com/auth/{}"


class Moved(BadData):
    """A range, tab or name that a request speaks of is not there (any more)."""


@dataclass(frozen=True, slots=True)
class _Case:
    """A refusal of what ``caller`` asked of ``path``."""

    refusal: Refusal
    caller: Caller
    path: str


def explained(refusal: Refusal, caller: Caller, path: str, *, api_root: str = "") -> KpisheetsError:
    """The error for a refusal of a request to ``path`` by ``caller``."""
    case, where = _Case(refusal, caller, path), _where(path)
    for rule in _RULES:
        if (error := rule(case)) is not None:
            error.where = error.where or where
            return error
    said = refusal.message or f"code {refusal.code}"
    if refusal.foreign and api_root:
        return BadConfig(
            f"{api_root} does not answer as Google does ({refusal.code} {refusal.message})".replace(" )", ")"),
            where="kpisheets.toml, [google]",
            mend="correct api_root, or remove it: Google's own address is the default",
        )
    if refusal.code == 403:
        return NotAllowed(f"Google does not allow it ({said})", where=where, mend=_share(caller))
    return Defect(f"Google refuses a request ({said})", where=where, mend="please report it with what --verbose shows")


def _where(path: str) -> str:
    found = _ID.search(path)
    return f"spreadsheet {found[1]}" if found else "Google"


def _api(path: str) -> str:
    return "drive" if path.startswith(("/drive/", "/upload/")) else "sheets"


def _rate(case: _Case) -> KpisheetsError | None:
    if not case.refusal.is_rate:
        return None
    said = f"{case.refusal.code} {case.refusal.reason or case.refusal.status}".strip()
    return TryLater(
        f"Google takes no more requests of {case.caller.name} for now ({said})",
        where="Google",
        mend="run it again in a few minutes; if that is the rule, spread the runs, or ask Google for a larger quota",
    )


def _passing(case: _Case) -> KpisheetsError | None:
    if not case.refusal.is_passing and case.refusal.status != "ABORTED":
        return None
    said = f"{case.refusal.code} {case.refusal.message}".strip()
    return TryLater(f"Google fails ({said})", where="Google", mend="run it again in a few minutes")


def _daily(case: _Case) -> KpisheetsError | None:
    if case.refusal.reason in ("dailyLimitExceeded", "quotaExceeded", "sharingRateLimitExceeded"):
        said = f"a limit of Google's is reached for today ({case.refusal.message})"
        return TryLater(said, where="Google", mend="run it again tomorrow, or ask Google for a larger quota")
    return None


def _signed_out(case: _Case) -> KpisheetsError | None:
    if case.refusal.code != 401:
        return None
    mend = {
        Kind.PERSON: "run `kpisheets login` again",
        Kind.SERVICE: "make a new key for the service account, and put it where the old one was",
        Kind.DEFAULT: "run `gcloud auth application-default login` again",
    }[case.caller.kind]
    return NotAllowed(
        f"Google does not accept the sign-in ({case.refusal.message})", where=case.caller.found, mend=mend
    )


def _nobody_pays(case: _Case) -> KpisheetsError | None:
    if "requires a quota project" not in case.refusal.message:
        return None
    return NotAllowed(
        "the sign-in of gcloud belongs to no project in Google Cloud",
        where=case.caller.found,
        mend="run `gcloud auth application-default set-quota-project PROJECT`, with the project's ID",
    )


def _disabled(case: _Case) -> KpisheetsError | None:
    off = ("SERVICE_DISABLED", "accessNotConfigured")
    if case.refusal.code != 403 or not (
        case.refusal.reason in off or "has not been used in project" in case.refusal.message
    ):
        return None
    service = case.refusal.metadata.get("service", "").partition(".")[0] or _api(case.path)
    found = re.search(r"project (\S+)", case.refusal.message)
    project = case.refusal.metadata.get("consumer", "").removeprefix("projects/") or (found[1] if found else "")
    project = project or case.caller.project
    address = _CONSOLE.format(service) + (f"?project={project}" if project else "")
    return NotAllowed(
        f"{_APIS.get(service, service)} is not enabled in the Google Cloud project {project}".rstrip(),
        where="Google",
        mend=f"open {address}, click Enable, wait a minute and run it again",
    )


def _scopes(case: _Case) -> KpisheetsError | None:
    signs = ("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions", "insufficientScopes")
    if case.refusal.code != 403 or not (
        case.refusal.reason in signs or "insufficient authentication scopes" in case.refusal.message
    ):
        return None
    mend = {
        Kind.PERSON: "run `kpisheets login` again, and tick every box that Google shows",
        Kind.SERVICE: "let the key be read by kpisheets itself, or grant the scopes that docs/google.md lists",
        Kind.DEFAULT: f"run `{_GCLOUD.format('spreadsheets')},https://www.googleapis.com/auth/drive.file`; on a "
        "machine at Google, give its account these scopes",
    }[case.caller.kind]
    return NotAllowed("the sign-in does not cover this spreadsheet", where=case.caller.found, mend=mend)


def _storage(case: _Case) -> KpisheetsError | None:
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


def _protected(case: _Case) -> KpisheetsError | None:
    if "protected cell" not in case.refusal.message:
        return None
    return NotAllowed(
        f"cells that are to be written are protected against {case.caller.name}",
        mend=f"in the spreadsheet, open Data, Protect sheets and ranges, and let {case.caller.name} edit them",
    )


def _too_large(case: _Case) -> KpisheetsError | None:
    if case.refusal.reason == "exportSizeLimitExceeded":
        mend = 'remove tabs that are not needed, or send the report without it: attach = ["none"]'
        return BadData("it is larger than what Google exports (10 MB)", mend=mend)
    if "above the limit of" in case.refusal.message:
        return BadData(
            f"the spreadsheet is full ({case.refusal.message.rstrip('.')})",
            mend="delete tabs, rows or columns that are not needed, or begin a new spreadsheet",
        )
    return None


def _other_kind(case: _Case) -> KpisheetsError | None:
    if case.refusal.code != 400 or "not supported for this document" not in case.refusal.message:
        return None
    mend = "open it in Drive, choose File, Save as Google Sheets, and put the id of the new file into [workbook] id"
    return BadData("it is an Excel file in Drive, not a Google spreadsheet", mend=mend)


def _missing(case: _Case) -> KpisheetsError | None:
    if case.refusal.code != 404 or case.refusal.foreign:
        return None
    found = _MISSING.search(case.refusal.message) or _ID.search(case.path)
    name = found[1] if found else ""
    share = (
        f"share it with {case.caller.name} as Editor"
        if case.caller.email
        else "share it with the account that signed in"
    )
    if name and name not in case.path:
        return NotAllowed(
            f"Drive shows no folder {name} to {case.caller.name}",
            where="kpisheets.toml, [workbook]",
            mend=f"correct folder (the last part of its address), and {share}; or remove the line",
        )
    return BadData(
        f"Google shows no spreadsheet with this id to {case.caller.name}",
        mend=f"correct [workbook] id (in its address, what stands between /d/ and /edit), take it out of Drive's bin, "
        f"or {share}{_or_sign_in(case.caller)}",
    )


def _not_granted(case: _Case) -> KpisheetsError | None:
    if case.refusal.reason == "appNotAuthorizedToFile":
        mend = "put its id into [workbook] id and run `kpisheets login` again: it then asks for more"
        return NotAllowed("the sign-in covers only the files that kpisheets made", mend=mend)
    if case.refusal.reason == "domainPolicy":
        mend = "ask the administrator of your Google Workspace to allow it"
        return NotAllowed("your organisation does not let this program use Drive", mend=mend)
    return None


def _not_shared(case: _Case) -> KpisheetsError | None:
    signs = ("insufficientFilePermissions", "forbidden", "")
    if case.refusal.code != 403 or case.refusal.reason not in signs or "does not have" not in case.refusal.message:
        return None
    return NotAllowed(f"the spreadsheet is not shared with {case.caller.name} as Editor", mend=_share(case.caller))


def _sharing(case: _Case) -> KpisheetsError | None:
    signs = ("invalidSharingRequest", "cannotInviteNonGoogleUser", "shareOutNotPermitted", "shareOutNotPermittedToUser")
    if case.refusal.reason not in signs:
        return None
    mend = "correct the address, or open the spreadsheet, click Share and add it there"
    return NotAllowed(f"it cannot be shared like this ({case.refusal.message.rstrip('.')})", mend=mend)


def _share(caller: Caller) -> str:
    return f"open it in a browser, click Share, and add {caller.name} as Editor{_or_sign_in(caller)}"


def _or_sign_in(caller: Caller) -> str:
    """A person may have granted too little: what is asked for depends on the id."""
    again = ", or run `kpisheets login` again (with another account, or because id was set since)"
    return again if caller.kind is Kind.PERSON else ""


def _moved(case: _Case) -> KpisheetsError | None:
    """What was there when the spreadsheet was read, and is not any more."""
    signs = ("No grid with id", "exceeds grid limits", "Unable to parse range", "No data matched", "does not exist")
    if case.refusal.code != 400 or not any(sign in case.refusal.message for sign in signs):
        return None
    return Moved(
        f"the spreadsheet is not as it was read ({case.refusal.message.rstrip('.')})",
        mend="run it again; if that does not help, please report it with what --verbose shows",
    )


_RULES: tuple[Callable[[_Case], KpisheetsError | None], ...] = (
    _rate,
    _passing,
    _daily,
    _signed_out,
    _nobody_pays,
    _disabled,
    _scopes,
    _storage,
    _protected,
    _too_large,
    _other_kind,
    _missing,
    _not_granted,
    _not_shared,
    _sharing,
    _moved,
)
