"""Links between the papers lead somewhere."""

from __future__ import annotations

import re

import pytest

from tests.docs.papers import PAPERS, Paper, read

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def slug(heading: str) -> str:
    """A heading's anchor, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("name", PAPERS)
def test_relative_links_resolve(name: str) -> None:
    paper = read(name)
    broken = []
    for target in _LINK.findall(paper.prose):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (paper.path.parent / name).resolve() if name else paper.path
        if not path.exists():
            broken.append(target)
        elif anchor and anchor not in map(slug, Paper(path, path.read_text(encoding="utf-8")).sections):
            broken.append(target)
    assert broken == []


def test_every_paper_can_be_reached_from_the_first() -> None:
    linked = set(_LINK.findall(read("README.md").text))
    papers = {f"docs/{path.name}" for path in (read("README.md").path.parent / "docs").glob("*.md")}
    assert papers | {"ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md"} <= linked
