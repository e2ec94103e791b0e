"""Refresh tokens that a service replaces when they are used: the latest is kept, since the granted one is void."""

from __future__ import annotations

import hashlib
from pathlib import Path

from kpisheets.errors import CannotWrite
from kpisheets.files import draft
from kpisheets.services.values import Auth


class Kept:
    """The latest refresh token for ``auth``, in a file of ``folder`` that its owner alone may read.

    Another token in kpisheets.toml is another grant, and has a file of its own.
    """

    def __init__(self, folder: Path, auth: Auth) -> None:
        granted = "\n".join((auth.token_url, auth.client_id, auth.refresh_token))
        self._granted = auth.refresh_token
        self._path = folder / hashlib.sha256(granted.encode()).hexdigest()[:16]

    def latest(self) -> str:
        """The one that came last; the one that was granted where none came since."""
        try:
            return self._path.read_text(encoding="utf-8") or self._granted
        except (OSError, UnicodeDecodeError):
            return self._granted

    def keep(self, token: str) -> None:
        """Remember a new one, whole or not at all. CannotWrite."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with draft(self._path, mode=0o600) as new:
                new.file.write(token.encode())
                new.settle()
                new.publish()
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            mend = "make the folder writable, then put a newly granted refresh_token into its auth"
            said = f"the service's new refresh token cannot be kept ({reason})"
            raise CannotWrite(said, where=str(self._path), mend=mend) from None
