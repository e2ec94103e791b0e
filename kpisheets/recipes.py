"""Recipes: pieces of ``kpisheets.toml`` to paste, each a source and the metrics that make sense for it.

A recipe is a file of ``sheet_templates/recipes``: its first line is its title, the rest is configuration.
"""

from __future__ import annotations

from kpisheets import shipped
from kpisheets.errors import UsageError


def names() -> tuple[str, ...]:
    return shipped.names(_folder())


def title(name: str) -> str:
    return text(name).partition("\n")[0].removeprefix("# ")


def text(name: str) -> str:
    """The recipe as it is pasted. UsageError, listing the others, where there is none of that name."""
    if name not in names():
        raise UsageError(f"there is no recipe “{name}”", mend=f"choose among: {', '.join(names())}")
    return (_folder() / f"{name}.toml").read_text(encoding="utf-8")


def _folder() -> shipped.Traversable:
    return shipped.root() / "recipes"
