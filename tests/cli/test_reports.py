"""Reports as files, in the browser and on their way by mail, as a person meets them."""

from __future__ import annotations

import io
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from pypdf import PdfReader

from kpisheets import reports
from tests.cli.conftest import CATALOGUE, Folder

OWNERS = {"revenue": "ada@example.org", "orders": "Ada <ADA@example.org>", "leads": "bo@example.org", "mood": None}


@pytest.fixture
def followed(folder: Folder) -> Folder:
    """The project, with KPIs that are still followed and have owners."""
    with folder.edited("KPIs") as tab:
        for identity in CATALOGUE:
            tab[identity, "Active to"] = None
            tab[identity, "Owner email"] = OWNERS[identity]
    return folder


def pages(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def mails(folder: Folder) -> dict[str, EmailMessage]:
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in folder.root.rglob("*.eml")]
    return {str(message["To"]): message for message in found}  # type: ignore[misc]


def attached(message: EmailMessage) -> dict[str, bytes]:
    return {str(part.get_filename()): part.get_content() for part in message.iter_attachments()}


def body(message: EmailMessage, kind: str = "html") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_a_pdf_of_an_excel_project(followed: Folder, tmp_path: Path) -> None:
    for paper, width in (("a4", 595), ("letter", 612)):
        done = followed.run("report", "--format", "pdf", "--paper", paper, "-o", str(tmp_path / "r.pdf"))
        assert (done.code, done.out) == (0, f"Wrote {tmp_path / 'r.pdf'}\n")
        content = (tmp_path / "r.pdf").read_bytes()
        assert int(PdfReader(io.BytesIO(content)).pages[0].mediabox.width) == width
        assert "Acme March 2025" in pages(content)


def test_a_report_in_the_browser(followed: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = followed.write("browser", f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(browser))
    for form, start in (("html", b"<!DOCTYPE html>"), ("pdf", b"%PDF")):
        done = followed.run("report", "--open", *(["--format", "pdf"] if form == "pdf" else []))
        assert done.code == 0, done.err
        address = (tmp_path / "opened").read_text().strip()
        assert address == (followed.root / ".kpisheets" / f"report.{form}").as_uri()
        assert (followed.root / ".kpisheets" / f"report.{form}").read_bytes().startswith(start)


def test_each_owner_gets_their_own_kpis_and_pages(followed: Folder) -> None:
    followed.configure(
        'to = ["team@example.org"]',
        'to = ["team@example.org"]\nowners = true\nattach = ["pdf"]\nlanguage = "fr"\npaper = "letter"',
    )
    followed.configure("[workbook]", '[workbook]\nlink = "https://example.org/Acme.xlsx"')
    assert followed.run("send").code == 0
    sent = mails(followed)
    mine = {
        "team@example.org": {"Revenue", "Orders", "Leads", "Mood"},
        "ada@example.org": {"Revenue", "Orders"},
        "bo@example.org": {"Leads"},
    }
    assert set(sent) == set(mine)
    for address, message in sent.items():
        ((name, content),) = attached(message).items()
        assert name == "Acme mars 2025.pdf"
        assert '<html lang="fr">' in body(message)
        assert "indicateurs mars 2025" in str(message["Subject"])
        for said in (pages(content), body(message), body(message, "plain")):
            assert {kpi for kpi in mine["team@example.org"] if kpi in said} == mine[address], (address, said)
        assert 'href="https://example.org/Acme.xlsx"' in body(message)
        assert ("Vos indicateurs" in body(message)) == (address != "team@example.org")
        assert ("vous êtes responsable" in body(message)) == (address != "team@example.org")


def test_a_mail_goes_without_a_pdf_and_says_so(followed: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    followed.configure(
        'to = ["team@example.org"]', 'to = ["team@example.org"]\nattach = ["pdf", "xlsx", "workbook-pdf"]'
    )
    monkeypatch.setattr(reports, "can_pdf", lambda: False)
    done = followed.run("send")
    assert done.code == 0
    lines = done.err.splitlines()
    assert len(lines) == 2
    assert 'pip install "kpisheets[pdf]"' in lines[0]
    assert "workbook-pdf" in lines[1]
    (message,) = mails(followed).values()
    assert list(attached(message)) == ["Acme KPIs.xlsx"]
    for kind in ("pdf", "workbook-pdf"):
        assert f"The attachment ({kind}) could not be made" in body(message)
        assert f"The attachment ({kind}) could not be made" in " ".join(body(message, "plain").split())
    check = followed.run("check")
    assert check.code == 1
    assert "[reports.weekly]: the PDF that it attaches needs more packages" in check.err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('language = "nl"', "unknown language “nl”"),
        ('paper = "a5"', "unknown paper “a5”"),
        ('attach = ["docx"]', "cannot attach “docx”"),
    ],
)
def test_a_report_that_is_set_up_wrongly(followed: Folder, line: str, said: str) -> None:
    followed.configure('to = ["team@example.org"]', f'to = ["team@example.org"]\n{line}')
    followed.run("send").refused(78, said)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "sites/KPIs.xlsx", "https://", "https://a b"])
def test_a_link_that_is_none(followed: Folder, link: str) -> None:
    followed.configure("[workbook]", f'[workbook]\nlink = "{link}"')
    followed.run("report").refused(78, "is not a web address")
