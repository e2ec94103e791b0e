"""What Google refuses for reasons of the account: its quota, its sign-in, its project, its scopes."""

from __future__ import annotations

import re

from kpisheets.errors import KpisheetsError, NotAllowed, TryLater
from kpisheets.google_access.caller import Kind
from kpisheets.google_access.case import Case, Rule

_APIS = {
    "sheets": "the Google Sheets API",
    "drive": "the Google Drive API",
    "gmail": "the Gmail API",
    "analyticsdata": "the Google Analytics Data API",
}
_CONSOLE = "https://console.cloud.google.com/apis/library/{}.googleapis.com"
_GCLOUD = "gcloud auth application-default login --scopes=openid,https://www.googleapis.com/auth/{}"


def _rate(case: Case) -> KpisheetsError | None:
    if not case.refusal.is_rate:
        return None
    said = f"{case.refusal.code} {case.refusal.reason or case.refusal.status}".strip()
    after = f"{case.refusal.after:.0f} seconds" if case.refusal.after else "a few minutes"
    return TryLater(
        f"Google takes no more requests of {case.caller.name} for now ({said})",
        where="Google",
        after=case.refusal.after,
        mend=f"run it again in {after}; if that is the rule, spread the runs, or ask Google for a larger quota",
    )


def _passing(case: Case) -> KpisheetsError | None:
    if not case.refusal.is_passing:
        return None
    said = f"{case.refusal.code} {case.refusal.message}".strip()
    return TryLater(f"Google fails ({said})", where="Google", mend="run it again in a few minutes")


def _daily(case: Case) -> KpisheetsError | None:
    if case.refusal.reason in ("dailyLimitExceeded", "quotaExceeded", "sharingRateLimitExceeded"):
        said = f"a limit of Google's is reached for today ({case.refusal.message})"
        return TryLater(said, where="Google", mend="run it again tomorrow, or ask Google for a larger quota")
    return None


def _signed_out(case: Case) -> KpisheetsError | None:
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


def _nobody_pays(case: Case) -> KpisheetsError | None:
    if "requires a quota project" not in case.refusal.message:
        return None
    return NotAllowed(
        "the sign-in of gcloud belongs to no project in Google Cloud",
        where=case.caller.found,
        mend="run `gcloud auth application-default set-quota-project PROJECT`, with the project's ID",
    )


def _disabled(case: Case) -> KpisheetsError | None:
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


def _scopes(case: Case) -> KpisheetsError | None:
    signs = ("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions", "insufficientScopes")
    if case.refusal.code != 403 or not (
        case.refusal.reason in signs or "insufficient authentication scopes" in case.refusal.message
    ):
        return None
    analytics = _api(case.path) == "analyticsdata"
    wanted = "analytics.readonly" if analytics else "spreadsheets,https://www.googleapis.com/auth/drive.file"
    mend = {
        Kind.PERSON: "run `kpisheets login` again, and tick every box that Google shows",
        Kind.SERVICE: "let the key be read by kpisheets itself, or grant the scopes that docs/google.md lists",
        Kind.DEFAULT: f"run `{_GCLOUD.format(wanted)}`; on a machine at Google, give its account these scopes",
    }[case.caller.kind]
    said = {
        "analyticsdata": "the sign-in does not cover Google Analytics",
        "gmail": "the sign-in does not cover sending mail",
    }.get(_api(case.path), "the sign-in does not cover this spreadsheet")
    return NotAllowed(said, where=case.caller.found, mend=mend)


def _not_granted(case: Case) -> KpisheetsError | None:
    if case.refusal.reason == "appNotAuthorizedToFile":
        mend = "put its id into [workbook] id and run `kpisheets login` again: it then asks for more"
        return NotAllowed("the sign-in covers only the files that kpisheets made", mend=mend)
    if case.refusal.reason == "domainPolicy":
        mend = "ask the administrator of your Google Workspace to allow it"
        return NotAllowed("your organisation does not let this program use Drive", mend=mend)
    return None


def _api(path: str) -> str:
    if path.startswith("/gmail/"):
        return "gmail"
    if path.startswith("/v1beta/"):
        return "analyticsdata"
    return "drive" if path.startswith(("/drive/", "/upload/")) else "sheets"


ACCOUNT_RULES: tuple[Rule, ...] = (
    _rate,
    _passing,
    _daily,
    _signed_out,
    _nobody_pays,
    _disabled,
    _scopes,
    _not_granted,
)
