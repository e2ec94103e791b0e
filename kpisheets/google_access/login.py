"""``kpisheets login``: a person lets kpisheets work in their name, in the browser."""

from __future__ import annotations

import json
import os
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kpisheets.config import GoogleSettings
from kpisheets.errors import BadConfig, KpisheetsError, NotAllowed, Unreachable
from kpisheets.google_access import tokens
from kpisheets.google_access.consent import Callback
from kpisheets.google_access.libraries import libraries
from kpisheets.google_access.places import VARIABLE
from kpisheets.google_access.scopes import Need
from kpisheets.secrets import resolve

_WHERE = "kpisheets.toml, [google]"
_NEW_CLIENT = (
    "make an OAuth client of the type Desktop app at https://console.cloud.google.com/auth/clients, download its JSON "
    'into the project\'s folder, and write client = "client_secret.json" (docs/google.md shows each click)'
)
_PATIENCE = 300.0
_ACCOUNT_SECONDS = 20
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """``path`` holds the grant; ``account`` is an e-mail address, blank where Google does not tell it.

    ``problem`` is what will keep the sign-in from being of use, blank where nothing will.
    """

    path: Path
    account: str
    scopes: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Ways:
    """``browser`` opens an address and says whether it could; ``show`` tells a person.

    ``pasted`` is the descriptor of what they type (0: the terminal). ``patience`` is in seconds.
    """

    show: Callable[[str], None]
    browser: Callable[[str], bool] | None = webbrowser.open
    pasted: int | None = None
    port: int = 0
    patience: float = _PATIENCE


def login(settings: GoogleSettings, root: Path, need: Need, ways: Ways) -> SignedIn:
    """Ask a person in their browser, and keep what they grant.

    BadConfig where there is no OAuth client to ask with, NotAllowed where they decline, do not answer, or grant less
    than is needed; CannotWrite where it cannot be kept.
    """
    path = tokens.place(settings, root)
    client = _client(settings, root)
    callback = Callback(ways.port)
    try:
        grant = _granted(client, need, ways, callback)
    finally:
        callback.close()
    account, problem = _account(settings, grant)
    tokens.write(path, {**grant, "account": account})
    if first := _comes_first(settings):
        problem = f"{first} comes first: remove it to work as the person who signed in"
    return SignedIn(path, account, tuple(grant["scopes"]), problem)


def _comes_first(settings: GoogleSettings) -> str:
    """What is looked at before a sign-in is."""
    if settings.credentials:
        return "[google] credentials"
    return f"the variable {VARIABLE}" if os.environ.get(VARIABLE, "").strip() else ""


def _granted(client: Mapping[str, Any], need: Need, ways: Ways, callback: Callback) -> dict[str, Any]:
    with libraries():
        from google_auth_oauthlib.flow import Flow

    scopes = need.of_person()
    flow = Flow.from_client_config({"installed": client}, scopes=scopes, redirect_uri=callback.address)
    # Without "consent" Google gives a refresh token only to those who sign in for the first time.
    with _libraries_accept(str(client["auth_uri"])):
        address, state = flow.authorization_url(prompt="consent")
    if ways.browser is None or not ways.browser(address):
        ways.show(f"Open this address in a browser, and allow what Google asks for:\n\n{address}\n")
        if ways.pasted is not None:
            ways.show(
                "If that browser is on another computer, it ends on a page that cannot be shown: copy the whole "
                "address of that page, paste it here, and press Enter."
            )
    else:
        ways.show("Allow what Google asks for in the browser window that opened.")
    code = callback.code(state, ways.patience, ways.pasted)
    token = _exchanged(flow, code, str(client["token_uri"]))
    granted = token.get("scope") or scopes
    granted = granted.split() if isinstance(granted, str) else list(granted)
    if missing := [scope.rpartition("/")[2] for scope in scopes if scope not in granted]:
        raise NotAllowed(
            f"Google granted less than is needed (without {', '.join(missing)})",
            where="Google",
            mend="run `kpisheets login` again, and tick every box that Google shows",
        )
    if not token.get("refresh_token"):
        mend = "remove kpisheets at https://myaccount.google.com/connections, and run `kpisheets login` again"
        raise NotAllowed("Google granted the sign-in for this hour only", where="Google", mend=mend)
    kept = {key: str(client[key]) for key in ("client_id", "client_secret", "token_uri")}
    return {**kept, "refresh_token": str(token["refresh_token"]), "scopes": granted}


def _exchanged(flow: Any, code: str, token_uri: str) -> Mapping[str, Any]:
    """The code's worth: tokens."""
    from oauthlib.oauth2 import OAuth2Error
    from requests import RequestException

    from kpisheets.google_access import network
    from kpisheets.google_access.door import DIRECT
    from kpisheets.google_access.retry import Failed

    flow.oauth2session.proxies.update(DIRECT)
    try:
        with _libraries_accept(token_uri):
            token: Mapping[str, Any] = flow.fetch_token(code=code, timeout=20)
    except RequestException as error:
        found = network.failed(error, token_uri)
        raise (found.cause if isinstance(found, Failed) else found) from error
    except OAuth2Error as error:
        said = f"Google refuses the OAuth client ({error.description or error.error})"
        raise BadConfig(said, where=f"{_WHERE} client", mend=_NEW_CLIENT) from error
    except ValueError as error:
        said = "somebody else answered in Google's place"
        raise Unreachable(said, where=token_uri, mend="check the network, and run `kpisheets login` again") from error
    return token


@contextmanager
def _libraries_accept(uri: str) -> Iterator[None]:
    """Only variables tell oauthlib that fewer scopes are ours to judge, and that this machine is no network."""
    wanted = {"OAUTHLIB_RELAX_TOKEN_SCOPE": "1"}
    if urlsplit(uri).hostname in _THIS_MACHINE:
        wanted["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _client(settings: GoogleSettings, root: Path) -> dict[str, Any]:
    """The OAuth client, from its file or text."""
    if not settings.client:
        raise BadConfig("there is no OAuth client to sign in with", where=_WHERE, mend=_NEW_CLIENT)
    text = resolve(settings.client, root, where=_WHERE)
    place = f"{_WHERE} client"
    if not text.lstrip().startswith("{"):
        place = settings.client  # as it is written: what a reference stands for may be the client itself
        try:
            text = (root / Path(text).expanduser()).read_text(encoding="utf-8-sig")
        except (OSError, ValueError, RuntimeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise BadConfig(f"the OAuth client cannot be read: {reason}", where=place, mend=_NEW_CLIENT) from error
    try:
        document = json.loads(text)
        if "web" in document:
            raise BadConfig("it is an OAuth client of the type Web application", where=place, mend=_NEW_CLIENT)
        client = dict(document["installed"])
        if not all(isinstance(client[key], str) for key in ("client_id", "client_secret", "auth_uri", "token_uri")):
            raise ValueError("something is missing in it")
    except (ValueError, KeyError, TypeError) as error:
        raise BadConfig("it is no OAuth client of the type Desktop app", where=place, mend=_NEW_CLIENT) from error
    for key in ("auth_uri", "token_uri"):
        parts = urlsplit(client[key])
        if parts.scheme != "https" and parts.hostname not in _THIS_MACHINE:
            raise BadConfig(f"its {key} is not encrypted", where=place, mend=_NEW_CLIENT)
    return client


def _account(settings: GoogleSettings, grant: Mapping[str, Any]) -> tuple[str, str]:
    """Whose grant it is, and what is wrong with it: asked of Drive, which has to be enabled in any case."""
    from kpisheets.google_access.api import open_for
    from kpisheets.google_access.auth import person

    try:
        api = open_for(*person(grant, "`kpisheets login`"), replace(settings, deadline=_ACCOUNT_SECONDS))
        user = api.request("GET", "/drive/v3/about", params={"fields": "user(emailAddress)"}).get("user", {})
        return str(user.get("emailAddress", "")), ""
    except KpisheetsError as error:
        return "", str(error)
