"""A new project: a configuration that loads and teaches, the data that it needs, all of it or nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpisheets import config, scaffold, templates
from kpisheets.errors import BadConfig, CannotWrite, KpisheetsError
from kpisheets.scaffold import create_project

TODAY = date(2026, 11, 23)


def make(folder: Path, *packs: str, language: str = "en", backend: str = "excel") -> list[Path]:
    return create_project(folder, templates=packs, language=language, backend=backend, today=TODAY)


def contents(folder: Path) -> dict[str, bytes | None]:
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@pytest.mark.parametrize("language", templates.languages())
@pytest.mark.parametrize("backend", ["excel", "google"])
@pytest.mark.parametrize("packs", [(), ("hr",), templates.packs()], ids=len)
def test_what_is_written_loads(tmp_path: Path, packs: tuple[str, ...], backend: str, language: str) -> None:
    written = make(tmp_path / "Acme", *packs, language=language, backend=backend)
    assert written[0] == tmp_path / "Acme" / "kpisheets.toml"
    assert {path for path in (tmp_path / "Acme").rglob("*") if path.is_file()} == set(written)
    loaded = config.load(written[0], known_templates=templates.packs(), known_languages=templates.languages())
    assert (loaded.project.name, loaded.project.language, loaded.project.templates) == ("Acme", language, packs)
    assert (loaded.project.currency, loaded.project.active_from) == ("EUR", date(2025, 1, 1))
    assert loaded.workbook.backend == backend
    assert loaded.reports["weekly"].to == ("kpi-team@example.org",)
    assert (loaded.mail.url, loaded.mail.sender) == ("outbox:outbox/", "kpisheets@example.org")
    asked = {name: metric for pack in packs for name, metric in templates.pack(pack).metrics.items()}
    assert set(loaded.metrics) == set(asked)
    for name, metric in loaded.metrics.items():
        expected = asked[name]
        for part in ("source", "table", "date", "value", "numerator", "denominator", "filter"):
            assert getattr(metric, part) == getattr(expected, part), name
    data = tmp_path / "Acme" / "data"
    assert {file.stem for file in data.glob("*")} == {metric.table for metric in asked.values()}
    assert loaded.sources.keys() == ({"sample"} if packs else set())


def test_the_file_teaches(tmp_path: Path) -> None:
    text = make(tmp_path / "Acme", "sales")[0].read_text(encoding="utf-8")
    assert text.count("\n#") >= 15
    assert "# Conversion rate. Orders ÷ website sessions." in text
    assert max(len(line) for line in text.splitlines()) <= 160


def test_the_ignored_files(tmp_path: Path) -> None:
    make(tmp_path, "sales")
    ignored = (tmp_path / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"/outbox/", "/.kpisheets/", "~$*"} <= set(ignored)


@given(
    name=st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\x00"), min_size=1, max_size=40)
)
def test_any_folder_name_gives_a_project(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    if name.strip() in ("", ".", "..") or len(name.encode()) > 200:
        return
    written = make(tmp_path_factory.mktemp("p") / name, "hr")
    read = tomllib.loads(written[0].read_text(encoding="utf-8"))
    assert read["project"]["name"] == name
    assert config.load(written[0]).workbook.path is not None


def test_an_existing_project_stays_as_it_is(tmp_path: Path) -> None:
    make(tmp_path, "sales")
    before = contents(tmp_path)
    with pytest.raises(CannotWrite, match=r"kpisheets\.toml.*project already"):
        make(tmp_path, "hr")
    assert contents(tmp_path) == before


def test_files_of_others_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    make(tmp_path, "sales")
    assert (tmp_path / ".gitignore").read_text(encoding="utf-8") == "mine\n"
    assert (tmp_path / "notes.txt").exists()


def _taken(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "orders.csv").write_text("mine", encoding="utf-8")


def _data_is_a_file(folder: Path) -> None:
    (folder / "data").write_text("mine", encoding="utf-8")


@pytest.mark.parametrize("obstacle", [_taken, _data_is_a_file])
def test_an_obstacle_leaves_nothing_behind(tmp_path: Path, obstacle: Callable[[Path], None]) -> None:
    obstacle(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(CannotWrite):
        make(tmp_path, "sales")
    assert contents(tmp_path) == before


@pytest.mark.parametrize("failing", [1, 3, 7])
def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int) -> None:
    moves = 0
    move = scaffold.shutil.move

    def flaky(source: Path, target: Path) -> object:
        nonlocal moves
        moves += 1
        if moves == failing:
            raise OSError(28, "No space left on device")
        return move(source, target)

    monkeypatch.setattr(scaffold.shutil, "move", flaky)
    with pytest.raises(CannotWrite, match="No space left"):
        make(tmp_path / "new" / "Acme", "sales")
    assert contents(tmp_path) == {}


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "Acme").write_text("mine", encoding="utf-8")
    with pytest.raises(CannotWrite):
        make(tmp_path / "Acme", "sales")
    assert (tmp_path / "Acme").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("packs", "language", "backend"), [(("salse",), "en", "excel"), ((), "xx", "excel"), ((), "en", "lotus")]
)
def test_unknown_names_are_refused_before_anything_is_made(
    tmp_path: Path, packs: tuple[str, ...], language: str, backend: str
) -> None:
    with pytest.raises(BadConfig) as caught:
        make(tmp_path / "Acme", *packs, language=language, backend=backend)
    assert isinstance(caught.value, KpisheetsError)
    assert caught.value.mend
    assert contents(tmp_path) == {}
