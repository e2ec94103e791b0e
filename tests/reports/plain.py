"""The words of a rendering, without what lays them out."""

from __future__ import annotations

import html
import io
import re

from pypdf import PdfReader


def bare(text: str) -> str:
    """A page's words: no tags, no markup, one line."""
    return " ".join(html.unescape(re.sub(r"<(style|title)[^>]*>.*?</\1>|<[^>]+>|[\\*]", " ", text, flags=re.S)).split())


def of_pdf(content: bytes) -> str:
    """The words of all pages, one line."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())
