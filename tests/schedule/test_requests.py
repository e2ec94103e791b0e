"""The Request cell: obeyed once, emptied, answered; by a killed run, in an old copy, in an open workbook too."""

from __future__ import annotations

import shutil
import warnings
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.schedule.harness import MONDAY, QUARTER, TO, World

NOON = MONDAY + timedelta(hours=5)


class Control:
    """The Control tab, by another program."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _opened(self) -> tuple[Any, Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(self._path)
        return book, lambda name: book["Control"][book.defined_names[name].attr_text.partition("!")[2]]

    def __getitem__(self, name: str) -> Any:
        return self._opened()[1](name).value

    def __setitem__(self, name: str, value: object) -> None:
        book, cell = self._opened()
        cell(name).value = value
        book.save(self._path)

    def log(self) -> list[tuple[Any, ...]]:
        return [row[3:6] for row in self._opened()[0]["Log"].iter_rows(min_row=4, values_only=True) if row[0]]


@pytest.fixture
def asked(world: World) -> World:
    """Reports that go out only when they are asked for."""
    world.configure('schedule = "0 7 * * MON"', "")
    assert world.ran(NOON - QUARTER)["code"] == 0
    return world


def control(world: World) -> Control:
    return Control(world.root / "Acme KPIs.xlsx")


@pytest.mark.parametrize(("kind", "word"), [("Email report", "email  REPORT"), ("Sync now", "Actualiser")])
def test_obeyed_once_and_answered(asked: World, kind: str, word: str) -> None:
    sheet = control(asked)
    sheet["kpi_request"] = word
    done = asked.ran(NOON)
    assert (done["code"], done["requests"]) == (0, [kind])
    assert sheet["kpi_request"] is None
    assert ("Request", word, f"“{kind}”: taken up") in sheet.log()
    if kind == "Sync now":
        assert done["synced"] is True
        assert "cells written" in sheet["kpi_outcome"]
    else:
        assert sheet["kpi_outcome"] == "mails sent: 3"
        assert asked.server.copies == dict.fromkeys(TO, 1)
    for step in range(1, 4):
        again = asked.ran(NOON + step * QUARTER)
        assert (again["requests"], again["deliveries"], again["synced"]) == ([], [], None)


def test_asked_for_twice_is_obeyed_twice(asked: World) -> None:
    for step in (0, 1):
        control(asked)["kpi_request"] = "Email report"
        asked.ran(NOON + step * QUARTER)
    assert asked.server.copies == dict.fromkeys(TO, 2)
    assert len({identity for _, identity in asked.server.taken}) == 6


def test_an_old_copy_of_the_workbook_repeats_nothing(asked: World, tmp_path: Path) -> None:
    path = asked.root / "Acme KPIs.xlsx"
    control(asked)["kpi_request"] = "Email report"
    shutil.copy(path, tmp_path / "copy.xlsx")
    asked.ran(NOON)
    shutil.copy(tmp_path / "copy.xlsx", path)
    assert asked.ran(NOON + QUARTER)["deliveries"] == []
    assert control(asked)["kpi_request"] is None
    assert "had been done already" in control(asked)["kpi_outcome"]
    assert asked.server.copies == dict.fromkeys(TO, 1)


def test_an_open_workbook_is_waited_for(asked: World) -> None:
    control(asked)["kpi_request"] = "Email report"
    lock = asked.root / "~$Acme KPIs.xlsx"
    lock.write_bytes(b"\x03Ann".ljust(165, b" "))
    done = asked.ran(NOON)
    assert (done["code"], done["deliveries"]) == (73, [])
    lock.unlink()
    assert len(asked.ran(NOON + QUARTER)["deliveries"]) == 3
    assert asked.server.copies == dict.fromkeys(TO, 1)


def test_a_request_that_is_withdrawn_before_it_is_taken_up(asked: World) -> None:
    control(asked)["kpi_request"] = "Email report"
    lock = asked.root / "~$Acme KPIs.xlsx"
    lock.write_bytes(b"\x03Ann".ljust(165, b" "))
    asked.ran(NOON)
    lock.unlink()
    control(asked)["kpi_request"] = None
    assert asked.ran(NOON + QUARTER)["deliveries"] == []


def test_what_is_not_understood_is_told_once_and_left(asked: World) -> None:
    control(asked)["kpi_request"] = "please"
    assert "choose" in asked.ran(NOON)["problems"][0]["mend"]
    assert control(asked)["kpi_request"] == "please"


@pytest.mark.parametrize("line", [120, 330, 420, 520])
def test_a_killed_run_obeys_once_all_the_same(asked: World, line: int) -> None:
    control(asked)["kpi_request"] = "Email report"
    assert asked.run(NOON, traced=True, kill_at=line) is None
    asked.judge(NOON)
    assert control(asked)["kpi_request"] is None
