"""`/_control/NAME`: the controls over HTTP. The body is a JSON object of arguments, the answer `{"result": …}`."""

from __future__ import annotations

from .controls import Controls
from .http_types import Request, Response

PREFIX = "/_control/"


def answer(controls: Controls, request: Request) -> Response:
    name = request.path.removeprefix(PREFIX)
    if name.startswith("_") or not hasattr(Controls, name):
        known = sorted(key for key in vars(Controls) if not key.startswith("_"))
        return Response.of_json(404, {"error": f"no control {name!r}: there are {', '.join(known)}"})
    try:
        found = getattr(controls, name)
        result = found(**request.json(without_nulls=False)) if callable(found) else None
    except (KeyError, TypeError, ValueError) as error:
        return Response.of_json(400, {"error": f"{type(error).__name__}: {error}"})
    return Response.of_json(200, {"result": result})
