"""What is asked of Microsoft, judged by its own libraries: msal for the token, msgraph-sdk for sendMail."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest

from kpisheets.config import MailSettings
from kpisheets.delivery import open_mail
from kpisheets.web.exchange import Answer
from tests.delivery.test_services import message

TENANT, CLIENT, SECRET, MAILBOX = "0a1b2c3d-0000-0000-0000-000000000000", "4e5f6071", "s3cret", "kpi@example.org"


@pytest.fixture(scope="module")
def microsoft(systems: Path) -> dict[str, Any]:
    """The requests that Microsoft's libraries make of the same settings."""
    python = systems / "graph" / "bin" / "python"
    if not python.exists():
        pytest.skip("msal and msgraph-sdk are not installed")
    program = str(Path(__file__).with_name("microsoft.py"))
    command = [str(python), program, TENANT, CLIENT, SECRET, MAILBOX]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_token_and_message_are_asked_for_as_microsoft_does(
    microsoft: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, bytes, str]] = []

    def post(url: str, content: bytes, kind: str, *_: object, **__: object) -> Answer:
        asked.append((url, content, kind))
        token = json.dumps({"access_token": "t", "expires_in": 3600}).encode()
        return Answer(200, body=token) if "login" in url else Answer(202)

    monkeypatch.setattr("kpisheets.delivery.sign_in.post", post)
    monkeypatch.setattr("kpisheets.delivery.services.graph.post", post)
    settings = MailSettings(f"graph://{MAILBOX}", tenant=TENANT, client_id=CLIENT, client_secret=SECRET)
    open_mail(settings, tmp_path).send(message())
    (token_url, form, kind), (url, content, _) = asked
    assert token_url == microsoft["token"]["url"]
    assert kind == "application/x-www-form-urlencoded"
    wanted = {key: str(value) for key, value in microsoft["token"]["form"].items()}
    wanted.pop("client_info")  # msal's wish for its cache of accounts
    assert dict(parse_qsl(form.decode())) == wanted
    assert (microsoft["method"], unquote(microsoft["url"])) == ("POST", unquote(url))
    assert b"Message-ID" in base64.b64decode(content)
