"""Why a sign-in failed: google-auth's errors, and those of Google's token endpoint, as lines for a person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import requests
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError

from kpisheets.errors import BadConfig, KpisheetsError, NotAllowed, TryLater, Unreachable
from kpisheets.google_access import network
from kpisheets.google_access.caller import Caller, Kind
from kpisheets.google_access.retry import Failed

TOKEN_ENDPOINT = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address

_DELEGATION = "https://admin.google.com/ac/owl/domainwidedelegation"
_KEYS = "https://console.cloud.google.com/iam-admin/serviceaccounts"
_AUDIENCE = "https://console.cloud.google.com/auth/audience"
_CLIENTS = "https://console.cloud.google.com/auth/clients"


def failed(error: GoogleAuthError, caller: Caller) -> Failed | KpisheetsError:
    """``Failed`` where another attempt may help; an error where it can't."""
    if isinstance(error, TransportError):
        cause = next((arg for arg in error.args if isinstance(arg, requests.RequestException)), None)
        if cause is not None:
            # To ask for a token twice does no harm.
            url = cause.request.url if cause.request is not None else None
            found = network.failed(cause, str(url or TOKEN_ENDPOINT))
            if isinstance(found, Failed):
                return Failed(found.cause, certain=True, unreachable=found.unreachable)
            return found
        return Unreachable(f"the sign-in cannot be reached ({error})", where="Google", mend="check the network")
    if isinstance(error, RefreshError):
        said = _said(error)
        if error.retryable:
            later = TryLater(f"Google's sign-in fails ({said})", where="Google", mend="run it again in a few minutes")
            return Failed(later, certain=True)
        return _refused(_code(error), said, caller)
    return NotAllowed(f"the sign-in failed ({error})", where=caller.found, mend=_again(caller))


def _refused(code: str, said: str, caller: Caller) -> KpisheetsError:
    where, lower = caller.found, said.lower()
    if "short-lived token" in lower or "reasonable timeframe" in lower:
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
        return NotAllowed(
            f"the clock of this machine is wrong: it shows {now}",
            where="Google",
            mend="set it (switch on the synchronisation of time), and run it again",
        )
    if "invalid jwt signature" in lower or "account not found" in lower:
        mend = f"make a new key: open {_KEYS}, choose the account, Keys, Add key, Create new key, JSON"
        return NotAllowed(f"Google does not know this key any more ({said})", where=where, mend=mend)
    if caller.subject and (code == "unauthorized_client" or "invalid email" in lower):
        return NotAllowed(
            f"the service account may not act for {caller.subject} ({said})",
            where=where,
            mend=f"check [google] subject, and let an administrator add the account's client ID and scopes at "
            f"{_DELEGATION}; a change there takes a few minutes",
        )
    if code in ("invalid_client", "deleted_client", "unauthorized_client"):
        mend = f"make a new OAuth client of the type Desktop app at {_CLIENTS}, and run `kpisheets login`"
        return BadConfig(f"Google does not know this OAuth client any more ({said})", where=where, mend=mend)
    if code == "invalid_scope":
        return NotAllowed(f"the sign-in does not cover what is asked for ({said})", where=where, mend=_again(caller))
    if code == "invalid_grant":
        weekly = ""
        if caller.kind is Kind.PERSON:
            weekly = f"; if it expires every 7 days, the OAuth app is still being tested: publish it at {_AUDIENCE}"
        mend = _again(caller) + weekly
        return NotAllowed(f"the sign-in has expired or was revoked ({said})", where=where, mend=mend)
    return NotAllowed(f"Google refuses the sign-in ({said})", where=where, mend=_again(caller))


def _again(caller: Caller) -> str:
    return {
        Kind.PERSON: "run `kpisheets login`",
        Kind.SERVICE: f"check the service account and its keys at {_KEYS}",
        Kind.DEFAULT: "run `gcloud auth application-default login`",
    }[caller.kind]


def _code(error: RefreshError) -> str:
    answer = _answer(error)
    code = answer.get("error") if isinstance(answer, dict) else None
    return code if isinstance(code, str) else str(error.args[0] if error.args else "").partition(":")[0].strip()


def _said(error: RefreshError) -> str:
    """In Google's words: OAuth's envelope, or that of the APIs."""
    answer = _answer(error)
    answer = answer if isinstance(answer, dict) else {}
    said = answer.get("error_description") or answer.get("error")
    said = said.get("message") if isinstance(said, dict) else said
    return str(said or (error.args[0] if error.args else error)).rstrip(".")[:200]


def _answer(error: RefreshError) -> Any:
    return error.args[1] if len(error.args) > 1 else None
