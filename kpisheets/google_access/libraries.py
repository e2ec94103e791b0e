"""Google's libraries are an extra: where they are missing, a person is told how to get them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kpisheets.errors import BadConfig


@contextmanager
def libraries() -> Iterator[None]:
    """Around the imports of what needs them: BadConfig where one is missing."""
    try:
        yield
    except ImportError as error:
        raise BadConfig(
            f"Google Sheets need more packages ({error.name or error} is missing)",
            where="kpisheets.toml, [workbook]",
            mend='install them: pip install "kpisheets[google]"',
        ) from error
