"""The tests that every connector's author inherits, through a web service, in each way of paging."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kpisheets.config import load
from kpisheets.core.metric import Source
from kpisheets.testing import ConnectorTests, sample
from tests.rest.gathering import TOTAL, gather, numbers
from tests.rest.service import Asked, Server, Told

SIZE = 20


def page(server: Server, held: list[Any], asked: Asked) -> Any:
    """A page in the way that the path says."""
    query = asked.query
    at = {
        "page": lambda: (int(query["page"]) - 1) * SIZE,
        "offset": lambda: int(query["skip"]),
        "cursor": lambda: int(query.get("cursor", "c0")[1:]),
        "next": lambda: int(query.get("from", 0)),
        "link": lambda: int(query.get("from", 0)),
        "after": lambda: int(query.get("starting_after", -1)) + 1,
        "none": lambda: 0,
    }
    kind = asked.path.rpartition("/")[2]
    start = at[kind]()
    part = held[start:] if kind == "none" else held[start : start + SIZE]
    end = start + len(part)
    more = end < len(held)
    answer = {"data": {"items": part}, "has_more": more, "total": len(held), "cursor": f"c{end}" if more else None}
    if kind == "next":
        answer["links"] = {"next": f"/v1/next?from={end}" if more else None}
    headers = {"Link": f'<{server.url}/v1/link?from={end}>; rel="next"'} if more and kind == "link" else {}
    return Told(answer, headers=headers)


PAGING = {
    "page": 'kind = "page", parameter = "page"',
    "offset": 'kind = "offset", parameter = "skip", total = "total"',
    "cursor": 'kind = "cursor", parameter = "cursor", at = "cursor"',
    "next": 'kind = "next", at = "links.next"',
    "link": 'kind = "link"',
    "after": 'kind = "after", parameter = "starting_after", at = "id", more = "has_more"',
    "none": 'kind = "none"',
}


def described(folder: Path, url: str, kind: str) -> Source:
    path = folder / "kpisheets.toml"
    path.write_text(
        '[project]\nname = "A"\n'
        f'[sources.shop]\nurl = "rest+{url}/v1"\n'
        f'[sources.shop.tables.orders]\npath = "{kind}"\nrecords = "data.items"\npagination = {{ {PAGING[kind]} }}\n'
        '[sources.shop.tables.orders.columns]\nday = "day"\namount = "amount.value"\nqty = "qty"\nstatus = "status"\n',
        encoding="utf-8",
    )
    return load(path).sources["shop"]


def filled(server: Server, kind: str) -> None:
    records = [
        {"id": place, **record, "amount": {"value": None if (amount := record["amount"]) is None else str(amount)}}
        for place, record in enumerate(sample())
    ]
    server.route(f"/v1/{kind}")(lambda asked: page(server, records, asked))


class TestPages(ConnectorTests):
    @pytest.fixture(autouse=True)
    def prepared(self, server: Server, quick: None, configured: Callable[[str], Source]) -> None:
        filled(server, "page")
        self.server = server
        tables = '[sources.shop.tables.orders]\npath = "orders"\n'
        type(self).absent = configured(f'[sources.shop]\nurl = "rest+http://127.0.0.1:9/v1"\n{tables}')

    def store(self, folder: Path) -> Source:
        return described(folder, self.server.url, "page")


@pytest.mark.parametrize("kind", PAGING)
def test_every_way_of_paging_brings_every_record_once(kind: str, server: Server, tmp_path: Path) -> None:
    filled(server, kind)
    got = gather(described(tmp_path, server.url, kind), TOTAL)
    wanted: dict[str, Decimal] = defaultdict(Decimal)
    for record in sample():
        wanted[f"{record['day']:%Y-%m}"] += record["amount"] or 0
    assert got.problems == ()
    assert numbers(got) == wanted
    pages = 1 if kind == "none" else -(-len(sample()) // SIZE)
    assert len(server.asked) == pages + (kind == "page")  # which ends at an empty one
