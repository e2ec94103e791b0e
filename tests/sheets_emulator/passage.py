"""The way of one request: which call it is, whose, whether it may, and what comes of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from . import masks, routes, sheets_api
from .auth import Identity
from .discovery import Method
from .drive_v2 import old_upload
from .errors import ApiError, DriveError, EmulatorBug, NotImplementedHere, bad_request, error_info
from .http_types import Request, Response
from .journal import Entry
from .messages import Message
from .sheets_call import SheetsCall

if TYPE_CHECKING:
    from .world import World

BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


class Passage:
    """A request on its way: which call it is, whose, and what comes of it."""

    def __init__(self, world: World, request: Request) -> None:
        self.world = world
        self.request = request
        self.who: Identity | None = None
        self.found = routes.find(request.method, request.path)
        self.api = self.found[0].document.name if self.found else "auth" if request.path == "/token" else "drive"
        self.call = self.found[0].method.id if self.found else request.path.strip("/").replace("/", ".")
        self.counted = True
        reads = request.method == "GET" if self.api == "drive" else self.call in sheets_api.READS
        self.kind = "read" if reads else "write"

    def entry(self, response: Response) -> Entry:
        email = self.who.email if self.who else ""
        sizes = (len(self.request.body), len(response.body))
        return Entry(
            self.request.method, self.request.path, self.api, self.call, self.kind, response.status, *sizes, email
        )

    def work(self) -> Response:
        try:
            if self.request.path == "/token" and self.request.method == "POST":
                return self.world.accounts.answer(self.request)
            old = routes.OLD_UPLOAD.match(self.request.path)
            if self.found is None and old is None:
                return Response(
                    404, b"<html><title>Error 404 (Not Found)!!1</title></html>", {"Content-Type": "text/html"}
                )
            self.who = self.world.accounts.identity(self.request)
            self._check_enabled()
            if self.found is None:
                assert old is not None
                return old_upload(self.world, self.request, self.who, old["fileId"])
            self._check_scopes(self.found[0].method)
            if self.api == "sheets":
                self.world.quotas.spend(self.who, self.kind)
            self.world.people.act("before", self.request)
            response = self._called()
            self.world.people.act("after", self.request)
            return response
        except ApiError as error:
            if self.api == "drive" and not isinstance(error, DriveError | NotImplementedHere):
                error = _as_drive(error)
            response = Response.of_json(error.code, error.envelope())
            response.headers |= error.headers
            return response

    def _called(self) -> Response:
        assert self.found
        assert self.who
        route, path = self.found
        if self.api == "drive":
            handler = self.world.drive.calls.get(route.method.id)
            if handler is None:
                raise NotImplementedHere(route.method.id)
            response = handler(self.request, self.who, path)
            if response.headers.get("Content-Type", "").startswith("application/json") and route.method.response:
                self._judge(response)
            return response
        call = sheets_api.CALLS.get(route.method.id)
        if call is None:
            raise NotImplementedHere(route.method.id)
        options = _parameters(self.request, route.method)
        body = self._body(route.method)
        mask = self._mask(route.method, options)
        answer = call(SheetsCall(self.world, self.who, path, options, body, mask))
        if route.method.id not in _MASKED_WITHIN:
            answer = masks.selected(answer, mask)
        response = Response.of_json(200, answer)
        assert route.method.response is not None
        self._judge_message(route.method.response, answer)
        return response

    def _body(self, method: Method) -> Message:
        if method.request is None:
            return {}
        assert self.found is not None
        try:
            body = self.request.json(without_nulls=True)
        except ValueError:
            raise bad_request([{"description": "Invalid JSON payload received. Unexpected token."}]) from None
        root = "data" if method.request == "ValueRange" else ""
        violations = self.found[0].document.violations(method.request, body, root)
        if violations:
            raise bad_request(violations)
        return body  # type: ignore[no-any-return]

    def _mask(self, method: Method, options: Message) -> masks.Mask:
        text = options.pop("fields", None)
        if not text:
            return {}
        assert self.found
        assert method.response
        return masks.reading(self.found[0].document, method.response, text)

    def _judge(self, response: Response) -> None:
        assert self.found
        assert self.found[0].method.response
        self._judge_message(self.found[0].method.response, json.loads(response.body))

    def _judge_message(self, schema: str, answer: Any) -> None:
        """Hold an answer of ours to the discovery document."""
        assert self.found is not None
        violations = self.found[0].document.violations(schema, answer)
        if violations:
            raise EmulatorBug(f"the answer of {self.call} is no {schema}: {violations[:5]}")

    def _check_enabled(self) -> None:
        service = f"{self.api}.googleapis.com"
        assert self.who is not None
        if service in self.world.disabled:
            title = {"sheets": "Google Sheets API", "drive": "Google Drive API"}[self.api]
            url = f"https://console.developers.google.com/apis/api/{service}/overview?project={self.who.project}"
            raise ApiError(
                403,
                f"{title} has not been used in project {self.who.project} before or it is disabled. Enable it by "
                f"visiting {url} then retry. If you enabled this API recently, wait a few minutes for the action to "
                "propagate to our systems and retry.",
                details=[
                    error_info(
                        "SERVICE_DISABLED", service=service, consumer=f"projects/{self.who.project}", activationUrl=url
                    )
                ],
            )

    def _check_scopes(self, method: Method) -> None:
        assert self.who is not None
        if method.scopes and not method.scopes & self.who.scopes:
            service = f"{self.api}.googleapis.com"
            raise ApiError(
                403,
                "Request had insufficient authentication scopes.",
                details=[error_info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", service=service, method=method.id)],
            )


# Calls that build their answer by its mask, so that nothing is computed in vain.
_MASKED_WITHIN = {f"sheets.spreadsheets.{name}" for name in ("create", "get", "getByDataFilter", "batchUpdate")}
_REASONS = {401: "authError", 403: "forbidden", 404: "notFound", 400: "badRequest"}


def _as_drive(error: ApiError) -> DriveError:
    """The same trouble in the envelope of Drive, which keeps the newer fields beside its own."""

    class Both(DriveError):
        def envelope(self) -> dict[str, Any]:
            old, new = super().envelope(), ApiError.envelope(error)
            return {"error": {**old["error"], **new["error"]}}

    reason = _REASONS.get(error.code, "backendError")
    if any(item.get("reason") == "SERVICE_DISABLED" for item in error.details):
        return Both(error.code, error.message, "accessNotConfigured", domain="usageLimits")
    if any(item.get("reason") == "ACCESS_TOKEN_SCOPE_INSUFFICIENT" for item in error.details):
        return Both(error.code, error.message, "insufficientPermissions")
    return Both(error.code, error.message, reason)


def _parameters(request: Request, method: Method) -> Message:
    """The query of a Sheets call by the types that the discovery document gives. Raises the service's 400."""
    options: Message = {}
    for name, values in request.query.items():
        kind = method.parameters.get(name)
        if kind is None:
            raise bad_request(
                [
                    {
                        "description": f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query '
                        f"parameter. Field '{name}' could not be found in request message."
                    }
                ]
            )
        if kind.get("repeated"):
            options[name] = values
        elif kind["type"] == "boolean":
            if values[-1].lower() not in BOOLEANS:
                raise bad_request(
                    [{"field": name, "description": f"Invalid value at '{name}' (TYPE_BOOL), {values[-1]!r}"}]
                )
            options[name] = BOOLEANS[values[-1].lower()]
        elif "enum" in kind and values[-1] not in kind["enum"]:
            raise bad_request([{"field": name, "description": f"Invalid value at '{name}', \"{values[-1]}\""}])
        else:
            options[name] = values[-1]
    return options
