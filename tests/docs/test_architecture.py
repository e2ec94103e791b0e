"""ARCHITECTURE.md shows every room of the house, and no other; the same dependencies as pyproject.toml."""

from __future__ import annotations

import re
import tomllib

from tests.docs.papers import ROOT, quoted, read, rows

PAPER = read("ARCHITECTURE.md")


def test_every_module_and_folder_is_shown() -> None:
    [tree] = [block.text for block in PAPER.blocks if block.text.startswith("kpisheets/\n")]
    package = tree[: tree.index("\nsheet_templates/")]
    shown = set(re.findall(r"^  (\w+(?:/|\.py))", package, re.MULTILINE)) | {"__main__.py"}
    assert "__main__.py" in re.findall(r"\w+\.py", package)
    there = {
        f"{path.name}/" if path.is_dir() else path.name
        for path in (ROOT / "kpisheets").iterdir()
        if (path.is_dir() and (path / "__init__.py").exists()) or path.suffix == ".py"
    }
    assert shown == there - {"__init__.py"}


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.split(r"[><=~!]", text)[0].casefold() for text in project["dependencies"]}
    told = " ".join(cells[1] for cells in rows(PAPER.sections["Dependencies"])).casefold()
    assert [name for name in needed if name not in told] == []
    assert set(quoted(told)) <= set(project["optional-dependencies"])
