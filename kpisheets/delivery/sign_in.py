"""Access tokens in place of passwords: OAuth 2.0, by client credentials or by a refresh token."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

from kpisheets.errors import KpisheetsError, NotAllowed, TryLater, Uncertain, Unreachable
from kpisheets.files import draft
from kpisheets.web.exchange import Answer, post

WHERE = "kpisheets.toml, [mail]"
_MARGIN = 300.0
"""Seconds before its end at which a token is no longer used: a run may take minutes."""
_USUAL_LIFE = 3600.0


class SignIn(Protocol):
    """Whoever gives access tokens. A KpisheetsError says why there is none."""

    def token(self, *, renewed: bool = False) -> str:
        """One that is valid; ``renewed``: another one than before, which was refused."""


@dataclass(frozen=True, slots=True)
class Client:
    """An application that an authority knows, and what it asks for: with ``refresh_token`` in a person's name, else in
    its own."""

    url: str
    id: str
    scope: str
    secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)


class OAuth:
    """Tokens for a client from its authority, kept while they last.

    ``memory`` is a file for the refresh tokens that some authorities replace at each use.
    """

    def __init__(
        self,
        client: Client,
        context: ssl.SSLContext,
        memory: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client, self._context, self._memory, self._clock = client, context, memory, clock
        self._token, self._until = "", 0.0

    def token(self, *, renewed: bool = False) -> str:
        if renewed or not self._token or self._clock() >= self._until:
            began = self._clock()
            self._token, life = self._asked()
            self._until = began + life - min(_MARGIN, life / 2)
        return self._token

    def _asked(self) -> tuple[str, float]:
        client = self._client
        refresh = self._remembered() or client.refresh_token
        form = {"client_id": client.id, "scope": client.scope, "grant_type": "client_credentials"}
        if refresh:
            form |= {"grant_type": "refresh_token", "refresh_token": refresh}
        if client.secret:
            form["client_secret"] = client.secret
        content = urlencode({key: value for key, value in form.items() if value}).encode()
        try:
            answer = post(client.url, content, "application/x-www-form-urlencoded", self._context, where=WHERE)
        except Uncertain as error:  # a token that nobody has harms nobody
            raise Unreachable("the sign-in did not answer", where=WHERE, mend="send again in some minutes") from error
        document = answer.document
        token, life = document.get("access_token"), document.get("expires_in")
        if not 200 <= answer.status < 300 or not isinstance(token, str) or not token:
            raise self._refused(answer)
        if isinstance(new := document.get("refresh_token"), str) and new and new != refresh:
            self._remember(new)
        try:
            return token, float(life or _USUAL_LIFE)
        except (TypeError, ValueError):
            return token, _USUAL_LIFE

    def _refused(self, answer: Answer) -> KpisheetsError:
        code, said = answer.document.get("error"), answer.document.get("error_description")
        if answer.status == 429 or answer.status >= 500:
            what = f"the sign-in puts us off ({answer.status})"
            return TryLater(what, where=WHERE, mend="send again in some minutes", after=answer.after)
        told = code if isinstance(code, str) else str(answer.status)
        if isinstance(said, str) and said.strip():
            told += f": {said.strip().splitlines()[0]}"
        for secret in (self._client.secret, self._client.refresh_token, self._remembered()):
            told = told.replace(secret, "•••") if secret else told
        mends = {
            "invalid_client": "correct client_id and client_secret; secrets expire",
            "invalid_grant": "sign in anew, and put the new refresh token into refresh_token",
            "unauthorized_client": "let an administrator consent to what the application asks for",
            "invalid_scope": "correct scope, or remove it",
        }
        mend = mends.get(code if isinstance(code, str) else "", "see docs/mail.md")
        return NotAllowed(f"the sign-in is refused ({told[:300]})", where=WHERE, mend=mend)

    def _remembered(self) -> str:
        """The latest refresh token that took the place of the one in ``kpisheets.toml``."""
        if self._memory is None or not self._client.refresh_token:
            return ""
        try:
            document = json.loads(self._memory.read_text(encoding="utf-8"))
            return str(document["refresh_token"]) if document["of"] == self._origin else ""
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def _remember(self, token: str) -> None:
        if self._memory is None or not self._client.refresh_token:
            return
        try:
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            with draft(self._memory, mode=0o600) as new:
                new.file.write(json.dumps({"of": self._origin, "refresh_token": token}).encode())
                new.settle()
                new.publish()
        except OSError:
            return  # the former one serves as long as its authority lets it

    @property
    def _origin(self) -> str:
        """Which refresh token of ``kpisheets.toml`` it all began with, without telling it."""
        return sha256(self._client.refresh_token.encode()).hexdigest()
