"""Ids that a request chooses for what it makes: always the same, so that a batch sent twice is refused, not applied
twice."""

from __future__ import annotations

import hashlib
from collections.abc import Collection


def identity(what: str, taken: Collection[int] = ()) -> int:
    """A positive 31-bit number of that name, another one where it is taken."""
    number = int.from_bytes(hashlib.sha256(what.encode()).digest()[:4]) % (2**31 - 1) + 1
    while number in taken:
        number = number % (2**31 - 1) + 1
    return number
