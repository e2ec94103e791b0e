"""What each command promises when all is well: options, JSON, exit codes, silence."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import warnings
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from kpisheets.cli import main
from tests.cli.conftest import BOOK, MONTHS, PROGRAM, Folder
from tests.google_access.scripted import Reply, Scripted

OPTIONS = {
    "init": {"--template", "--language", "--backend"},
    "templates": {"--json"},
    "provision": {"--json"},
    "check": {"--json"},
    "sync": {"--dry-run", "--kpi", "--since", "--json"},
    "report": {"--format", "--output", "-o", "--json"},
    "send": {"--dry-run", "--to", "--json"},
    "explain": {"--json"},
}
"""The options of each command, as product.md has them."""
SHARED = {"--project", "--quiet", "--verbose"}
READING = (["check"], ["report"], ["send", "--dry-run"], ["explain", "revenue"], ["sync", "--dry-run"], ["templates"])


@pytest.mark.parametrize("command", OPTIONS)
def test_every_command_has_its_options(command: str) -> None:
    has = {name for option in main.commands[command].params for name in option.opts}
    assert OPTIONS[command] | SHARED <= has


@pytest.mark.parametrize("command", ["", *OPTIONS])
def test_help_shows_the_programs_name(command: str) -> None:
    done = CliRunner().invoke(main, [*command.split(), "--help"])
    assert done.exit_code == 0
    assert f"Usage: kpisheets {command}".rstrip() in done.stdout


def test_bare_name_shows_help() -> None:
    done = CliRunner().invoke(main, [])
    assert (done.exit_code, done.stderr) == (0, "")
    assert "kpisheets init DIR" in done.stdout


def test_first_sync_writes_what_its_dry_run_said(fresh: Folder) -> None:
    before = fresh.snapshot()
    planned = fresh.run("sync", "--dry-run", "--json")
    assert fresh.snapshot() == before
    done = fresh.run("sync", "--json")
    assert (planned.code, done.code) == (0, 0)
    assert (planned.json["dry_run"], done.json["dry_run"]) == (True, False)
    same = [name for name in planned.json if name not in ("dry_run", "workbook")]
    assert {name: planned.json[name] for name in same} == {name: done.json[name] for name in same}
    assert (done.json["written"], done.json["rows_added"], done.json["unchanged"]) == (9, 12, 0)
    tab = fresh.tab("Tracking")
    for change in done.json["changes"]:
        assert tab[change["key"], change["field"].capitalize()] == change["new"], change
    # What the files say, added up by hand.
    assert [tab[f"revenue|{month}", "Actual"] for month in MONTHS] == [15.5, 20.25, 7]
    assert [tab[f"orders|{month}", "Actual"] for month in MONTHS] == [2, 1, 1]
    assert [tab[f"mood|{month}", "Actual"] for month in MONTHS] == [None, None, None]


def test_second_sync_writes_nothing(folder: Folder) -> None:
    done = folder.run("sync", "--json")
    assert done.code == 0
    assert {name: done.json[name] for name in ("written", "unchanged", "rows_added")} == {
        "written": 0,
        "unchanged": 9,
        "rows_added": 0,
    }
    assert done.json["changes"] == []


def test_json_of_sync_has_the_documented_keys(folder: Folder) -> None:
    with folder.edited() as tab:
        tab["revenue|2025-01", "Actual"] = 99  # a person's
    folder.write("data/orders.csv", "day,amount\n2025-01-03,11\n2025-02-03,1\n2025-03-31,7\n")
    done = folder.run("sync", "--json")
    document = done.json
    assert {"written", "unchanged", "overrides", "restatements", "problems", "rows_added"} <= document.keys()
    assert all(isinstance(document[name], int) for name in ("written", "unchanged", "rows_added"))
    (override,) = document["overrides"]
    assert {name: override[name] for name in ("key", "field", "old", "new")} == {
        "key": "revenue|2025-01",
        "field": "actual",
        "old": 99,
        "new": 11,
    }
    # Ended long ago, so that what the source now says waits for a person.
    assert {(item["key"], item["old"], item["new"]) for item in document["restatements"]} == {
        ("revenue|2025-02", 20.25, 1),
        ("orders|2025-01", 2, 1),
    }
    tab = folder.tab("Tracking")
    assert (tab["revenue|2025-01", "Actual"], tab["revenue|2025-02", "Actual"]) == (99, 20.25)


def test_sync_of_one_kpi_leaves_the_others(folder: Folder) -> None:
    with folder.edited() as tab:
        for key in ("revenue|2025-01", "leads|2025-01"):
            tab[key, "Actual"] = tab[key, "Source value"] = None
    done = folder.run("sync", "--kpi", "leads", "--json")
    assert (done.code, done.json["written"]) == (0, 1)
    assert [change["key"] for change in done.json["changes"]] == ["leads|2025-01"]
    assert folder.tab("Tracking")["revenue|2025-01", "Actual"] is None


def test_since_reads_from_that_period_on(folder: Folder) -> None:
    with folder.edited() as tab:
        for month in MONTHS:
            tab[f"leads|{month}", "Actual"] = tab[f"leads|{month}", "Source value"] = None
    done = folder.run("sync", "--since", "2025-03", "--json")
    assert [change["key"] for change in done.json["changes"]] == ["leads|2025-03"]


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_reading_changes_no_file(folder: Folder, command: list[str]) -> None:
    before = folder.snapshot()
    assert folder.run(*command).code == 0
    assert folder.run(*command, "--json").code == 0
    assert folder.snapshot() == before


def test_json_is_the_only_thing_on_stdout(fresh: Folder, tmp_path: Path) -> None:
    """Every command that reports something; provisioning and syncing for real."""
    for command in (["provision"], ["sync"], ["send"], *READING):
        done = fresh.run(*command, "--json")
        assert done.code == 0, done.err
        assert isinstance(done.json, dict)
        assert done.err == ""


def test_json_goes_to_stdout_when_there_are_problems(folder: Folder) -> None:
    with folder.edited("KPIs") as tab:
        tab["leads", "Direction"] = "Sideways"
    for command in ("sync", "check"):
        done = folder.run(command, "--json")
        (problem,) = done.json["problems"]
        assert (done.code, problem["kpi"], problem["where"]) == (1, "leads", "KPIs!H6")


@pytest.mark.parametrize("command", ["provision", "sync", "check", "send", "templates"])
def test_quiet_is_silent_on_success(folder: Folder, command: str) -> None:
    done = folder.run(command, "--quiet")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_quiet_still_tells_problems(folder: Folder) -> None:
    with folder.edited("KPIs") as tab:
        tab["leads", "Direction"] = "Sideways"
    done = folder.run("sync", "-q")
    assert (done.code, done.out) == (1, "")
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("words", [["--project", "{}", "check"], ["check", "--project", "{}"]])
def test_project_before_and_after_the_command(folder: Folder, words: list[str]) -> None:
    for place in (folder.root, folder.config, folder.root / "data"):  # the folder, the file, a folder below
        done = folder.run(*(word.format(place) for word in words), project=False)
        assert (done.code, done.out) == (0, "No problems found.\n")


def test_the_nearest_project_upwards(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.root / "data")
    assert folder.run("check", project=False).code == 0


@pytest.mark.parametrize("form", ["html", "text", "md", "json"])
def test_report_into_a_file_and_onto_stdout(folder: Folder, form: str, tmp_path: Path) -> None:
    shown = folder.run("report", "--format", form)
    target = tmp_path / "report"
    done = folder.run("report", "--format", form, "-o", str(target))
    assert (shown.code, done.code) == (0, 0)
    text = target.read_text(encoding="utf-8")
    assert text.rstrip("\n") == shown.out.rstrip("\n") or json.loads(text) == json.loads(shown.out)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["project", "report"]


def test_send_lays_mail_into_the_outbox(folder: Folder) -> None:
    done = folder.run("send", "weekly", "--to", "ann@example.org", "--json")
    (one,) = done.json["sent"]
    assert one["to"] == "ann@example.org"
    assert len(list((folder.root / "outbox").rglob("*.eml"))) == 1


def test_send_lists_channels_with_mails_and_posts_after_them(folder: Folder) -> None:
    with Scripted().running() as web:
        path = folder.root / "kpisheets.toml"
        targets = f'[reports.weekly]\nslack = "{web.root}/hook/s3cret"\nteams = ["{web.root}/flow/s3cret"]\n'
        path.write_text(path.read_text("utf-8").replace("[reports.weekly]\n", targets), "utf-8")
        planned = folder.run("send", "--dry-run", "--json").json["sent"]
        assert [one["channel"] for one in planned][-2:] == ["slack", "teams"]
        said = folder.run("send", "--dry-run").out
        assert not web.seen
        web.script = [Reply(raw=b"ok"), Reply(202, raw=b"")]
        done = folder.run("send", "--json").json["sent"]
        assert [(one["channel"], one["to"]) for one in done] == [(one["channel"], one["to"]) for one in planned]
        assert [one["where"] for one in done][-2:] == ["Slack", "Teams"]
        assert [seen.path.split("/")[1] for seen in web.seen] == ["hook", "flow"]
        folder.run("send", "--to", "ann@example.org")
        assert len(web.seen) == 2
        web.script = [Reply(404, raw=b"no_service")]
        # Whoever sends again is to know who has it.
        failed = folder.run("send").refused(78, "Slack", "no_service", "it went out to: ")
        assert all(one["to"] in failed for one in planned[:-2])
    assert "to Slack, 127.0.0.1" in said
    assert "s3cret" not in said + str(planned) + str(done)


def test_explain_says_where_a_number_comes_from(folder: Folder) -> None:
    done = folder.run("explain", "revenue", "2025-01")
    for words in ("revenue|2025-01", "sum(amount)", "2025-01-01 to 2025-01-31", "15.5 from 2 records", "Query"):
        assert words in done.out
    assert folder.run("explain", "revenue", "--json").json["key"] == "revenue|2025-03"  # its last period
    assert "2025-01-01 to 2025-03-31" in folder.run("explain", "revenue", "2030-01").out


def test_provision_is_repeatable(folder: Folder) -> None:
    before = folder.book.read_bytes()
    done = folder.run("provision", "--json")
    assert (done.code, done.json["created"], done.json["added"]) == (0, False, [])
    assert folder.book.read_bytes() == before


def test_from_nothing_to_a_report(tmp_path: Path) -> None:
    """The first minutes of a new user."""
    folder = Folder(tmp_path / "shop")
    done = folder.run("init", str(folder.root), "--template", "sales", project=False)
    assert "kpisheets provision" in done.out  # says what comes next
    for command in ("provision", "sync", "check", "report", "send"):
        done = folder.run(command)
        assert (done.code, done.err) == (0, ""), command
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(folder.root / "shop KPIs.xlsx", read_only=True)
    keys = [row[9] for row in book["Tracking"].iter_rows(min_row=4, values_only=True)]
    assert f"revenue|{dt.date.today():%Y-01}" in keys  # noqa: DTZ011 - the machine's day, as init takes it


def _environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHONUTF8"))}
    return kept | more


@pytest.mark.parametrize(
    "environment",
    [{"LANG": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}],
    ids=["LANG=C", "ascii"],
)
def test_streams_of_a_machine_without_a_language(folder: Folder, environment: dict[str, str]) -> None:
    with folder.edited("KPIs") as tab:
        tab["revenue", "KPI"] = "Chiffre d’affaires"
        tab["leads", "Direction"] = "De côté"
    for words, code in ((["sync", "--dry-run"], 1), (["report"], 0)):
        process = folder.spawn(*words, env=_environment(**environment))
        _, err = process.communicate(timeout=60)
        assert (process.returncode, b"Traceback" in err) == (code, False), err
    process = folder.spawn("explain", "revenue", "--json", env=_environment(**environment))
    out, _ = process.communicate(timeout=60)
    assert json.loads(out)["name"] == "Chiffre d’affaires"


@pytest.mark.skipif(os.name == "nt", reason="a shell's pipe")
@pytest.mark.parametrize("words", ["explain revenue", "templates --json"])
def test_a_closed_pipe_is_no_error(folder: Folder, words: str) -> None:
    program = " ".join(f"'{word}'" for word in PROGRAM)
    script = f"{program} {words} | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], cwd=folder.root, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_a_traceback_only_under_verbose(folder: Folder) -> None:
    folder.book.write_bytes(b"no workbook")
    for words in (["sync", "--verbose"], ["-v", "sync"]):
        done = folder.run(*words)
        assert done.code == 65
        assert "Traceback (most recent call last)" in done.err
        assert done.err.splitlines()[-1] == folder.run("sync").err.strip()


def test_a_defect_is_one_line_too(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("of the program")

    monkeypatch.setattr("kpisheets.project.Project.summary", broken)
    assert "KeyError" in folder.run("report").refused(70, "defect of kpisheets", "--verbose")
    assert "Traceback" in folder.run("report", "-v").err


def test_a_project_path_with_spaces_and_accents(folder: Folder, tmp_path: Path) -> None:
    moved = Folder(folder.root.rename(tmp_path / "Été à l’usine"))
    assert moved.run("sync").code == 0
    assert (moved.root / BOOK).exists()
