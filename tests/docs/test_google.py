"""The failure lines of docs/google.md are lines that the program gives, and those that it gives are there."""

from __future__ import annotations

import re

import pytest

from kpisheets.backends.google.failures import explained
from kpisheets.backends.google.refusals import refusal
from tests.docs.papers import ROOT, quoted, read, rows
from tests.google_access.test_failures import CASES, encoded

PAPER = read("docs/google.md")
LINES = [
    (message, int(cells[1]))
    for heading, text in PAPER.sections.items()
    for cells in rows(text)
    if len(cells) == 3 and cells[1].isdigit()
    for message in quoted(cells[0])
]


@pytest.fixture(scope="module")
def program() -> str:
    """The program's text, its strings joined that stand on several lines."""
    folder = ROOT / "kpisheets" / "backends" / "google"
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py")))
    return re.sub(r'"\s*\n\s*(?:else )?f?"', "", text)


@pytest.mark.parametrize(("message", "code"), LINES)
def test_line_is_given(message: str, code: int, program: str) -> None:
    fixed = [part.strip() for part in message.split("…")]
    assert [part for part in fixed if len(part) > 3 and part not in program] == []


@pytest.mark.parametrize(("reply", "caller", "path", "kind", "words"), CASES)
def test_given_line_is_documented(reply, caller, path, kind, words) -> None:
    error = explained(refusal(reply.code, reply.headers, encoded(reply), 0.0), caller, path)
    codes = {code for message, code in LINES if _fits(message, error.what)}
    assert codes == {error.exit_code}, error.what


def _fits(message: str, what: str) -> bool:
    return re.match(".+".join(re.escape(part) for part in message.split("…")), what) is not None
