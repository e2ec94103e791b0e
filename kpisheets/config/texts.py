"""What several sections hold: addresses of people and servers, references to secrets."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from kpisheets.toml.document import Table, quoted

ADDRESS = re.compile(r'[^\s@<>,;:"()\[\]\\]+@(?:localhost|[\w-]+(?:\.[\w-]+)+)')
NAMED_ADDRESS = re.compile(rf"[^<>\r\n]*<{ADDRESS.pattern}>")
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_REFERENCE = re.compile(r"\$\{([^}]*)\}?")
_GOOD_REFERENCE = re.compile(r"\$\{(?:env|file|keyring|cmd):[^}]+\}")


def addresses(table: Table, key: str) -> tuple[str, ...]:
    """Mail addresses, each once; what is none is recorded in the table."""
    found = table.texts(key)
    for number, address in found:
        if not ADDRESS.fullmatch(address):
            mend = f'write each address alone: {key} = ["a@example.org", "b@example.org"]'
            table.refuse(key, f"{quoted(address)} is not an e-mail address", mend, number)
    return tuple(dict.fromkeys(address for _, address in found))


def is_address(text: str) -> bool:
    return ADDRESS.fullmatch(text) is not None


def with_references(table: Table, key: str, text: str) -> str:
    """The text; what looks like a reference to a secret and is none is refused."""
    for found in _REFERENCE.finditer(text):
        if not _GOOD_REFERENCE.fullmatch(found.group()):
            name = found[1].rpartition(":")[2] or "NAME"
            mend = f"write ${{env:{name}}}, or ${{file:PATH}}"
            table.refuse(key, f"{quoted(found.group())} in {quoted(key)} is not a reference", mend)
    return text


def endpoint(table: Table, key: str) -> str:
    """The address of a server in another one's place, without a slash at its end; what is none is recorded."""
    root = table.text(key)
    try:
        parts = urlsplit(root)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if root and (parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment):
        table.refuse(key, f"{quoted(root)} is not the address of a server", "write https://HOST, without a query")
    elif parts.scheme == "http" and host not in THIS_MACHINE:
        # What signs every request would travel in the clear.
        table.refuse(key, f"{quoted(root)} is not encrypted", "begin it with https://")
    return root.rstrip("/")
