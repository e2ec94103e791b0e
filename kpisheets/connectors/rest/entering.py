"""How requests are let in: headers and parameters for each kind of auth; OAuth tokens are fetched when needed."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from kpisheets.connectors.rest.kept import Kept
from kpisheets.errors import NotAllowed
from kpisheets.services.values import Auth

Exchange = Callable[[str, Mapping[str, str], Mapping[str, str]], Any]
"""Posts a form to an address, with headers; gives the JSON of the answer."""


class Entry:
    """What lets requests in. ``exchange`` fetches a token, where the kind is one of OAuth 2."""

    def __init__(self, auth: Auth, exchange: Exchange, kept: Kept) -> None:
        self.auth = auth
        self._exchange = exchange
        self._kept = kept
        self._token = ""

    @property
    def renewable(self) -> bool:
        """Whether a token that is not accepted any more can be replaced."""
        return self.auth.is_oauth

    def forget(self) -> None:
        """The token is not accepted any more."""
        self._token = ""

    def headers(self) -> dict[str, str]:
        auth = self.auth
        match auth.kind:
            case "basic":
                return {"Authorization": _basic(auth.user, auth.password)}
            case "bearer":
                return {"Authorization": f"Bearer {auth.token}"}
            case "header":
                return {auth.name: auth.value}
            case "client_credentials" | "refresh_token":
                self._token = self._token or self._fetched()
                return {"Authorization": f"Bearer {self._token}"}
        return {}

    def parameters(self) -> dict[str, str]:
        return {self.auth.name: self.auth.value} if self.auth.kind == "query" else {}

    def _fetched(self) -> str:
        auth = self.auth
        form = {"grant_type": auth.kind}
        headers = {}
        if auth.kind == "refresh_token":
            form["refresh_token"] = self._kept.latest()
        if auth.scope:
            form["scope"] = auth.scope
        if auth.client == "basic":
            headers["Authorization"] = _basic(quote(auth.client_id, safe=""), quote(auth.client_secret, safe=""))
        else:
            form |= {"client_id": auth.client_id}
            form |= {"client_secret": auth.client_secret} if auth.client_secret else {}
        answer = self._exchange(auth.token_url, form, headers)
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token:
            raise NotAllowed(f"{auth.token_url} gives no access_token", mend="check the token_url of its auth")
        renewed = answer.get("refresh_token")
        if isinstance(renewed, str) and renewed and renewed != form.get("refresh_token", renewed):
            self._kept.keep(renewed)
        return token


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
