"""Writing a text file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from kpisheets.errors import CannotWrite


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 through a temporary file in the same folder. CannotWrite leaves the previous file as it was."""
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=".kpisheets-", dir=path.parent or Path())
        temporary = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        if not path.parent.is_dir():
            said, mend = "its folder does not exist", "make the folder, or choose another file"
        else:
            said = f"cannot be written ({(error.strerror or str(error)).lower()})"
            mend = "check the folder's space and permissions, or choose another file"
        raise CannotWrite(said, where=str(path), mend=mend) from error
