"""Signing in: where credentials are looked for, what is asked for with them, and what each failure says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kpisheets.config import GoogleSettings
from kpisheets.errors import BadConfig, KpisheetsError, NotAllowed, TryLater, Unreachable
from kpisheets.google_access.api import Api, open_api
from kpisheets.google_access.scopes import Need
from tests.google_access.conftest import EMAIL, Waits
from tests.google_access.scripted import Reply, Scripted

SCOPE = "https://www.googleapis.com/auth/"
PERSON = {"type": "authorized_user", "client_id": "123-x.apps.example", "client_secret": "s", "refresh_token": "r"}


def refused(error: str, description: str = "", code: int = 400) -> Reply:
    return Reply(code, {"error": error, "error_description": description})


def signed_in(settings: GoogleSettings, folder: Path, need: Need | None = None) -> Api:
    api = open_api(settings, folder, need=need, cache=folder / "cache")
    api.sign_in()
    return api


# --- where credentials are looked for ---


def test_the_setting_is_a_path_or_text_or_a_reference(
    google: Scripted, key: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = json.dumps(key)
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "key.json").write_text(text, encoding="utf-8")
    monkeypatch.setenv("KEY_TEXT", text)
    monkeypatch.setenv("KEY_PATH", str(tmp_path / "keys" / "key.json"))
    forms = [text, "keys/key.json", "${env:KEY_TEXT}", "${env:KEY_PATH}", "${file:keys/key.json}"]
    for number, written in enumerate(forms, 1):
        api = signed_in(GoogleSettings(credentials=written, api_root=google.root), tmp_path)
        assert api.caller.email == EMAIL
        assert len(google.tokens) == number


def test_the_first_place_counts(
    google: Scripted, key: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def named(email: str) -> str:
        return json.dumps(key | {"client_email": f"{email}.gserviceaccount.com"})

    def found(**settings: str) -> str:
        return open_api(GoogleSettings(**settings), tmp_path, cache=tmp_path).caller.email.partition(".")[0]

    (tmp_path / "default.json").write_text(named("default"))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "default.json"))
    assert found() == "default"
    (tmp_path / "token.json").write_text(json.dumps(PERSON | {"account": "person.x@example.org"}))
    assert found(token="token.json") == "person"
    monkeypatch.setenv("KPISHEETS_GOOGLE_CREDENTIALS", named("variable"))
    assert found(token="token.json") == "variable"
    assert found(token="token.json", credentials=named("setting")) == "setting"


def test_the_token_of_login_is_found_where_login_keeps_it(tmp_path: Path) -> None:
    from platformdirs import user_config_path

    path = user_config_path("kpisheets", appauthor=False) / "google-token.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(PERSON | {"account": "ann@example.org"}))
    assert open_api(GoogleSettings(), tmp_path, cache=tmp_path).caller.email == "ann@example.org"


def test_gcloud_s_credentials_are_a_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    (tmp_path / "application_default_credentials.json").write_text(json.dumps(PERSON))
    caller = open_api(GoogleSettings(), tmp_path, cache=tmp_path).caller
    assert caller.found == "application default credentials"


def test_gcloud_s_credentials_that_are_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    (tmp_path / "application_default_credentials.json").write_text("{")
    with pytest.raises(BadConfig, match=r"make no sense .*gcloud auth application-default login` again"):
        open_api(GoogleSettings(), tmp_path, cache=tmp_path)


def test_every_place_is_named_when_nothing_is_there(tmp_path: Path) -> None:
    with pytest.raises(NotAllowed) as caught:
        open_api(GoogleSettings(), tmp_path, cache=tmp_path)
    for words in ("[google] credentials", "KPISHEETS_GOOGLE_CREDENTIALS", "google-token.json", "kpisheets login",
                  "GOOGLE_APPLICATION_CREDENTIALS", "gcloud"):  # fmt: skip
        assert words in str(caught.value)
    assert caught.value.exit_code == 77


CLIENT = {"installed": {"client_id": "x", "client_secret": "y"}}


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        (None, NotAllowed, r"the key .*key\.json cannot be read: No such file.*download a key"),
        ("not JSON", BadConfig, r"key\.json: the credentials are not JSON; .*Add key, Create new key, JSON"),
        ("[]", BadConfig, "are no key"),
        (json.dumps(CLIENT), BadConfig, "OAuth client, and no credentials; write client = .*kpisheets login"),
        ('{"type": "service_account"}', BadConfig, "makes no sense"),
        (
            '{"type": "service_account", "client_email": "a", "token_uri": "b", "private_key": "c"}',
            BadConfig,
            "no sense",
        ),
        ('{"type": "authorized_user"}', BadConfig, "makes no sense"),
        ('{"type": "novelty"}', BadConfig, "makes no sense"),
        ("\x00\xff", BadConfig, "not JSON"),
    ],
)
def test_a_key_that_is_none(tmp_path: Path, text: str | None, kind: type[KpisheetsError], words: str) -> None:
    if text is not None:
        (tmp_path / "key.json").write_text(text)
    with pytest.raises(kind) as caught:
        open_api(GoogleSettings(credentials="key.json"), tmp_path, cache=tmp_path)
    assert re.search(words, str(caught.value)), str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_reference_to_nothing_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(NotAllowed, match=r"environment variable GONE, which is not set"):
        open_api(GoogleSettings(credentials="${env:GONE}"), tmp_path, cache=tmp_path)


def test_a_secret_that_is_no_key_is_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody put the key, packed in base64, where its text or a path belongs."""
    packed = "eyJ0eXBlIjogInNlcnZpY2VfYWNjb3VudCJ9" * 20
    monkeypatch.setenv("PACKED", packed)
    monkeypatch.setenv("KPISHEETS_GOOGLE_CREDENTIALS", packed)
    for settings in (GoogleSettings(credentials="${env:PACKED}"), GoogleSettings()):
        with pytest.raises(NotAllowed, match="cannot be read") as caught:
            open_api(settings, tmp_path, cache=tmp_path)
        assert packed[:20] not in str(caught.value)
    with pytest.raises(NotAllowed, match=r"the key \$\{env:PACKED\} cannot be read"):
        open_api(GoogleSettings(credentials="${env:PACKED}"), tmp_path, cache=tmp_path)
    monkeypatch.setenv("KPISHEETS_GOOGLE_CREDENTIALS", "gone.json")
    with pytest.raises(NotAllowed, match=r"the key gone\.json cannot be read"):
        open_api(GoogleSettings(), tmp_path, cache=tmp_path)


def test_a_path_that_no_file_can_have(tmp_path: Path) -> None:
    with pytest.raises(NotAllowed, match="cannot be read"):
        open_api(GoogleSettings(credentials="\0.json"), tmp_path, cache=tmp_path)


def test_a_token_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "token.json").write_text('{"refresh_token": 3}')
    with pytest.raises(BadConfig, match="run `kpisheets login` again"):
        open_api(GoogleSettings(token="token.json"), tmp_path, cache=tmp_path)


def test_libraries_that_are_missing(tmp_path: Path) -> None:
    import subprocess
    import sys

    program = (
        "import sys\nfrom pathlib import Path\nsys.modules['google.auth'] = None\n"
        "from kpisheets.google_access.api import open_api\nfrom kpisheets.config import GoogleSettings\n"
        "from kpisheets.errors import BadConfig\n"
        "try:\n    open_api(GoogleSettings(), Path('.'))\nexcept BadConfig as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert 'pip install "kpisheets[google]"' in done.stdout, done.stderr


# --- what is asked for ---


@pytest.mark.parametrize(
    ("need", "subject", "scopes"),
    [
        (Need(adopt=False), "", {"drive.file"}),
        (Need(adopt=True), "", {"drive.file", "spreadsheets", "drive.readonly"}),
        (Need(adopt=False, folder=True), "", {"drive.file", "drive"}),
        (Need(adopt=False), "ann@example.org", {"drive.file"}),
        (Need(adopt=True, folder=True), "ann@example.org", {"drive.file", "spreadsheets"}),
    ],
)
def test_no_more_is_asked_for_than_is_needed(
    google: Scripted, key: dict[str, Any], tmp_path: Path, need: Need, subject: str, scopes: set[str]
) -> None:
    api = signed_in(GoogleSettings(credentials=json.dumps(key), subject=subject), tmp_path, need)
    claims = google.claims()
    assert set(claims["scope"].split()) == {SCOPE + scope for scope in scopes}
    assert claims["iss"] == EMAIL
    assert claims.get("sub") == (subject or None)
    assert api.caller.name == (subject or EMAIL)


def test_a_person_s_grant_is_used_as_it_was_given(google: Scripted, tmp_path: Path) -> None:
    grant = PERSON | {
        "token_uri": f"{google.root}/token",
        "scopes": [f"{SCOPE}drive.file"],
        "account": "ann@example.org",
    }
    (tmp_path / "token.json").write_text(json.dumps(grant))
    signed_in(GoogleSettings(token="token.json"), tmp_path)
    [asked] = google.tokens
    assert asked["grant_type"] == "refresh_token"
    assert "scope" not in asked


def test_only_a_service_account_acts_for_others(tmp_path: Path) -> None:
    (tmp_path / "token.json").write_text(json.dumps(PERSON))
    with pytest.raises(BadConfig, match=r"subject: .* cannot act for ann@example\.org"):
        open_api(GoogleSettings(token="token.json", subject="ann@example.org"), tmp_path, cache=tmp_path)


# --- what a sign-in that fails says ---

TIMEFRAME = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (refused("invalid_grant", TIMEFRAME), NotAllowed, r"the clock of this machine is wrong: it shows 20\d\d-"),
        (
            refused("invalid_grant", "Invalid JWT Signature."),
            NotAllowed,
            "does not know this key .*make a new key: open",
        ),
        (refused("invalid_grant", "Invalid grant: account not found"), NotAllowed, "does not know this key"),
        (refused("invalid_grant", "Token has been expired or revoked."), NotAllowed, "has expired or was revoked"),
        (refused("invalid_client", "The OAuth client was not found.", 401), BadConfig, "OAuth client any more"),
        (refused("invalid_scope", "bad"), NotAllowed, "does not cover"),
        (refused("access_denied", "no"), NotAllowed, "Google refuses the sign-in"),
    ],
)
def test_a_service_account_that_is_refused(
    google: Scripted, door: Callable[..., Api], reply: Reply, kind: type[KpisheetsError], words: str
) -> None:
    google.token_script.append(reply)
    with pytest.raises(kind) as caught:
        door().sign_in()
    assert re.search(words, str(caught.value)), str(caught.value)
    assert caught.value.mend


@pytest.mark.parametrize(
    "reply",
    [
        refused("unauthorized_client", "Client is unauthorized to retrieve access tokens using this method.", 401),
        refused("invalid_grant", "Invalid email or User ID"),
    ],
)
def test_a_delegation_that_nobody_set_up(google: Scripted, door: Callable[..., Api], reply: Reply) -> None:
    google.token_script.append(reply)
    with pytest.raises(NotAllowed, match=r"may not act for ann@example\.org .*admin\.google\.com"):
        door(subject="ann@example.org").sign_in()


def test_a_grant_that_was_revoked(google: Scripted, tmp_path: Path) -> None:
    (tmp_path / "token.json").write_text(json.dumps(PERSON | {"token_uri": f"{google.root}/token"}))
    google.token_script.append(refused("invalid_grant", "Token has been expired or revoked."))
    api = open_api(GoogleSettings(token="token.json"), tmp_path, cache=tmp_path)
    with pytest.raises(NotAllowed, match=r"token\.json: .*expired or was revoked .*run `kpisheets login`.*7 days"):
        api.request("GET", "/v4/spreadsheets/1AbC")
    assert google.seen == []


def test_a_sign_in_service_that_fails_is_asked_again(
    google: Scripted, door: Callable[..., Api], waits: Waits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """google-auth asks three times by itself, and waits in real time."""
    monkeypatch.setattr("google.auth._exponential_backoff.time", SimpleNamespace(sleep=lambda _: None))
    google.token_script += [Reply(503, {"error": "internal_failure"})] * 4
    door().sign_in()
    assert len(waits) >= 1


def test_a_sign_in_service_that_stays_busy(
    google: Scripted, door: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("google.auth._exponential_backoff.time", SimpleNamespace(sleep=lambda _: None))
    google.token_script += [Reply(429, {"error": {"code": 429, "message": "Too many."}})] * 200
    with pytest.raises(TryLater, match=r"Google's sign-in fails \(Too many\)"):
        door().sign_in()


def test_a_sign_in_out_of_reach(key: dict[str, Any], door: Callable[..., Api], waits: Waits) -> None:
    key["token_uri"] = "http://127.0.0.1:9/token"
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1 cannot be reached"):
        door().sign_in()
    assert sum(waits) <= 20


def test_nothing_secret_is_told(google: Scripted, key: dict[str, Any], door: Callable[..., Api]) -> None:
    for reply in (refused("invalid_grant", "Invalid JWT Signature."), refused("odd", "odd")):
        google.token_script.append(reply)
        with pytest.raises(KpisheetsError) as caught:
            door().sign_in()
        told = f"{caught.value}{caught.value!r}"
        assert "PRIVATE KEY" not in told
        assert key["private_key"][100:140] not in told
