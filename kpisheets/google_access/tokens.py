"""What a person granted to ``kpisheets login``, kept in a file that is the user's alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kpisheets.config import GoogleSettings
from kpisheets.errors import BadConfig, CannotWrite
from kpisheets.files import draft
from kpisheets.google_access.places import config_folder
from kpisheets.secrets import resolve

ENDPOINT = "https://oauth2.googleapis.com/token"

_NEEDED = ("refresh_token", "client_id", "client_secret")


def place(settings: GoogleSettings, root: Path) -> Path:
    """``[google] token``, or a file in the user's configuration folder."""
    if settings.token:
        return root / Path(resolve(settings.token, root, where="kpisheets.toml, [google]")).expanduser()
    return config_folder() / "google-token.json"


def read(path: Path) -> dict[str, Any] | None:
    """The grant; None where there is no such file. BadConfig where it is none."""
    try:
        grant = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(grant, dict) or not all(isinstance(grant.get(key), str) for key in _NEEDED):
            raise ValueError("something is missing in it")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        said = f"what `kpisheets login` was granted cannot be read ({reason})"
        raise BadConfig(said, where=str(path), mend="run `kpisheets login` again") from error
    return grant


def write(path: Path, grant: Mapping[str, Any]) -> None:
    """Keep the grant, whole or not at all, readable by its owner alone, whatever was there. CannotWrite."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with draft(path.resolve(), mode=0o600) as new:
            new.file.write(json.dumps({"type": "authorized_user", **grant}, indent=2).encode() + b"\n")
            new.settle()
            new.publish()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        mend = "check the folder's permissions, or let [google] token name another file"
        raise CannotWrite(f"the sign-in cannot be kept ({reason})", where=str(path), mend=mend) from error
