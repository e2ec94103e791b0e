"""The examples of docs/connectors.md work: the web service's against a server, the tests to inherit under pytest."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from click.testing import CliRunner

from kpisheets.cli import main
from tests.docs.papers import ROOT, Paper, quoted, read, rows

PAPER: Paper = read("docs/connectors.md")
PYTHON = [block.text for block in PAPER.blocks if block.language == "python"]
TOML = [block.text for block in PAPER.blocks if block.language == "toml"]
INVOICES = [{"id": n, "issued": f"2026-{n % 9 + 1:02}-15", "total": "10.25"} for n in range(25)]
KEY = "k&y+1"


class Service(BaseHTTPRequestHandler):
    """Invoices, ten a page; the last of each page comes again on the next one."""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        if self.headers["Authorization"] != f"Bearer {KEY}":
            self.send_error(401)
            return
        page = int(asked["page"])
        held = [one for one in INVOICES if asked["from"] <= one["issued"] <= asked["to"]]
        items = held[max(0, (page - 1) * 10 - 1) : page * 10]
        more = page + 1 if page * 10 < len(held) else None
        body = json.dumps({"items": items, "next": more}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def project(folder: Path, code: str, toml: str, metric: str) -> None:
    [name] = re.findall(r"^# (\w+\.py)", code)
    (folder / name).write_text(code, encoding="utf-8")
    head = '[project]\nname = "Acme"\nactive_from = "2026-01-01"\n'
    (folder / "kpisheets.toml").write_text(head + toml, encoding="utf-8")
    assert run(folder, "provision") == ""
    book = openpyxl.load_workbook(folder / "Acme KPIs.xlsx")
    tab = book["KPIs"]
    headers = {cell.value: cell.column for cell in tab[tab.tables["kpi_catalogue"].ref.split(":")[0][-1:]]}
    row = int(re.findall(r"\d+", tab.tables["kpi_catalogue"].ref)[0]) + 1
    for header, value in {"ID": "k", "KPI": "K", "Frequency": "Monthly", "Metric": metric}.items():
        tab.cell(row, headers[header]).value = value
    book.save(folder / "Acme KPIs.xlsx")


def run(folder: Path, *words: str) -> str:
    done = CliRunner().invoke(main, [*words, "--project", str(folder)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return "" if words[0] == "provision" else done.stdout


def test_the_web_service(tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOKS_KEY", KEY)
    project(tmp_path, PYTHON[1], TOML[1].replace("https://books.example.org/api", server), "invoiced")
    run(tmp_path, "sync")
    told = json.loads(run(tmp_path, "explain", "k", "2026-03", "--json"))
    of_march = [one for one in INVOICES if one["issued"].startswith("2026-03")]
    assert told["actual"] == pytest.approx(10.25 * len(of_march))
    assert told["queries"][0]["engine"] == "Acme Books, added up by DuckDB"
    assert len(PYTHON[1].splitlines()) <= 35


def test_the_function(tmp_path: Path) -> None:
    held = [{"day": f"2026-{month:02}-03", "amount": month * 1.5} for month in range(1, 6)]
    (tmp_path / "till.json").write_text(json.dumps(held), encoding="utf-8")
    project(tmp_path, PYTHON[0], TOML[0], "takings")
    run(tmp_path, "sync")
    assert json.loads(run(tmp_path, "explain", "k", "2026-04", "--json"))["actual"] == 6


def test_the_tests_to_inherit(tmp_path: Path) -> None:
    (tmp_path / "test_till.py").write_text(PYTHON[2], encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\b7 passed", done.stdout), done.stdout


def test_what_the_tables_name_exists() -> None:
    from kpisheets.connectors import Capabilities, Window

    said = [name for cells in rows(PAPER.prose) for name in quoted(cells[0])]
    window = {name for name in dir(Window) if not name.startswith("_")} - {"timezone"}
    assert window <= set(said)
    assert {name for name in dir(Capabilities) if not name.startswith("_")} <= set(said)
