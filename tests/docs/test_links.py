"""Links between the papers lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.papers import PAPERS, Paper, read

_LINK = re.compile(r"(?:\]\(|\bsrc=\")([^)\"\s]+)[)\"]")


def anchors(path: Path) -> set[str]:
    """The anchors of a paper's headings, as GitHub makes them."""
    headings = Paper(path, path.read_text(encoding="utf-8")).sections
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", PAPERS)
def test_relative_links_resolve(name: str) -> None:
    paper = read(name)
    broken = []
    for target in _LINK.findall(paper.prose):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        path = (paper.path.parent / file).resolve() if file else paper.path
        if not path.exists() or (anchor and anchor not in anchors(path)):
            broken.append(target)
    assert broken == []


def test_every_paper_can_be_reached_from_the_first() -> None:
    linked = set(_LINK.findall(read("README.md").text))
    papers = {f"docs/{path.name}" for path in (read("README.md").path.parent / "docs").glob("*.md")}
    assert papers | {"ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md"} <= linked


def test_pictures_are_small_and_described() -> None:
    shown: set[Path] = set()
    for name in PAPERS:
        paper = read(name)
        described = re.findall(r"!\[[^\]]+\]\(([^)]+)\)|<img src=\"([^\"]+)\"[^>]*alt=\"[^\"]+\"", paper.prose)
        shown |= {(paper.path.parent / (one or other)).resolve() for one, other in described}
    pictures = sorted((read("README.md").path.parent / "docs" / "images").iterdir())
    assert set(pictures) == shown
    assert all(picture.stat().st_size < 150_000 for picture in pictures)
