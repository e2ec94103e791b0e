"""Another spreadsheet as a source: the emulator is Google, gspread fills it in, pandas reads its export."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import gspread
import pandas as pd
import pytest
from google.oauth2.credentials import Credentials

from kpisheets.config import GoogleSettings
from kpisheets.connectors import collect, probe
from kpisheets.core.metric import Asked, Collected, Metric, Source
from kpisheets.core.period import Calendar, Frequency
from kpisheets.testing import ConnectorTests
from tests.sheets_emulator import Emulator

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
PARIS = Calendar(1, "Europe/Paris")


class Google:
    """The emulator, a spreadsheet of Ada's in it, and an account that may read it."""

    def __init__(self, emulator: Emulator, key: Path) -> None:
        self.emulator = emulator
        self.key = emulator.control.service_account("reader")
        key.write_text(json.dumps(self.key))
        self.id = emulator.control.spreadsheet("ada@example.org", title="Sales of the team")
        emulator.control.permit(self.id, self.key["client_email"], "reader")
        token = Credentials(emulator.control.token("ada@example.org"))
        http = gspread.http_client.HTTPClient
        client = gspread.Client(token, http_client=type("Here", (http,), {"request": _here(emulator.url)}))
        self.book = client.open_by_key(self.id)

    def url(self, key: str = "key.json") -> str:
        return f"gsheet://{self.id}?credentials={key}&endpoint={self.emulator.url}"


def _here(url: str) -> Any:
    def request(self: Any, method: str, endpoint: str, **more: Any) -> Any:
        for host in ("https://sheets.googleapis.com", "https://www.googleapis.com"):
            endpoint = endpoint.replace(host, url)
        return gspread.http_client.HTTPClient.request(self, method, endpoint, **more)

    return request


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Google]:
    key = tmp_path_factory.mktemp("google") / "key.json"
    with Emulator() as emulator:
        found = Google(emulator, key)
        tab = found.book.sheet1
        tab.update_title("Orders 2026")
        rows = [
            [],
            ["Day", "Amount", "", "Paid at", "Channel", "Amount", "Rate", "Ready"],
            ["2026-10-01", 19.99, "a note", "2026-10-01 23:30", "web", 1, "12.5%", True],
            ["2026-10-02", 0.1, "", "2026-10-02 08:00", "=1+1", 2, "7%", False],
            [],
            ["2026-11-03", 0.2, "", "2026-11-03 10:00", "shop", 3, "50%", True],
            ["2026-11-04", "=B3*3", "", "2026-11-04 11:15", "=NA()", 4, "1%", True],
        ]
        tab.update(rows, "A1", value_input_option="USER_ENTERED")
        tab.update([["'=1+1"]], "E4", value_input_option="USER_ENTERED")
        tab.update([["Totals"], ["not a table"]], "K1")
        empty = found.book.add_worksheet("Empty", 5, 5)
        assert empty.title == "Empty"
        yield found


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    for name in ("KPISHEETS_GOOGLE_CREDENTIALS", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)


def metric(name: str, value: str, table: str = "orders 2026!A1:H", **parts: str) -> Metric:
    return Metric(name, "team", table, parts.pop("date", "day"), value, where=f"metric {name}", **parts)


def ask(url: str, folder: Path, google: Google, *metrics: Metric, deadline: int = 20) -> Collected:
    (folder / "key.json").write_text(json.dumps(google.key))
    last = PARIS.period(Frequency.MONTHLY, NOW.date())
    asked = [Asked(one.name, one, Frequency.MONTHLY, None, last) for one in metrics]
    source, settings = Source("team", url, "kpisheets.toml:7"), GoogleSettings(deadline=deadline)
    return collect({"team": source}, asked, calendar=PARIS, root=folder, now=NOW, google=settings)


def test_the_numbers_are_those_of_the_export(google: Google, tmp_path: Path) -> None:
    got = ask(
        google.url(),
        tmp_path,
        google,
        metric("amount", "sum(Amount)"),
        metric("second", "sum(amount_2)"),
        metric("rate", "avg(rate)"),
        metric("paid", "count(*)", date="Paid at"),
        metric("words", "count(distinct channel)"),
        metric("ready", "sum(CASE WHEN ready THEN 1 ELSE 0 END)"),
        metric("formula", "count(*)", filter="channel = '=1+1'"),
    )
    assert not got.problems
    found = {(fact.kpi, fact.period.label): fact.value for fact in got.facts}
    whole = pd.read_excel(
        io.BytesIO(google.book.export(gspread.utils.ExportFormat.EXCEL)), header=1, usecols="A:H", engine="openpyxl"
    ).dropna(how="all")
    months = pd.to_datetime(whole["Day"]).dt.strftime("%Y-%m")
    for month, part in whole.groupby(months):
        assert float(found["amount", month]) == pytest.approx(part["Amount"].sum(), rel=1e-12)
        assert found["second", month] == part["Amount.1"].sum()
        assert float(found["rate", month]) == pytest.approx(part["Rate"].mean(), rel=1e-12)
        assert found["ready", month] == part["Ready"].sum()
    # Cents are exact, as the cells show them; an error in a cell is a blank.
    assert found["amount", "2026-10"] == Decimal("20.09")
    assert found["amount", "2026-11"] == Decimal("60.17")
    assert found["words", "2026-11"] == 1
    assert (found["paid", "2026-10"], found["paid", "2026-11"]) == (2, 2)
    assert found["formula", "2026-10"] == 1
    assert "own time zone is" in got.queries[0].notes[0]


def test_a_tab_is_one_request_and_one_of_the_outline(google: Google, tmp_path: Path) -> None:
    google.emulator.control.reset_log()
    ask(google.url(), tmp_path, google, metric("a", "sum(amount)"), metric("b", "count(*)"))
    assert [entry.api for entry in google.emulator.control.entries].count("sheets") == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (metric("m", "sum(x)", table="Ordres"), "there is no tab “Ordres”; its tabs are: Orders 2026, Empty"),
        (metric("m", "sum(x)", table="Empty"), "the tab “Empty” is empty; give its columns names in its first row"),
        (metric("m", "sum(x)", table="Orders 2026!A9000:B"), "“A9000:B” is no range of the tab “Orders 2026”"),
        (metric("m", "sum(amuont)"), "has no column “amuont”; did you mean “Amount”"),
    ],
)
def test_one_table_is_wrong(wrong: Metric, said: str, google: Google, tmp_path: Path) -> None:
    got = ask(google.url(), tmp_path, google, wrong, metric("good", "sum(amount)"))
    (problem,) = got.problems
    assert said in str(problem)
    assert {fact.kpi for fact in got.facts} == {"good"}
    source = Source("team", google.url())
    assert said in str(probe(source, [wrong], root=tmp_path)[0])


def test_the_address_of_a_browser_will_do(google: Google, tmp_path: Path) -> None:
    written = f"gsheet://docs.google.com/spreadsheets/d/{google.id}/edit?gid=0&{google.url().partition('?')[2]}"
    assert ask(written, tmp_path, google, metric("a", "sum(amount)")).facts


def test_who_may_not_read_it_is_told_how_to_share(google: Google, tmp_path: Path) -> None:
    google.emulator.control.permit(google.id, google.key["client_email"], None)
    try:
        (problem,) = ask(google.url(), tmp_path, google, metric("a", "sum(amount)")).problems
    finally:
        google.emulator.control.permit(google.id, google.key["client_email"], "reader")
    assert problem.code == 77
    assert f"{google.key['client_email']} as Viewer" in problem.mend


def test_its_trouble_is_waited_for_and_then_told(google: Google, tmp_path: Path) -> None:
    google.emulator.control.fault("429", times=1)
    assert ask(google.url(), tmp_path, google, metric("a", "sum(amount)")).facts
    google.emulator.control.fault("503", times=100)
    try:
        got = ask(google.url(), tmp_path, google, metric("a", "sum(amount)"), deadline=1)
    finally:
        google.emulator.control.no_faults()
    assert got.unreachable == {"team"}
    assert got.problems[0].code == 75


def test_a_url_that_names_none(google: Google, tmp_path: Path) -> None:
    (problem,) = ask("gsheet://x", tmp_path, google, metric("a", "count(*)")).problems
    assert problem.code == 78
    (problem,) = ask(
        f"gsheet://{google.id}?endpoint=http://example.org", tmp_path, google, metric("a", "count(*)")
    ).problems
    assert "is not encrypted" in problem.what


def test_it_signs_in_as_the_project_does(google: Google, tmp_path: Path) -> None:
    settings = GoogleSettings(credentials=json.dumps(google.key), api_root=google.emulator.url)
    last = PARIS.period(Frequency.MONTHLY, NOW.date())
    asked = [Asked("a", metric("a", "sum(amount)"), Frequency.MONTHLY, None, last)]
    sources = {"team": Source("team", f"gsheet://{google.id}")}
    got = collect(sources, asked, calendar=PARIS, root=tmp_path, now=NOW, google=settings)
    assert got.facts


class TestSpreadsheet(ConnectorTests):
    """What every connector must do, on a tab of its own."""

    google: ClassVar[Google]

    @pytest.fixture(autouse=True)
    def _bring(self, google: Google) -> None:
        type(self).google = google

    def store(self, folder: Path) -> str:
        (folder / "key.json").write_text(json.dumps(self.google.key))
        book = self.google.book
        if "orders" not in [tab.title for tab in book.worksheets()]:
            rows = [list(self.records[0])]
            rows += [[str(r["day"]), r["amount"] and float(r["amount"]), r["qty"], r["status"]] for r in self.records]
            tab = book.add_worksheet("orders", len(rows) + 5, 4)
            tab.update([[row[0]] for row in rows], "A1", value_input_option="USER_ENTERED")
            tab.update([row[1:] for row in rows], "B1", value_input_option="RAW")
        return self.google.url()
