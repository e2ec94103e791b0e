"""docs/configuration.md says what kpisheets.toml may hold: no less, no more."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from kpisheets.config import Config, load
from kpisheets.core.meeting import Meeting
from kpisheets.errors import BadConfig
from tests.docs.papers import PAPERS, quoted, read, rows

PAPER = read("docs/configuration.md")
TABLES = {
    heading.strip("`[]").removesuffix(".NAME"): {cells[0].strip("`"): cells[1:] for cells in rows(text)}
    for heading, text in PAPER.sections.items()
    if heading.startswith("`[")
}
KEYS = [(section, key) for section, keys in TABLES.items() for key in keys]
PROBE = "surely_no_such_key"


CLIENT = ("client_id", "client_secret", "refresh_token", "tenant", "token_url", "scope")
LAYING_OUT = ("fiscal_year_start", "calendar", "year_named_by")
"""The keys that make up the calendar."""


_ALONE = ("workbook", "schedule", "slack", "actions", "reminders")


def loaded(folder: Path, text: str) -> Config:
    path = folder / "kpisheets.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def example(section: str, key: str) -> str:
    """A small file in which the documented example of one key stands."""
    written = f"{key} = {quoted(TABLES[section][key][0])[0]}"
    name = written if (section, key) == ("project", "name") else 'name = "Acme"'
    lines = {
        "project": [name] if key == "name" else [name, written] if section == "project" else [name],
        "workbook": [],
        "sources.shop": ['url = "data/"'],
        "metrics.m": ['source = "shop"', 'table = "orders"', 'date = "day"'],
        "reports.weekly": [] if (section, key) in {("reports", "to"), ("reports", "owners")} else ["owners = true"],
        "mail": [],
        "slack": [],
        "schedule": [],
        "google": [],
        "actions": [],
        "review": [],
        "boards.team": ['url = "trello:AbCd1234"', 'token = "t"', 'key = "k"'],
        "meetings.weekly": [],
        "reminders": [],
    }
    home = {
        "sources": "sources.shop",
        "metrics": "metrics.m",
        "reports": "reports.weekly",
        "boards": "boards.team",
        "meetings": "meetings.weekly",
    }.get(section, section)
    if section != "project":
        if section == "sources" and key not in {"url", "timeout"}:  # of web services
            lines[home] = ['url = "rest+https://api.example.org"', 'tables = { orders = { path = "orders" } }']
        lines[home] = [line for line in lines[home] if not line.startswith(f"{key} =")] + [written]
    pair = {"calendar": 'year_ends = "last Sunday of May"', "year_ends": 'calendar = "4-4-5"'}
    lines["project"] += [pair[key]] if key in pair else []
    if key in {"look_back", "reconcile"}:
        lines["sources.shop"].append('window = "open"')
    if section == "mail" and key in CLIENT:  # what else belongs to an OAuth client
        known = "token_url" if key == "token_url" else "tenant"
        others = {"client_id": "c", "client_secret": "s", known: "https://login.example.org"}
        lines[home] += [f'{name} = "{text}"' for name, text in others.items() if name != key]
    if section == "workbook" and key in {"id", "title", "folder", "share"}:
        lines[home].append('backend = "google"')
    pair = {"numerator": 'denominator = "count(*)"', "denominator": 'numerator = "count(*)"'}
    if key != "value":
        lines["metrics.m"] += [pair[key]] if key in pair else ['value = "count(*)"']
    if key == "sql":  # it stands in place of a table
        lines["metrics.m"] = [line for line in lines["metrics.m"] if not line.startswith("table")]
    return "\n".join(f"[{title}]\n" + "\n".join(held) for title, held in lines.items())


@pytest.mark.parametrize(("section", "key"), KEYS, ids=lambda word: word)
def test_documented_key_is_accepted_with_its_example(section: str, key: str, tmp_path: Path) -> None:
    loaded(tmp_path, example(section, key))


@pytest.mark.parametrize("section", TABLES)
def test_accepted_keys_are_documented(section: str, tmp_path: Path) -> None:
    name = {"sources": ".x", "metrics": ".x", "reports": ".x", "boards": ".x", "meetings": ".weekly"}.get(section, "")
    title = f"{section}{name}"
    with pytest.raises(BadConfig) as caught:
        loaded(tmp_path, f"[{title}]\n{PROBE} = 1\n")
    [mend] = [problem.mend for problem in caught.value.problems if PROBE in problem.what]
    assert set(mend.removeprefix("known: ").split(", ")) == set(TABLES[section])


def test_accepted_sections_are_documented(tmp_path: Path) -> None:
    with pytest.raises(BadConfig) as caught:
        loaded(tmp_path, f'[project]\nname = "A"\n[{PROBE}]\n')
    [mend] = [problem.mend for problem in caught.value.problems if PROBE in problem.what]
    assert set(re.findall(r"\[(\w+)\]", mend)) == set(TABLES)


def test_documented_defaults(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        '[project]\nname = "Acme"\n[reports.r]\nto = ["a@example.org"]\n[reports.all]\nowners = true\n',
    )
    found = {
        "project": config.project,
        "workbook": config.workbook,
        "mail": config.mail,
        "google": config.google,
        "reports": config.reports["r"],
        "schedule": config.schedule,
        "actions": config.actions,
        "review": config.review,
        "meetings": config.meeting(Meeting.WEEKLY),
        "reminders": config.reminders,
    }
    checked = 0
    for section, key in KEYS:
        default = TABLES[section][key][1]
        if not re.fullmatch(r"`[^`]+`", default) or section not in found:
            continue
        said = tomllib.loads(f"x = {default.strip('`')}")["x"]
        if key in LAYING_OUT:
            assert (
                loaded(tmp_path, f'[project]\nname = "Acme"\n{key} = {default.strip("`")}').calendar == config.calendar
            )
            checked += 1
            continue
        settings = config.reports["all"] if key == "to" else found[section]
        is_now = getattr(settings, {"from": "sender"}.get(key, key))
        if isinstance(is_now, timedelta):
            said = timedelta(**{{"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[said[-1]]: int(said[:-1])})
        assert (list(is_now) if isinstance(is_now, tuple) else is_now) == said, f"{section}.{key}"
        checked += 1
    assert checked >= 10


def test_required_keys_are_required(tmp_path: Path) -> None:
    for section, key in KEYS:
        if TABLES[section][key][1] == "required":
            lines = example(section, key).splitlines()
            kept = [line for line in lines if not line.startswith(f"{key} =")]
            if (section, key) == ("metrics", "date"):
                kept = [line for line in kept if not line.startswith("date =")]
            with pytest.raises(BadConfig, match=key):
                loaded(tmp_path, "\n".join(kept))


@pytest.mark.parametrize("name", PAPERS)
def test_toml_in_papers_is_accepted(name: str, tmp_path: Path) -> None:
    for block in read(name).blocks:
        if block.language == "toml":
            has_project = "[project]" in block.text
            loaded(tmp_path, block.text if has_project else f'[project]\nname = "A"\n{block.text}')


def test_whole_file_shows_every_key_for_excel() -> None:
    [whole] = [tomllib.loads(block.text) for block in PAPER.blocks if block.language == "toml"]
    shown = {("mail", key) for key in whole["mail"]} | {("project", key) for key in whole["project"]}
    shown |= {
        (section, key)
        for section in ("workbook", "schedule", "slack", "actions", "review", "reminders")
        for key in whole[section]
    }
    for section in ("sources", "metrics", "reports", "boards", "meetings"):
        shown |= {(section, key) for table in whole[section].values() for key in table}
    google = {("workbook", key) for key in ("id", "title", "folder", "share")} | {
        pair for pair in KEYS if pair[0] == "google"
    }
    others = {("project", "calendar"), ("project", "year_ends"), ("project", "close_after")}
    services = {("mail", key) for key in (*CLIENT, "credentials", "api_root")} | {
        ("slack", "api_root"),
        ("boards", "api_root"),
    }
    assert shown == set(KEYS) - google - others - services
