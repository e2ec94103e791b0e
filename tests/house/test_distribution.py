"""What is built from a checkout works where there is no checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from importlib.util import find_spec
from pathlib import Path

import pytest

import kpisheets

NAME = f"kpisheets-{kpisheets.__version__}"

PROGRAM = """
import sys
import kpisheets
print(kpisheets.__file__)
from kpisheets.cli import main
main(sys.argv[1:])
"""


def build(kind: str, source: Path, folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)],
        cwd=source,
        check=True,
        capture_output=True,
        timeout=120,
    )
    [made] = folder.iterdir()
    return made


def below(folder: Path) -> set[str]:
    """The files in a folder of the checkout, but for what running it leaves behind."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }


@pytest.fixture(scope="module")
def files(repository: Path) -> set[str]:
    """What the wheel must hold, listed before it is built."""
    modules = {f"kpisheets/{name}" for name in below(repository / "kpisheets") if name.endswith(".py")}
    templates = {f"kpisheets/_sheet_templates/{name}" for name in below(repository / "sheet_templates")}
    return {"kpisheets/py.typed", *modules, *templates}


@pytest.fixture(scope="module")
def sdist(files: set[str], repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", repository, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as an installer builds it that was given the source distribution."""
    unpacked = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(unpacked, filter="data")
    return build("wheel", unpacked / NAME, tmp_path_factory.mktemp("wheel"))


def test_source_distribution_can_be_tested(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.removeprefix(f"{NAME}/") for name in archive.getnames()}
    assert {"LICENSE", "CONTRIBUTING.md", "pyproject.toml", "scripts/test", "tests/conftest.py"} <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith((".venv", "demo/"))]


def test_wheel_holds_the_package_and_its_templates(wheel: Path, files: set[str]) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert files <= names
    assert not [name for name in names if not name.startswith(("kpisheets/", f"{NAME}.dist-info/"))]


def test_metadata(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        metadata = Parser().parsestr(archive.read(f"{NAME}.dist-info/METADATA").decode())
        entries = archive.read(f"{NAME}.dist-info/entry_points.txt").decode()
    assert metadata["Version"] == kpisheets.__version__
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    assert "kpisheets = kpisheets.__main__:run" in entries


@pytest.mark.skipif(find_spec("kpisheets.templates") is None, reason="nothing loads the templates yet")
def test_installed_wheel_finds_its_templates(wheel: Path, repository: Path, tmp_path: Path) -> None:
    target = tmp_path / "installed"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", target, wheel],
        check=True,
        capture_output=True,
        timeout=120,
    )
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "templates", "--json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(target)},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    package, _, document = done.stdout.partition("\n")
    assert Path(package) == target / "kpisheets" / "__init__.py"
    found = {pack["id"] for pack in json.loads(document)["templates"]}
    assert found == {path.stem for path in (repository / "sheet_templates" / "packs").glob("*.toml")}
