"""Stripe: lists from the newest on, after an id; amounts in the smallest unit; refusals as objects."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.rest.service import Asked, Server, Told

KEY = "rk_test_51Hn"
_CURRENCIES = ("eur", "eur", "jpy", "kwd")


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def _invoice(n: int) -> dict[str, Any]:
    created = moment(f"2026-{1 + n % 10:02}-{1 + n % 27:02}T09:00:00")
    paid = n % 4 != 3
    amount = 1000 + 37 * n
    return {
        "id": f"in_{n:03}",
        "object": "invoice",
        "number": f"A-{n}",
        "customer": f"cus_{n % 23}",
        "status": "paid" if paid else "open",
        "billing_reason": "subscription_cycle",
        "currency": _CURRENCIES[n % 4],
        "created": created,
        "due_date": None,
        # Paid ten days later, so that some are paid in another month than they were made in.
        "status_transitions": {"finalized_at": created + 3600, "paid_at": created + 864_000 if paid else None},
        "subtotal": amount,
        "total": amount + 200,
        "total_excluding_tax": amount,
        "amount_due": amount + 200,
        "amount_paid": amount + 200 if paid else 0,
        "amount_remaining": 0 if paid else amount + 200,
    }


def _subscription(n: int) -> dict[str, Any]:
    started = moment(f"2026-{1 + n % 9:02}-05T12:00:00")
    ended = moment(f"2026-{2 + n % 9:02}-20T12:00:00") if n % 5 == 4 else None
    interval, count, cents = (("month", 1, "2900"), ("year", 1, "30000"), ("month", 3, "4500.5"))[n % 3]
    items = [
        {
            "id": f"si_{n}_{place}",
            "object": "subscription_item",
            "quantity": 1 + n % 3,
            "price": {
                "id": f"price_{n % 3}",
                "object": "price",
                "product": "prod_1",
                "currency": "eur",
                "unit_amount": int(cents) if "." not in cents else None,
                "unit_amount_decimal": cents,
                "recurring": {"interval": interval, "interval_count": count, "usage_type": "licensed"},
            },
        }
        for place in range(1 + n % 2)
    ]
    return {
        "id": f"sub_{n:03}",
        "object": "subscription",
        "customer": f"cus_{n % 23}",
        "status": "canceled" if ended else "active",
        "currency": "eur",
        "created": started,
        "start_date": started,
        "trial_end": started + 14 * 86_400 if n % 4 == 0 else None,
        "canceled_at": ended,
        "ended_at": ended,
        "items": {
            "object": "list",
            "data": items,
            "has_more": False,
            "url": f"/v1/subscription_items?subscription={n}",
        },
    }


def _charge(n: int) -> dict[str, Any]:
    failed = n % 9 == 8
    return {
        "id": f"ch_{n:03}",
        "object": "charge",
        "customer": f"cus_{n % 23}",
        "status": "failed" if failed else "succeeded",
        "currency": "eur",
        "created": moment(f"2026-{1 + n % 10:02}-{1 + n % 27:02}T22:30:00"),
        "amount": 500 + n,
        "amount_captured": 0 if failed else 500 + n,
        "amount_refunded": 100 if n % 7 == 0 and not failed else 0,
        "paid": not failed,
        "refunded": False,
        "disputed": n % 50 == 49,
        "failure_code": "card_declined" if failed else None,
    }


def _refund(n: int) -> dict[str, Any]:
    return {
        "id": f"re_{n:03}",
        "object": "refund",
        "charge": f"ch_{n:03}",
        "status": "succeeded",
        "reason": None,
        "currency": "eur",
        "created": moment(f"2026-{1 + n % 10:02}-28T08:00:00"),
        "amount": 100,
    }


OBJECTS: dict[str, list[dict[str, Any]]] = {
    "invoices": [_invoice(n) for n in range(230)],
    "subscriptions": [_subscription(n) for n in range(120)],
    "charges": [_charge(n) for n in range(210)],
    "refunds": [_refund(n) for n in range(30)],
}


def serve(server: Server) -> None:
    for name in OBJECTS:
        server.routes[f"/v1/{name}"] = lambda asked, name=name: _listed(name, asked)


def _refused(status: int, message: str) -> Told:
    return Told({"error": {"message": message, "type": "invalid_request_error"}}, status)


def _listed(name: str, asked: Asked) -> Any:
    if asked.headers.get("Authorization") != f"Bearer {KEY}":
        return _refused(401, "Invalid API Key provided")
    query = asked.query
    unknown = query.keys() - {"limit", "starting_after", "status", "created[gte]", "created[lt]"}
    if unknown:
        return _refused(400, f"Received unknown parameter: {min(unknown)}")
    held = sorted(OBJECTS[name], key=lambda one: (one["created"], one["id"]), reverse=True)
    if name == "subscriptions" and query.get("status") != "all":
        held = [one for one in held if one["status"] != "canceled"]
    held = [
        one
        for one in held
        if int(query.get("created[gte]", 0)) <= one["created"] < int(query.get("created[lt]", 2**40))
    ]
    start = 0
    if "starting_after" in query:
        ids = [one["id"] for one in held]
        if query["starting_after"] not in ids:
            return _refused(400, f"No such {name[:-1]}: '{query['starting_after']}'")
        start = ids.index(query["starting_after"]) + 1
    limit = int(query.get("limit", 10))
    if not 1 <= limit <= 100:
        return _refused(400, "This value must be less than or equal to 100")
    part = held[start : start + limit]
    return {"object": "list", "url": asked.path, "has_more": start + limit < len(held), "data": part}
