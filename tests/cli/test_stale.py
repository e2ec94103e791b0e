"""A source that does not answer: its KPIs keep their figures and are marked until it does; the others go on."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import openpyxl

from tests.cli.conftest import Folder, assert_helpful


def report_of(folder: Folder, day: dt.date) -> None:
    """Set the report date, as a person does in the Control tab."""
    book = openpyxl.load_workbook(folder.book)
    [(tab, cell)] = book.defined_names["kpi_report_date"].destinations
    book[tab][cell.replace("$", "")].value = day
    book.save(folder.book)


def marked(folder: Folder) -> dict[str, bool]:
    found = json.loads(folder.run("report", "--format", "json").out)["kpis"]
    return {line["id"]: line["stale"] for line in found}


def run_lines(book: Path) -> list[object]:
    tab = openpyxl.load_workbook(book)["Log"]
    rows = list(tab.iter_rows(values_only=True))
    header = next(row for row in rows if "Field" in row)
    kpi, field = header.index("KPI"), header.index("Field")
    return [row[kpi] for row in rows if row[field] == "Run"]


def test_stale_until_it_answers(folder: Folder) -> None:
    report_of(folder, dt.date(2025, 3, 20))
    fresh = dict.fromkeys(("revenue", "orders", "leads", "mood"), False)
    assert marked(folder) == fresh
    shutil.move(folder.root / "crm", folder.root / "gone")
    done = folder.run("sync", "--json")
    assert (done.code, done.json["stale"], len(done.json["problems"])) == (1, ["leads"], 1)
    assert folder.tab("Tracking")["leads|2025-03", "Actual"] == 5
    assert marked(folder) == fresh | {"leads": True}
    assert "not up to date" in folder.run("report").out
    assert run_lines(folder.book)[-1] == "leads"

    # Another KPI alone brings leads no further; what is copied elsewhere keeps its memory.
    assert folder.run("sync", "--kpi", "revenue", "--json").json["stale"] == ["leads"]
    said = folder.run("sync")
    assert "leads" in said.out.splitlines()[-1]
    assert_helpful(said.err.strip(), "kpisheets.toml:12", "crm/*.csv")
    shutil.move(folder.root / "gone", folder.root / "crm")
    assert folder.run("sync", "--json").json["stale"] == []
    assert marked(folder) == fresh
    assert run_lines(folder.book)[-1] is None


def test_one_broken_table_of_a_source(folder: Folder) -> None:
    report_of(folder, dt.date(2025, 3, 20))
    folder.write("data/orders.csv", "day,total\n2025-01-03,10\n2025-02-03,10\n")
    done = folder.run("sync", "--json")
    assert (done.code, done.json["stale"]) == (1, ["revenue"])
    assert marked(folder) == {"revenue": True, "orders": False, "leads": False, "mood": False}


def test_a_slow_source_is_one_of_two(folder: Folder) -> None:
    folder.write("slow.py", "import time\ndef records(table, window):\n    time.sleep(20)\n")
    folder.configure('url = "crm/*.csv"', 'url = "python:slow:records"\ntimeout = 1')
    done = folder.run("sync")
    assert done.code == 1
    assert_helpful(done.err.strip(), "kpisheets.toml:12", "within 1 seconds", "longer timeout")
    assert folder.run("sync", "--kpi", "leads").code == 69


def test_half_an_answer_is_none(folder: Folder) -> None:
    folder.write(
        "half.py",
        "def records(table, window):\n"
        "    yield {'day': '2025-01-03', 'n': 900}\n"
        "    raise ConnectionResetError('the line broke')\n",
    )
    folder.configure('url = "crm/*.csv"', 'url = "python:half:records"')
    done = folder.run("sync", "--json")
    assert (done.code, done.json["stale"], done.json["restatements"]) == (1, ["leads"], [])
    assert "the line broke" in done.json["problems"][0]["what"]
    assert folder.tab("Tracking")["leads|2025-01", "Source value"] == 3


def test_explain_tells_where_a_number_comes_from(folder: Folder) -> None:
    folder.write("data/orders.csv", "day;amount\n03/01/2025;10,5\n20/01/2025;5\n31/03/2025;7\n")
    shown = folder.run("explain", "revenue", "2025-01")
    for words in ("DuckDB", "2 records", "SUM(", "Parameters: 2025-01-01", "goes up to: 2025-03-31", "decimal commas"):
        assert words in shown.out, words
    [query] = folder.run("explain", "revenue", "2025-01", "--json").json["queries"]
    assert {key: query[key] for key in ("engine", "rows", "watermark")} == {
        "engine": "DuckDB",
        "rows": 2,
        "watermark": "2025-03-31",
    }
    assert query["notes"][0] == "orders.csv: UTF-8, separated by semicolons"
