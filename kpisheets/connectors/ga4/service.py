"""Google Analytics' own client: signed in, patient, aware of the property's quota, its failures in one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from kpisheets.connectors.base import Opening, Refused
from kpisheets.connectors.google import settings
from kpisheets.errors import BadConfig, KpisheetsError, NotAllowed, TryLater, Unreachable
from kpisheets.google_access.failures import explained
from kpisheets.google_access.retry import Failed, Policy, persist
from kpisheets.google_access.scopes import Need

if TYPE_CHECKING:
    from google.analytics.data_v1beta.types import Metadata, RunReportRequest, RunReportResponse

T = TypeVar("T")

_AT_A_TIME = 60.0
"""Seconds that one answer may take."""
_QUOTAS = {
    "tokens_per_hour": "an hour",
    "tokens_per_project_per_hour": "an hour",
    "tokens_per_day": "a day",
}
_ACCESS = "Admin, Property access management, Add users, Viewer"


class Service:
    """The property that a URL names, such as ``ga4://123456789``."""

    def __init__(self, opening: Opening) -> None:
        try:
            from google.analytics.data_v1beta import BetaAnalyticsDataClient

            from kpisheets.google_access.auth import find
        except ImportError as error:
            said = f"Google Analytics needs more packages ({error.name or error} is missing)"
            raise BadConfig(said, mend="install them: pip install 'kpisheets[ga4]'") from None
        self.number = urlsplit(opening.url.value).netloc
        if not self.number.isdecimal():
            mend = 'write url = "ga4://123456789", the number under Admin, Property details (it is not the G-… one)'
            raise BadConfig(f"“{self.number}” is not the number of a property", mend=mend)
        self.name = f"properties/{self.number}"
        found = settings(opening)
        credentials, self.caller = find(found, opening.root, Need(workbook=False, analytics=True))
        self._policy = Policy(deadline=float(found.deadline))
        # [google] api_root is where Sheets are; Google's own addresses differ from service to service.
        aimed = {"api_endpoint": found.api_root} if opening.options.get("endpoint") else None
        client = BetaAnalyticsDataClient(credentials=credentials, transport="rest", client_options=aimed)
        self._client: Any = client  # half of its methods carry no types
        self._dearest = 0
        self._left: dict[str, int] = {}

    def metadata(self) -> Metadata:
        """Which dimensions and metrics the property knows, its own ones too."""
        asked = f"{self.name}/metadata"
        found: Metadata = self._persist(lambda left: self._client.get_metadata(name=asked, timeout=left, retry=None))
        return found

    def report(self, request: RunReportRequest) -> RunReportResponse:
        """All rows of a report, page by page.

        Refused where Google finds the request itself wrong, TryLater where the property's quota would not bear it.
        """
        whole = self._page(request)
        while len(whole.rows) < whole.row_count:
            request.offset = len(whole.rows)
            page = self._page(request)
            if not page.rows:
                break
            whole.rows.extend(page.rows)
        return whole

    def close(self) -> None:
        self._client.transport.close()

    def _page(self, request: RunReportRequest) -> RunReportResponse:
        self._spare()
        answer: RunReportResponse = self._persist(
            lambda left: self._client.run_report(request, timeout=left, retry=None)
        )
        if "property_quota" in answer:
            for quota in _QUOTAS:
                if quota in answer.property_quota:
                    status = getattr(answer.property_quota, quota)
                    self._left[quota] = status.remaining
                    self._dearest = max(self._dearest, status.consumed)
        return answer

    def _spare(self) -> None:
        """Stop before the quota is spent: others read the property too, and Google locks out whoever spends it."""
        for quota, span in _QUOTAS.items():
            left = self._left.get(quota)
            if left is not None and left < self._dearest:
                raise TryLater(
                    f"property {self.number} has {left} tokens left for {span}, and a report costs up to "
                    f"{self._dearest}",
                    mend=f"sync again in {span}, or less often; what else reads the property spends them too",
                )

    def _persist(self, ask: Callable[[float], T]) -> T:
        from google.api_core.exceptions import GoogleAPICallError
        from google.auth.exceptions import GoogleAuthError
        from google.protobuf.json_format import ParseError
        from requests import RequestException

        from kpisheets.google_access import network, signing

        def attempt(left: float) -> T:
            try:
                return ask(max(1.0, min(left, _AT_A_TIME)))
            except GoogleAPICallError as error:
                raise self._refused(error) from None
            except GoogleAuthError as error:
                raise signing.failed(error, self.caller) from error
            except RequestException as error:
                raise network.failed(error, str(error.request.url if error.request else self.name)) from error
            except (ParseError, ValueError) as error:
                said = f"somebody else answered in Google Analytics' place ({' '.join(str(error).split())[:100]})"
                raise Unreachable(said, mend="check the network of this machine") from None

        try:
            return persist(attempt, self._policy, repeatable=True)
        except KpisheetsError as error:
            # The place of the source says more.
            error.where = "" if error.where == "Google" else error.where
            raise

    def _refused(self, error: Any) -> Exception:
        """What Google's answer means: another attempt, one table's problem, or the whole source's."""
        from kpisheets.google_access.refusals import Refusal, refusal

        answer, said = error.response, str(error.message)
        code = int(error.code or 0)
        found = refusal(code, answer.headers, answer.content, 0.0) if answer is not None else Refusal(code, said)
        said = found.message or said
        if found.code == 400:
            return Refused(f"Google Analytics refuses it: {said}", "ask for other metrics or dimensions")
        if found.code == 429 and "concurrent" not in said.casefold():
            what = f"property {self.number} has spent its quota: {said}"
            return TryLater(what, mend="sync again in an hour, or less often")
        if found.code == 403 and "sufficient permissions" in said.casefold():
            mend = f"let {self.caller.name} read it: {_ACCESS}"
            return NotAllowed(f"property {self.number} may not be read by {self.caller.name}", mend=mend)
        cause: KpisheetsError = explained(found, self.caller, f"/v1beta/{self.name}")
        passing = found.is_rate or found.is_passing
        return Failed(cause, certain=found.is_certain, after=found.after) if passing else cause
