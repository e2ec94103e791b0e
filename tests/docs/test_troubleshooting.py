"""The messages that docs/troubleshooting.md explains are messages that the program gives."""

from __future__ import annotations

import re

import pytest

from tests.docs.papers import ROOT, quoted, read, rows

MESSAGES = [message for cells in rows(read("docs/troubleshooting.md").prose) for message in quoted(cells[0])]


@pytest.fixture(scope="module")
def program() -> str:
    """The program's text, its strings joined that stand on several lines."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "kpisheets").rglob("*.py")))
    return re.sub(r'"\s*\n\s*(?:else )?f?"', "", text)


@pytest.mark.parametrize("message", [message for message in MESSAGES if not message.startswith(".")])
def test_message_is_given(message: str, program: str) -> None:
    fixed = [part.strip(" “”(),") for part in message.split("…")]
    assert [part for part in fixed if len(part) > 3 and part not in program] == []
