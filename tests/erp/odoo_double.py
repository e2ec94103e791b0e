"""A double of Odoo: models, searched and read by JSON-RPC and by JSON-2, as odoo-client-lib reads them too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.rest.service import Asked, Server, Told

DATABASE, USER, PASSWORD, KEY = "acme", "kpi@example.org", "a-pass-word", "0123456789abcdef-key"
HIDDEN = "hr.payslip"
"""A model that exists, and that this user may not read."""
Record = dict[str, Any]

FIELDS: Mapping[str, Mapping[str, str]] = {
    "account.move": {
        "invoice_date": "date",
        "state": "selection",
        "move_type": "selection",
        "payment_state": "selection",
        "amount_untaxed_signed": "monetary",
        "amount_residual_signed": "monetary",
        "partner_id": "many2one",
        "invoice_line_ids": "one2many",
    },
    "sale.order": {"date_order": "datetime", "state": "selection", "amount_untaxed": "monetary", "note": "html"},
    "crm.lead": {"create_date": "datetime", "date_closed": "datetime", "active": "boolean", "probability": "float"},
    "stock.picking": {
        "date_done": "datetime",
        "date_deadline": "datetime",
        "state": "selection",
        "picking_type_code": "selection",
    },
}


def _moment(n: int) -> str:
    return f"{datetime(2026, 1, 1, 22, 45) + timedelta(hours=31 * n):%Y-%m-%d %H:%M:%S}"  # noqa: DTZ001 - UTC, says Odoo


def _move(n: int) -> Record:
    amount = round(-20.5 if n % 9 == 8 else 100.1 + n, 2)
    is_open = n % 4 == 1
    return {
        "invoice_date": False if n % 13 == 12 else _moment(n)[:10],
        "state": "draft" if n % 10 == 3 else "posted",
        "move_type": ("out_refund" if n % 9 == 8 else "in_invoice" if n % 5 == 4 else "out_invoice"),
        "payment_state": "not_paid" if is_open else "paid",
        "amount_untaxed_signed": amount,
        "amount_residual_signed": amount if is_open else 0.0,
        "partner_id": False if n % 17 == 16 else [n % 7 + 1, f"Customer {n % 7 + 1}"],
        "invoice_line_ids": [n],
    }


def _lead(n: int) -> Record:
    lost, won = n % 3 == 2, n % 3 == 1
    return {
        "create_date": _moment(n),
        "date_closed": _moment(n + 9) if lost or won else False,
        "active": not lost,
        "probability": 100.0 if won else 0.0 if lost else 12.5,
    }


RECORDS: dict[str, list[Record]] = {
    "account.move": [_move(n) for n in range(203)],
    "sale.order": [
        {
            "date_order": _moment(n),
            "state": ("sale", "draft", "cancel")[n % 3],
            "amount_untaxed": 33.3 + n,
            "note": False,
        }
        for n in range(90)
    ],
    "crm.lead": [_lead(n) for n in range(120)],
    "stock.picking": [
        {
            "date_done": _moment(n) if n % 6 else False,
            "date_deadline": _moment(n - n % 3) if n % 5 else False,
            "state": "done" if n % 6 else "assigned",
            "picking_type_code": "incoming" if n % 4 == 3 else "outgoing",
        }
        for n in range(80)
    ],
}
for _model, _held in RECORDS.items():
    for _n, _record in enumerate(_held, 1):
        _record["id"] = _n * 3


class Wrong(Exception):
    """An exception of Odoo's, by its name."""

    def __init__(self, name: str, message: str, status: int) -> None:
        super().__init__(message)
        self.name, self.status = name, status


_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda held, said: held == said,
    "in": lambda held, said: held in said,
    ">": lambda held, said: held is not False and held > said,
    ">=": lambda held, said: held is not False and held >= said,
    "<": lambda held, said: held is not False and held < said,
}


def search(model: str, domain: Sequence[Any], context: Mapping[str, Any]) -> list[Record]:
    """The records that pass a domain. Archived ones only where the context says so, as in Odoo."""
    if model == HIDDEN:
        said = "You are not allowed to access 'Pay Slip' (hr.payslip) records."
        raise Wrong("odoo.exceptions.AccessError", said, 403)
    if model not in RECORDS:
        raise Wrong("werkzeug.exceptions.NotFound", f"the model {model!r} does not exist", 404)
    found: Iterable[Record] = RECORDS[model]
    if context.get("active_test", True):
        found = [one for one in found if one.get("active", True)]
    return [one for one in found if all(_TESTS[sign](one[name], said) for name, sign, said in domain)]


def answer(model: str, method: str, parts: Mapping[str, Any]) -> Any:
    """What a method of a model gives for named arguments."""
    context = parts.get("context") or {}
    if method == "context_get":
        return {"lang": "en_US", "tz": "Europe/Paris"}
    if method == "fields_get":
        search(model, [], context)
        return {name: {"type": kind} for name, kind in {"id": "integer", **FIELDS[model]}.items()}
    if method == "read":
        held = [one for one in search(model, [], {"active_test": False}) if one["id"] in parts["ids"]]
    else:
        offset, limit = parts.get("offset") or 0, parts.get("limit") or None
        held = search(model, parts["domain"], context)[offset : offset + limit if limit else None]
    if method == "search":
        return [one["id"] for one in held]
    fields = parts.get("fields") or [*FIELDS[model], "id"]
    for name in fields:
        if name not in FIELDS[model] and name != "id":
            raise Wrong("builtins.ValueError", f"Invalid field {name!r} on {model!r}", 422)
    return [{name: one[name] for name in {*fields, "id"}} for one in held]


def serve(server: Server) -> None:
    """Both of Odoo's interfaces on a server."""
    server.routes["/jsonrpc"] = _json_rpc
    for model in (*RECORDS, HIDDEN, "res.users", "ir.model", "no.such.model"):
        for method in ("search_read", "fields_get", "context_get", "search", "read"):
            server.routes[f"/json/2/{model}/{method}"] = _json_2


def _json_2(asked: Asked) -> Told:
    if (
        asked.headers.get("Authorization", "").casefold() != f"bearer {KEY}"
        or asked.headers.get("X-Odoo-Database") != DATABASE
    ):
        return Told({"name": "werkzeug.exceptions.Unauthorized", "message": "Invalid apikey", "debug": "…"}, 401)
    model, method = asked.path.split("/")[3:]
    try:
        return Told(answer(model, method, asked.json))
    except Wrong as wrong:
        return Told({"name": wrong.name, "message": str(wrong), "arguments": [str(wrong)], "debug": "…"}, wrong.status)


_NAMES = {
    "search_read": ("domain", "fields"),
    "search": ("domain", "offset", "limit", "order"),
    "read": ("ids", "fields"),
}


def _json_rpc(asked: Asked) -> Told:
    params = asked.json["params"]
    service, arguments = params["service"], params["args"]
    try:
        if service == "common":
            result: Any = 2 if arguments[:3] == [DATABASE, USER, PASSWORD] else False
        else:
            database, user, password, model, called, positional, named = arguments
            if (database, user, password) != (DATABASE, 2, PASSWORD):
                raise Wrong("odoo.exceptions.AccessDenied", "Access Denied", 200)
            result = answer(model, called, {**dict(zip(_NAMES.get(called, ()), positional, strict=False)), **named})
    except Wrong as wrong:
        data = {"name": wrong.name, "message": str(wrong), "arguments": [str(wrong)], "debug": "Traceback …"}
        return Told({"jsonrpc": "2.0", "id": 1, "error": {"code": 200, "message": "Odoo Server Error", "data": data}})
    return Told({"jsonrpc": "2.0", "id": asked.json.get("id"), "result": result})
