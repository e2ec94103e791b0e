"""Files elsewhere, through fsspec: ``https://``, ``s3://`` and the like; fetched when their tables are asked for."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from kpisheets.connectors.base import Opening, Refused
from kpisheets.connectors.files.tables import SUFFIXES, Files, is_data_file
from kpisheets.errors import KpisheetsError, NotAllowed, Unreachable

EXTRAS = {"http": "http", "https": "http", "s3": "s3"}
_DENIED = ("401", "403", "forbidden", "unauthorized", "accessdenied", "access denied", "credentials", "signature")


class Remote(Files):
    """Data files of a file system that fsspec knows. ``held`` maps each file's name to its place there."""

    def __init__(self, opening: Opening, system: Any, held: dict[str, str]) -> None:
        super().__init__(opening.url, opening.timezone, [Path(name) for name in held], opening.timeout)
        self.system = system
        self.held = held
        self._fetched: dict[str, Path] = {}

    def located(self, path: Path) -> Path:
        if path.name not in self._fetched:
            folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="kpisheets-")))
            with _told(self.url.masked, path.name):
                self.system.get_file(self.held[path.name], str(folder / path.name))
            self._fetched[path.name] = folder / path.name
        return self._fetched[path.name]

    def sheet_names(self, path: Path) -> list[str]:
        """A workbook is not fetched to list its sheets: they are found where the URL names that file alone."""
        return super().sheet_names(self.located(path)) if len(self.held) == 1 else []


def open_remote(opening: Opening) -> Remote:
    """Open a file, a folder or a glob elsewhere. Unreachable when it isn't there, NotAllowed when it is refused."""
    url = opening.url.value
    parts = urlsplit(url)
    scheme = parts.scheme.casefold()
    shown = opening.url.masked(url.partition("?")[0])
    with _told(opening.url.masked, shown):
        system = _system(scheme, opening)
        if scheme in ("http", "https"):
            address, _, said = url.partition("#")
            name = said or PurePosixPath(unquote(parts.path)).name
            if not name.lower().endswith(SUFFIXES):
                mend = f"say behind it what it is: {shown}#orders.csv; known are {', '.join(SUFFIXES)}"
                raise Unreachable(f"{shown} does not end like a data file", mend=mend)
            return Remote(opening, system, {name: address})
        place = url.partition("?")[0]
        if any(sign in place for sign in "*?["):
            found = list(system.glob(place))
        elif system.isdir(place):
            found = [path for path in system.ls(place, detail=False) if not path.endswith("/")]
        else:
            found = [place] if system.exists(place) else []
        held = {PurePosixPath(path).name: path for path in sorted(found) if is_data_file(PurePosixPath(path).name)}
    if not held:
        raise Unreachable(f"no data file is at {shown}", mend="correct the url or add the files")
    return Remote(opening, system, held)


def _system(scheme: str, opening: Opening) -> Any:
    extra = EXTRAS.get(scheme)
    try:
        import fsspec

        options: dict[str, Any] = {"skip_instance_cache": True, "use_listings_cache": False}
        if scheme in ("http", "https"):
            import aiohttp

            options["client_kwargs"] = {"timeout": aiohttp.ClientTimeout(total=opening.timeout)}
        else:
            options |= {key: _option(value) for key, value in opening.options.items()}
        return fsspec.filesystem(scheme, **options)
    except ImportError as error:
        mend = f"pip install 'kpisheets[{extra}]'" if extra else "pip install the package that it names"
        raise Unreachable(f"{scheme}:// needs a package that is not installed: {error}", mend=mend) from None


def _option(value: str) -> Any:
    return {"true": True, "false": False}.get(value.casefold(), value)


@contextlib.contextmanager
def _told(masked: Any, shown: str) -> Iterator[None]:
    """What goes wrong on the way, in one line."""
    try:
        yield
    except (KpisheetsError, Refused):
        raise
    except FileNotFoundError:
        raise Unreachable(f"{shown} does not exist", mend="correct the url") from None
    except Exception as error:  # every file system has its own kinds
        said = masked(" ".join(str(error).split()))[:300] or type(error).__name__
        if any(word in said.casefold() for word in _DENIED) or isinstance(error, PermissionError):
            raise NotAllowed(f"{shown} may not be read: {said}", mend="check the credentials") from None
        raise Unreachable(f"{shown} can't be reached: {said}", mend="check the url, then sync again") from None
