"""Commands called wrongly, configurations that are wrong, reports that cannot go out."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Folder

USAGE = [
    (["nope"], ("nope", "--help")),
    (["sync", "--nope"], ("--nope", "kpisheets sync --help")),
    (["sync", "--since", "soon"], ("--since", "soon", "2026-10")),
    (["sync", "--since", "2025-13"], ("--since", "2025-13")),
    (["sync", "--since", ""], ("--since",)),
    (["sync", "--kpi", "nope"], ("nope", "revenue, orders, leads, mood")),
    (["explain"], ("kpi", "--help")),
    (["explain", "nope"], ("nope", "revenue, orders, leads, mood")),
    (["explain", "revenue", "soon"], ("soon", "write a period such as 20")),
    (["explain", "revenue", "2025-W04"], ("2025-W04", "weekly", "monthly")),
    (["report", "--format", "pdf"], ("PDF goes into a file", "add -o report.pdf")),
    (["report", "--format", "workbook-pdf", "-o", "x.pdf"], ("this workbook is an Excel file", "choose pdf")),
    (["report", "--format", "md", "--open"], ("a browser shows html or pdf", "--open")),
    (["report", "--format", "doc"], ("doc", "html", "kpisheets report --help")),
    (["send", "nope"], ("nope", "weekly")),
    (["send", "--to", "nobody"], ("--to", "nobody", "ann@example.org")),
    (["send", "--to", "a@example.org, b@example.org"], ("--to", "more than one")),
    (["send", "--to", ""], ("--to",)),
    (["init"], ("directory", "--help")),
    (["init", "x", "--language", "tlh"], ("tlh", "de, en, es, fr")),
    (["init", "x", "--template", "nope"], ("nope", "sales")),
    (["init", "x", "--backend", "abacus"], ("abacus", "excel")),
]


@pytest.mark.parametrize(("words", "said"), USAGE, ids=[" ".join(words) for words, _ in USAGE])
def test_called_wrongly(
    folder: Folder,
    intact: Callable[..., None],
    words: list[str],
    said: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(folder.root)
    intact()
    done = folder.run(*words)
    line = done.refused(2)
    for word in said:
        assert word.casefold() in line.casefold()


def test_init_never_writes_over_a_project(folder: Folder, intact: Callable[..., None]) -> None:
    intact()
    folder.run("init", str(folder.root)).refused(73, "project already", "another folder")
    folder.run("init", str(folder.config)).refused(73, "kpisheets.toml")


def test_without_a_configuration(tmp_path: Path) -> None:
    for command in ("provision", "check", "sync", "report", "send"):
        Folder(tmp_path).run(command).refused(78, str(tmp_path), "kpisheets init DIR", "--project")
    missing = Folder(tmp_path / "gone")
    missing.run("sync").refused(78, "gone", "kpisheets init DIR")
    assert list(tmp_path.iterdir()) == []


CONFIGURATIONS = [
    ("[workbook]", "[workbook", "kpisheets.toml:6"),
    ('path = "Acme KPIs.xlsx"', "path = Acme", "kpisheets.toml:7"),
    ('source = "crm"', 'source = "crn"', "kpisheets.toml:28"),
    ('table = "leads"', 'tabel = "leads"', "kpisheets.toml:29"),
    ('timezone = "Europe/Paris"', 'timezone = "Europe/Pari"', "kpisheets.toml:3"),
    ('path = "Acme KPIs.xlsx"', 'path = "Acme KPIs.ods"', "kpisheets.toml:7"),
    ('to = ["team@example.org"]', 'to = ["team"]', "kpisheets.toml:34"),
    ('to = ["team@example.org"]', "to = []", "kpisheets.toml:34"),
]


@pytest.mark.parametrize(("old", "new", "place"), CONFIGURATIONS, ids=[case[1] for case in CONFIGURATIONS])
def test_a_wrong_configuration(folder: Folder, intact: Callable[..., None], old: str, new: str, place: str) -> None:
    folder.configure(old, new)
    intact()
    for command in (["sync"], ["report"], ["sync", "--dry-run", "--json"], ["check"]):
        done = folder.run(*command)
        assert (done.code, done.out) == (78, "")
        done.refused(78, place)


@pytest.mark.parametrize("content", [b"\xff\xfe\0", b"[project\0]", b"", b"\xef\xbb\xbf" + b"=" * 50])
def test_a_configuration_that_is_no_text(folder: Folder, intact: Callable[..., None], content: bytes) -> None:
    folder.config.write_bytes(content)
    intact()
    folder.run("sync").refused(78, "kpisheets.toml:1")


def test_a_report_into_a_missing_folder(folder: Folder, intact: Callable[..., None], tmp_path: Path) -> None:
    intact()
    target = tmp_path / "gone" / "report.html"
    folder.run("report", "--format", "html", "-o", str(target)).refused(73, str(target), "make the folder")
    folder.run("report", "-o", str(tmp_path)).refused(2, str(tmp_path))
    assert not target.parent.exists()


def _mail(folder: Folder, url: str) -> None:
    folder.write("kpisheets.toml", f'{folder.config.read_text()}\n[mail]\nurl = "{url}"\nfrom = "kpi@example.org"\n')


def test_a_dead_mail_server(folder: Folder, intact: Callable[..., None]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    _mail(folder, f"smtp://user:open%20sesame@127.0.0.1:{port}")
    intact()
    line = folder.run("send").refused(69, f"127.0.0.1:{port}")
    assert "sesame" not in line
    assert folder.run("send", "--dry-run").code == 0


@pytest.mark.parametrize(
    ("url", "code", "words"),
    [
        ("smtp://user:${env:NO_SUCH}@127.0.0.1:9", 77, ("[mail]", "NO_SUCH", "set the variable")),
        ("pigeon://127.0.0.1", 78, ("[mail]", "pigeon", "smtp://")),
    ],
)
def test_a_wrong_way_out(
    folder: Folder, intact: Callable[..., None], url: str, code: int, words: tuple[str, ...]
) -> None:
    _mail(folder, url)
    intact()
    folder.run("send").refused(code, *words)
    assert words[1] in folder.run("check").err


def test_send_without_reports(folder: Folder, intact: Callable[..., None]) -> None:
    folder.configure('[reports.weekly]\nto = ["team@example.org"]\n', "")
    intact()
    folder.run("send").refused(78, "no reports", "[reports.weekly]")


def test_send_must_know_which(folder: Folder) -> None:
    folder.configure("[reports.weekly]", '[reports.monthly]\nto = ["ann@example.org"]\n\n[reports.weekly]')
    folder.run("send").refused(2, "several", "monthly, weekly")


def test_send_to_owners_who_have_no_address(folder: Folder, intact: Callable[..., None]) -> None:
    folder.configure('to = ["team@example.org"]', "owners = true")
    intact()
    folder.run("send").refused(65, "weekly", "Owner email")
