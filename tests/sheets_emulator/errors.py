"""What goes wrong, in the envelopes of the two services."""

from __future__ import annotations

from typing import Any

STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}
ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"


class ApiError(Exception):
    """An answer of the Sheets service that is no success: `{"error": {"code", "message", "status", "details"}}`."""

    def __init__(self, code: int, message: str, *, details: list[dict[str, Any]] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details or []
        self.headers: dict[str, str] = {}

    def envelope(self) -> dict[str, Any]:
        error: dict[str, Any] = {"code": self.code, "message": self.message, "status": STATUS[self.code]}
        if self.details:
            error["details"] = self.details
        return {"error": error}


class DriveError(ApiError):
    """An answer of the Drive service: `{"error": {"code", "message", "errors": [{"reason", …}]}}`."""

    def __init__(self, code: int, message: str, reason: str, *, domain: str = "global", location: str = "") -> None:
        super().__init__(code, message)
        self.reason = reason
        self.domain = domain
        self.location = location

    def envelope(self) -> dict[str, Any]:
        item = {"message": self.message, "domain": self.domain, "reason": self.reason}
        if self.location:
            item |= {"location": self.location, "locationType": "parameter"}
        return {"error": {"code": self.code, "message": self.message, "errors": [item]}}


class NotImplementedHere(ApiError):
    """The emulator does not know how: never a success that did nothing."""

    def __init__(self, what: str) -> None:
        super().__init__(501, f"The emulator does not implement {what}.")


class EmulatorBug(Exception):
    """The emulator's own answer is not what the discovery document promises."""


def invalid(message: str) -> ApiError:
    return ApiError(400, message)


def not_found() -> ApiError:
    return ApiError(404, "Requested entity was not found.")


def forbidden(message: str = "The caller does not have permission") -> ApiError:
    return ApiError(403, message)


def error_info(reason: str, domain: str = "googleapis.com", **metadata: str) -> dict[str, Any]:
    return {"@type": ERROR_INFO, "reason": reason, "domain": domain, "metadata": metadata}


def bad_request(violations: list[dict[str, str]], message: str | None = None) -> ApiError:
    """A request that does not fit its message type: `violations` have `field` (may be missing) and `description`."""
    text = message or "\n".join(item["description"] for item in violations)
    return ApiError(400, text, details=[{"@type": BAD_REQUEST, "fieldViolations": violations}])
