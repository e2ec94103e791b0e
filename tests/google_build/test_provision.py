"""Spreadsheets are made, adopted, found again and brought up to date: how often Google is asked, what is left alone,
what happens when an answer is lost."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kpisheets.backends.google.build import draw
from kpisheets.backends.google.workbook import GoogleWorkbook
from kpisheets.cli import main
from kpisheets.core import sync as syncing
from kpisheets.core.plan import Why
from kpisheets.core.workbook import NAMED_CELLS
from kpisheets.errors import BadData, CannotWrite, KpisheetsError, NotAllowed, TryLater
from kpisheets.project import building
from kpisheets.templates import language
from tests.google_build.conftest import NOW, Google, Team, content_of, team
from tests.google_build.test_requests import formulas, is_everywhere_the_same

READ = "getByDataFilter"


def test_a_new_spreadsheet_takes_two_requests(google: Google, tmp_path: Path) -> None:
    mine = team(tmp_path / "mine", google)
    done = mine.provision()
    assert done.created
    assert google.calls() == ["create", "batchUpdate"]
    assert done.kpis == len(content_of("en", "sales").kpis)
    assert mine.id in done.url
    assert done.workbook == done.url
    assert f'id = "{mine.id}"' in done.advice
    made = mine.spreadsheet()
    assert made["properties"]["title"] == "Acme KPIs"
    assert [sheet["properties"]["title"] for sheet in made["sheets"]][:3] == ["Report", "Tracking", "KPIs"]
    assert {item["name"] for item in made["namedRanges"]} >= set(NAMED_CELLS)


def test_a_second_run_reads_once_and_writes_nothing(google: Google, tmp_path: Path) -> None:
    mine = team(tmp_path / "mine", google)
    mine.provision()
    before = mine.spreadsheet()
    done = mine.provision()
    assert not done.created
    assert google.calls() == [READ]
    assert mine.spreadsheet() == before


def test_what_a_folder_has_forgotten_is_found_in_drive(google: Google, tmp_path: Path) -> None:
    mine = team(tmp_path / "mine", google)
    mine.provision()
    id = mine.id
    (tmp_path / "mine" / ".kpisheets" / "google.json").unlink()
    assert not mine.provision().created
    assert google.calls() == ["list", "get", READ]
    assert mine.id == id
    assert google.control.spreadsheets() == [id]


@pytest.mark.parametrize("spoilt", ["", "{", "[]", '{"id": 3, "project": "", "built": true}', '{"id": "x"}'])
def test_a_spoilt_memory_is_no_memory(spoilt: str, google: Google, tmp_path: Path) -> None:
    mine = team(tmp_path / "mine", google)
    mine.provision()
    (mine.folder / ".kpisheets" / "google.json").write_text(spoilt, encoding="utf-8")
    assert not mine.provision().created
    assert len(google.control.spreadsheets()) == 1


def test_another_title_is_another_spreadsheet(google: Google, tmp_path: Path) -> None:
    team(tmp_path / "one", google).provision()
    other = team(tmp_path / "two", google, 'title = "Other"')
    assert other.provision().created
    assert len(google.control.spreadsheets()) == 2


def test_it_is_shared_once_and_without_a_mail(google: Google, tmp_path: Path) -> None:
    mine = team(tmp_path / "mine", google, 'share = ["ada@example.org", "bob@example.org"]')
    mine.provision()
    sent = [entry for entry in google.control.log() if entry["call"] == "drive.permissions.create"]
    assert len(sent) == 2
    permissions = google.ask("GET", f"/drive/v3/files/{mine.id}/permissions?fields=permissions(emailAddress,role)")
    writers = {each["emailAddress"] for each in permissions["permissions"] if each["role"] == "writer"}
    assert writers == {"ada@example.org", "bob@example.org"}
    mine.provision()
    assert google.calls() == [READ]


@pytest.mark.waits
def test_whom_it_could_not_be_shared_with_is_said(google: Google, tmp_path: Path) -> None:
    mine = team(tmp_path / "mine", google, 'share = ["ada@example.org", "bob@example.org"]')
    google.control.fault("500", "POST", "/permissions", times=40)
    with pytest.raises(NotAllowed, match=r"ada@example\.org, bob@example\.org"):
        mine.provision()
    google.control.no_faults()
    assert not mine.provision().created


# --- values ---


@pytest.mark.parametrize(
    ("code", "packs"),
    [("en", ("sales", "hr")), ("fr", ("operations",)), ("de", ("manufacturing",)), ("es", ("ecommerce",))],
    ids=["en", "fr", "de", "es"],
)
def test_google_computes_what_the_core_computes(
    code: str, packs: tuple[str, ...], google: Google, tmp_path: Path
) -> None:
    mine = team(tmp_path / "mine", google, code=code, templates=packs)
    mine.provision()
    mine.project().sync()
    project = mine.project()
    workbook = project._desk.place.workbook()
    assert isinstance(workbook, GoogleWorkbook)
    observed = workbook.observe()
    # A plan holds every cell whose formula or value is not what the core makes of it.
    plan = syncing.plan(observed, project._desk.catalogue(observed), project._desk.request(observed)).plan
    assert [change for change in plan.changes if change.why is not Why.BOOKKEEPING] == []
    assert observed.named["kpi_count_no_data"] != observed.named["kpi_count_met"]
    for formula in formulas(mine.spreadsheet()["sheets"]):
        assert is_everywhere_the_same(formula), formula


def test_rows_that_come_have_the_rules_of_their_table(google: Google, tmp_path: Path) -> None:
    mine = team(tmp_path / "mine", google)
    mine.provision()
    mine.project().sync()
    tracking = mine.spreadsheet()["sheets"][1]
    rows = tracking["tables"][0]["range"]["endRowIndex"]
    assert rows > 20
    for rule in tracking["conditionalFormats"]:
        [area] = rule["ranges"]
        assert area["startRowIndex"] <= 3
        assert area.get("endRowIndex", rows) >= rows
    first = tracking["data"][0]["rowData"][3]["values"]
    assert first[3]["userEnteredFormat"]["textFormat"]["foregroundColorStyle"]["rgbColor"]["blue"] > 0.5


def test_packs_that_come_later_are_added_in_one_write(google: Google, tmp_path: Path) -> None:
    mine = team(tmp_path / "mine", google)
    mine.provision()
    text = (mine.folder / "kpisheets.toml").read_text("utf-8")
    (mine.folder / "kpisheets.toml").write_text(text.replace('["sales"]', '["sales", "hr"]'), encoding="utf-8")
    done = mine.provision()
    assert google.calls() == [READ, "batchUpdate"]
    assert len(done.added) == len(content_of("en", "hr").kpis)
    report = mine.spreadsheet()["sheets"][0]["data"][0]["rowData"]
    shown = {cell.get("formattedValue") for row in report for cell in row.get("values", ())}
    assert shown >= {kpi.name for kpi in content_of("en", "sales", "hr").kpis}
    mine.provision()
    assert google.calls() == [READ]


# --- spreadsheets of people ---


def theirs(google: Google) -> str:
    """A spreadsheet with a tab called as one of ours, values, formats, a name, a table, rules."""
    id = google.blank("Budget", "Report", locale="fr_FR")
    sheets = google.ask("GET", f"/v4/spreadsheets/{id}?fields=sheets(properties)")["sheets"]
    first = sheets[0]["properties"]["sheetId"]
    area = {"sheetId": first, "startRowIndex": 0, "endRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 2}
    words = [["Poste", "Montant"], ["Loyer", 1200.5], ["Total", "=SOMME"]]
    rows = [
        {
            "values": [
                {
                    "userEnteredValue": {"numberValue" if isinstance(word, float) else "stringValue": word},
                    "userEnteredFormat": {"textFormat": {"bold": True, "fontFamily": "Georgia"}},
                    "note": "theirs",
                }
                for word in row
            ]
        }
        for row in words
    ]
    google.batch(
        id,
        {"updateCells": {"range": area, "rows": rows, "fields": "*"}},
        {"addNamedRange": {"namedRange": {"name": "loyer", "range": area}}},
        {"addTable": {"table": {"name": "Postes", "range": area}}},
        {
            "addConditionalFormatRule": {
                "rule": {
                    "ranges": [area],
                    "booleanRule": {
                        "condition": {"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "5"}]},
                        "format": {"textFormat": {"bold": True}},
                    },
                }
            }
        },
    )
    return id


def test_tabs_are_added_to_somebodys_spreadsheet_and_nothing_else_is_touched(google: Google, tmp_path: Path) -> None:
    id = theirs(google)
    before = google.spreadsheet(id)
    mine = team(tmp_path / "mine", google, f'id = "{id}"')
    done = mine.provision()
    assert google.calls() == ["get", "batchUpdate"]
    assert not done.created
    assert done.tabs["Report"] == "Report 2"
    assert done.advice == ""
    after = google.spreadsheet(id)
    assert after["sheets"][:2] == before["sheets"]
    assert after["properties"] == before["properties"]
    assert [item for item in after["namedRanges"] if item["name"] == "loyer"] == before["namedRanges"]
    mine.provision()
    assert google.calls() == [READ]
    assert google.spreadsheet(id) == after
    mine.project().sync()
    assert google.spreadsheet(id)["sheets"][:2] == before["sheets"]


def test_values_are_right_whatever_the_locale(google: Google, tmp_path: Path) -> None:
    mine = team(tmp_path / "mine", google, f'id = "{theirs(google)}"')
    mine.provision()
    plan = mine.project().sync(dry_run=True).plan
    assert plan.rows_added
    mine.project().sync()
    assert not list(mine.project().sync(dry_run=True).plan.news)


def test_it_can_be_provisioned_again_after_somebody_deleted_the_tabs(google: Google, tmp_path: Path) -> None:
    id = theirs(google)
    mine = team(tmp_path / "mine", google, f'id = "{id}"')
    mine.provision()
    made = google.spreadsheet(id)["sheets"]
    ours = [sheet["properties"]["sheetId"] for sheet in made[2:]]
    google.batch(id, *({"deleteSheet": {"sheetId": sheet}} for sheet in ours))
    done = mine.provision()
    assert done.tabs["Report"] == "Report 2"
    assert len(google.spreadsheet(id)["sheets"]) == len(made)
    mine.provision()
    assert google.calls() == [READ]


def test_a_tab_that_is_gone_is_said_and_nothing_is_written(google: Google, tmp_path: Path) -> None:
    mine = team(tmp_path / "mine", google)
    mine.provision()
    tracking = mine.spreadsheet()["sheets"][1]["properties"]["sheetId"]
    google.batch(mine.id, {"deleteSheet": {"sheetId": tracking}})
    with pytest.raises(BadData, match=r"Tracking.*Version history"):
        mine.provision()
    assert "batchUpdate" not in google.calls()


def test_a_spreadsheet_that_is_gone_is_not_made_again_unasked(google: Google, tmp_path: Path) -> None:
    mine = team(tmp_path / "mine", google)
    mine.provision()
    google.delete(mine.id)
    with pytest.raises(BadData, match=r"google\.json"):
        mine.provision()
    assert google.control.spreadsheets() == []
    (mine.folder / ".kpisheets" / "google.json").unlink()
    assert mine.provision().created


def test_names_and_handles_that_were_lost_come_back_in_one_write(google: Google, tmp_path: Path) -> None:
    mine = team(tmp_path / "mine", google)
    mine.provision()
    [name] = [item for item in mine.spreadsheet()["namedRanges"] if item["name"] == "kpi_tracking_target"]
    looked_up = {"developerMetadataLookup": {"metadataValue": "kpi_catalogue_owner"}}
    google.batch(
        mine.id,
        {"deleteNamedRange": {"namedRangeId": name["namedRangeId"]}},
        {"deleteDeveloperMetadata": {"dataFilter": looked_up}},
    )
    mine.provision()
    assert google.calls().count("batchUpdate") == 1
    made = mine.spreadsheet()
    assert "kpi_tracking_target" in {item["name"] for item in made["namedRanges"]}
    assert "kpi_catalogue_owner" in json.dumps(made["sheets"][2]["data"][0]["columnMetadata"])
    mine.provision()
    assert google.calls() == [READ]


# --- answers that are lost, runs that meet ---


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("closed-after", "/drive/v3/files$"),
        ("503", "/drive/v3/files$"),
        ("truncated", ":batchUpdate$"),
        ("closed-before", ":batchUpdate$"),
    ],
)
def test_a_lost_answer_makes_no_second_spreadsheet(kind: str, path: str, google: Google, tmp_path: Path) -> None:
    mine = team(tmp_path / "mine", google)
    google.control.fault(kind, "POST", path)
    try:
        mine.provision()
    except TryLater:
        mine.provision()
    assert google.control.spreadsheets() == [mine.id]
    titles = [sheet["properties"]["title"] for sheet in mine.spreadsheet()["sheets"]]
    assert titles == ["Report", "Tracking", "KPIs", "Actions", "Review", "Control", "Log", "Guide"]
    mine.provision()
    assert google.calls() == [READ]


def test_a_run_that_failed_half_way_is_finished_by_the_next(google: Google, tmp_path: Path) -> None:
    mine = team(tmp_path / "mine", google)
    google.control.fault("500", "POST", ":batchUpdate$", times=100)
    with pytest.raises(KpisheetsError):
        mine.provision()
    google.control.no_faults()
    assert not mine.project()._desk.place._known().built  # type: ignore[attr-defined]
    mine.provision()
    assert google.control.spreadsheets() == [mine.id]
    assert mine.spreadsheet()["sheets"][0]["properties"]["title"] == "Report"
    assert len(mine.spreadsheet()["sheets"]) == 8


def test_two_runs_at_once_make_one_spreadsheet(google: Google, tmp_path: Path) -> None:
    mine = team(tmp_path / "mine", google)

    def attempt(_: int) -> object:
        try:
            return mine.project().provision()
        except CannotWrite as error:
            return error

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(attempt, range(4)))
    assert any(not isinstance(each, CannotWrite) for each in found)
    assert len(google.control.spreadsheets()) == 1
    assert len(mine.spreadsheet()["sheets"]) == 8


def test_two_machines_that_add_tabs_at_once_add_them_once(google: Google, tmp_path: Path) -> None:
    id = theirs(google)
    first, second = (team(tmp_path / name, google, f'id = "{id}"') for name in ("one", "two"))
    place = second.project()._desk.place
    assert place.find() is None
    first.provision()
    project = second.project()
    with place.draft(replace(content_of("en", "sales"), today=NOW.date())) as draft:
        _, plan = building.first_plan(project._desk, draft.observe())
        draft.publish(plan)
    assert len(google.spreadsheet(id)["sheets"]) == 10


def test_tabs_that_came_later_are_added(google: Google, tmp_path: Path) -> None:
    id, titles = google.blank("Sheet1"), dict(language("en").tabs)
    del titles["actions"], titles["review"]
    google.batch(id, *draw(content_of("en", "sales"), titles, fresh=0).requests)
    mine = team(tmp_path / "mine", google, f'id = "{id}"')
    done = mine.provision()
    assert (done.created, done.tabs) == (False, {"Actions": "Actions", "Review": "Review"})
    made = google.spreadsheet(id)
    assert {"Actions", "Review"} <= {sheet["properties"]["title"] for sheet in made["sheets"]}
    assert mine.provision().tabs == {}
    done = mine.project().sync()
    assert done.plan.written > 0
    assert not any("Actions" in str(problem) or "Review" in str(problem) for problem in done.problems)


# --- the command line ---


def test_init_and_provision_end_to_end(google: Google, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "acme"
    run = CliRunner()
    assert run.invoke(main, ["init", str(folder), "--backend", "google", "--language", "fr"]).exit_code == 0
    text = (folder / "kpisheets.toml").read_text("utf-8")
    assert "Sheets come with a later version" not in text
    (folder / "robot.json").write_text(google.key, encoding="utf-8")
    text += f'\n[google]\ncredentials = "robot.json"\napi_root = "{google.url}"\n'
    (folder / "kpisheets.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    said = run.invoke(main, ["provision"])
    assert said.exit_code == 0, said.output
    mine = Team(folder, google)
    assert mine.id in said.output
    assert f'id = "{mine.id}"' in said.output
    shown: dict[str, Any] = json.loads(run.invoke(main, ["provision", "--json"]).output)
    assert shown["url"] == shown["workbook"]
    assert not shown["created"]
    assert mine.spreadsheet()["properties"]["locale"] == "fr_FR"
