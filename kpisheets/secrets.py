"""Secrets: ``${env:NAME}`` and ``${file:PATH}`` in a text, resolved to connect, masked in every message."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from kpisheets.errors import NotAllowed

MASK = "•••"

_REFERENCE = re.compile(r"\$\{([a-z]+):([^{}]*)\}")
_PASSWORD = re.compile(r"(://[^:/@\s]*:)[^@/\s]+(@)")


@dataclass(frozen=True, slots=True)
class Revealed:
    """A text with its references resolved. ``str()`` and ``repr()`` show the unresolved text."""

    template: str
    value: str = field(repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        return self.template

    def masked(self, message: object) -> str:
        """``message`` without any of the secrets, as they are or percent-encoded, and without a password in a URL."""
        text = str(message)
        forms = {form for secret in self.secrets for form in (secret, quote(secret, safe=""), repr(secret)[1:-1])}
        for form in sorted(forms, key=len, reverse=True):
            text = text.replace(form, MASK)
        return _PASSWORD.sub(rf"\1{MASK}\2", text)


def resolve(text: str, root: Path, *, where: str = "") -> str:
    """``text`` with every reference replaced; see ``reveal``."""
    return reveal(text, root, where=where).value


def reveal(text: str, root: Path, *, where: str = "") -> Revealed:
    """``text`` with every reference replaced, and the secrets that messages must not show.

    ``${env:NAME}`` is an environment variable, ``${file:PATH}`` the text of a file (relative to ``root``) without its
    last line break. A reference before the ``@`` of a URL or behind its ``?`` is percent-encoded, as a URL wants
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
        raise NotAllowed(
            f"a secret is missing: {', '.join(missing)}", where=where, mend="set the variable or write the file"
        )
    return Revealed(text, value, tuple(secrets))


def _look_up(kind: str, name: str, root: Path, missing: list[str]) -> str:
    if kind == "env":
        if (found := os.environ.get(name)) is not None:
            return found
        missing.append(f"${{env:{name}}} (looked in the environment variable {name}, which is not set)")
        return ""
    if kind == "file":
        path = root / Path(name).expanduser()
        try:
            return path.read_text(encoding="utf-8-sig").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            missing.append(f"${{file:{name}}} (looked in the file {path}: {reason})")
            return ""
    missing.append(f"${{{kind}:{name}}} (only ${{env:NAME}} and ${{file:PATH}} are known)")
    return ""
