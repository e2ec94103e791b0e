"""Who asks: service accounts that sign assertions, people with refresh tokens, and the tokens that both are given."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import crypt, jwt

from .errors import ApiError, error_info
from .http_types import Request, Response

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPES = "https://www.googleapis.com/auth/"
LIFETIME = 3600


@dataclass(frozen=True)
class Identity:
    """Whose credentials a request carries: an e-mail address, the project and client of the app, and scopes."""

    email: str
    project: str
    client: str
    scopes: frozenset[str]
    service_account: bool


@dataclass
class Account:
    """A service account, or a person who let an installed app in (`refresh_token`)."""

    email: str
    project: str
    client: str
    service_account: bool
    key: str = ""  # the public key, or the refresh token
    scopes: frozenset[str] = frozenset()
    revoked: bool = False
    storage: bool = True
    delegates: list[str] = field(default_factory=list)


class Accounts:
    """The accounts that there are and the tokens that are valid."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.accounts: dict[str, Account] = {}
        self.tokens: dict[str, tuple[Identity, float]] = {}

    def add_service_account(self, name: str, project: str, token_uri: str, *, storage: bool = True) -> dict[str, str]:
        """A new service account. Gives its JSON key file, as one downloads it."""
        # Google's keys are twice as long, and take ten times as long to make and to read.
        key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        email = f"{name}@{project}.iam.gserviceaccount.com"
        client = str(secrets.randbelow(10**21))
        self.accounts[email] = Account(email, project, client, True, public.decode(), storage=storage)
        return {
            "type": "service_account",
            "project_id": project,
            "private_key_id": secrets.token_hex(20),
            "private_key": private,
            "client_email": email,
            "client_id": client,
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": token_uri,
            "universe_domain": "googleapis.com",
        }

    def add_user(self, email: str, scopes: list[str], client: str, project: str, token_uri: str) -> dict[str, Any]:
        """A person who let an app in. Gives the authorised-user JSON."""
        refresh = f"1//{secrets.token_urlsafe(24)}"
        full = frozenset(_full(scope) for scope in scopes)
        self.accounts[email] = Account(email, project, client, False, refresh, full)
        return {
            "type": "authorized_user",
            "client_id": client,
            "client_secret": "no-secret",
            "refresh_token": refresh,
            "token_uri": token_uri,
            "scopes": sorted(full),
        }

    def token_for(self, email: str, scopes: list[str] | None = None) -> str:
        """A token for anybody, without the way to it. For tests that are about something else."""
        account = self.accounts.get(email) or Account(email, "project", "client", email.endswith("gserviceaccount.com"))
        self.accounts.setdefault(email, account)
        return self._issue(account, email, frozenset(_full(scope) for scope in scopes or ["drive", "spreadsheets"]))

    def _issue(self, account: Account, email: str, scopes: frozenset[str]) -> str:
        token = f"ya29.{secrets.token_urlsafe(32)}"
        delegated = email != account.email
        identity = Identity(email, account.project, account.client, scopes, account.service_account and not delegated)
        self.tokens[token] = (identity, self.clock() + LIFETIME)
        return token

    def revoke(self, email: str) -> None:
        """Take back what was granted: tokens are void, and no new one is given."""
        self.accounts[email].revoked = True
        self.tokens = {token: pair for token, pair in self.tokens.items() if pair[0].email != email}

    def identity(self, request: Request) -> Identity:
        """Whose request it is. Raises the service's 401."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        found = self.tokens.get(token) if kind.lower() == "bearer" else None
        if found is not None and found[1] > self.clock():
            return found[0]
        if not token:
            raise ApiError(
                401,
                "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie "
                "or other valid authentication credential. "
                "See https://developers.google.com/identity/sign-in/web/devconsole-project.",
                details=[error_info("CREDENTIALS_MISSING", service="sheets.googleapis.com")],
            )
        raise ApiError(
            401,
            "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
            "valid authentication credential. "
            "See https://developers.google.com/identity/sign-in/web/devconsole-project.",
            details=[error_info("ACCESS_TOKEN_INVALID", service="sheets.googleapis.com")],
        )

    def answer(self, request: Request) -> Response:
        """The token endpoint."""
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        try:
            if form.get("grant_type") == JWT_GRANT:
                return self._assertion(form.get("assertion", ""))
            if form.get("grant_type") == "refresh_token":
                return self._refresh(form)
        except _Refused as refused:
            return Response.of_json(400, {"error": refused.error, "error_description": refused.description})
        message = {"error": "unsupported_grant_type", "error_description": "Invalid grant_type."}
        return Response.of_json(400, message)

    def _assertion(self, assertion: str) -> Response:
        try:
            claims = jwt.decode(assertion, verify=False)
        except ValueError:
            raise _Refused("invalid_grant", "Invalid JWT: it cannot be decoded.") from None
        account = self.accounts.get(claims.get("iss", ""))
        if account is None or account.revoked:
            raise _Refused("invalid_grant", "Invalid grant: account not found")
        verifier = crypt.RSAVerifier.from_string(account.key)
        signed, _, signature = assertion.rpartition(".")
        if not verifier.verify(signed.encode(), _base64(signature)):
            raise _Refused("invalid_grant", "Invalid JWT Signature.")
        email = claims.get("sub", account.email)
        if email != account.email and email not in account.delegates:
            raise _Refused(
                "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any "
                "of the scopes requested.",
            )
        scopes = frozenset(claims.get("scope", "").split())
        if not scopes:
            raise _Refused("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        return self._granted(self._issue(account, email, scopes), scopes)

    def _refresh(self, form: dict[str, str]) -> Response:
        for account in self.accounts.values():
            if account.key == form.get("refresh_token") and not account.service_account:
                if account.revoked:
                    break
                if account.client != form.get("client_id"):
                    raise _Refused("invalid_client", "The OAuth client was not found.")
                return self._granted(self._issue(account, account.email, account.scopes), account.scopes)
        raise _Refused("invalid_grant", "Token has been expired or revoked.")

    def _granted(self, token: str, scopes: frozenset[str]) -> Response:
        message = {
            "access_token": token,
            "expires_in": LIFETIME - 1,
            "token_type": "Bearer",
            "scope": " ".join(sorted(scopes)),
        }
        return Response.of_json(200, message)


class _Refused(Exception):
    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


def _full(scope: str) -> str:
    return scope if scope.startswith("https://") or scope == "openid" else SCOPES + scope


def _base64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
