"""What several sections hold: addresses of people, references to secrets."""

from __future__ import annotations

import re

from kpisheets.toml.document import Table, quoted

ADDRESS = re.compile(r'[^\s@<>,;:"()\[\]\\]+@(?:localhost|[\w-]+(?:\.[\w-]+)+)')
NAMED_ADDRESS = re.compile(rf"[^<>\r\n]*<{ADDRESS.pattern}>")
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
