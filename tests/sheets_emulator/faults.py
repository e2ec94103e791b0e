"""Faults on order: the next requests that match get an error, or no answer at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from .errors import ApiError, DriveError
from .http_types import Request, Response
from .quotas import exceeded

KINDS = {
    "429": "429 of a user's quota",
    "403-rate": "403 rateLimitExceeded, as Drive says it",
    "500": "500 INTERNAL",
    "503": "503 UNAVAILABLE",
    "closed-before": "the connection breaks, nothing was done",
    "closed-after": "the connection breaks after the work was done",
    "timeout-before": "no answer for `seconds`, nothing was done",
    "timeout-after": "no answer for `seconds`, the work was done",
    "truncated": "the work was done, and half of the answer comes",
}
AFTER = {"closed-after": "closed", "timeout-after": "silent", "truncated": "truncated"}
BEFORE = {"closed-before": "closed", "timeout-before": "silent"}


@dataclass
class Fault:
    """`times` requests whose method and path match get the fault, after `skip` others did not."""

    kind: str
    method: str | None = None
    path: str = ""
    times: int = 1
    skip: int = 0
    retry_after: float | None = None
    seconds: float = 3600.0
    matches: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no fault {self.kind!r}: there are {', '.join(KINDS)}")
        self.matches = re.compile(self.path)

    def takes(self, request: Request) -> bool:
        """Whether this request gets the fault; counts it."""
        if self.times <= 0 or (self.method and self.method != request.method) or not self.matches.search(request.path):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class Faults:
    """The faults that are due."""

    def __init__(self) -> None:
        self.due: list[Fault] = []

    def around(self, request: Request, work: Callable[[], Response]) -> Response:
        """The answer to a request, with the first fault that takes it."""
        fault = next((fault for fault in self.due if fault.takes(request)), None)
        if fault is None:
            return work()
        self.due = [item for item in self.due if item.times > 0]
        if fault.kind in AFTER:
            response = work()
            response.ending, response.seconds = AFTER[fault.kind], fault.seconds
            return response
        if fault.kind in BEFORE:
            return Response(503, ending=BEFORE[fault.kind], seconds=fault.seconds)
        error = _error(fault.kind)
        response = Response.of_json(error.code, error.envelope())
        if fault.retry_after is not None:
            response.headers["Retry-After"] = f"{fault.retry_after:g}"
        return response


def _error(kind: str) -> ApiError:
    if kind == "429":
        return exceeded("project", "write", "user", 60)
    if kind == "403-rate":
        return DriveError(403, "Rate Limit Exceeded", "rateLimitExceeded", domain="usageLimits")
    if kind == "500":
        return ApiError(500, "Internal error encountered.")
    return ApiError(503, "The service is currently unavailable.")
