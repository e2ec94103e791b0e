"""The templates and style sheets of reports: data that stands with the packs and languages."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def read(name: str) -> str:
    """The text of a file of ``sheet_templates/report``."""
    package = resources.files("kpisheets")
    installed = package / "_sheet_templates"
    root = installed if installed.is_dir() else package / ".." / "sheet_templates"
    return (root / "report" / name).read_text(encoding="utf-8")
