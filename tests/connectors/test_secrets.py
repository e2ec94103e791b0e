"""Secrets from every place: found, masked, and told where they were looked for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kpisheets.connectors import collect
from kpisheets.core.metric import Asked, Metric, Source
from kpisheets.core.period import Calendar, Frequency
from kpisheets.errors import NotAllowed
from kpisheets.secrets import reveal

keyring = pytest.importorskip("keyring")
from keyring.backend import KeyringBackend  # noqa: E402 — only where it is installed


class Ring(KeyringBackend):
    """A keyring that holds one password."""

    priority = 1  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        if service == "locked":
            raise RuntimeError("the keyring is locked")
        return {("shop/db", "reader"): "ring-s3cret"}.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError


@pytest.fixture(autouse=True)
def ring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(Ring())
    yield
    keyring.set_keyring(before)


def test_a_password_of_the_keyring(tmp_path: Path) -> None:
    found = reveal("postgresql://reader:${keyring:shop/db/reader}@127.0.0.1/x", tmp_path)
    assert found.value == "postgresql://reader:ring-s3cret@127.0.0.1/x"
    assert found.masked(f"{found.value} ring-s3cret") == "postgresql://reader:•••@127.0.0.1/x •••"


def test_what_a_command_prints(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("two words; $HOME `x`\n")
    command = f'{sys.executable} -c \'print(open("secret.txt").read(), end="")\''
    found = reveal(f"x://${{cmd:{command}}}", tmp_path)
    assert found.secrets == ("two words; $HOME `x`",)
    assert "two words" not in repr(found) + str(found) + found.masked(found.value)


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("${keyring:shop/db/writer}", "the user writer of the service shop/db, which it does not have"),
        ("${keyring:locked/reader}", "can't be read: the keyring is locked"),
        ("${cmd:no-such-command --x}", "No such file"),
        ("${cmd:sh -c 'echo why >&2; exit 3'}", "sh prints, which ended with 3: why"),
        ("${cmd:}", "it is no command"),
        ("${cmd:printf '\\377'}", "it is no command that prints UTF-8 text"),
        ("${vault:x}", "only ${env:…}, ${file:…}, ${keyring:…}, ${cmd:…} are known"),
    ],
)
def test_where_it_was_looked_for(reference: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed) as error:
        reveal(f"x://{reference}", tmp_path, where="kpisheets.toml:5")
    assert said in error.value.what
    assert "\n" not in str(error.value)


def test_every_place_is_listed_at_once(tmp_path: Path) -> None:
    text = "x://${env:KPI_NOT_SET}:${file:none}@${keyring:a/b}/${cmd:false}"
    with pytest.raises(NotAllowed) as error:
        reveal(text, tmp_path)
    for word in ("KPI_NOT_SET", str(tmp_path / "none"), "service a", "false prints"):
        assert word in error.value.what


@pytest.mark.parametrize(
    ("message", "masked"),
    [
        ("https://h/x?key=abc&page=2", "https://h/x?key=•••&page=2"),
        ("s3://b/x?a=1&secret=s3c&endpoint_url=http://h", "s3://b/x?a=1&secret=•••&endpoint_url=http://h"),
        ("at ?access_token=abc'", "at ?access_token=•••'"),
        ("mysql://u:pw@h/x?charset=utf8", "mysql://u:•••@h/x?charset=utf8"),
        ("https://h/x?page=2&monkey_count=3", "https://h/x?page=2&monkey_count=3"),
    ],
)
def test_passwords_that_stand_in_the_url_itself_are_masked(message: str, masked: str, tmp_path: Path) -> None:
    assert reveal("x", tmp_path).masked(message) == masked


def test_no_message_of_a_source_tells_it(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("def records(table, window, key):\n    raise ValueError(f'{key} was refused')\n")
    calendar = Calendar()
    asked = [Asked("m", Metric("m", "s", "t", "d", "count(*)"), Frequency.MONTHLY, None, calendar.parse("2026-12"))]
    source = Source("s", "python:own:records?key=${keyring:shop/db/reader}")
    got = collect({"s": source}, asked, calendar=calendar, root=tmp_path, now=datetime(2026, 11, 20, tzinfo=UTC))
    assert "ValueError: ••• was refused" in got.problems[0].what
    assert "s3cret" not in str(got)
