"""The one door to Google: requests that are counted, paced, repeated where that is right, and explained when they fail.

gspread and google-auth are imported by ``open_api``: they take their time, and a project on Excel never needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kpisheets.config import GoogleSettings
from kpisheets.errors import BadConfig, KpisheetsError, Unreachable
from kpisheets.google_access.caller import Caller
from kpisheets.google_access.failures import explained
from kpisheets.google_access.libraries import libraries
from kpisheets.google_access.pacing import PROJECT_QUOTA, READ, USER_QUOTA, WRITE, Quota
from kpisheets.google_access.refusals import refusal
from kpisheets.google_access.retry import Failed, Policy, Time, Unanswered, persist
from kpisheets.google_access.scopes import Need, Wanted
from kpisheets.google_access.turns import Pace, Turns, Unhurried

if TYPE_CHECKING:
    from google.auth.credentials import Credentials
    from requests import Response

    from kpisheets.google_access.door import Door

__all__ = ["Api", "Unanswered", "open_api", "open_for"]

_NOW = Time()

T = TypeVar("T")
Params = Mapping[str, str | Sequence[str]]

_SHEETS, _DRIVE = "https://sheets.googleapis.com", "https://www.googleapis.com"
_HOSTS = {"/v4/": _SHEETS, "/gmail/": "https://gmail.googleapis.com"}
_SIGNED_OUT = 401
_READS = (":getByDataFilter", ":batchGetByDataFilter", ":search")


class Api:
    """Google's Sheets and Drive. ``caller`` is who asks, ``tell`` hears why something takes longer.

    ``requests`` counts what was sent, repetitions too, ``sent`` and ``received`` the bytes of bodies as they travelled.
    """

    def __init__(
        self,
        door: Door,
        caller: Caller,
        policy: Policy,
        pace: Pace,
        *,
        tell: Callable[[str], None] = lambda _: None,
        passing: Time = _NOW,
    ) -> None:
        self.caller = caller
        self._door, self._policy, self._pace, self._tell, self._time = door, policy, pace, tell, passing

    @property
    def requests(self) -> int:
        return self._door.requests

    @property
    def sent(self) -> int:
        return self._door.sent

    @property
    def received(self) -> int:
        return self._door.received

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: object | None = None,
        repeatable: bool = True,
    ) -> dict[str, Any]:
        """Google's answer to one request. ``path`` is ``/v4/spreadsheets/…``, ``/drive/v3/…`` or ``/gmail/v1/…``, names
        in it quoted.

        ``repeatable=False`` is for what must not be done twice (an add, an append, a create): it is sent again only
        where it was certainly not carried out, and Unanswered is raised where that is not known. Every other failure
        is a KpisheetsError that says what to do.
        """
        response = self._persist(method, path, params, body, repeatable)
        if not response.content:
            return {}
        try:
            document = response.json()
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise self._foreign()
        return document

    def download(self, path: str, *, params: Params | None = None) -> bytes:
        """A file's bytes: an export of Drive, or ``alt=media``."""
        return self._persist("GET", path, params, None, repeatable=True).content

    def token(self, *, renewed: bool = False) -> str:
        """An access token for who speaks to Google in another way; ``renewed``: another one than before."""
        if renewed:
            self._door.forget()
        self.sign_in()
        return str(self._door.credentials.token)

    def sign_in(self) -> None:
        """Get an access token now. A KpisheetsError says why there is none."""
        self._persisted(lambda _: None, self._signed_in, repeatable=True)

    def _persist(
        self, method: str, path: str, params: Params | None, body: object | None, repeatable: bool
    ) -> Response:
        url = next((host for start, host in _HOSTS.items() if path.startswith(start)), _DRIVE) + path
        kind = READ if method.upper() == "GET" or path.endswith(_READS) else WRITE

        def turn() -> float:
            self._signed_in()
            return self._pace.wait(kind) if url.startswith(_SHEETS) else 0.0

        def attempt(left: float) -> Response:
            return self._attempt(method, url, path, params, body, left)

        return self._persisted(attempt, turn, repeatable=repeatable)

    def _persisted(self, attempt: Callable[[float], T], turn: Callable[[], float], *, repeatable: bool) -> T:
        policy, passing = self._policy, self._time
        return persist(attempt, policy, repeatable=repeatable, turn=turn, tell=self._tell, passing=passing)

    def _attempt(
        self, method: str, url: str, path: str, params: Params | None, body: object | None, left: float
    ) -> Response:
        from google.auth.exceptions import GoogleAuthError
        from requests import RequestException

        from kpisheets.google_access import network, signing

        self._door.limit(left)
        try:
            response = self._door.request(method, url, params=params, json=body)
            if response.status_code == _SIGNED_OUT:
                # A token that was taken back, or ran out on the way: nothing was done.
                self._door.renew()
                response = self._door.request(method, url, params=params, json=body)
        except GoogleAuthError as error:
            raise signing.failed(error, self.caller) from error
        except RequestException as error:
            raise network.failed(error, self._door.aimed(url), api_root=self._door.api_root) from error
        if response.ok:
            return response
        said = refusal(response.status_code, response.headers, response.content, self._time.wall())
        cause = explained(said, self.caller, path, api_root=self._door.api_root)
        if said.is_rate or said.is_passing:
            raise Failed(cause, certain=said.is_certain, after=said.after)
        raise cause

    def _signed_in(self) -> float:
        from google.auth.exceptions import GoogleAuthError

        from kpisheets.google_access import signing

        try:
            self._door.sign_in()
        except GoogleAuthError as error:
            raise signing.failed(error, self.caller) from error
        return 0.0

    def _foreign(self) -> KpisheetsError:
        if self._door.api_root:
            said, mend = f"{self._door.api_root} does not answer as Google does", "correct api_root, or remove it"
            return BadConfig(said, where="kpisheets.toml, [google]", mend=mend)
        said = "somebody else answered in Google's place (a network that asks for a sign-in?)"
        return Unreachable(said, where="Google", mend="open a page in a browser on this machine, and run it again")


def open_api(
    settings: GoogleSettings,
    root: Path,
    *,
    need: Wanted | None = None,
    cache: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
    passing: Time = _NOW,
) -> Api:
    """The door for a project in the folder ``root``. Nothing is sent yet.

    ``need`` tells what it is opened for, and so the scopes; ``cache`` is the folder of what runs share, by default the
    user's own; ``tell`` hears of long waits. NotAllowed where there are no credentials, with every place that was
    looked in; BadConfig where they make no sense, or Google's libraries are not installed.
    """
    with libraries():
        from kpisheets.google_access.auth import find
    need = need or Need()
    credentials, caller = find(settings, root, need)
    caller = replace(caller, reads=not need.workbook)
    return open_for(credentials, caller, settings, cache=cache, tell=tell, passing=passing)


def open_for(
    credentials: Credentials,
    caller: Caller,
    settings: GoogleSettings,
    *,
    cache: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
    passing: Time = _NOW,
) -> Api:
    """The door for credentials that are at hand; see ``open_api``."""
    with libraries():
        from kpisheets.google_access.door import Door
        from kpisheets.google_access.places import cache_folder

    pace: Pace = Unhurried()
    if not settings.is_private:
        quota = Quota(settings.user_quota or USER_QUOTA, settings.project_quota or PROJECT_QUOTA)
        pace = Turns(
            cache or cache_folder(),
            caller.project,
            caller.user,
            quota,
            endpoint=settings.api_root,
            clock=passing.wall,
            sleep=passing.sleep,
            tell=tell,
        )
    policy = Policy(deadline=float(settings.deadline))
    return Api(Door(credentials, settings.api_root), caller, policy, pace, tell=tell, passing=passing)
