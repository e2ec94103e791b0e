"""The data that come with the program: packs of KPIs, languages, descriptions of services."""

from __future__ import annotations

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

__all__ = ["Traversable", "names", "root"]


@cache
def root() -> Traversable:
    """The folder of data: inside the installed package, beside it in a checkout."""
    package = resources.files("kpisheets")
    installed = package / "_sheet_templates"
    if installed.is_dir():
        return installed
    return package / ".." / "sheet_templates"


def names(folder: Traversable) -> tuple[str, ...]:
    """The TOML files of a folder, without their ending, sorted."""
    return tuple(sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml")))
