"""Values of OData's JSON ↔ Python's, by the types that ``$metadata`` tells."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from kpisheets.connectors.base import Kind
from kpisheets.connectors.erp.odata.metadata import Property

_WHOLE = frozenset({"Edm.Byte", "Edm.SByte", "Edm.Int16", "Edm.Int32", "Edm.Int64"})
_TICKS = re.compile(r"/Date\((-?\d+)([+-]\d{1,4})?\)/")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 — of which zone, its property tells


def kind_of(one: Property) -> Kind:
    """What a property can be to a plan."""
    if one.kind in _WHOLE or one.kind in ("Edm.Decimal", "Edm.Double", "Edm.Single"):
        return Kind.NUMBER
    if one.kind == "Edm.DateTime":
        return Kind.DATE if one.is_day else Kind.LOCAL
    return {"Edm.Date": Kind.DATE, "Edm.DateTimeOffset": Kind.INSTANT}.get(one.kind, Kind.OTHER)


def value_of(said: object, kind: Property) -> object:
    """A value as Python's own: decimals are exact, a DateTime of version 2 is local, a DateTimeOffset an instant.

    ValueError where it is none of its type.
    """
    if said is None:
        return None
    match kind.kind:
        case "Edm.Decimal":
            return Decimal(str(said))
        case "Edm.Double" | "Edm.Single":
            return float(str(said).replace("INF", "inf"))
        case "Edm.Date":
            return date.fromisoformat(str(said))
        case "Edm.DateTime":
            moment = _moment(str(said)).replace(tzinfo=None)
            return moment.date() if kind.is_day else moment
        case "Edm.DateTimeOffset":
            moment = _moment(str(said))
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if kind.kind in _WHOLE:
        return int(str(said))
    return said if isinstance(said, str | bool) else json.dumps(said, default=str)


def literal(first: str, kind: Property, version: int) -> str:
    """A bound (an ISO day, or a UTC time) as it stands in a ``$filter``; blank where the type is none of days."""
    moment = first if "T" in first else f"{first}T00:00:00"
    if version == 4:
        return {"Edm.Date": first[:10], "Edm.DateTimeOffset": f"{moment}Z"}.get(kind.kind, "")
    known = {"Edm.DateTime": f"datetime'{moment}'", "Edm.DateTimeOffset": f"datetimeoffset'{moment}Z'"}
    return known.get(kind.kind, "")


def _moment(said: str) -> datetime:
    """``/Date(1772409600000+0060)/``: milliseconds in UTC, the zone in minutes behind them is for people; or ISO."""
    ticks = _TICKS.fullmatch(said)
    if ticks is None:
        return datetime.fromisoformat(said)
    try:
        return _EPOCH + timedelta(milliseconds=int(ticks[1]))
    except OverflowError:
        raise ValueError(f"{said} is no date") from None
