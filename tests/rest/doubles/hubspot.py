"""HubSpot: every property is text, and only those that are asked for come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.rest.service import Asked, Server, Told

TOKEN = "pat-eu1-1"


def _record(n: int, properties: dict[str, Any]) -> dict[str, Any]:
    when = f"2026-{1 + n % 10:02}-{1 + n % 26:02}T23:10:00.000Z"
    known = {"createdate": when, "hs_object_id": str(n), **properties}
    return {"id": str(n), "createdAt": when, "updatedAt": when, "archived": False, "properties": known}


def _contact(n: int) -> dict[str, Any]:
    stage = ("lead", "customer", "subscriber")[n % 3]
    reached = f"2026-{1 + n % 10:02}-15T10:00:00Z"
    return _record(
        n,
        {
            "lastmodifieddate": "2026-11-01T00:00:00Z",
            "lifecyclestage": stage,
            "hs_lead_status": None,
            "hs_analytics_source": "ORGANIC_SEARCH",
            "hubspot_owner_id": None,
            "hs_lifecyclestage_lead_date": reached if stage != "subscriber" else None,
            "hs_lifecyclestage_marketingqualifiedlead_date": reached if n % 6 == 1 else None,
            "hs_lifecyclestage_salesqualifiedlead_date": None,
            "hs_lifecyclestage_customer_date": reached if stage == "customer" else None,
            "email": f"p{n}@example.org",
        },
    )


def _deal(n: int) -> dict[str, Any]:
    closed, won = n % 4 != 3, n % 4 == 0
    return _record(
        n,
        {
            "dealname": f"Deal {n}",
            "amount": f"{100 + n}.25",
            "amount_in_home_currency": f"{100 + n}.25",
            "deal_currency_code": "EUR",
            "dealstage": "closedwon" if won else "closedlost" if closed else "qualifiedtobuy",
            "pipeline": "default",
            "dealtype": "newbusiness",
            "closedate": f"2026-{1 + (n + 3) % 10:02}-28T09:00:00Z",
            "hs_lastmodifieddate": "2026-11-01T00:00:00Z",
            "hs_is_closed": str(closed).lower(),
            "hs_is_closed_won": str(won).lower(),
            "hs_mrr": f"{n % 7}.5",
            "hubspot_owner_id": "7",
            "hs_analytics_source": "PAID_SEARCH",
        },
    )


def _ticket(n: int) -> dict[str, Any]:
    return _record(
        n,
        {
            "subject": "Broken",
            "hs_pipeline": "0",
            "hs_pipeline_stage": str(1 + n % 4),
            "hs_ticket_priority": None,
            "hs_ticket_category": "PRODUCT_ISSUE" if n % 2 else None,
            "closed_date": f"2026-{1 + n % 10:02}-28T09:00:00Z" if n % 4 == 3 else None,
            "hubspot_owner_id": None,
        },
    )


OBJECTS: dict[str, list[dict[str, Any]]] = {
    "contacts": [_contact(n) for n in range(1, 260)],
    "deals": [_deal(n) for n in range(1, 231)],
    "tickets": [_ticket(n) for n in range(1, 41)],
}


def serve(server: Server) -> None:
    for name in OBJECTS:
        server.routes[f"/crm/v3/objects/{name}"] = lambda asked, name=name: _listed(name, asked)
        server.routes[f"/crm/v3/objects/{name}/search"] = lambda asked, name=name: _searched(name, asked)


def _allowed(asked: Asked) -> Told | None:
    if asked.headers.get("Authorization") != f"Bearer {TOKEN}":
        message = "Authentication credentials not found. This API supports OAuth 2.0 authentication"
        return Told({"status": "error", "message": message, "category": "INVALID_AUTHENTICATION"}, 401)
    return None


def _refused(message: str) -> Told:
    return Told({"status": "error", "message": message, "category": "VALIDATION_ERROR"}, 400)


def _searched(name: str, asked: Asked) -> Any:
    """The search: groups of filters (one of them must hold), a hundred records by number, ten thousand at most."""
    if (told := _allowed(asked)) is not None:
        return told
    said = asked.json
    unknown = said.keys() - {"filterGroups", "properties", "sorts", "limit", "after", "query"}
    if unknown:
        return _refused(f"unknown property {min(unknown)}")
    groups = said.get("filterGroups") or [{"filters": []}]
    held = [
        one
        for one in OBJECTS[name]
        if any(all(_holds(one["properties"], rule) for rule in group["filters"]) for group in groups)
    ]
    start, limit = int(said.get("after") or 0), int(said.get("limit", 10))
    if limit > 200 or start + limit > 10_000:
        return _refused("the search ends at the ten-thousandth record")
    wanted = set(said.get("properties", [])) | {"hs_object_id"}
    part = [
        {**one, "properties": {k: v for k, v in one["properties"].items() if k in wanted}}
        for one in held[start : start + limit]
    ]
    answer: dict[str, Any] = {"total": len(held), "results": part}
    if start + limit < len(held):
        answer["paging"] = {"next": {"after": str(start + limit)}}
    return answer


def _holds(properties: dict[str, Any], rule: dict[str, Any]) -> bool:
    value = properties.get(rule["propertyName"])
    if value is None:
        return False
    moment, bound = datetime.fromisoformat(value).timestamp() * 1000, int(rule["value"])
    return moment >= bound if rule["operator"] == "GTE" else moment < bound


def _listed(name: str, asked: Asked) -> Any:
    if (told := _allowed(asked)) is not None:
        return told
    limit = int(asked.query.get("limit", 10))
    if limit > 100:
        return _refused("limit too high")
    wanted = {word for text in asked.lists.get("properties", []) for word in text.split(",")}
    held = OBJECTS[name]
    start = next((place for place, one in enumerate(held) if one["id"] == asked.query.get("after")), 0)
    part = [
        {**one, "properties": {k: v for k, v in one["properties"].items() if k in wanted | {"hs_object_id"}}}
        for one in held[start : start + limit]
    ]
    answer: dict[str, Any] = {"results": part}
    if start + limit < len(held):
        after = held[start + limit]["id"]
        answer["paging"] = {"next": {"after": after, "link": f"{asked.path}?after={after}"}}
    return answer
