"""Tryton's typed values, and what is asked of it. A real one is in tests/systems/tryton."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpisheets.connectors.base import Opening, Window
from kpisheets.connectors.erp.tryton import Field, open_tryton, value_of
from kpisheets.secrets import Revealed
from kpisheets.services.catalogue import described
from tests.rest.service import Asked, Server, running

DAY, TIME = ("year", "month", "day"), ("hour", "minute", "second", "microsecond")


def _said(value: object) -> Any:
    """A value as Tryton's server writes it."""
    match value:
        case datetime():
            return {"__class__": "datetime", **{name: getattr(value, name) for name in (*DAY, *TIME)}}
        case date():
            return {"__class__": "date", **{name: getattr(value, name) for name in DAY}}
        case Decimal():
            return {"__class__": "Decimal", "decimal": str(value)}
        case timedelta():
            return {"__class__": "timedelta", "seconds": value.total_seconds()}
    return value


@given(st.dates() | st.datetimes() | st.decimals(allow_nan=False, allow_infinity=False) | st.text() | st.integers())
def test_values_are_read_as_they_were_written(value: object):
    wanted = value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
    assert value_of(json.loads(json.dumps(_said(value))), Field("any")) == wanted


def test_what_leads_to_a_record_is_its_number():
    assert value_of({"__name__": "party.party", "id": 7, "name": "x"}, Field("many2one", "party.party")) == 7
    assert value_of(None, Field("many2one", "party.party")) is None


FIELDS = {
    "sale.line": {
        "id": {"type": "integer", "searchable": True},
        "amount": {"type": "numeric", "searchable": False},
        "sale": {"type": "many2one", "relation": "sale.sale", "searchable": True},
        "shipping_date": {"type": "date", "searchable": False},
        "taxes": {"type": "many2many", "relation": "account.tax"},
    },
    "sale.sale": {
        "sale_date": {"type": "date", "searchable": True},
        "create_date": {"type": "timestamp", "searchable": True},
    },
}


@pytest.mark.parametrize(
    ("dated_by", "domain"),
    [
        ("sale.sale_date", [["sale.sale_date", ">=", date(2026, 3, 1)], ["sale.sale_date", "<", date(2026, 4, 1)]]),
        (
            "sale.create_date",
            [
                ["sale.create_date", ">=", datetime(2026, 2, 28, 23)],  # noqa: DTZ001 - UTC, without a zone
                ["sale.create_date", "<", datetime(2026, 3, 31, 22)],  # noqa: DTZ001
            ],
        ),
        ("shipping_date", []),
        ("taxes", []),
        ("no_such_field", []),
    ],
)
def test_days_bound_the_question_where_tryton_can_search_by_them(dated_by: str, domain: list[Any], tmp_path: Path):
    with running() as server:
        _serve(server)
        url = Revealed("", f"tryton+{server.url}/db")
        source = open_tryton(Opening(url, tmp_path, "Europe/Paris", settings=described("tryton")))
        window = Window(date(2026, 3, 1), date(2026, 4, 1), "Europe/Paris", dated_by, frozenset({"amount"}))
        records = source.records("sale.line", window)
        source.close()
        asked = server.asked[-1]
    assert json.loads(urlsafe_b64decode(asked.query["d"])) == json.loads(
        json.dumps([*([name, sign, _said(bound)] for name, sign, bound in domain), ["id", ">", 0]])
    )
    assert set(asked.lists["f"]) == {"id", "amount", *([dated_by] if domain or dated_by == "shipping_date" else [])}
    assert [record["amount"] for record in records.data] == [Decimal("9.90")]


def _serve(server: Server) -> None:
    for model, fields in FIELDS.items():
        server.routes[f"/db/rest/model/{model}/fields_get"] = lambda _, fields=fields: fields

    @server.route("/db/rest/model/sale.line")
    def lines(asked: Asked) -> Any:
        return [{"id": 4, "__name__": "sale.line", "amount": {"__class__": "Decimal", "decimal": "9.90"}}]
