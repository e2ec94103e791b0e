"""Mail addresses, read strictly.

The standard library reads ``a@example.org; b@example.org`` as the first address and drops the other without a word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_string, policy
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage

from kpisheets.errors import BadData

# Beyond ASCII, letters, digits and marks (RFC 6531): \w without its ASCII part, which stands before it.
_ATOM = r"(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]|[^\W\x00-\x7f])+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_NAMED = re.compile(r"\s*(?P<quote>\"?)(?P<name>[^\"<>]*)(?P=quote)\s*<(?P<address>[^<>]*)>\s*")
_LONGEST, _LONGEST_NAME = 254, 80


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One mailbox: a shown name (may be empty) and an address, its domain punycoded. Before the @ there may be letters
    beyond ASCII, which only some servers carry."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    @property
    def header(self) -> Address:
        """The value for a ``To`` or ``From`` header: without the name, where it would not read back as it is."""
        local, _, domain = self.address.rpartition("@")
        named = Address(self.name[:_LONGEST_NAME], username=local, domain=domain)
        return named if not self.name or _reads_back(named) else Address(username=local, domain=domain)


def mailbox(text: str) -> Mailbox:
    """Exactly one address, such as ``a@example.org`` or ``Ann <a@example.org>``. BadData for anything else."""
    if any(ord(char) < 32 or ord(char) == 127 for char in text):
        raise _refused(text, "it holds a line break or another control character")
    name, address = "", text.strip()
    if "<" in text or ">" in text:
        named = _NAMED.fullmatch(text)
        if named is None:
            raise _refused(text, "it is not one address")
        name, address = one_line(named["name"]), named["address"].strip()
    if re.search(r"[;,\s]", address) or address.count("@") > 1:
        raise _refused(text, "it holds more than one address")
    local, at, domain = address.rpartition("@")
    if not at:
        raise _refused(text, "it has no @")
    if not _LOCAL.fullmatch(local) or len(local.encode()) > 64:
        raise _refused(text, "the part before the @ is not one that servers accept")
    found = f"{local}@{_domain(domain, text)}"
    if len(found.encode()) > _LONGEST:
        raise _refused(text, "it is too long")
    return Mailbox(name, found)


def _reads_back(one: Address) -> bool:
    """Whether the standard library writes a name so that it finds the address again: of a long one in quotes it may
    lose the quotes, and then the address."""
    message = EmailMessage(policy=policy.SMTPUTF8 if not one.addr_spec.isascii() else policy.SMTP)
    message["To"] = one
    try:
        return bool(message_from_string(message.as_string(), policy=policy.SMTP)["To"].addresses == (one,))
    except (IndexError, ValueError, AttributeError, HeaderParseError):
        return False


def one_line(text: str) -> str:
    """The text as it may stand in a header: one line of what can be seen, in which nothing is read as an encoded word
    (``=?utf-8?…?=``), since that may hold what would be refused in the open."""
    seen = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(seen.split()).replace("=?", "= ?")


def _domain(domain: str, text: str) -> str:
    try:
        coded = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise _refused(text, "the part after the @ is not a domain") from None
    if not all(_LABEL.fullmatch(label) for label in coded.split(".")):
        raise _refused(text, "the part after the @ is not a domain")
    return coded


def _refused(text: str, why: str) -> BadData:
    shown = "".join(char if char.isprintable() else " " for char in text)[:80]
    return BadData(
        f"“{shown}” is not a mail address: {why}", mend="write one address per entry, such as ann@example.org"
    )
