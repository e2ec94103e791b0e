"""``kpisheets login`` over real HTTP: a browser that agrees, declines, comes back late or from somewhere else."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import stat
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from kpisheets.config import GoogleSettings
from kpisheets.errors import BadConfig, CannotWrite, NotAllowed, Unreachable
from kpisheets.google_access.api import open_api
from kpisheets.google_access.login import SignedIn, Ways, login
from kpisheets.google_access.scopes import Need
from tests.docs.test_commands import promised
from tests.google_access.scripted import Reply, Scripted, drive_error

SCOPE = "https://www.googleapis.com/auth/"
FILES_ONLY, ADOPT = Need(adopt=False), Need(adopt=True)
ABOUT = Reply(document={"user": {"emailAddress": "ann@example.org"}})


def visit(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as page:
        return str(page.read().decode())


def codes(google: Scripted) -> list[dict[str, str]]:
    """The codes that were exchanged for tokens."""
    return [asked for asked in google.tokens if asked["grant_type"] == "authorization_code"]


def browser(address: str) -> bool:
    """A person who follows where they are sent."""
    threading.Thread(target=visit, args=(address,), daemon=True).start()
    return True


@pytest.fixture
def client(google: Scripted) -> dict[str, Any]:
    return {
        "installed": {
            "client_id": "123456-abc.apps.googleusercontent.com",
            "client_secret": "no secret",
            "auth_uri": f"{google.root}/o/oauth2/auth",
            "token_uri": f"{google.root}/token",
            "redirect_uris": ["http://localhost"],
        }
    }


@pytest.fixture
def sign_in(google: Scripted, client: dict[str, Any], tmp_path: Path) -> Callable[..., SignedIn]:
    (tmp_path / "client_secret.json").write_text(json.dumps(client))

    def signed_in(ways: Ways, need: Need = FILES_ONLY, **settings: str) -> SignedIn:
        wanted = {"client": "client_secret.json", "token": "token.json", "api_root": google.root, **settings}
        return login(GoogleSettings(**wanted), tmp_path, need, ways)

    return signed_in


def ways(**more: Any) -> Ways:
    return Ways(**{"show": lambda _: None, "browser": browser, "patience": 10.0, **more})


def test_a_person_agrees(google: Scripted, sign_in: Callable[..., SignedIn], tmp_path: Path) -> None:
    google.script.append(ABOUT)
    done = sign_in(ways())
    assert (done.account, done.scopes, done.problem) == ("ann@example.org", (f"{SCOPE}drive.file",), "")
    [consent], [asked] = google.consents, codes(google)
    assert consent["access_type"] == "offline"
    assert consent["scope"] == f"{SCOPE}drive.file"
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", consent["redirect_uri"])
    # RFC 7636: the code is worth nothing to who overhears it.
    digest = hashlib.sha256(asked["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == consent["code_challenge"]
    assert (asked["code"], asked["redirect_uri"]) == ("good code", consent["redirect_uri"])
    # What was kept signs in, without a browser.
    api = open_api(GoogleSettings(token="token.json", api_root=google.root), tmp_path, cache=tmp_path)
    assert api.request("GET", "/v4/spreadsheets/1AbC")["path"] == "/v4/spreadsheets/1AbC"
    assert google.tokens[-1]["refresh_token"] == "refresh me"
    assert api.caller.email == "ann@example.org"


def test_a_proxy_has_no_part_in_it_on_this_machine(
    sign_in: Callable[..., SignedIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def browser(address: str) -> bool:
        threading.Thread(target=direct.open, args=(address,), daemon=True).start()
        monkeypatch.delenv("no_proxy")
        return True

    assert sign_in(ways(browser=browser)).problem == ""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_what_was_granted_is_its_owner_s_alone(sign_in: Callable[..., SignedIn], tmp_path: Path) -> None:
    (tmp_path / "token.json").write_text("{}")
    (tmp_path / "token.json").chmod(0o644)
    before = os.umask(0)
    try:
        done = sign_in(ways())
    finally:
        os.umask(before)
    assert stat.S_IMODE(done.path.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_token_is_kept_in_the_user_s_folder(sign_in: Callable[..., SignedIn]) -> None:
    from platformdirs import user_config_path

    done = sign_in(ways(), token="")
    assert done.path == user_config_path("kpisheets", appauthor=False) / "google-token.json"


def test_to_adopt_more_is_asked_for(google: Scripted, sign_in: Callable[..., SignedIn]) -> None:
    done = sign_in(ways(), ADOPT)
    assert set(done.scopes) == {f"{SCOPE}drive.file", f"{SCOPE}spreadsheets"}


def test_a_box_that_was_not_ticked(google: Scripted, sign_in: Callable[..., SignedIn], tmp_path: Path) -> None:
    token = {"access_token": "x", "token_type": "Bearer", "refresh_token": "r", "scope": f"{SCOPE}drive.file"}
    google.token_script.append(Reply(document=token))
    with pytest.raises(NotAllowed, match=r"without spreadsheets.*tick every box"):
        sign_in(ways(), ADOPT)
    assert not (tmp_path / "token.json").exists()


def test_a_person_declines(google: Scripted, sign_in: Callable[..., SignedIn]) -> None:
    google.consent = {"error": "access_denied"}
    with pytest.raises(NotAllowed, match=r"nobody is signed in \(it was declined\)") as caught:
        sign_in(ways())
    assert caught.value.exit_code == 77


def test_nobody_comes(sign_in: Callable[..., SignedIn]) -> None:
    with pytest.raises(NotAllowed, match="nobody signed in within"):
        sign_in(ways(browser=lambda _: True, patience=0.05))


def test_others_who_call_change_nothing(google: Scripted, sign_in: Callable[..., SignedIn]) -> None:
    """A favicon, a scanner, an answer that belongs to another sign-in."""

    def busy(address: str) -> bool:
        back = parse_qs(urlsplit(address).query)["redirect_uri"][0]
        for path in ("favicon.ico", "", f"?{urlencode({'code': 'evil', 'state': 'guessed'})}"):
            with pytest.raises(HTTPError) if "code" not in path else nullcontext():
                visit(back + path)
        return browser(address)

    sign_in(ways(browser=busy))
    assert [asked["code"] for asked in codes(google)] == ["good code"]


def test_without_a_browser_the_address_is_shown_and_pasted_back(
    google: Scripted, sign_in: Callable[..., SignedIn]
) -> None:
    """The browser runs on another computer: it cannot come back, but its address bar holds what is needed."""
    reading, writing = os.pipe()
    shown: list[str] = []

    class Elsewhere(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, request: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> None:
            os.write(writing, f"what?\n{newurl}\n".encode())

    def show(text: str) -> None:
        shown.append(text)
        if len(shown) == 2:
            address = re.search(r"http\S+", shown[0])
            assert address
            with pytest.raises(HTTPError):
                urllib.request.build_opener(Elsewhere).open(address[0], timeout=10)

    done = sign_in(ways(browser=None, show=show, pasted=reading))
    os.close(writing)
    assert done.scopes
    assert "paste it here" in shown[1]


def test_a_browser_that_does_not_open_is_replaced_by_the_address(sign_in: Callable[..., SignedIn]) -> None:
    shown: list[str] = []

    def show(text: str) -> None:
        shown.append(text)
        browser(re.search(r"http\S+", text)[0])  # type: ignore[index]

    sign_in(ways(browser=lambda _: False, show=show))
    assert shown[0].startswith("Open this address")


def test_what_will_be_in_the_way_is_told_at_once(google: Scripted, sign_in: Callable[..., SignedIn]) -> None:
    google.script.append(drive_error(403, "has not been used in project 123456 before", "accessNotConfigured"))
    done = sign_in(ways())
    assert "Drive API is not enabled in the Google Cloud project 123456" in done.problem
    assert done.path.exists()


def test_a_key_that_comes_first_is_told(sign_in: Callable[..., SignedIn], monkeypatch: pytest.MonkeyPatch) -> None:
    assert "[google] credentials comes first" in sign_in(ways(), credentials="key.json").problem
    monkeypatch.setenv("KPISHEETS_GOOGLE_CREDENTIALS", "key.json")
    assert "the variable KPISHEETS_GOOGLE_CREDENTIALS comes first" in sign_in(ways()).problem


def test_a_code_that_google_does_not_take(google: Scripted, sign_in: Callable[..., SignedIn]) -> None:
    google.token_script.append(
        Reply(401, {"error": "invalid_client", "error_description": "The OAuth client is gone."})
    )
    with pytest.raises(BadConfig, match=r"refuses the OAuth client .*gone.*Desktop app"):
        sign_in(ways())


def test_a_grant_for_one_hour(google: Scripted, sign_in: Callable[..., SignedIn]) -> None:
    google.token_script.append(Reply(document={"access_token": "x", "token_type": "Bearer"}))
    with pytest.raises(NotAllowed, match=r"this hour only.*myaccount\.google\.com"):
        sign_in(ways())


def test_a_token_endpoint_out_of_reach(client: dict[str, Any], sign_in: Callable[..., SignedIn]) -> None:
    client["installed"]["token_uri"] = "http://127.0.0.1:9/token"
    with pytest.raises(Unreachable, match="cannot be reached"):
        sign_in(ways(), client=json.dumps(client))


def test_a_port_that_is_taken(google: Scripted, sign_in: Callable[..., SignedIn]) -> None:
    with pytest.raises(CannotWrite, match="is taken; choose another one with --port"):
        sign_in(ways(port=google.server.server_port))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "there is no OAuth client .*Desktop app"),
        ("gone.json", "cannot be read: No such file"),
        ("{", "is no OAuth client"),
        ('{"web": {}}', "type Web application"),
        ('{"installed": {"client_id": "x"}}', "is no OAuth client"),
        ('{"type": "service_account"}', "is no OAuth client"),
        ('{"installed": {"client_id": "x", "client_secret": "y", "auth_uri": "http://example.org/", "token_uri": '
         '"https://example.org/"}}', "auth_uri is not encrypted"),
    ],
)  # fmt: skip
def test_a_client_that_is_none(sign_in: Callable[..., SignedIn], text: str, words: str) -> None:
    with pytest.raises(BadConfig) as caught:
        sign_in(ways(), client=text)
    assert re.search(words, str(caught.value)), str(caught.value)


def test_the_command(google: Scripted, client: dict[str, Any], tmp_path: Path) -> None:
    """From the terminal, with the address pasted into its standard input."""
    (tmp_path / "client_secret.json").write_text(json.dumps(client))
    (tmp_path / "kpisheets.toml").write_text(
        f'[project]\nname = "Acme"\n[google]\nclient = "client_secret.json"\napi_root = "{google.root}"\n'
    )
    google.script += [ABOUT] * 2
    words = [sys.executable, "-m", "kpisheets", "login", "--no-browser", "--json", "--project", str(tmp_path)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stderr
        address = next(line.strip() for line in run.stderr if line.startswith("http"))
        assert "Thank you" in visit(address)
        out, err = run.communicate(timeout=30)
    assert run.returncode == 0, err
    document = json.loads(out)
    assert list(document) == promised("login")
    assert document["account"] == "ann@example.org"
    assert document["problem"] == ""
    assert Path(document["token"]).is_relative_to(tmp_path / "home")
    assert "Fatal" not in err
