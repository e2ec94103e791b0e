"""What Gmail refuses for reasons of a message, or of the mailbox that it is sent from."""

from __future__ import annotations

from kpisheets.errors import BadData, KpisheetsError, NotAllowed
from kpisheets.google_access.case import Case, Rule


def _no_mailbox(case: Case) -> KpisheetsError | None:
    lower = case.refusal.message.lower()
    if "precondition check failed" not in lower and "mail service not enabled" not in lower:
        return None
    return NotAllowed(
        f"{case.caller.name} has no mailbox at Gmail",
        where="Gmail",
        mend='name the person who sends: [mail] url = "gmail://kpi@example.org" (docs/mail.md)',
    )


def _too_large(case: Case) -> KpisheetsError | None:
    if case.refusal.code != 413 and "too large" not in case.refusal.message.lower():
        return None
    mend = 'send it without the workbook: attach = ["none"]'
    return BadData(f"the message is too large for Gmail ({case.refusal.message})", where="Gmail", mend=mend)


def _not_allowed(case: Case) -> KpisheetsError | None:
    if case.refusal.code != 403:
        return None
    return NotAllowed(
        f"Gmail does not let {case.caller.name} send ({case.refusal.message})",
        where="Gmail",
        mend="check [mail] url and what the account may do (docs/mail.md)",
    )


def _message(case: Case) -> KpisheetsError | None:
    if case.refusal.code != 400:
        return None
    return BadData(f"Gmail refuses the message ({case.refusal.message})", where="Gmail", mend="correct the address")


MAIL_RULES: tuple[Rule, ...] = (_no_mailbox, _too_large, _not_allowed, _message)
