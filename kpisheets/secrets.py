"""Secrets: references such as ``${env:NAME}`` in a text, resolved to connect, masked in every message."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from kpisheets.errors import NotAllowed

MASK = "•••"

_REFERENCE = re.compile(r"\$\{([a-z]+):([^{}]*)\}")
_PASSWORD = re.compile(r"(://[^:/@\s]*:)[^@/\s]+(@)")
_OPTION = re.compile(r"(?i)([?&](?:[a-z_-]*(?:password|secret|token|signature|key)|pwd|sig)=)[^&#\s\"']+")
_COMMAND_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Revealed:
    """A text with its references resolved. ``str()`` and ``repr()`` show the unresolved text."""

    template: str
    value: str = field(repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        return self.template

    def masked(self, message: object) -> str:
        """``message`` without any of the secrets, as they are or percent-encoded, and without a password in a URL.

        Nor is a password there that was written into the URL itself, or behind its question mark.
        """
        text = str(message)
        forms = {form for secret in self.secrets for form in (secret, quote(secret, safe=""), repr(secret)[1:-1])}
        for form in sorted(forms, key=len, reverse=True):
            text = text.replace(form, MASK)
        return _OPTION.sub(rf"\1{MASK}", _PASSWORD.sub(rf"\1{MASK}\2", text))


def resolve(text: str, root: Path, *, where: str = "") -> str:
    """``text`` with every reference replaced; see ``reveal``."""
    return reveal(text, root, where=where).value


def reveal(text: str, root: Path, *, where: str = "") -> Revealed:
    """``text`` with every reference replaced, and the secrets that messages must not show.

    ``${env:NAME}`` is an environment variable, ``${file:PATH}`` the text of a file (relative to ``root``) without its
    last line break, ``${keyring:SERVICE/NAME}`` a password of the system's keyring, ``${cmd:COMMAND}`` what a command
    prints. A reference before the ``@`` of a URL or behind its ``?`` is percent-encoded, as a URL wants
    it. NotAllowed, with every place that was looked in, when one is missing or of an unknown kind.
    """
    secrets: list[str] = []
    missing: list[str] = []

    def replacement(match: re.Match[str]) -> str:
        value = _look_up(match[1], match[2].strip(), root, missing)
        if value:
            secrets.append(value)
        before = text[: match.start()]
        authority, _, _ = text[match.end() :].partition("/")
        in_url = ("://" in before and "@" in authority) or "?" in before
        return quote(value, safe="") if in_url else value

    value = _REFERENCE.sub(replacement, text)
    if missing:
        plain = all(said.startswith(("${env:", "${file:")) for said in missing)
        mend = "set the variable or write the file" if plain else "put it there, or name another place"
        raise NotAllowed(f"a secret is missing: {', '.join(missing)}", where=where, mend=mend)
    return Revealed(text, value, tuple(secrets))


def reveal_all(value: object, root: Path, *, where: str = "") -> tuple[object, tuple[str, ...]]:
    """Frozen values, such as dataclasses and mappings, with every reference in their texts replaced, and the secrets.

    See ``reveal``.
    """
    secrets: list[str] = []

    def revealed(one: Any) -> Any:
        if isinstance(one, str):
            found = reveal(one, root, where=where)
            secrets.extend(found.secrets)
            return found.value
        if isinstance(one, Mapping):
            return MappingProxyType({key: revealed(item) for key, item in one.items()})
        if isinstance(one, tuple | list):
            return tuple(revealed(item) for item in one)
        if is_dataclass(one) and not isinstance(one, type):
            return replace(one, **{part.name: revealed(getattr(one, part.name)) for part in fields(one)})
        return one

    return revealed(value), tuple(secrets)


def _look_up(kind: str, name: str, root: Path, missing: list[str]) -> str:
    """The secret; where it is missing, why goes into ``missing`` and the result is blank."""
    try:
        looking = _KINDS[kind]
    except KeyError:
        missing.append(f"${{{kind}:{name}}} (only {', '.join(f'${{{known}:…}}' for known in _KINDS)} are known)")
        return ""
    try:
        return looking(name, root)
    except _Missing as error:
        missing.append(f"${{{kind}:{name}}} (looked in {error})")
        return ""


class _Missing(Exception):
    """A place where a secret was looked for, and why it isn't there."""


def _environment(name: str, _: Path) -> str:
    if (found := os.environ.get(name)) is not None:
        return found
    raise _Missing(f"the environment variable {name}, which is not set")


def _file(name: str, root: Path) -> str:
    path = root / Path(name).expanduser()
    try:
        return path.read_text(encoding="utf-8-sig").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise _Missing(f"the file {path}: {reason}") from None


def _keyring(name: str, _: Path) -> str:
    """The password of ``service/name`` in the system's keyring."""
    service, _slash, user = name.rpartition("/")
    try:
        import keyring
    except ImportError:
        raise _Missing("the keyring, which needs: pip install 'kpisheets[keyring]'") from None
    try:
        found = keyring.get_password(service, user)
    except Exception as error:  # each system's keyring has its own kinds
        raise _Missing(f"the keyring, which can't be read: {error or type(error).__name__}") from None
    if found is None:
        place = getattr(keyring.get_keyring(), "name", type(keyring.get_keyring()).__name__)
        raise _Missing(f"the keyring ({place}) for the user {user} of the service {service}, which it does not have")
    return found


def _command(text: str, root: Path) -> str:
    """What a command prints, without its last line break. It runs in the project's folder, and no shell reads it."""
    try:
        words = shlex.split(text)
        done = subprocess.run(  # noqa: S603 — whoever writes kpisheets.toml says what runs
            words, cwd=root, stdin=subprocess.DEVNULL, capture_output=True, timeout=_COMMAND_SECONDS, check=False
        )
        if done.returncode == 0:
            return done.stdout.decode("utf-8").rstrip("\r\n")
    except subprocess.TimeoutExpired:
        raise _Missing(f"what {words[0]} prints, which took longer than {_COMMAND_SECONDS} seconds") from None
    except (OSError, ValueError, IndexError) as error:
        reason = getattr(error, "strerror", None) or "it is no command that prints UTF-8 text"
        raise _Missing(f"what a command prints: {reason}") from None
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()[:1]
    raise _Missing(f"what {words[0]} prints, which ended with {done.returncode}{f': {said[0]}' if said else ''}")


_KINDS = {"env": _environment, "file": _file, "keyring": _keyring, "cmd": _command}
