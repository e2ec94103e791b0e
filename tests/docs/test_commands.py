"""docs/commands.md and the command line know the same commands, options, JSON keys and exit codes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import click
import pytest

from kpisheets.cli import main
from kpisheets.errors import KpisheetsError
from tests.docs.papers import quoted, read, rows

PAPER = read("docs/commands.md")
INTRODUCTION = PAPER.sections["Commands"]
SECTIONS = {
    heading.strip("`").removeprefix("kpisheets "): text
    for heading, text in PAPER.sections.items()
    if heading.startswith("`kpisheets ")
}
COMMANDS = {
    f"{name} {part}".strip(): command
    for name, above in main.commands.items()
    for part, command in (above.commands if isinstance(above, click.Group) else {"": above}).items()
}
EVERYWHERE = {"--project", "--quiet", "-q", "--verbose", "-v", "--help", "-h"}
_LAST_MONTH = f"{date.today().replace(day=1) - timedelta(days=1):%Y-%m}"  # noqa: DTZ011 - as the sample data
CALLS = {
    "close": ("close", _LAST_MONTH, "--kpi", "revenue", "--dry-run"),
    "reopen": ("reopen", _LAST_MONTH, "--kpi", "revenue", "--dry-run"),
    "explain": ("explain", "revenue"),
    "schedule show": ("schedule", "show"),
    "send": ("send", "--dry-run"),
    "remind": ("remind", "--dry-run"),
    "sync": ("sync", "--dry-run"),
    "targets propose": ("targets", "propose", "revenue", "--year", "2030", "--total", "120000"),
}


def options_in(text: str) -> set[str]:
    """The options that the tables name, each by its first word: `--kpi ID` is --kpi."""
    return {name.split()[0] for cells in rows(text) for name in quoted(cells[0])}


def options_of(command: click.Command) -> set[str]:
    found = {name for option in command.params if isinstance(option, click.Option) for name in option.opts}
    return found - EVERYWHERE


def test_commands_are_documented_and_exist() -> None:
    assert set(SECTIONS) == set(COMMANDS)


@pytest.mark.parametrize("name", SECTIONS)
def test_options_are_documented_and_exist(name: str) -> None:
    assert options_in(SECTIONS[name]) == options_of(COMMANDS[name])


def test_shared_options_are_documented_and_exist() -> None:
    assert options_in(INTRODUCTION) == EVERYWHERE
    for command in (*main.commands.values(), *COMMANDS.values()):
        taken = {name for option in command.params for name in option.opts} | {"--help", "-h"}
        assert taken >= EVERYWHERE


@pytest.mark.parametrize("name", SECTIONS)
def test_choices_and_arguments_are_documented(name: str) -> None:
    for parameter in COMMANDS[name].params:
        if isinstance(parameter.type, click.Choice):
            [row] = [cells for cells in rows(SECTIONS[name]) if parameter.opts[0] in quoted(cells[0])[0].split()]
            assert set(parameter.type.choices) <= set(quoted(row[1]))
        if isinstance(parameter, click.Argument):
            assert re.search(rf"`kpisheets {name} [^`]*{parameter.make_metavar(click.Context(main))}", SECTIONS[name])


def promised(name: str) -> list[str]:
    """The keys of a command's document, as its paper says."""
    [row] = [cells for cells in rows(SECTIONS[name]) if quoted(cells[0]) == ["--json"]]
    return quoted(row[1].partition("keys: ")[2])


# Who signs in needs a browser: tests/google_access does.
@pytest.mark.parametrize("name", [name for name, text in SECTIONS.items() if "`--json`" in text and name != "login"])
def test_json_keys(name: str, answer: Callable[..., Any]) -> None:
    assert promised(name) == list(answer(*CALLS.get(name, (name,))))


def test_keys_of_a_run(answer: Callable[..., Any]) -> None:
    answer("run-due")
    shown = answer("schedule", "show")
    for keys in (shown["jobs"][0], shown["slots"][0], shown["last_run"]):
        assert set(keys) <= set(quoted(PAPER.prose))


def test_keys_of_a_change(answer: Callable[..., Any]) -> None:
    packs = answer("templates")["templates"]
    assert list(packs[0]) == ["id", "title", "description", "kpis"]
    assert list(packs[0]["kpis"][0]) == ["id", "name"]
    assert list(answer("send", "--dry-run")["sent"][0]) == ["report", "to", "subject", "where", "without", "channel"]
    for keys in (packs[0], answer("send", "--dry-run")["sent"][0]):
        assert set(keys) <= set(quoted(PAPER.prose))


def test_exit_codes() -> None:
    def below(kind: type[KpisheetsError]) -> set[int]:
        return {kind.exit_code}.union(*(below(child) for child in kind.__subclasses__()))

    documented = [int(cells[0]) for cells in rows(PAPER.sections["Exit codes"])]
    assert documented == sorted(below(KpisheetsError) | {0})


def test_exit_codes_of_troubles() -> None:
    headings = " ".join(read("docs/troubleshooting.md").sections)
    known = {int(cells[0]) for cells in rows(PAPER.sections["Exit codes"])}
    assert {int(code) for code in re.findall(r"\((\d+)\)", headings)} == known - {0}
