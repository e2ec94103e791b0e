"""gspread's client for Google's HTTP, with what this project needs: another endpoint, bounds, counts."""

from __future__ import annotations

import functools
import json as jsonlib
from collections.abc import Mapping, MutableMapping
from typing import Any

import requests
from google.auth.credentials import Credentials
from google.auth.transport.requests import AuthorizedSession, Request
from gspread.http_client import HTTPClient

GOOGLE = ("https://sheets.googleapis.com", "https://www.googleapis.com", "https://gmail.googleapis.com")

DIRECT = {f"http://{host}": "" for host in ("127.0.0.1", "localhost", "::1")}
"""For the proxies of a session: what is on this machine is not asked through another one."""

_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 100.0
_SIGN_IN_SECONDS = 20.0


class Door(HTTPClient):
    """One attempt for each call of ``request``, which gives any answer. Other attempts are its caller's to decide.

    ``api_root`` takes the place of Google's hosts. ``requests``, ``sent`` and ``received`` count attempts, and the
    bytes of their bodies as they travelled. Answers come packed (gzip).
    """

    def __init__(self, credentials: Credentials, api_root: str = "") -> None:
        signing = requests.Session()
        signing.proxies.update(DIRECT)
        sign_in = functools.partial(Request(signing), timeout=_SIGN_IN_SECONDS)
        session = AuthorizedSession(credentials, max_refresh_attempts=0, auth_request=sign_in)
        session.proxies.update(DIRECT)
        # Google packs answers for those alone who say it twice.
        session.headers.update({"Accept-Encoding": "gzip", "User-Agent": "kpisheets (gzip)"})
        super().__init__(credentials, session)
        self.credentials, self.api_root = credentials, api_root
        self.requests = self.sent = self.received = 0
        self._sign_in = sign_in

    def sign_in(self) -> None:
        """Make sure of an access token: the request that follows then travels at once."""
        if not self.credentials.valid:
            self.renew()

    def forget(self) -> None:
        """The access token at hand is of no use any more."""
        self.credentials.token = None

    def renew(self) -> None:
        """Get another access token, whatever the one at hand says of itself."""
        self.credentials.refresh(self._sign_in)

    def limit(self, seconds: float) -> None:
        """The most that the next request may take to answer, within what is usual."""
        self.set_timeout((_CONNECT_SECONDS, max(1.0, min(_ANSWER_SECONDS, seconds))))

    def request(
        self,
        method: str,
        endpoint: str,
        params: Mapping[str, Any] | None = None,
        data: bytes | None = None,
        json: object | None = None,
        files: Mapping[str, Any] | None = None,
        headers: MutableMapping[str, str] | None = None,
    ) -> requests.Response:
        if json is not None:
            data = jsonlib.dumps(json, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
            headers = {**(headers or {}), "Content-Type": "application/json; charset=UTF-8"}
        self.requests += 1
        self.sent += len(data or b"")
        response: requests.Response = self.session.request(
            method, self.aimed(endpoint), params=params, data=data, files=files, headers=headers, timeout=self.timeout
        )
        self.received += response.raw.tell()
        return response

    def aimed(self, url: str) -> str:
        """``url`` at the endpoint that is meant."""
        host = next((host for host in GOOGLE if url.startswith(f"{host}/")), None)
        return self.api_root + url.removeprefix(host) if self.api_root and host else url
