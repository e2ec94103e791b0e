"""Which credentials a project signs in with: the first that are found, and every place that was looked in."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import google.auth
from google.auth import exceptions as auth_errors
from google.auth.credentials import Credentials
from google.oauth2 import service_account
from google.oauth2.credentials import Credentials as PersonCredentials

from kpisheets.config import GoogleSettings
from kpisheets.errors import BadConfig, KpisheetsError, NotAllowed
from kpisheets.google_access import tokens
from kpisheets.google_access.caller import Caller, Kind
from kpisheets.google_access.places import VARIABLE
from kpisheets.google_access.scopes import Wanted
from kpisheets.secrets import resolve

_DEFAULT_VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"
_SETTING = "kpisheets.toml, [google]"
_NEW_KEY = "download a key of a service account: Keys, Add key, Create new key, JSON"

SignIn = tuple[Credentials, Caller]


def find(settings: GoogleSettings, root: Path, need: Wanted) -> SignIn:
    """The credentials, and who they are. NotAllowed or BadConfig where they are missing or make no sense.

    In this order: ``[google] credentials``, the variable KPISHEETS_GOOGLE_CREDENTIALS, what ``kpisheets login`` was
    granted, and application default credentials.
    """
    if settings.credentials:
        written = resolve(settings.credentials, root, where=_SETTING)
        return _explicit(written, root, f"{_SETTING} credentials", settings.subject, need, shown=settings.credentials)
    if written := os.environ.get(VARIABLE, "").strip():
        # It may be meant to be the key itself: what does not look like a file is not told.
        shown = written if written.casefold().endswith(".json") else ""
        return _explicit(written, Path.cwd(), f"the variable {VARIABLE}", settings.subject, need, shown=shown)
    path = tokens.place(settings, root)
    if (grant := tokens.read(path)) is not None:
        _refuse_subject(settings.subject, "a person who signed in")
        return person(grant, str(path))
    return _default(settings.subject, need, path)


def person(grant: Mapping[str, Any], found: str) -> SignIn:
    """What a person granted. Its scopes are fixed: they are not asked for anew."""
    credentials = PersonCredentials(
        token=None,
        refresh_token=grant["refresh_token"],
        token_uri=grant.get("token_uri") or tokens.ENDPOINT,
        client_id=grant["client_id"],
        client_secret=grant["client_secret"],
    )
    # The number before the dash is that of the Cloud project.
    project = str(grant["client_id"]).partition("-")[0]
    email = str(grant.get("account") or "")
    return credentials, Caller(Kind.PERSON, found, email, project, user=email or str(grant["refresh_token"]))


def _explicit(written: str, folder: Path, place: str, subject: str, need: Wanted, *, shown: str) -> SignIn:
    """A key by its text or its file. ``shown`` is what a message may say of it: no secret."""
    if written.lstrip().startswith("{"):
        return _from_text(written, place, subject, need)
    try:
        text = (folder / Path(written).expanduser()).read_text(encoding="utf-8-sig")
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        mend = f"correct the path, or {_NEW_KEY}"
        raise NotAllowed(f"the key {shown}".rstrip() + f" cannot be read: {reason}", where=place, mend=mend) from error
    return _from_text(text, shown or place, subject, need)


def _from_text(text: str, found: str, subject: str, need: Wanted) -> SignIn:
    try:
        info = json.loads(text)
    except (ValueError, RecursionError):
        raise BadConfig("the credentials are not JSON", where=found, mend=_NEW_KEY) from None
    if not isinstance(info, dict):
        raise BadConfig("the credentials are no key", where=found, mend=_NEW_KEY)
    if "installed" in info or "web" in info:
        mend = "write client = instead of credentials =, and run `kpisheets login`"
        raise BadConfig("it is an OAuth client, and no credentials", where=found, mend=mend)
    kind = str(info.get("type", ""))
    try:
        if kind == "service_account":
            return _service(info, found, subject, need)
        _refuse_subject(subject, f"credentials of the type {kind or 'without a name'}")
        if kind == "authorized_user":
            return person(info, found)
        return _other(info, found, need)
    except (ValueError, KeyError, TypeError, auth_errors.GoogleAuthError) as error:
        raise BadConfig(f"the key makes no sense ({_plain(error)})", where=found, mend=_NEW_KEY) from error


def _service(info: Mapping[str, Any], found: str, subject: str, need: Wanted) -> SignIn:
    scopes = need.of_person() if subject else need.of_service()
    credentials = service_account.Credentials.from_service_account_info(info, scopes=scopes, subject=subject or None)
    email, project = str(info["client_email"]), str(info.get("project_id") or info["client_email"])
    return credentials, Caller(Kind.SERVICE, found, email, project, subject, user=subject or email)


def _other(info: Mapping[str, Any], found: str, need: Wanted) -> SignIn:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it loads what it is given, which is the user's own
        credentials, project = google.auth.load_credentials_from_dict(info, scopes=need.of_service())
    email = str(getattr(credentials, "service_account_email", None) or "")
    return credentials, Caller(Kind.DEFAULT, found, email, str(project or found), user=email or found)


def _default(subject: str, need: Wanted, token: Path) -> SignIn:
    if named := os.environ.get(_DEFAULT_VARIABLE, "").strip():
        return _explicit(named, Path.cwd(), f"the variable {_DEFAULT_VARIABLE}", subject, need, shown=named)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a quota project is missing: Google's answer says so where it matters
            credentials, project = google.auth.default(scopes=need.of_service())
    except auth_errors.DefaultCredentialsError as error:
        if "were not found" in str(error):
            raise _nothing(token) from None
        said = f"application default credentials make no sense ({_plain(error)})"
        raise BadConfig(said, where="Google", mend="run `gcloud auth application-default login` again") from error
    _refuse_subject(subject, "application default credentials")
    email = str(getattr(credentials, "service_account_email", None) or "")
    email = "" if email == "default" else email
    found = "application default credentials"
    return credentials, Caller(Kind.DEFAULT, found, email, str(project or found), user=email or found)


def _nothing(token: Path) -> KpisheetsError:
    return NotAllowed(
        f"no credentials for Google were found (looked in: [google] credentials, which is not set; the variable "
        f"{VARIABLE}, not set; {token}, which `kpisheets login` makes, not there; the variable {_DEFAULT_VARIABLE}, "
        "not set; application default credentials of gcloud or of a machine at Google, none)",
        where="Google",
        mend="run `kpisheets login`, or let [google] credentials name the key of a service account (docs/google.md)",
    )


def _refuse_subject(subject: str, what: str) -> None:
    if subject:
        raise BadConfig(
            f"{what} cannot act for {subject}",
            where=f"{_SETTING} subject",
            mend="remove subject, or sign in with the key of a service account",
        )


def _plain(error: Exception) -> str:
    return " ".join(str(error.args[0] if error.args else error).split())[:120]
