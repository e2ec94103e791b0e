"""A scripted server, a service account whose tokens it gives, and a door to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kpisheets.config import GoogleSettings
from kpisheets.google_access.api import Api, open_api
from kpisheets.google_access.retry import Time
from tests.google_access.scripted import Scripted

EMAIL = "kpi@acme-project.iam.gserviceaccount.com"


@pytest.fixture(scope="session")
def private_key() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 1024)  # short: it is read for each test
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode()


@pytest.fixture
def google() -> Iterator[Scripted]:
    with Scripted().running() as server:
        yield server


@pytest.fixture
def key(google: Scripted, private_key: str) -> dict[str, Any]:
    """The key of a service account whose tokens the server gives."""
    return {
        "type": "service_account",
        "project_id": "acme-project",
        "private_key": private_key,
        "client_email": EMAIL,
        "token_uri": f"{google.root}/token",
    }


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No credentials, folders or networks of whoever runs the tests."""
    for name in ("KPISHEETS_GOOGLE_CREDENTIALS", "GOOGLE_APPLICATION_CREDENTIALS", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "APPDATA", "LOCALAPPDATA", "CLOUDSDK_CONFIG"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("NO_GCE_CHECK", "true")


class Waits(list[float]):
    """The seconds that were waited, which pass at once."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.append(seconds)
        self.now += seconds

    @property
    def time(self) -> Time:
        return Time(lambda: self.now, self.sleep, lambda: 0.5)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def door(google: Scripted, key: dict[str, Any], tmp_path: Path, waits: Waits) -> Callable[..., Api]:
    """Opens the API at the scripted server; waiting takes no time, unless ``passing`` says otherwise."""

    def opened(passing: Time | None = waits.time, **settings: Any) -> Api:
        wanted = {"credentials": json.dumps(key), "api_root": google.root, **settings}
        return open_api(GoogleSettings(**wanted), tmp_path, cache=tmp_path / "cache", passing=passing)

    return opened


@pytest.fixture
def api(door: Callable[..., Api]) -> Api:
    return door()
