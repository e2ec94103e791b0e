"""OData: what `$metadata` says in both versions, values by their types, and the pages of a service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpisheets.config import load
from kpisheets.connectors import collect
from kpisheets.connectors.base import Refused
from kpisheets.connectors.erp.odata.metadata import Property, parsed
from kpisheets.connectors.erp.odata.values import literal, value_of
from kpisheets.core.metric import Asked, Collected
from kpisheets.core.period import Frequency
from tests.rest.service import Asked as Heard
from tests.rest.service import Server, Told, running

V2 = b"""<?xml version="1.0"?>
<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"
  xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" xmlns:sap="http://www.sap.com/Protocols/SAPData">
 <edmx:DataServices m:DataServiceVersion="2.0"><Schema Namespace="S" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">
  <EntityType Name="Base"><Key><PropertyRef Name="Id"/></Key><Property Name="Id" Type="Edm.Int64"/></EntityType>
  <EntityType Name="Order" BaseType="S.Base"><Property Name="Day" Type="Edm.DateTime" sap:display-format="Date"/>
   <Property Name="Amount" Type="Edm.Decimal"/><Property Name="Photo" Type="Edm.Binary"/></EntityType>
  <EntityContainer Name="C"><EntitySet Name="Orders" EntityType="S.Order"/>
   <EntitySet Name="Uncounted" EntityType="S.Order" sap:countable="false"/></EntityContainer>
 </Schema></edmx:DataServices></edmx:Edmx>"""
V4 = b"""<edmx:Edmx Version="4.01" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
 <Schema Namespace="com.example" Alias="X" xmlns="http://docs.oasis-open.org/odata/ns/edm">
  <EntityType Name="Order"><Key><PropertyRef Name="Id"/></Key><Property Name="Id" Type="Edm.Int32"/>
   <Property Name="Day" Type="Edm.Date"/><Property Name="Amount" Type="Edm.Decimal"/></EntityType>
  <EntityContainer Name="C"><EntitySet Name="Orders" EntityType="X.Order"/></EntityContainer>
 </Schema></edmx:DataServices></edmx:Edmx>"""


def test_metadata_of_version_2():
    found = parsed(V2)
    assert found.version == 2
    orders = found.sets["Orders"]
    assert orders.key == ("Id",)
    assert set(orders.properties) == {"Id", "Day", "Amount", "Photo"}
    assert orders.properties["Day"].is_day
    assert not orders.properties["Photo"].is_plain
    assert orders.countable
    assert not found.sets["Uncounted"].countable


def test_metadata_of_version_4_by_an_alias():
    found = parsed(V4)
    assert found.version == 4
    assert found.sets["Orders"].key == ("Id",)


@pytest.mark.parametrize(
    "text",
    [b"", b"<html><body>Log on</body></html>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><Edmx/>", b'{"value": []}'],
)
def test_what_is_no_metadata_is_refused(text: bytes):
    with pytest.raises(Refused) as refused:
        parsed(text)
    assert refused.value.mend


EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - its values bear no zone
CENTURIES = timedelta(days=80_000)


@given(st.datetimes(EPOCH - CENTURIES, EPOCH + CENTURIES), st.integers(-720, 840))
def test_a_moment_of_version_2_is_read_as_it_was_written(moment: datetime, zone: int):
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    ticks = (moment - EPOCH) // timedelta(milliseconds=1)
    assert value_of(f"/Date({ticks})/", Property("d", "Edm.DateTime")) == moment
    assert value_of(f"/Date({ticks})/", Property("d", "Edm.DateTime", True)) == moment.date()
    assert value_of(f"/Date({ticks}{zone:+05})/", Property("d", "Edm.DateTimeOffset")) == moment.replace(tzinfo=UTC)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_decimals_are_exact_as_texts_and_as_numbers(number: Decimal):
    assert value_of(str(number), Property("d", "Edm.Decimal")) == number
    assert value_of(number, Property("d", "Edm.Decimal")) == number


def test_bounds_are_spelled_as_each_version_has_them():
    day, instant = "2026-10-01", "2026-09-30T22:00:00"
    assert literal(day, Property("d", "Edm.DateTime", True), 2) == "datetime'2026-10-01T00:00:00'"
    assert literal(instant, Property("d", "Edm.DateTimeOffset"), 2) == "datetimeoffset'2026-09-30T22:00:00Z'"
    assert literal(day, Property("d", "Edm.Date"), 4) == day
    assert literal(instant, Property("d", "Edm.DateTimeOffset"), 4) == "2026-09-30T22:00:00Z"
    assert literal(day, Property("d", "Edm.String"), 4) == ""


@pytest.fixture(scope="module")
def _server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def server(_server: Server) -> Server:
    return _server.fresh()


def _serve(server: Server, pages: list[list[int]], *, count: int, after: str = "Orders?$skiptoken={}") -> None:
    server.routes["/s/$metadata"] = lambda _: Told(V4, headers={"Content-Type": "application/xml"})

    @server.route("/s/Orders")
    def orders(heard: Heard) -> object:
        page = int(heard.query.get("$skiptoken", 0))
        records = [{"Id": i, "Day": "2026-03-05", "Amount": "0.1"} for i in pages[page]]
        more = {"@odata.nextLink": after.format(page + 1)} if page + 1 < len(pages) else {}
        return {"@odata.count": count, "value": records, **more}


def _collected(server: Server, folder: Path) -> Collected:
    (folder / "kpisheets.toml").write_text(
        '[project]\nname = "A"\n[sources.s]\n'
        f'url = "odata+{server.url}/s"\n'
        '[metrics.m]\nsource = "s"\ntable = "orders"\ndate = "day"\nvalue = "sum(amount)"\n'
    )
    config = load(folder / "kpisheets.toml")
    month = config.calendar.period(Frequency.MONTHLY, date(2026, 3, 1))
    asked = [Asked("m", config.metrics["m"], Frequency.MONTHLY, month, month)]
    return collect(config.sources, asked, calendar=config.calendar, root=folder, now=datetime(2026, 11, 1, tzinfo=UTC))


def test_only_what_matters_is_asked_for_and_pages_lead_to_no_other_server(server: Server, tmp_path: Path):
    _serve(server, [[1, 2], [3], []], count=3, after="https://inside.example.org:8443/sap/Orders?$skiptoken={}")
    got = _collected(server, tmp_path)
    assert got.problems == ()
    [fact] = got.facts
    assert fact.value == Decimal("0.3")
    first = server.asked[1].query
    assert first["$select"] == "Id,Day,Amount"
    assert first["$filter"] == "Day ge 2026-03-01 and Day lt 2026-04-01"
    assert [heard.query.get("$skiptoken") for heard in server.asked[1:]] == [None, "1", "2"]


def test_fewer_records_than_told_are_no_number(server: Server, tmp_path: Path):
    _serve(server, [[1, 2]], count=3)
    got = _collected(server, tmp_path)
    assert got.facts == ()
    assert "2 of 3 records came" in got.problems[0].what


def test_pages_that_come_round_again_are_no_number(server: Server, tmp_path: Path):
    _serve(server, [[1]] * 9, count=9, after="Orders?$skiptoken=1&again={}")
    server.routes["/s/Orders"] = lambda _: {"value": [{"Id": 1}], "@odata.nextLink": "Orders?$skiptoken=1"}
    got = _collected(server, tmp_path)
    assert got.facts == ()
    assert "read already" in got.problems[0].what


@pytest.mark.parametrize("answer", [{"value": [1]}, {"value": None}, {"error": "x"}, [], "text", {"d": 3}])
def test_an_answer_of_another_form_is_told(answer: object, server: Server, tmp_path: Path):
    _serve(server, [[]], count=0)
    server.routes["/s/Orders"] = lambda _: Told(answer)
    got = _collected(server, tmp_path)
    assert got.facts == ()
    if answer != []:
        [problem] = got.problems
        assert "Orders" in problem.what
        assert problem.mend


def test_a_value_that_is_none_of_its_type_is_told(server: Server, tmp_path: Path):
    _serve(server, [[]], count=1)
    server.routes["/s/Orders"] = lambda _: {"value": [{"Id": 1, "Day": "2026-03-05", "Amount": "a lot"}]}
    [problem] = _collected(server, tmp_path).problems
    assert "“Amount”" in problem.what
    assert "a lot" in problem.what


def test_a_misspelt_column_is_found_in_an_empty_month_too(server: Server, tmp_path: Path):
    _serve(server, [[]], count=0)
    _collected(server, tmp_path)
    text = (tmp_path / "kpisheets.toml").read_text().replace("sum(amount)", "sum(amuont)")
    (tmp_path / "kpisheets.toml").write_text(text)
    config = load(tmp_path / "kpisheets.toml")
    month = config.calendar.period(Frequency.MONTHLY, date(2026, 3, 1))
    asked = [Asked("m", config.metrics["m"], Frequency.MONTHLY, month, month)]
    got = collect(config.sources, asked, calendar=config.calendar, root=tmp_path, now=datetime(2026, 11, 1, tzinfo=UTC))
    [problem] = got.problems
    assert "amuont" in problem.what
