"""Slack and Teams: what is posted, judged by Slack's own models and client; what each answer means; and that nothing
that people typed becomes a mention, a link or a second post."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from kpisheets.config import SlackSettings
from kpisheets.core.summary import Action
from kpisheets.delivery import Outlet, Post, label, open_outlet
from kpisheets.errors import BadConfig, BadData, KpisheetsError, NotAllowed, TryLater, Uncertain, Unreachable
from kpisheets.reports.posts import post
from kpisheets.templates import language
from tests.google_access.scripted import Reply, Scripted
from tests.reports import samples
from tests.reports.test_todo import BARE, LATE, TODAY

HOSTILE = (
    "<!channel> <@U012345> & <https://evil.example|click> @here *bold* `code` :tada: [a](https://evil.example) "
    "{{DATE(2026-01-01)}}"
)
WORDS = st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(
    [HOSTILE, "<" * 200, "&" * 3000, "#general", "é" * 9000]
)


def content(channel: str, **more: Any) -> bytes:
    written = post(samples.summary(**more), language("en"), channel)
    return Post.of(channel, "x", written.subject, written.document).content


def texts(node: Any) -> list[str]:
    """Every text of a document."""
    if isinstance(node, dict):
        own = [node["text"]] if isinstance(node.get("text"), str) else []
        return own + [found for value in node.values() for found in texts(value)]
    return [found for value in node for found in texts(value)] if isinstance(node, list) else []


def named(text: str) -> dict[str, Any]:
    """A summary in which people typed ``text`` wherever they can type."""
    lines = tuple(
        replace(line, kpi=replace(line.kpi, name=text or "x", owner=text, recommendation=text))
        for line in samples.eight()
    )
    late = Action("x", text or "x", text, text, text, text, text, None, date(2026, 1, 1))
    return {"actions": (late,) * 20, "lines": lines, "project": text, "workbook": f"https://example.org/{text}"}


@given(text=WORDS)
def test_slack_takes_every_post_and_nothing_in_it_acts(text: str) -> None:
    document = post(samples.summary(**named(text)), language("fr"), "slack").document
    blocks = Block.parse_all(document["blocks"])
    assert len(blocks) <= 50
    for block in blocks:
        block.validate_json()
    for found in texts(document):
        assert len(found) <= 3000
        # What Slack reads in brackets is our own link alone; an entity is never cut in two.
        assert all(one.startswith("https://example.org/") for one in re.findall(r"<([^>]*)>", found))
        assert not re.search(r"&(?!amp;|lt;|gt;)", found)


def test_slack_shows_a_name_as_it_was_typed() -> None:
    document = post(samples.summary(**named(HOSTILE)), language("en"), "slack").document
    (first,) = [found for found in texts(document) if found.startswith("✖")][:1]
    assert html.unescape(first).replace("\u200b", "").split("\n")[0].startswith(f"✖ *{HOSTILE[:40]}")
    assert "*bold*" not in first
    assert ":tada:" not in first


@pytest.mark.parametrize("channel", ["slack", "teams"])
def test_a_project_of_hundreds_of_kpis_fits(channel: str) -> None:
    summary = samples.summary(samples.many(400), actions=(LATE,) * 300)
    document = post(summary, language("en"), channel).document
    written = json.dumps(document, ensure_ascii=False)
    assert len(written.encode()) < 28_000
    assert "more in the workbook" in written
    if channel == "slack":
        assert len(document["blocks"]) <= 50


@given(text=WORDS)
def test_teams_takes_every_card_and_texts_are_runs_alone(text: str) -> None:
    document = post(samples.summary(**named(text)), language("en"), "teams").document
    assert len(json.dumps(document, ensure_ascii=False).encode()) <= 28_000
    (attachment,) = document["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.5")
    assert "entities" not in card["msteams"]  # without these a mention is plain text
    kinds = set(re.findall(r'"type": "([A-Za-z.]+)"', json.dumps(card)))
    assert kinds <= {
        *("AdaptiveCard", "RichTextBlock", "TextRun", "Container", "ColumnSet", "Column", "Action.OpenUrl"),
    } | set(re.findall(r'"type": "([A-Za-z.]+)"', json.dumps(text)))
    assert not any("{{" in found for found in texts(card))


def test_both_say_the_same_numbers_as_the_report() -> None:
    for channel in ("slack", "teams"):
        summary = samples.summary(actions=(LATE, TODAY, BARE))
        found = "\n".join(texts(post(summary, language("en"), channel).document))
        for said in (
            "3 met, 2 at risk, 1 missed",
            "7.6\xa0d",
            "worse by 2.6\xa0d",
            "€1,243,000",
            "Jonas Weber",
            "2 November 2026",
            "Corrective actions: 3 · overdue: 1",
            "A second carrier (Jonas Weber, due 1 November 2026, overdue)",
        ):
            assert said in found.replace("\u200b", ""), (channel, said)


# --- on their way ---


@pytest.fixture
def webhook(web: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Outlet:
    monkeypatch.setenv("HOOK", f"{web.root}/services/T0/B0/s3cret")
    return open_outlet("slack", "${env:HOOK}", tmp_path, SlackSettings(), where="here")


@pytest.fixture
def bot(web: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Outlet:
    monkeypatch.setenv("TOKEN", "xoxb-s3cret")
    return open_outlet("slack", "#kpi", tmp_path, SlackSettings("${env:TOKEN}", f"{web.root}/api"), where="here")


@pytest.fixture
def teams(web: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Outlet:
    monkeypatch.setenv("FLOW", f"{web.root}/workflows/1?sig=s3cret")
    return open_outlet("teams", "${env:FLOW}", tmp_path, SlackSettings(), where="here")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kpisheets.delivery.services.slack.TIMEOUT", 0.5)
    monkeypatch.setattr("kpisheets.web.exchange.TIMEOUT", 0.5)


def test_a_webhook_gets_one_post(web: Scripted, webhook: Outlet) -> None:
    web.script = [Reply(raw=b"ok", headers={"Content-Type": "text/html"})]
    assert webhook.post(content("slack"), {"a.pdf": b"x"}) == "Slack"
    (seen,) = web.seen
    body = json.loads(seen.body)
    assert seen.path == "/services/T0/B0/s3cret"
    assert set(body) == {"text", "blocks"}
    assert body["blocks"][0]["type"] == "header"


def test_a_bot_posts_and_its_pdf_follows_in_the_thread(web: Scripted, bot: Outlet) -> None:
    web.script = [
        Reply(document={"ok": True, "channel": "C0123456", "ts": "1.2"}),
        Reply(document={"ok": True, "upload_url": f"{web.root}/upload/1", "file_id": "F1"}),
        Reply(raw=b"OK - 4"),
        Reply(document={"ok": True, "files": [{"id": "F1"}]}),
    ]
    assert bot.post(content("slack"), {"Acme KPIs.pdf": b"%PDF"}) == "Slack, #kpi"
    methods = [seen.path for seen in web.seen]
    assert methods == [
        "/api/chat.postMessage",
        "/api/files.getUploadURLExternal",
        "/upload/1",
        "/api/files.completeUploadExternal",
    ]
    assert web.seen[0].headers["authorization"] == "Bearer xoxb-s3cret"
    assert web.seen[2].body == b"%PDF"
    ended = web.seen[3].body.decode()
    assert "C0123456" in ended
    assert "1.2" in ended


def test_files_that_slack_does_not_take_change_nothing_about_the_post(web: Scripted, bot: Outlet) -> None:
    posted = Reply(document={"ok": True, "channel": "C0123456", "ts": "1.2"})
    web.script = [posted, Reply(document={"ok": False, "error": "missing_scope", "needed": "files:write"})]
    said = bot.post(content("slack"), {"a.pdf": b"%PDF"})
    assert "without a.pdf" in said
    assert "files:write" in said
    web.script = [posted, Reply(fault="reset")]
    assert "without a.pdf" in bot.post(content("slack"), {"a.pdf": b"%PDF"})


def slack_says(error: str, code: int = 200, **more: Any) -> Reply:
    headers = {"Retry-After": "30"} if error == "ratelimited" else {}
    return Reply(code, {"ok": False, "error": error, **more}, headers)


BOT = [
    (slack_says("invalid_auth"), NotAllowed, "invalid_auth"),
    (slack_says("missing_scope", needed="chat:write"), NotAllowed, "chat:write is needed"),
    (slack_says("not_in_channel"), BadConfig, "/invite"),
    (slack_says("channel_not_found"), BadConfig, "channel_not_found"),
    (slack_says("invalid_blocks"), BadData, "invalid_blocks"),
    (slack_says("ratelimited", 429), TryLater, "429"),
    (slack_says("internal_error"), Uncertain, "may be there"),
    (Reply(500, {"ok": False, "error": "fatal_error"}), Uncertain, "may have arrived"),
    (Reply(502, raw=b"<html>bad gateway</html>"), Uncertain, "may have arrived"),
    (Reply(raw=b"<html>hello</html>"), Uncertain, "may be there"),
    (Reply(fault="reset"), Uncertain, "may be there"),
    (Reply(fault="hang"), Uncertain, "may be there"),
]
HOOK = [
    (Reply(404, raw=b"no_service"), BadConfig, "no_service"),
    (Reply(403, raw=b"action_prohibited"), NotAllowed, "action_prohibited"),
    (Reply(400, raw=b"invalid_payload"), BadData, "invalid_payload"),
    (Reply(429, raw=b"", headers={"Retry-After": "30"}), TryLater, "429"),
    (Reply(500, raw=b"rollup_error"), Uncertain, "may have arrived"),
    (Reply(fault="reset"), Uncertain, "may be there"),
    (Reply(fault="hang"), Uncertain, "may be there"),
]
FLOW = [
    (Reply(400, {"error": {"code": "TriggerInputSchemaMismatch", "message": "no card"}}), BadData, "no card"),
    (Reply(401, {"error": {"code": "DirectApiAuthorizationRequired"}}), NotAllowed, "workflow"),
    (Reply(404, {"error": {"code": "WorkflowNotFound"}}), BadConfig, "WorkflowNotFound"),
    (Reply(429, raw=b"", headers={"Retry-After": "30"}), TryLater, "429"),
    (Reply(502, {"error": {"code": "NoResponse"}}), Uncertain, "NoResponse"),
    (Reply(fault="reset"), Uncertain, "may have arrived"),
    (Reply(fault="hang"), Uncertain, "may have arrived"),
]
CASES = [("bot", *case) for case in BOT] + [("webhook", *case) for case in HOOK] + [("teams", *case) for case in FLOW]


@pytest.mark.parametrize(("name", "reply", "kind", "said"), CASES)
def test_what_an_answer_means(
    name: str, reply: Reply, kind: type[KpisheetsError], said: str, web: Scripted, request: pytest.FixtureRequest
) -> None:
    outlet: Outlet = request.getfixturevalue(name)
    web.script = [reply]
    with pytest.raises(kind, match=re.escape(said)) as found:
        outlet.post(content("teams" if name == "teams" else "slack"), {})
    assert type(found.value) is kind
    assert len(str(found.value).splitlines()) == 1
    assert "s3cret" not in str(found.value)
    if isinstance(found.value, TryLater):
        assert found.value.after == 30
    assert not web.script
    # It was asked once: the library's own habit of asking again would make a second post of it.
    assert len(web.seen) <= 1
    web.held.set()


@pytest.mark.parametrize("name", ["bot", "webhook", "teams"])
def test_what_did_not_leave_is_no_doubt(name: str, web: Scripted, request: pytest.FixtureRequest) -> None:
    outlet: Outlet = request.getfixturevalue(name)
    web.server.shutdown()
    web.server.server_close()
    with pytest.raises(Unreachable, match="nothing answers") as found:
        outlet.post(content("teams" if name == "teams" else "slack"), {})
    assert type(found.value) is Unreachable
    assert "s3cret" not in str(found.value)


def test_teams_gets_the_message_and_says_202(web: Scripted, teams: Outlet) -> None:
    web.script = [Reply(202, raw=b"")]
    assert teams.post(content("teams"), {}) == "Teams"
    assert json.loads(web.seen[0].body)["type"] == "message"
    assert web.seen[0].query == {"sig": ["s3cret"]}


def test_a_target_is_called_by_a_name_that_holds_no_secret() -> None:
    assert label("#kpi") == "#kpi"
    assert label("${env:HOOK}") == "${env:HOOK}"
    first, second = (label(f"https://hooks.slack.com/services/T0/B0/{one}") for one in ("s3cret", "0ther"))
    assert first.startswith("hooks.slack.com ")
    assert first != second
    assert "s3cret" not in first
    long = label("https://hooks.example.org/${cmd:" + "x" * 400 + "}")
    assert len(long) <= 254  # what the ledger holds
    assert long == label("https://hooks.example.org/${cmd:" + "x" * 400 + "}")


def test_what_makes_no_sense_is_refused_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK", "http://hooks.example.org/s3cret")
    for channel in ("slack", "teams"):
        with pytest.raises(BadConfig, match="https://") as found:
            open_outlet(channel, "${env:HOOK}", tmp_path, SlackSettings(), where="here")
        assert "s3cret" not in str(found.value)
    with pytest.raises(BadConfig, match="token"):
        open_outlet("slack", "#kpi", tmp_path, SlackSettings(), where="here").post(content("slack"), {})
    with pytest.raises(NotAllowed, match="NOT_SET"):
        open_outlet("slack", "${env:NOT_SET}", tmp_path, SlackSettings(), where="here")
