"""KPIs from SAP's own OData server equal what plain Python finds in the records that it was given."""

from __future__ import annotations

import subprocess
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kpisheets.config import load
from kpisheets.connectors.base import Opening, Window
from kpisheets.connectors.erp.odata.source import open_odata
from kpisheets.secrets import Revealed
from tests.systems.asked import Project, by_month, recipe, rounded
from tests.systems.between import passing
from tests.systems.odata.conftest import Sap
from tests.systems.programs import installed

OF_OUR_OWN = """
[metrics.changed]
source = "sap"
table = "A_SalesOrder"
date = "LastChangeDateTime"
value = "count(*)"

[metrics.chance]
source = "sap"
table = "A_SalesOrder"
date = "SalesOrderDate"
numerator = "sum(CASE WHEN IsComplete THEN Probability END)"
denominator = "sum(Items)"

[metrics.most_pieces]
source = "sap"
table = "A_SalesOrder"
date = "SalesOrderDate"
value = "max(Pieces)"

[metrics.own]
source = "sap"
sql = "SELECT SalesOrderDate AS day, Items FROM A_SalesOrder WHERE TransactionCurrency = 'EUR'"
date = "day"
value = "sum(Items)"

[metrics.billed]
source = "sap"
table = "A_BillingDocument"
date = "BillingDocumentDate"
value = "sum(TotalNetAmount)"
"""
Order = Mapping[str, str]


def _days(order: Order) -> int:
    return (date.fromisoformat(order["RequestedDeliveryDate"]) - date.fromisoformat(order["SalesOrderDate"])).days


def _chance(part: list[Order]) -> Decimal | None:
    chances = [Decimal(o["Probability"]) for o in part if o["IsComplete"] == "true" and o["Probability"]]
    return sum(chances) / sum(int(o["Items"]) for o in part) if chances else None


JUDGE: dict[str, Callable[[list[Order]], object]] = {
    "order_value": lambda part: sum(Decimal(o["TotalNetAmount"]) for o in part),
    "orders": len,
    "completion_rate": lambda part: Decimal(sum(o["OverallSDProcessStatus"] == "C" for o in part)) / len(part),
    "customers": lambda part: len({o["SoldToParty"] for o in part} - {""}),
    "requested_lead_time": lambda part: Decimal(sum(map(_days, part))) / len(part),
    "chance": _chance,
    "most_pieces": lambda part: max(int(o["Pieces"]) for o in part),
    "own": lambda part: sum(int(o["Items"]) for o in part),
}


def toml(url: str) -> str:
    return recipe("odata", f"odata+{url}").replace("KPISHEETS", "reader") + OF_OUR_OWN


def judged(sap: Sap, kpi: str) -> dict[str, Decimal]:
    parts = defaultdict(list)
    for order in sap.orders:
        parts[order["SalesOrderDate"][:7]].append(order)
    found = {month: JUDGE[kpi](part) for month, part in parts.items()}
    return {month: rounded(value) for month, value in found.items() if value is not None}


def changed_in_paris(sap: Sap) -> dict[str, Decimal]:
    counts = defaultdict(int)
    for order in sap.orders:
        moment = datetime.fromisoformat(order["LastChangeDateTime"]).astimezone(ZoneInfo("Europe/Paris"))
        counts[moment.strftime("%Y-%m")] += 1
    return {month: rounded(count) for month, count in counts.items()}


@pytest.fixture(params=[2, 4])
def project(request: pytest.FixtureRequest, tmp_path: Path, sap: Sap) -> Project:
    found = Project(tmp_path, {"SAP_PASSWORD": "reads"})
    return found.written(toml(sap.url(request.param)))


def test_every_kpi_is_what_python_finds(project: Project, sap: Sap, monkeypatch):
    """All but one: the key may not read bills, and that stops the KPI that is made of them."""
    got = project.collected(monkeypatch)
    assert [problem.kpi for problem in got.problems] == ["billed"]
    assert "403" in got.problems[0].what
    for kpi in JUDGE:
        assert by_month(got, kpi) == judged(sap, kpi), kpi
    assert by_month(got, "changed") == changed_in_paris(sap)
    assert sum(by_month(got, "changed").values()) == len(sap.orders)


def test_a_workbook_is_filled_from_it(project: Project, sap: Sap):
    project.provisioned("order_value", "requested_lead_time")
    checked = project.run("check")
    assert "A_BillingDocument" in checked.stderr
    assert project.json("sync")["problems"] == []
    told = project.json("explain", "order_value", "2026-03")
    assert rounded(told["actual"]) == judged(sap, "order_value")["2026-03"]


def test_pages_are_read_to_their_end(project: Project, sap: Sap, monkeypatch):
    """The server gives 40 records at a time, and its next address names another host than the one it is asked at."""
    got = project.collected(monkeypatch)
    notes = [note for query in got.queries for note in query.notes]
    assert any(note.startswith("4 pages") for note in notes), notes


NAMES = ("SalesOrder", "SalesOrderDate", "TotalNetAmount", "LastChangeDateTime", "Pieces")


def test_sap_s_own_client_reads_the_same_records(tmp_path: Path, sap: Sap, systems: Path):
    """pyodata, which knows version 2, page after page."""
    judge = installed(systems / "odata-judge" / "bin" / "python", "odata")
    url = sap.url(2).replace("127.0.0.1", "localhost")
    asked = [judge, Path(__file__).with_name("judge.py"), url, "reader", "reads", *NAMES]
    said = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=120).stdout.splitlines()
    (tmp_path / "kpisheets.toml").write_text(toml(sap.url(2)).replace("${env:SAP_PASSWORD}", "reads"))
    settings = load(tmp_path / "kpisheets.toml").sources["sap"].settings
    ours = open_odata(Opening(Revealed("", f"odata+{sap.url(2)}"), tmp_path, "UTC", settings=settings))
    found = ours.records("A_SalesOrder", Window(date(2025, 1, 1), date(2028, 1, 1), dated_by="SalesOrderDate"))
    ours.close()
    assert sorted(" ".join(str(one[name]) for name in NAMES) for one in found.data) == sorted(said)
    assert len(said) == len(sap.orders)


def test_a_wrong_password_ends_with_77(project: Project):
    project.provisioned("order_value")
    done = project.run("sync", SAP_PASSWORD="wrong-and-secret")
    assert done.returncode == 77, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "wrong-and-secret" not in done.stdout + done.stderr


def test_what_is_no_odata_service_is_told(tmp_path: Path, sap: Sap, monkeypatch):
    url = f"http://127.0.0.1:{sap.port}/odata/v4/nothing"
    project = Project(tmp_path, {"SAP_PASSWORD": "reads"}).written(toml(url))
    got = project.collected(monkeypatch)
    assert got.facts == ()
    assert got.problems
    assert all(problem.mend for problem in got.problems)


def test_a_slow_server_is_given_up_in_its_time(tmp_path: Path, sap: Sap, monkeypatch):
    with passing(sap.port, delay=1.2) as port:
        text = toml(sap.url(4).replace(str(sap.port), str(port))).replace("auth =", "timeout = 2\nauth =")
        got = Project(tmp_path, {"SAP_PASSWORD": "reads"}).written(text).collected(monkeypatch)
    assert got.unreachable == {"sap"}
    assert got.facts == ()
