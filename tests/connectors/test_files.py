"""Files that are more than one text table here: sheets, patterns, what was sniffed, files on a server and in S3."""

from __future__ import annotations

import gzip
import shutil
import ssl
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from kpisheets.connectors import collect
from kpisheets.connectors.databases.duckdb import Session
from kpisheets.core.metric import Asked, Collected, Metric, Source
from kpisheets.core.period import Calendar, Frequency
from kpisheets.errors import Problem
from kpisheets.testing import ConnectorTests

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
CALENDAR = Calendar(1, "Europe/Paris")
CSV = b"day,amount\n2026-01-05,7\n2026-01-06,0.5\n"


def metric(table: str = "orders", value: str = "sum(amount)", name: str = "m") -> Metric:
    return Metric(name, "shop", table, "day", value=value, where="kpisheets.toml:9")


def gather(root: Path, url: str, *metrics: Metric, timeout: float = 60) -> Collected:
    asked = [Asked(m.name, m, Frequency.MONTHLY, None, CALENDAR.parse("2026-12")) for m in metrics]
    source = Source("shop", url, "kpisheets.toml:5", timeout)
    return collect({"shop": source}, asked, calendar=CALENDAR, root=root, now=NOW)


def total(got: Collected) -> Decimal:
    assert got.problems == ()
    return sum((fact.value for fact in got.facts if fact.value is not None), Decimal(0))


def one(got: Collected) -> Problem:
    (problem,) = got.problems
    assert "\n" not in str(problem)
    assert problem.mend
    return problem


# --- sheets ---


class TestExcel(ConnectorTests):
    absent = "nowhere.xlsx"

    def store(self, folder: Path) -> str:
        pd.DataFrame(self.records).to_excel(folder / "orders.xlsx", index=False)
        return "."


def workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Orders"
    sheet.append([])
    sheet.append(["day", "amount", "note", None, "Note", "paid"])
    sheet.append([date(2026, 1, 5), 12.5, "=not a formula", "x", 1, True])
    sheet.append([datetime(2026, 1, 31, 23, 30), 0.1, None, None, None, False])  # noqa: DTZ001 — a cell has no zone
    sheet.append([])
    sheet.append([date(2026, 2, 1), 3, None, None, None, None])
    sheet.append([date(2026, 2, 2), "=1/0", None, None, None, None])
    other = book.create_sheet("Two words")
    other.append(["day", "amount"])
    other.append(["2026-03-01", "1 234,5"])
    book.save(path)


def test_sheets_of_a_workbook_are_tables(tmp_path: Path) -> None:
    workbook(tmp_path / "book.xlsx")
    names = {"first": "book", "named": "book.Orders", "second": "book.Two words"}
    metrics = [metric(table, name=name) for name, table in names.items()]
    got = gather(tmp_path, "book.xlsx", *metrics, metric("book", "count(CASE WHEN paid THEN 1 END)", "paid"))
    assert got.problems == ()
    values = {(fact.kpi, fact.period.label): fact.value for fact in got.facts}
    january, february = Decimal("12.6"), Decimal(3)
    assert values == {
        ("first", "2026-01"): january,
        ("first", "2026-02"): february,
        ("named", "2026-01"): january,
        ("named", "2026-02"): february,
        ("second", "2026-03"): Decimal("1234.5"),
        ("paid", "2026-01"): 1,
        ("paid", "2026-02"): 0,
    }
    wrong = one(gather(tmp_path, "book.xlsx", metric("book.Order")))
    assert "did you mean “book.Orders”" in wrong.mend


def test_an_open_document_sheet(tmp_path: Path) -> None:
    cells = (
        "<table:table-row><table:table-cell office:value-type='string'><text:p>day</text:p></table:table-cell>"
        "<table:table-cell office:value-type='string'><text:p>amount</text:p></table:table-cell></table:table-row>"
        "<table:table-row><table:table-cell office:value-type='date' office:date-value='2026-01-05'/>"
        "<table:table-cell office:value-type='float' office:value='7.25'/></table:table-row>"
    )
    names = " ".join(
        f"xmlns:{name}='urn:oasis:names:tc:opendocument:xmlns:{name}:1.0'" for name in ("office", "table", "text")
    )
    with zipfile.ZipFile(tmp_path / "orders.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            f"<office:document-content {names}><office:body><office:spreadsheet><table:table table:name='S'>{cells}"
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    assert total(gather(tmp_path, ".", metric())) == Decimal("7.25")


def test_a_sheet_that_claims_to_be_huge_ends_no_run(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["XFD1048576"] = "day", 1
    book.save(tmp_path / "orders.xlsx")
    (tmp_path / "leads.csv").write_bytes(CSV)
    got = gather(tmp_path, ".", metric(), metric("leads", name="good"))
    assert {fact.kpi: fact.value for fact in got.facts} == {"good": Decimal("7.5")}
    assert "orders.xlsx" in one(got).what


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"hello" * 99])
def test_a_workbook_that_is_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "orders.xlsx").write_bytes(content)
    (tmp_path / "leads.csv").write_bytes(CSV)
    got = gather(tmp_path, ".", metric(), metric("leads", name="good"))
    assert "orders.xlsx" in one(got).what
    assert "/tmp" not in str(got.problems)
    assert [fact.kpi for fact in got.facts] == ["good"]


# --- patterns, and what was sniffed ---


def test_a_table_may_be_a_pattern(tmp_path: Path) -> None:
    (tmp_path / "sales-01.csv").write_bytes(CSV)
    (tmp_path / "sales-02.csv").write_bytes("amount;day;who\n1,25;2026-02-05;Zoé\n".encode("cp1252"))
    (tmp_path / "sales-03.csv.gz").write_bytes(gzip.compress("day\tamount\n2026-03-05\t3\n".encode("utf-16")))
    pd.DataFrame({"day": ["2026-04-01"], "amount": [4]}).to_parquet(tmp_path / "sales-04.parquet")
    (tmp_path / "leads.csv").write_bytes(CSV)
    got = gather(tmp_path, ".", metric("sales-*"), metric("SALES-0[34]", "count(*)", "some"))
    assert got.problems == ()
    values = {(fact.kpi, fact.period.label): fact.value for fact in got.facts}
    assert values["m", "2026-01"] == Decimal("7.5")
    assert {key[1]: value for key, value in values.items() if key[0] == "some"} == {"2026-03": 1, "2026-04": 1}
    assert sum(value for key, value in values.items() if key[0] == "m") == Decimal("15.75")
    assert "no table" in one(gather(tmp_path, ".", metric("sale-*"))).what


@pytest.mark.parametrize(
    ("content", "notes"),
    [
        (CSV, ["orders.csv: UTF-8, separated by commas"]),
        (
            "day;amount;who\n05/10/2026;1 234,5;Zoé\n31/10/2026;1,5;x\n".encode("cp1252"),
            [
                "orders.csv: Windows-1252, separated by semicolons",
                "column “day” is read with the day first",
                "column “amount” is read with decimal commas",
            ],
        ),
        (
            'day\tamount\n10/05/2026\t"1,234.5"\n10/31/2026\t"2,000,000"\n'.encode("utf-16"),
            [
                "orders.csv: UTF-16, separated by tabs",
                "column “day” is read with the month first",
                "column “amount” is read with decimal points, and commas between thousands",
            ],
        ),
    ],
)
def test_what_was_sniffed_is_told(content: bytes, notes: list[str], tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_bytes(content)
    got = gather(tmp_path, ".", metric())
    assert got.problems == ()
    assert list(got.queries[0].notes) == notes


@pytest.mark.parametrize(
    "content",
    [
        CSV.replace(b"\n", b"\r\n"),
        CSV.replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + CSV,
        b"\n\n" + CSV,
        b"Our orders\n" + CSV,
        b'day,amount,it\'s\n2026-01-05,7,"two\nlines, ""one"" cell"\n2026-01-06,0.5,\n',
    ],
    ids=["crlf", "cr", "mark", "blank", "title", "quoted"],
)
def test_a_file_of_any_form_is_sniffed_once(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "orders.csv").write_bytes(content)
    asked: list[str] = []
    run = Session.run

    def noted(self: Session, text: str, parameters: Sequence[str]) -> list[tuple[Any, ...]]:
        asked.append(text)
        return run(self, text, parameters)

    monkeypatch.setattr(Session, "run", noted)
    assert total(gather(tmp_path, ".", metric(), metric(value="count(*)", name="n"))) == Decimal("9.5")
    assert sum("sniff_csv" in text for text in asked) == 1
    assert all("auto_detect = false" in text for text in asked if "read_csv" in text)


# --- elsewhere ---


class Server(BaseHTTPRequestHandler):
    """A file for whoever has the password; other paths are missing, forbidden, broken off or slow."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/slow.csv":
            time.sleep(3)
        if path == "/secret.csv" and self.headers.get("Authorization") != "Basic cmVhZGVyOnMzY3JldA==":
            self.send_error(401)
        elif path not in ("/orders.csv", "/secret.csv", "/export", "/half.csv", "/slow.csv"):
            self.send_error(404)
        else:
            self.send_response(200)
            self.send_header("Content-Length", str(len(CSV) + (50 if path == "/half.csv" else 0)))
            self.end_headers()
            self.wfile.write(CSV)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def test_a_file_on_a_server(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert total(gather(tmp_path, f"{server}/orders.csv", metric())) == Decimal("7.5")
    assert total(gather(tmp_path, f"{server}/export?id=3#orders.csv", metric())) == Decimal("7.5")
    monkeypatch.setenv("PASSWORD", "s3cret")
    url = server.replace("://", "://reader:${env:PASSWORD}@")
    assert total(gather(tmp_path, f"{url}/secret.csv", metric("secret"))) == Decimal("7.5")


@pytest.mark.parametrize(
    ("path", "said", "denied"),
    [
        ("/nothing.csv", "does not exist", False),
        ("/secret.csv", "may not be read", True),
        ("/half.csv", "can't be reached", False),
        ("/slow.csv", "did not answer", False),
        ("/export", "does not end like a data file", False),
    ],
)
def test_what_a_server_does_not_give(server: str, path: str, said: str, denied: bool, tmp_path: Path) -> None:
    url = server.replace("://", "://reader:wr0ng@") + path
    got = gather(tmp_path, url, metric(path[1:].removesuffix(".csv")), timeout=0.3 if "slow" in path else 60)
    assert (got.unreachable, got.denied) == ({"shop"}, {"shop"} if denied else set())
    assert said in one(got).what or "can't be reached" in one(got).what
    assert "wr0ng" not in str(got)


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    got = gather(tmp_path, "https://127.0.0.1:9/orders.csv", metric())
    assert (got.unreachable, "can't be reached" in one(got).what) == ({"shop"}, True)


PROGRAM = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from kpisheets.connectors import collect
from kpisheets.core.metric import Asked, Metric, Source
from kpisheets.core.period import Calendar, Frequency
calendar = Calendar()
metric = Metric("m", "s", "orders", "day", "sum(amount)")
asked = [Asked("m", metric, Frequency.MONTHLY, None, calendar.parse("2026-12"))]
now = datetime(2026, 11, 20, tzinfo=UTC)
got = collect({"s": Source("s", sys.argv[1])}, asked, calendar=calendar, root=Path(), now=now)
print(*(fact.value for fact in got.facts), *got.problems)
"""


def test_certificates_are_verified(tmp_path: Path, repository: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed: it makes the certificate")
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"]
    making = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names, *files]
    subprocess.run(making, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:
        running.socket = context.wrap_socket(running.socket, server_side=True)
        threading.Thread(target=running.serve_forever, daemon=True).start()
        url = f"https://127.0.0.1:{running.server_port}/orders.csv"
        told = [
            subprocess.run(
                [sys.executable, "-c", PROGRAM, url],
                env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(repository), **trusted},
                cwd=tmp_path, check=True, capture_output=True, text=True,
            ).stdout
            for trusted in ({"SSL_CERT_FILE": str(tmp_path / "cert.pem")}, {})
        ]  # fmt: skip
        running.shutdown()
    assert told[0].strip() == "7.5"
    assert "certificate" in told[1].lower()


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """An S3 on this machine, with a bucket ``shop``; its address."""
    boto3 = pytest.importorskip("boto3")
    moto = pytest.importorskip("moto.server")
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "eu-west-1"}
    client = boto3.client("s3", endpoint_url=address, **keys)
    client.create_bucket(Bucket="shop", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    client.put_object(Bucket="shop", Key="exports/orders.csv", Body=CSV)
    client.put_object(Bucket="shop", Key="exports/notes.txt", Body=b"no data")
    client.put_object(Bucket="shop", Key="exports/deeper/leads.csv", Body=CSV)
    yield address
    server.stop()


@pytest.mark.parametrize("place", ["shop/exports/", "shop/exports/orders.csv", "shop/exports/*.csv", "shop/exp*/ord*"])
def test_files_in_s3(place: str, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "s3c&ret+")
    url = f"s3://{place}?endpoint_url={bucket}&key=reader&secret=${{env:KEY}}"
    assert total(gather(tmp_path, url, metric())) == Decimal("7.5")


@pytest.mark.parametrize("place", ["shop/nothing/", "nobucket/exports/", "shop/*.parquet", "shop/exports/notes.txt"])
def test_what_is_not_in_s3(place: str, bucket: str, tmp_path: Path) -> None:
    got = gather(tmp_path, f"s3://{place}?endpoint_url={bucket}&key=reader&secret=s3cret", metric())
    assert got.unreachable == {"shop"}
    assert "s3cret" not in str(one(got))
