"""Adaptive Cards for Teams, parsed and rendered by Microsoft's own library."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kpisheets.reports.posts import post
from kpisheets.templates import language
from tests.delivery.test_channels import HOSTILE, named
from tests.reports import samples


@pytest.fixture(scope="session")
def library(systems: Path) -> Path:
    folder = systems / "cards"
    if not (folder / "node_modules" / "adaptivecards").is_dir():
        pytest.skip("the npm packages adaptivecards and jsdom are not installed")
    return folder


def rendered(library: Path, summary: Any, code: str = "en") -> dict[str, Any]:
    document = post(summary, language(code), "teams").document
    card = json.dumps(document["attachments"][0]["content"])
    done = subprocess.run(
        ["node", str(Path(__file__).with_name("render.js")), str(library)], input=card, capture_output=True, text=True,
        check=True, timeout=60,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("code", ["en", "fr"])
def test_a_card_is_parsed_without_a_complaint_and_says_what_the_report_says(code: str, library: Path) -> None:
    found = rendered(library, samples.summary(), code)
    assert not found["problems"]
    assert found["version"] == "1.5"
    for said in ("Jonas Weber", "Delivery time", "Review the carrier", "7.6\xa0d" if code == "en" else "7,6\xa0j"):
        assert said in found["text"]
    assert [url for _, url in found["actions"]] == ["https://example.org/Acme%20KPIs.xlsx"]


def test_many_and_none(library: Path) -> None:
    for lines in (samples.many(200), ()):
        assert not rendered(library, samples.summary(lines))["problems"]


def test_what_people_typed_is_shown_and_does_nothing(library: Path) -> None:
    text = f"{HOSTILE} <img src=x onerror=alert(1)> <at>everyone</at>"
    found = rendered(library, samples.summary(**named(text)))
    assert not found["problems"]
    assert "<at>everyone</at>" in found["text"]
    assert "DATE(2026-01-01)" in found["text"]
    assert not re.search(r"<(a|img|script|at)\b", found["html"])
    assert all(url.startswith("https://example.org/") for _, url in found["actions"])
