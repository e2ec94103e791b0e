"""Messages, judged by the standard library's parser, and the outbox."""

# ruff: noqa: E501
from __future__ import annotations

import email
import os
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpisheets.delivery import open_channel
from kpisheets.delivery.addresses import mailbox
from kpisheets.delivery.outbox import Outbox
from kpisheets.errors import BadConfig, BadData, CannotWrite
from kpisheets.templates import language, languages
from tests.letters import compose
from tests.reports import samples


def message(recipient: str = "ann@example.org", code: str = "en", **more: object) -> EmailMessage:
    summary = samples.summary(**({"language": code} | more))  # type: ignore[arg-type]
    return compose(summary, language(code), sender="KPIs <kpi@example.org>", recipient=recipient, report_name="weekly")


def parsed(found: EmailMessage) -> EmailMessage:
    back = email.message_from_bytes(found.as_bytes(), policy=policy.default)
    assert isinstance(back, EmailMessage)
    return back


@pytest.mark.parametrize("code", languages())
def test_a_message_reads_back(code: str) -> None:
    back = parsed(message(code=code))
    assert not [defect for part in back.walk() for defect in part.defects]
    assert str(back["Subject"]).startswith("Acme")
    assert [a.addr_spec for a in back["To"].addresses] == ["ann@example.org"]
    assert back["Auto-Submitted"] == "auto-generated"
    assert all(back[name] for name in ("X-Auto-Response-Suppress", "List-Id", "List-Unsubscribe", "References"))
    assert all(len(str(back[name])) <= 70 for name in ("Message-ID", "References", "In-Reply-To"))
    assert back.get_content_type() == "multipart/alternative"
    text, html = back.get_body(("plain",)), back.get_body(("html",))
    assert text is not None
    assert html is not None
    assert samples.eight()[0].kpi.name in text.get_content()
    wanted = set(re.findall(r'src="cid:([^"]+)"', html.get_content()))
    there = {str(part["Content-ID"]).strip("<>") for part in back.walk() if part.get_content_type() == "image/png"}
    assert wanted == there
    assert wanted
    assert len(max(message(code=code).as_bytes().splitlines(), key=len)) <= 998


def test_the_same_report_is_the_same_message_and_another_is_not() -> None:
    assert message().as_bytes() == message().as_bytes()
    identities = {str(m["Message-ID"]) for m in (message(), message("bob@example.org"), message(code="fr"))}
    assert len(identities) == 3


def test_a_thread_holds_a_report_over_time() -> None:
    first, second = message(), message(report_date=samples.summary().report_date.replace(day=9))
    assert first["References"] == second["References"]
    assert first["Message-ID"] != second["Message-ID"]


@pytest.mark.parametrize(
    "text",
    ["a@example.org; b@example.org", "a@example.org, b@example.org", "a@example.org b@example.org", "a", "", "@example.org", "a@",
     "a@example.org\r\nBcc: b@example.org", "a@example.org\n", "Ann <a@example.org>, b@example.org", "a@b@example.org", "a@exa mple.org",
     "a..b@example.org", ".a@example.org", "a@-example.org", "a@example..org", "Ann <a@example.org", "a\u2028@example.org",
     f"{'a' * 65}@example.org", f"a@{'b' * 64}.org"],
)  # fmt: skip
def test_what_is_not_one_address_is_refused_in_a_line(text: str) -> None:
    with pytest.raises(BadData) as found:
        message(text)
    assert len(str(found.value).splitlines()) == 1


def test_names_and_international_domains() -> None:
    assert mailbox("Ann Lee <ann@example.org>").name == "Ann Lee"
    assert mailbox('"Lee, Ann" <ann@example.org>').header.display_name == "Lee, Ann"
    assert mailbox("ann@exämple.org").address == "ann@xn--exmple-cua.org"
    assert [a.addr_spec for a in parsed(message('"Lee, Ann" <ann@example.org>'))["To"].addresses] == ["ann@example.org"]


@settings(max_examples=40)
@given(project=st.text(max_size=80), workbook=st.text(max_size=40))
def test_no_text_becomes_a_header(project: str, workbook: str) -> None:
    usual = parsed(message())
    back = parsed(message(project=f"{project}\r\nBcc: eve@example.org", workbook=workbook))
    assert back.keys() == usual.keys()
    assert "\n" not in str(back["Subject"])


@given(text=st.text(max_size=60))
def test_an_address_is_read_or_refused(text: str) -> None:
    try:
        found = mailbox(text)
    except BadData:
        return
    assert found.domain.isascii()
    assert found.address.count("@") == 1
    assert not set(found.address) & set(" ,;<>\r\n")


def test_the_outbox_keeps_a_message_and_its_page(tmp_path: Path) -> None:
    where = Path(open_channel("outbox:mail/out/", tmp_path).send(message()))
    assert where.parent == tmp_path / "mail" / "out"
    assert re.fullmatch(r"\d{8}T\d{6}Z-weekly-ann@example\.org\.eml", where.name)
    back = email.message_from_bytes(where.read_bytes(), policy=policy.default)
    assert back["Date"]
    assert b"\r\n" in where.read_bytes()
    page = where.with_suffix(".html").read_text(encoding="utf-8")
    assert "cid:" not in page
    assert page.count("data:image/png;base64,") == sum(p.get_content_type() == "image/png" for p in back.walk())
    assert sorted(p.suffix for p in where.parent.iterdir()) == [".eml", ".html"]


def test_messages_of_one_instant_are_all_kept(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, clock=lambda: datetime(2026, 11, 2, 7, tzinfo=UTC))
    sent = message()
    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(lambda _: outbox.send(message()), range(24)))
    assert len(set(places)) == 24
    sizes = {len(Path(place).read_bytes()) for place in places}
    assert len(sizes) == 1
    assert sent["Subject"]
    assert not list(tmp_path.glob(".*"))


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotWrite, match="disk is full"):
        Outbox(tmp_path).send(message())
    assert not list(tmp_path.iterdir())


def test_an_outbox_where_a_file_stands(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file")
    with pytest.raises(CannotWrite):
        open_channel("outbox:outbox/", tmp_path).send(message())


@pytest.mark.parametrize(
    "url",
    ["mail.example.org", "http://s3cret@example.org", "smtp://", "smtp://user@example.org", "smtp://u:s3cret@example.org:port",
     "smtp://u:s3cret@example.org/path", "smtp://u:s3cret/x@example.org", "s3cret", "smtp://u:s3[cret@example.org:25"],
)  # fmt: skip
def test_bad_urls_are_refused_without_showing_secrets(url: str, tmp_path: Path) -> None:
    with pytest.raises(BadConfig) as found:
        open_channel(url, tmp_path)
    assert "s3" not in str(found.value)


def test_the_workbook_travels_along_byte_for_byte() -> None:
    content = bytes(range(256)) * 9
    name = "Acme KPIs é.xlsx"
    sent = compose(
        samples.summary(),
        language("en"),
        sender="kpi@example.org",
        recipient="ann@example.org",
        report_name="weekly",
        attachments={name: content},
    )
    back = parsed(sent)
    (part,) = back.iter_attachments()
    assert part.get_filename() == name
    assert part.get_content_type() == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert part.get_content() == content
    assert back.get_body(("html",)) is not None
