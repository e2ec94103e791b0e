"""2,130 recorded interactions with the real service, played to the emulator: its answers are the service's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.sheets_emulator.controls import Controls
from tests.sheets_emulator.world import World

from .recordings import Player

ACCOUNT = "telegram-budgeter@telegram-budgeter.iam.gserviceaccount.com"
# Closed to the account, and there before the recordings.
PRIVATE = "1jIKzPs8LsiZZdLdeMEP-5ZIHw6RkjiOmj1LrJN706Yc"
FILES = 124
INTERACTIONS = 2130
# (recording, request, what differs): why. Each is there twice: in a recording every test runs twice.
KNOWN = {
    (
        "ClientTest.test_import_csv",
        r"PUT /upload/drive/v2/files/",
        r"\.(?:\w+|labels\.\w+): only theirs|\.version: .*",
    ): "Drive's second version says forty more things about a file (links, pictures, people), unread here",
    (
        "WorksheetTest.test_auto_resize_columns",
        r"GET /v4/spreadsheets/",
        r"\.sheets\.data\.columnMetadata\.pixelSize: 8691 != \d+",
    ): "a column is made as wide as its text by the measures of the service's own fonts",
}


@pytest.fixture(scope="module")
def differences(shared_corpus: Path) -> tuple[int, int, list[tuple[str, str, list[str]]]]:
    """How many recordings and interactions were played, and where the answers differ."""
    count, found = 0, []
    paths = sorted((shared_corpus / "sheets-api-recordings").glob("*.json"))
    for path in paths:
        world = World()
        controls = Controls(world)
        controls.spreadsheet("somebody@example.org", PRIVATE)
        player = Player(world, ACCOUNT, controls.token(ACCOUNT))
        for place, differing in player.play(path):
            count += 1
            if differing:
                found.append((path.stem, place, differing))
        assert world.bugs == []
    return len(paths), count, found


def test_all_were_played(differences: tuple[int, int, list[tuple[str, str, list[str]]]]) -> None:
    assert differences[:2] == (FILES, INTERACTIONS)


def test_answers_are_the_service_s(differences: tuple[int, int, list[tuple[str, str, list[str]]]]) -> None:
    left = []
    used = []
    for recording, place, differing in differences[2]:
        reasons = [
            key for key in KNOWN if key[0] == recording and re.match(key[1], place)
            and all(re.fullmatch(key[2], text) for text in differing)
        ]  # fmt: skip
        used += reasons
        if not reasons:
            left.append((recording, place, differing))
    assert left == []
    assert sorted(used) == sorted([*KNOWN, *KNOWN])
