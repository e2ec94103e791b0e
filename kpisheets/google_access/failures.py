"""What a refusal of Google's means for a person: an error with its exit code, and what to click or run."""

from __future__ import annotations

from kpisheets.errors import BadConfig, Defect, KpisheetsError, NotAllowed
from kpisheets.google_access.account_rules import ACCOUNT_RULES
from kpisheets.google_access.caller import Caller
from kpisheets.google_access.case import Case
from kpisheets.google_access.file_rules import FILE_ID, FILE_RULES, Moved, how_to_share
from kpisheets.google_access.mail_rules import MAIL_RULES
from kpisheets.google_access.refusals import Refusal

__all__ = ["Moved", "explained"]


def explained(refusal: Refusal, caller: Caller, path: str, *, api_root: str = "") -> KpisheetsError:
    """The error for a refusal of a request to ``path`` by ``caller``."""
    case, where = Case(refusal, caller, path), _where(path)
    rules = MAIL_RULES if path.startswith("/gmail/") else FILE_RULES
    for rule in (*ACCOUNT_RULES, *rules):
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
        return NotAllowed(f"Google does not allow it ({said})", where=where, mend=how_to_share(caller))
    return Defect(f"Google refuses a request ({said})", where=where, mend="please report it with what --verbose shows")


def _where(path: str) -> str:
    found = FILE_ID.search(path)
    return f"spreadsheet {found[1]}" if found else "Google"
