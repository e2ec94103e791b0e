"""Quotas by the minute: of the project and of each user, for reads and for writes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from .auth import Identity
from .errors import ApiError, error_info


class Quotas:
    """How many requests went in the last window of time. Off until limits are set."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.limits: dict[str, int] = {}
        self.window = 60.0
        self._times: dict[tuple[str, str, str], deque[float]] = {}

    def set(self, project: int | None = 300, user: int | None = 60, window: float = 60.0) -> None:
        """Limits of requests in any `window` seconds; `None` is no limit."""
        self.limits = {name: limit for name, limit in (("project", project), ("user", user)) if limit is not None}
        self.window = window
        self._times.clear()

    def spend(self, identity: Identity, kind: str) -> None:
        """Count a request (`read` or `write`). Raises the service's 429 at a limit; then it doesn't count."""
        now = self.clock()
        buckets = {"project": (identity.project, "", kind), "user": (identity.project, identity.email, kind)}
        for name, limit in self.limits.items():
            times = self._times.setdefault(buckets[name], deque())
            while times and times[0] <= now - self.window:
                times.popleft()
            if len(times) >= limit:
                raise exceeded(identity.project, kind, name, limit)
        for name in self.limits:
            self._times[buckets[name]].append(now)


def exceeded(project: str, kind: str, name: str, limit: int) -> ApiError:
    """The 429 of the Sheets service."""
    whose = " per user" if name == "user" else ""
    title = f"{kind.capitalize()} requests"
    return ApiError(
        429,
        f"Quota exceeded for quota metric '{title}' and limit '{title} per minute{whose}' of service "
        f"'sheets.googleapis.com' for consumer 'project_number:{project}'.",
        details=[
            error_info(
                "RATE_LIMIT_EXCEEDED",
                consumer=f"projects/{project}",
                quota_limit=f"{kind.capitalize()}RequestsPerMinutePer{name.capitalize()}",
                quota_limit_value=str(limit),
                quota_location="global",
                quota_metric=f"sheets.googleapis.com/{kind}_requests",
                quota_unit="1/min/{project}" + ("/{user}" if name == "user" else ""),
                service="sheets.googleapis.com",
            ),
            {
                "@type": "type.googleapis.com/google.rpc.Help",
                "links": [
                    {
                        "description": "Request a higher quota limit.",
                        "url": "https://cloud.google.com/docs/quotas/help/request_increase",
                    }
                ],
            },
        ],
    )
