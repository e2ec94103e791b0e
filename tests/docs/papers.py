"""The papers, read as data: blocks, tables, headings, links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAPERS = (
    *("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "examples/flights/README.md"),
    *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")),
)
_BLOCK = re.compile(r"(?P<runs><!-- runs -->\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. ``runs``: it stands below a ``<!-- runs -->``."""

    language: str
    text: str
    runs: bool


@dataclass(frozen=True, slots=True)
class Paper:
    """A Markdown document."""

    path: Path
    text: str

    @property
    def blocks(self) -> list[Block]:
        return [Block(m["language"], m["text"], bool(m["runs"])) for m in _BLOCK.finditer(self.text)]

    @property
    def prose(self) -> str:
        """The text without its fenced blocks."""
        return _BLOCK.sub("", self.text)

    @property
    def sections(self) -> dict[str, str]:
        """Heading (without its signs) → the text up to the next heading."""
        parts = re.split(r"^#{1,6} +(.+)$", self.prose, flags=re.MULTILINE)
        return dict(zip(parts[1::2], parts[2::2], strict=True))


def read(name: str) -> Paper:
    return Paper(ROOT / name, (ROOT / name).read_text(encoding="utf-8"))


def rows(text: str) -> Iterator[list[str]]:
    """The cells of each table row, without header and rule."""
    previous: list[str] | None = None
    inside = False
    for line in text.splitlines():
        if not line.startswith("|"):
            previous, inside = None, False
            continue
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if previous is not None and set("".join(cells)) <= set("-: "):
            inside = True
        elif inside:
            yield cells
        previous = cells


def quoted(text: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", text)
