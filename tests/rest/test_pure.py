"""What is computed without a network: pages, waits, columns, placeholders, for every input."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

import jmespath
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kpisheets.connectors.base import Refused
from kpisheets.connectors.rest import patience
from kpisheets.connectors.rest.answer import Answer, content
from kpisheets.connectors.rest.asking import Request
from kpisheets.connectors.rest.paging import Pages
from kpisheets.connectors.rest.picking import Rows, flat, names_in, walked
from kpisheets.services.placeholders import NAMES, filled, unknown
from kpisheets.services.values import Limits, Paging, Service, ServiceColumn, ServiceTable

URL = "https://api.example.org/v1/orders"
KINDS = ("page", "offset", "cursor", "next", "after")


def answered(kind: str, held: list[dict[str, int]], size: int, request: Request) -> Answer:
    """A page as a service gives it that pages in this way."""
    asked = dict(request.parameters)
    if kind == "next":
        start = int(request.url.partition("from=")[2] or 0)
    elif kind == "page":
        start = (int(str(asked["p"])) - 1) * size
    elif kind == "after":
        start = int(str(asked.get("p", -1))) + 1
    else:
        start = int(str(asked.get("p", 0)))
    part, end = held[start : start + size], start + size
    more = end if end < len(held) else None
    return Answer({"items": part, "next": f"?from={end}" if kind == "next" and more else more}, URL)


@given(st.sampled_from(KINDS), st.integers(0, 40), st.integers(1, 9))
def test_every_way_of_paging_brings_everything_once_and_ends(kind: str, count: int, size: int) -> None:
    held = [{"id": number} for number in range(count)]
    at = {"cursor": "next", "next": "next", "after": "id"}.get(kind, "")
    table = ServiceTable("orders", "orders", paging=Paging(kind, parameter="p", at=at, first=int(kind == "page")))
    pages = Pages(table, Request("orders"))
    request, seen = pages.first(), []
    for _ in range(count // size + 3):
        answer = answered(kind, held, size, request)
        items: list[dict[str, Any]] = answer.content["items"]  # type: ignore[index]
        seen += items
        following = pages.following(answer, items)
        if following is None:
            break
        request = following
    else:
        pytest.fail("it does not end")
    assert seen == held


@given(st.lists(st.sampled_from("abcd"), min_size=6, max_size=12))
def test_cursors_that_come_again_always_end(cursors: list[str]) -> None:
    table = ServiceTable("orders", "orders", paging=Paging("cursor", parameter="p", at="next"))
    pages = Pages(table, Request("orders"))

    def followed() -> None:
        for place, cursor in enumerate(cursors):
            pages.following(Answer({"next": cursor}, URL), [{"id": place}])

    with pytest.raises(Refused, match="read already"):
        followed()


@settings(max_examples=30)
@given(st.text() | st.floats().map(str) | st.integers().map(str))
def test_no_header_makes_it_wait_backwards_or_for_ever(text: str) -> None:
    for wait in (
        patience.asked_for({"Retry-After": text}, 1_790_000_000),
        patience.quota_wait({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": text}, Limits(), 1_790_000_000),
    ):
        assert 0 <= wait < float("inf")


@given(st.integers(0, 86_400))
def test_a_wait_is_the_same_however_it_is_written(seconds: int) -> None:
    now = 1_790_000_000
    moment = datetime.fromtimestamp(now + seconds, UTC)
    forms = (str(seconds), str(now + seconds), str((now + seconds) * 1000), format_datetime(moment, usegmt=True))
    assert {round(patience.asked_for({"Retry-After": text}, now)) for text in forms} == {seconds}


@given(st.integers(1, 60), st.floats(0, 1))
def test_repetitions_are_spread_over_a_wait_that_grows_to_its_bound(failures: int, dice: float) -> None:
    longest = min(patience.CAP, patience.FIRST * 2 ** (failures - 1))
    assert patience.delay(failures, dice) == pytest.approx(dice * longest)


names = st.text("abc", min_size=1, max_size=3)
records = st.dictionaries(
    names, st.recursive(st.integers() | st.text() | st.lists(st.integers()), lambda part: st.dictionaries(names, part))
)


@settings(max_examples=20)
@given(records)
def test_fields_become_the_columns_that_pandas_makes_of_them(record: dict[str, Any]) -> None:
    theirs = pd.json_normalize([record], sep="_").to_dict("records") if record else [{}]
    assume(len(_paths(record)) == len(set(_paths(record))))  # of two fields with one name each keeps another
    ours = {name: value for name, value in flat(record).items() if value is not None}
    assert ours == {name: value for name, value in theirs[0].items() if value != {}}


@settings(max_examples=30)
@given(records, st.lists(names, min_size=1, max_size=3))
def test_a_plain_path_leads_where_jmespath_does(record: dict[str, Any], path: list[str]) -> None:
    for text in (".".join(path), ".".join(f'"{name}"' for name in path)):
        assert names_in(text) == tuple(path)
        assert walked(names_in(text), record) == jmespath.search(text, record)
    assert names_in("a[0]") == names_in("length(a)") == names_in("a || b") == ()


def _paths(record: dict[str, Any], prefix: str = "") -> list[str]:
    return [
        path
        for name, value in record.items()
        for path in (_paths(value, f"{prefix}{name}_") if isinstance(value, dict) else [f"{prefix}{name}"])
    ]


@given(st.integers(-(10**15), 10**15), st.sampled_from([("EUR", 2), ("JPY", 0), ("KWD", 3)]))
def test_amounts_in_minor_units_are_exact(amount: int, currency: tuple[str, int]) -> None:
    service = Service(decimals={"JPY": 0, "KWD": 3})
    columns = {"total": ServiceColumn("a", "minor", "c")}
    rows = Rows(service, ServiceTable("orders", "orders", columns=columns))
    rows.add([{"a": amount, "c": currency[0].lower()}, {"a": str(amount), "c": currency[0]}])
    for row in rows.finished():
        assert isinstance(row["total"], Decimal)
        assert row["total"] * 10 ** currency[1] == amount


@given(st.text(), st.sampled_from(NAMES))
def test_only_placeholders_are_filled_in(text: str, name: str) -> None:
    assume(not list(unknown(text)) and "{" not in text)
    values = dict.fromkeys(NAMES, "X")
    assert filled({"a": [f"{text}{{{name}}}", 1]}, values) == {"a": [f"{text}X", 1]}
    assert filled('{"a": {"b": 1}}', values) == '{"a": {"b": 1}}'
    assert filled("${env:start}", values) == "${env:start}"
    assert list(unknown([f"{{{name}}} {{else}}"])) == ["else"]


@given(st.binary())
def test_no_answer_is_worse_than_no_json(text: bytes) -> None:
    try:
        content(text)
    except ValueError:
        return


def test_json_is_exact() -> None:
    assert content(b'{"a": 0.1, "b": 12345678901234567890.12}') == {
        "a": Decimal("0.1"),
        "b": Decimal("12345678901234567890.12"),
    }
