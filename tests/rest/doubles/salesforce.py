"""Salesforce: as much SOQL as a test needs, batches, sessions that end, refusals as lists."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime
from typing import Any

from tests.rest.service import Asked, Server, Told

CLIENT, SECRET = "3MVG9", "s&cret"
VERSION = "v62.0"
BATCH = 100


def _lead(n: int) -> dict[str, Any]:
    converted = n % 4 == 0
    return {
        "Id": f"00Q{n:012}",
        "CreatedDate": f"2026-{1 + n % 10:02}-{1 + n % 26:02}T23:15:00.000+0000",
        "Status": "Closed - Converted" if converted else "Open",
        "LeadSource": "Web" if n % 2 else None,
        "IsConverted": converted,
        "ConvertedDate": f"2026-{1 + (n + 1) % 10:02}-28" if converted else None,
        "OwnerId": "005",
    }


def _opportunity(n: int) -> dict[str, Any]:
    closed, won = n % 4 != 3, n % 4 in (0, 1)
    return {
        "Id": f"006{n:012}",
        "CreatedDate": f"2026-{1 + n % 10:02}-01T08:00:00.000+0000",
        "CloseDate": f"2026-{1 + n % 10:02}-{10 + n % 5:02}",
        "Amount": None if n % 20 == 19 else 1000.5 + n,
        "StageName": "Closed Won" if won else "Closed Lost" if closed else "Prospecting",
        "Type": None,
        "LeadSource": None,
        "IsClosed": closed,
        "IsWon": won,
        "Probability": 100.0 if won else 0.0,
        "AccountId": "001",
        "OwnerId": "005",
    }


def _case(n: int) -> dict[str, Any]:
    closed = n % 3 != 2
    return {
        "Id": f"500{n:012}",
        "CreatedDate": f"2026-{1 + n % 10:02}-03T08:00:00.000+0000",
        "ClosedDate": f"2026-{1 + n % 10:02}-07T20:00:00.000+0000" if closed else None,
        "Status": "Closed" if closed else "New",
        "Priority": "High" if n % 5 == 0 else "Low",
        "Origin": "Web",
        "IsClosed": closed,
        "IsEscalated": n % 10 == 0,
        "OwnerId": "005",
    }


OBJECTS: dict[str, list[dict[str, Any]]] = {
    "Lead": [_lead(n) for n in range(260)],
    "Opportunity": [_opportunity(n) for n in range(330)],
    "Case": [_case(n) for n in range(50)],
}


class Salesforce:
    """``lasts``: how many requests a session lasts."""

    def __init__(self, server: Server, lasts: int = 1000) -> None:
        self.lasts = lasts
        self.sessions: dict[str, int] = {}
        self.results: dict[str, list[dict[str, Any]]] = {}
        server.routes["/services/oauth2/token"] = self.token
        for path in ("query", "query/"):
            server.routes[f"/services/data/{VERSION}/{path}"] = self.query
        self.server = server

    def token(self, asked: Asked) -> Any:
        form = asked.form
        if form != {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}:
            return Told({"error": "invalid_client", "error_description": "invalid client credentials"}, 400)
        return {"access_token": self.session(), "instance_url": self.server.url, "token_type": "Bearer"}

    def session(self) -> str:
        token = f"00D!{len(self.sessions)}"
        self.sessions[token] = self.lasts
        return token

    def query(self, asked: Asked) -> Any:
        if (told := self._entered(asked)) is not None:
            return told
        try:
            records = soql(asked.query["q"])
        except (KeyError, ValueError) as error:
            return Told([{"message": f"No such column or clause: {error}", "errorCode": "INVALID_FIELD"}], 400)
        name = f"01g{len(self.results)}"
        self.results[name] = records
        return self._batch(name, 0)

    def _entered(self, asked: Asked) -> Told | None:
        token = asked.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.sessions.get(token, 0) <= 0:
            return Told([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}], 401)
        self.sessions[token] -= 1
        return None

    def _batch(self, name: str, start: int) -> Any:
        records = self.results[name]
        end = start + BATCH
        answer = {"totalSize": len(records), "done": end >= len(records), "records": records[start:end]}
        if end < len(records):
            answer["nextRecordsUrl"] = f"/services/data/{VERSION}/query/{name}-{end}"

            def more(asked: Asked) -> Any:
                return self._entered(asked) or self._batch(name, end)

            self.server.routes[answer["nextRecordsUrl"]] = more
        return answer


_QUERY = re.compile(
    r"SELECT (?P<fields>.+?) FROM (?P<object>\w+)(?: WHERE (?P<where>.+?))?(?: GROUP BY (?P<group>.+))?"
)
_CONDITION = re.compile(r"(\w+) (>=|<) (\S+)")


def soql(text: str) -> list[dict[str, Any]]:
    """The records of a query. ValueError or KeyError for what is not understood."""
    found = _QUERY.fullmatch(text)
    if not found:
        raise ValueError(text)
    held = OBJECTS[found["object"]]
    for condition in (found["where"] or "").split(" AND "):
        if condition:
            field, sign, bound = _CONDITION.fullmatch(condition).groups()  # type: ignore[union-attr]
            held = [one for one in held if one[field] is not None and _within(one[field], sign, bound)]
    fields = [one.strip() for one in found["fields"].split(",")]
    attributes = {"type": found["object"], "url": ""}
    if not found["group"]:
        return [{"attributes": attributes, **{field: one[field] for field in fields}} for one in held]
    keys = [one.strip() for one in found["group"].split(",")]
    groups = defaultdict(list)
    for one in held:
        groups[tuple(one[key] for key in keys)].append(one)
    return [
        {"attributes": {"type": "AggregateResult"}, **{f.split()[1]: _added(f.split()[0], part) for f in fields}}
        for part in groups.values()
    ]


def _within(value: Any, sign: str, bound: str) -> bool:
    moment, limit = (
        datetime.fromisoformat(text if "T" in text else f"{text}T00:00:00+00:00") for text in (value, bound)
    )
    return moment >= limit if sign == ">=" else moment < limit


def _added(field: str, part: list[dict[str, Any]]) -> Any:
    if field == "COUNT(Id)":
        return len(part)
    if field == "SUM(Amount)":
        amounts = [one["Amount"] for one in part if one["Amount"] is not None]
        return sum(amounts) if amounts else None
    return part[0][field]
