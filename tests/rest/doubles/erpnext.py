"""ERPNext: lists of documents with fields, filters and offsets; both spellings of a key."""

from __future__ import annotations

import base64
import json
from typing import Any

from tests.rest.service import Asked, Server, Told

KEY, SECRET = "a1b2", "c3d4"
_MOST = 500


def _dated(n: int) -> str:
    return f"2026-{1 + n % 10:02}-{1 + n % 28:02}"


def _invoice(n: int) -> dict[str, Any]:
    net = -50.0 if n % 25 == 24 else 100.25 + n
    return {
        "name": f"ACC-SINV-{n:05}",
        "docstatus": 2 if n % 30 == 29 else 1,
        "posting_date": _dated(n),
        "due_date": _dated(n + 1),
        "customer": f"C{n % 11}",
        "status": "Paid" if n % 3 else "Overdue",
        "is_return": int(n % 25 == 24),
        "currency": "EUR",
        "base_net_total": net,
        "base_grand_total": net * 1.2,
        "outstanding_amount": 0.0 if n % 3 else net,
    }


def _entry(n: int) -> dict[str, Any]:
    account = ("Sales - A", "Cost of Goods Sold - A", "Debtors - A")[n % 3]
    amount = 10.5 + n
    return {
        "name": f"gl{n:05}",
        "is_cancelled": int(n % 40 == 39),
        "posting_date": _dated(n),
        "account": account,
        "debit": 0.0 if n % 3 == 0 else amount / 2,
        "credit": amount if n % 3 == 0 else 0.0,
        "voucher_type": "Sales Invoice",
    }


DOCUMENTS: dict[str, list[dict[str, Any]]] = {
    "Sales Invoice": [_invoice(n) for n in range(620)],
    "Sales Order": [
        {
            "name": f"SAL-ORD-{n:05}",
            "docstatus": 1,
            "transaction_date": _dated(n),
            "delivery_date": _dated(n + 2),
            "customer": "C1",
            "status": "Completed",
            "base_net_total": 20.5,
            "base_grand_total": 24.6,
            "per_delivered": 100.0,
            "per_billed": 100.0,
        }
        for n in range(20)
    ],
    "Delivery Note": [],
    "Purchase Invoice": [],
    "Payment Entry": [
        {
            "name": f"ACC-PAY-{n:05}",
            "docstatus": 1,
            "posting_date": _dated(n),
            "payment_type": ("Receive", "Pay", "Internal Transfer")[n % 3],
            "party_type": ("Customer", "Supplier", None)[n % 3],
            "base_paid_amount": 100.0 + n,
            "base_received_amount": 100.0 + n,
        }
        for n in range(60)
    ],
    "Lead": [
        {
            "name": f"CRM-LEAD-{n:05}",
            "docstatus": 0,
            "creation": f"{_dated(n)} 23:30:00.123456",
            "status": ("Lead", "Converted", "Opportunity")[n % 3],
            "source": None,
            "lead_owner": None,
        }
        for n in range(80)
    ],
    "Opportunity": [
        {
            "name": f"CRM-OPP-{n:05}",
            "docstatus": 0,
            "transaction_date": _dated(n),
            "status": ("Open", "Converted", "Lost", "Closed")[n % 4],
            "base_opportunity_amount": 1000.0,
            "sales_stage": "Prospecting",
            "opportunity_from": "Lead",
            "expected_closing": None,
        }
        for n in range(40)
    ],
    "GL Entry": [_entry(n) for n in range(200)],
    "Account": [
        {"name": "Sales - A", "root_type": "Income", "account_type": "Income Account"},
        {"name": "Cost of Goods Sold - A", "root_type": "Expense", "account_type": "Cost of Goods Sold"},
        {"name": "Debtors - A", "root_type": "Asset", "account_type": "Receivable"},
    ],
    "Employee": [
        {
            "name": f"HR-EMP-{n:05}",
            "status": "Left" if n % 6 == 5 else "Active",
            "date_of_joining": f"2025-{1 + n % 12:02}-01",
            "relieving_date": f"2026-{1 + n % 9:02}-15" if n % 6 == 5 else None,
            "department": "Sales",
        }
        for n in range(48)
    ],
}


def serve(server: Server) -> None:
    for doctype in DOCUMENTS:
        told = lambda asked, doctype=doctype: _listed(doctype, asked)  # noqa: E731
        server.routes[f"/api/resource/{doctype.replace(' ', '%20')}"] = told


def _listed(doctype: str, asked: Asked) -> Any:
    known = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
    if asked.headers.get("Authorization") not in (f"token {KEY}:{SECRET}", f"Basic {known}"):
        return Told({"exc_type": "AuthenticationError", "message": "invalid key"}, 401)
    fields = json.loads(asked.query.get("fields", '["name"]'))
    held = sorted(DOCUMENTS[doctype], key=lambda one: one["name"])
    try:
        for field, sign, value in json.loads(asked.query.get("filters", "[]")):
            held = [one for one in held if _holds(one[field], sign, value)]
        start = int(asked.query.get("limit_start", 0))
        end = start + int(asked.query.get("limit_page_length", 20))
        return {"data": [{field: one[field] for field in fields} for one in held[start:end]]}
    except KeyError as error:
        return Told({"exc_type": "DataError", "exception": f"Field not permitted in query: {error}"}, 417)


def _holds(value: Any, sign: str, bound: Any) -> bool:
    return {"=": value == bound, ">=": value is not None and value >= bound, "<": value is not None and value < bound}[
        sign
    ]
