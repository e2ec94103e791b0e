"""From `init` to the mail, in every language and with every pack, judged by LibreOffice and openpyxl."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kpisheets.core.workbook import COUNTS, FIELDS, NAMED_CELLS, REPORT, handle
from kpisheets.project import Project
from kpisheets.scaffold import create_project
from kpisheets.templates import languages, pack, packs
from tests.libreoffice import disagreements
from tests.repairs import assert_no_repair

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")


CHOSEN = {
    "en": ("sales", "operations", "saas"),
    "fr": ("finance", "hr"),
    "de": ("manufacturing", "marketing", "projects"),
    "es": ("ecommerce", "support"),
}
"""Every pack and every language, once each."""


@pytest.fixture(scope="module", params=CHOSEN)
def provisioned(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(request.param) / "project"
    create_project(folder, templates=CHOSEN[request.param], language=request.param, backend="excel", today=TODAY)
    assert Project.load(folder, lambda: NOW).provision().created
    assert_no_repair(_book(folder))
    return folder


@pytest.fixture(scope="module")
def synced(provisioned: Path, no_repairs: list[Path]) -> Path:
    done = Project.load(provisioned, lambda: NOW).sync()
    assert done.plan.problems == ()
    assert done.plan.written > 400
    assert _book(provisioned) in no_repairs
    return provisioned


def test_each_pack_and_each_language_goes_the_whole_way() -> None:
    assert sorted(CHOSEN) == list(languages())
    assert sorted(name for chosen in CHOSEN.values() for name in chosen) == list(packs())


def _book(folder: Path) -> Path:
    return next(folder.glob("*.xlsx"))


def test_every_formula_of_a_new_workbook_holds_what_libreoffice_computes(
    provisioned: Path, soffice: str, tmp_path: Path
) -> None:
    assert disagreements(soffice, _book(provisioned), tmp_path) == []


def test_every_formula_of_a_synced_workbook_holds_what_libreoffice_computes(
    synced: Path, soffice: str, tmp_path: Path
) -> None:
    assert disagreements(soffice, _book(synced), tmp_path, least=1000) == []


def test_no_formula_shows_an_error(synced: Path) -> None:
    book = openpyxl.load_workbook(_book(synced), data_only=True)
    shown = [
        f"{sheet.title}!{cell.coordinate} {cell.value}"
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and cell.value.startswith("#")
    ]
    assert shown == []


def _report(folder: Path) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """The Report tab's lines by KPI id, and the named cells, as openpyxl reads them."""
    book = openpyxl.load_workbook(_book(folder), data_only=True)

    def cells(name: str) -> list[Any]:
        ((sheet, area),) = book.defined_names[name].destinations
        found = book[sheet][area.replace("$", "")]
        return [row[0].value for row in found] if isinstance(found, tuple) else [found.value]

    columns = {field: cells(handle(REPORT, field))[1:] for field in FIELDS[REPORT]}
    lines = {
        identity: {field: column[at] for field, column in columns.items()} for at, identity in enumerate(columns["id"])
    }
    return lines, {name: cells(name)[0] for name in NAMED_CELLS}


def test_the_report_says_what_the_tab_says(synced: Path) -> None:
    project = Project.load(synced, lambda: NOW)
    document = json.loads(project.render("json"))
    lines, named = _report(synced)
    packs = CHOSEN[project.language.code]
    assert {kpi["id"] for kpi in document["kpis"]} == lines.keys() == {kpi.id for p in packs for kpi in pack(p).kpis}
    for kpi in document["kpis"]:
        line = lines[kpi["id"]]
        assert (kpi["name"], kpi["period"]) == (line["kpi"], line["period"])
        ranged = kpi["target"] is None and line["target"]  # a text, which other tests read
        for field in ("actual", "variance") if ranged else ("actual", "target", "variance"):
            # The document rounds differences to nine decimals.
            assert _agree(kpi[field], line[field]), (kpi["id"], field)
        trend = [line[f"point_{n}"] for n in range(1, 13)]
        for point, shown in zip(kpi["trend"], trend, strict=True):
            assert _agree(point["actual"], shown), (kpi["id"], point)
    for status, name in COUNTS.items():
        assert document["verdict"][status.value] == named[name]
    words = project.language.status
    assert {words[line.status] for line in project.summary().lines} == {line["status"] for line in lines.values()}


def _agree(number: float | None, cell: Any) -> bool:
    """A formula that shows nothing holds an empty text."""
    if number is None or cell in (None, ""):
        return number is None and cell in (None, "")
    return bool(number == pytest.approx(cell, rel=1e-12, abs=1e-9))


def test_the_mail_can_be_opened_and_says_the_verdict(synced: Path) -> None:
    project = Project.load(synced, lambda: NOW)
    (sent,) = project.send()
    message = message_from_bytes(Path(sent.where).read_bytes(), policy=default)
    _, named = _report(synced)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    for name in COUNTS.values():
        assert str(named[name]) in str(message["Subject"])
        assert str(named[name]) in text.get_content()
        assert str(named[name]) in html.get_content()
    assert message["To"] == "kpi-team@example.org"
