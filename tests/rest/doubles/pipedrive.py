"""Pipedrive: cursors in version 2, offsets in version 1, null where there is nothing."""

from __future__ import annotations

import base64
from typing import Any

from tests.rest.service import Asked, Server, Told

TOKEN = "5f1c9b"


def _deal(n: int, archived: bool = False) -> dict[str, Any]:
    status = ("won", "lost", "open")[n % 3]
    added = f"2026-{1 + n % 10:02}-{1 + n % 25:02}T21:45:00Z"
    closed = f"2026-{1 + (n + 1) % 10:02}-27T10:00:00Z"
    return {
        "id": n + (100_000 if archived else 0),
        "title": f"Deal {n}",
        "owner_id": n % 4,
        "person_id": n,
        "org_id": None,
        "pipeline_id": 1,
        "stage_id": n % 5,
        "value": 100.5 + n,
        "currency": "EUR",
        "add_time": added,
        "update_time": max(added, closed) if status != "open" else added,
        "stage_change_time": None,
        "is_deleted": False,
        "is_archived": archived,
        "status": status,
        "probability": None,
        "lost_reason": "price" if status == "lost" else None,
        "close_time": closed if status != "open" else None,
        "won_time": closed if status == "won" else None,
        "lost_time": closed if status == "lost" else None,
        "expected_close_date": "2026-12-01",
        "custom_fields": {},
    }


def _lead(n: int) -> dict[str, Any]:
    return {
        "id": f"lead-{n:04}",
        "title": f"Lead {n}",
        "owner_id": 1,
        "person_id": n,
        "organization_id": None,
        "source_name": "Web forms" if n % 3 else "Manually created",
        "origin": "API",
        "is_archived": False,
        "value": {"amount": 200, "currency": "EUR"} if n % 2 else None,
        "expected_close_date": None,
        "add_time": f"2026-{1 + n % 10:02}-{1 + n % 25:02}T23:30:00.000Z",
        "update_time": "2026-11-01T00:00:00.000Z",
    }


def _activity(n: int) -> dict[str, Any]:
    done = n % 3 != 2
    return {
        "id": n,
        "subject": f"Call {n}",
        "type": ("call", "meeting")[n % 2],
        "done": done,
        "owner_id": 1,
        "deal_id": n,
        "lead_id": None,
        "org_id": None,
        "due_date": f"2026-{1 + n % 10:02}-15",
        "add_time": f"2026-{1 + n % 10:02}-01T08:00:00Z",
        "update_time": f"2026-{1 + n % 10:02}-20T08:00:00Z",
        "marked_as_done_time": f"2026-{1 + n % 10:02}-20T08:00:00Z" if done else None,
    }


OBJECTS: dict[str, list[dict[str, Any]]] = {
    "/api/v2/deals": [_deal(n) for n in range(620)],
    "/api/v2/deals/archived": [_deal(n, archived=True) for n in range(12)],
    "/api/v2/activities": [_activity(n) for n in range(90)],
    "/v1/leads": [_lead(n) for n in range(230)],
}


def serve(server: Server) -> None:
    for path in OBJECTS:
        server.routes[path] = _leads if path == "/v1/leads" else _paged


def _allowed(asked: Asked) -> Told | None:
    if {name.lower(): value for name, value in asked.headers.items()}.get("x-api-token") != TOKEN:
        return Told({"success": False, "error": "unauthorized access", "errorCode": 401}, 401)
    return None


def _changed(asked: Asked) -> list[dict[str, Any]]:
    since, until = asked.query.get("updated_since", ""), asked.query.get("updated_until", "9999")
    return [one for one in OBJECTS[asked.path] if since <= one["update_time"] < until]


def _paged(asked: Asked) -> Any:
    if (told := _allowed(asked)) is not None:
        return told
    limit = int(asked.query.get("limit", 100))
    if limit > 500:
        return Told({"success": False, "error": "limit must be less than or equal to 500"}, 400)
    start = int(base64.b64decode(asked.query["cursor"])) if "cursor" in asked.query else 0
    held = _changed(asked)
    end = start + limit
    cursor = base64.b64encode(str(end).encode()).decode() if end < len(held) else None
    return {"success": True, "data": held[start:end], "additional_data": {"next_cursor": cursor}}


def _leads(asked: Asked) -> Any:
    if (told := _allowed(asked)) is not None:
        return told
    start, limit = int(asked.query.get("start", 0)), int(asked.query.get("limit", 100))
    held = _changed(asked)
    part = held[start : start + limit]
    paging = {"start": start, "limit": limit, "more_items_in_collection": start + limit < len(held)}
    if paging["more_items_in_collection"]:
        paging["next_start"] = start + limit
    return {"success": True, "data": part or None, "additional_data": {"pagination": paging}}
