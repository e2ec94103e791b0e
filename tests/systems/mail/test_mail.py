"""Mails in a real browser, as a phone and a desk show them; axe-core and caniemail are the judges."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.systems.mail import pages

# Without these a mail is less pretty and says the same: dark colours, round corners, marks for reading aloud.
DECORATION = {
    *("<bdi> element", "<body> element", "<style> element", "@media", "border-radius", "letter-spacing", "overflow"),
    *(
        "lang attribute",
        "role attribute",
        "color-scheme meta tag",
        "max-height property",
        "text-decoration",
        "height property",
        "word-break",
    ),
}
# Programs of much of the world; what lays the page out must work in each of them.
PROGRAMS = [
    *("gmail.desktop-webmail", "gmail.ios", "gmail.android"),
    *("outlook.*", "apple-mail.*", "samsung-email.*", "yahoo.*"),
]


@pytest.fixture(scope="module")
def modules(systems: Path) -> Path:
    found = systems / "mail" / "node_modules"
    if not found.is_dir() or not shutil.which("chromium"):
        pytest.skip("no browser or no npm packages: scripts/systems mail installs them")
    return found


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return pages.write(tmp_path_factory.mktemp("mails"))


@pytest.fixture(scope="module")
def seen(modules: Path, written: dict[str, Path]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pages.node("browser.mjs", modules, written, pictures=None, axe=True)
    return found


def test_axe_finds_nothing_in_light_and_dark(seen: list[dict[str, Any]]) -> None:
    assert {(one["width"], one["dark"]) for one in seen} == {(375, False), (375, True), (800, False), (800, True)}
    assert [(one["page"], one["width"], one["dark"], one["violations"]) for one in seen if one["violations"]] == []


def test_everything_fits_a_phone_even_without_style_sheets(
    seen: list[dict[str, Any]], written: dict[str, Path]
) -> None:
    assert {one["page"] for one in seen} == set(written)
    assert [(one["page"], one["width"], one["overflow"]) for one in seen if one["overflow"] > 0] == []


def test_what_people_type_runs_nowhere(seen: list[dict[str, Any]]) -> None:
    assert {one["title"] for one in seen if "hostile" in one["page"]} == {"Acme: KPI report · October 2026"}


def test_what_lays_the_mail_out_works_in_every_program(modules: Path, written: dict[str, Path]) -> None:
    said = pages.node("support.mjs", modules, {"mail": written["fr-8"]}, clients=PROGRAMS)["mail"]
    assert set(said["none"]) <= DECORATION
    assert said["partial"], "the data is there"


def test_a_mistake_would_be_seen(modules: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<html lang=en><title>x</title><body><div role=main style='display:grid;width:900px;color:#bbb'>pale</div>",
        encoding="utf-8",
    )
    seen = pages.node("browser.mjs", modules, {"bad": bad}, pictures=None, axe=True)
    assert any("color-contrast" in said for one in seen for said in one["violations"])
    assert any(one["overflow"] > 0 for one in seen)
    assert "display:grid" in pages.node("support.mjs", modules, {"bad": bad}, clients=PROGRAMS)["bad"]["none"]
