"""Services that fail, by the command line: figures stay and are marked, the others go on, one line, the exit code."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from kpisheets.cli import main
from tests.rest.service import Server, Told

pytestmark = pytest.mark.usefixtures("quick")

# A period that is still open: in a closed one a new figure would wait for a person.
TODAY = datetime.now(UTC).date()
DAY, MONTH = TODAY.isoformat(), f"{TODAY:%Y-%m}"
ORDERS = [{"id": 1, "day": DAY, "amount": 10.25}]
HEAD = f'[project]\nname = "A"\nactive_from = "{MONTH}-01"\n'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with two KPIs, each of a service of its own, provisioned."""
    folder = tmp_path_factory.mktemp("services")
    (folder / "kpisheets.toml").write_text(HEAD, encoding="utf-8")
    assert run(folder, "provision").exit_code == 0
    book = openpyxl.load_workbook(folder / "A KPIs.xlsx")
    tab = book["KPIs"]
    top = tab.tables["kpi_catalogue"].ref.partition(":")[0]
    row = tab[top].row
    headers = {cell.value: cell.column for cell in tab[row]}
    for place, name in enumerate(("orders", "visits"), 1):
        for header, value in {"ID": name, "KPI": name, "Frequency": "Monthly", "Metric": name}.items():
            tab.cell(row + place, headers[header]).value = value
    book.save(folder / "A KPIs.xlsx")
    return folder


@pytest.fixture
def project(made: Path, server: Server) -> Path:
    parts = [
        f'[sources.{name}]\nurl = "rest+{server.url}"\ntimeout = 20\n'
        f'[sources.{name}.tables.records]\npath = "{name}"\nrecords = "items"\nkey = ["id"]\n'
        'columns = { id = "id", day = "day", amount = "amount" }\n'
        f'[metrics.{name}]\nsource = "{name}"\ntable = "records"\ndate = "day"\nvalue = "sum(amount)"\n'
        for name in ("orders", "visits")
    ]
    (made / "kpisheets.toml").write_text(HEAD + "".join(parts), encoding="utf-8")
    for name in ("orders", "visits"):
        server.routes[f"/{name}"] = lambda _: {"items": ORDERS}
    first = run(made, "sync", "--json")
    assert (first.exit_code, json.loads(first.stdout)["stale"]) == (0, [])
    return made


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--project", str(folder)], catch_exceptions=False)


FAULTS: dict[str, tuple[Any, int, str]] = {
    "down": (Told({}, 503), 69, "answers with an error of its own (503)"),
    "too busy": (Told({}, 429, {"Retry-After": "900"}), 75, "asks to be left alone for 900 seconds"),
    "half": (Told({"items": ORDERS}, promised=9999), 69, "broke off (half an answer)"),
    "junk": (Told(b"<html>", headers={"Content-Type": "text/html"}), 69, "answers with text/html where JSON should be"),
    "not allowed": (Told({}, 401), 77, "lets nobody in"),
    "changed": ({"items": [{"id": 1, "day": DAY, "sum": 3}]}, 1, "has no column “amount”"),
    "moved": ({"entries": ORDERS}, 1, "has no records at “items”: it holds entries"),
    "text": ({"items": [{"id": 1, "day": DAY, "amount": "lots"}]}, 1, "is text"),
}


def test_a_service_that_fails_leaves_its_figures_and_the_others(project: Path, server: Server) -> None:
    more = [{"id": 3, "day": DAY, "amount": 1}]
    for count, (name, (answer, _, said)) in enumerate(FAULTS.items()):
        server.routes["/orders"] = lambda _, answer=answer: answer
        extra = {"id": 4 + count, "day": DAY, "amount": 1}
        more.append(extra)
        server.routes["/visits"] = lambda _: {"items": [*ORDERS, *more]}
        done = run(project, "sync", "--json")
        told = json.loads(done.stdout)
        assert (done.exit_code, told["stale"]) == (1, ["orders"]), name
        assert [problem["what"] for problem in told["problems"] if said in problem["what"]], (name, told["problems"])
        assert len(told["problems"]) == 1, name
        assert len(done.stderr.splitlines()) == 0, name
        assert told["written"] == 1, name  # of the one that goes on
    kept = json.loads(run(project, "explain", "orders", MONTH, "--json").stdout)
    assert kept["actual"] == 10.25


def test_alone_it_decides_the_exit_code(project: Path, server: Server) -> None:
    text = (project / "kpisheets.toml").read_text(encoding="utf-8")
    (project / "kpisheets.toml").write_text(
        text.replace('[metrics.visits]\nsource = "visits"', '[metrics.visits]\nsource = "orders"'), encoding="utf-8"
    )
    for name, (answer, code, said) in FAULTS.items():
        server.routes["/orders"] = lambda _, answer=answer: answer
        done = run(project, "sync")
        assert done.exit_code == code, name
        lines = done.stderr.splitlines()
        assert said in lines[0], name
        assert code == 1 or len(lines) == 1, (
            name,
            lines,
        )  # of one table, a line for each KPI where they can't share it
        assert lines[0].startswith("kpisheets: kpisheets.toml:")
