"""``python:module:function``: a source that is a few lines of the project's own Python, beside ``kpisheets.toml``."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from functools import partial
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from kpisheets.connectors.base import Connection, Extractor, Opening, Window
from kpisheets.errors import Unreachable

_MEND = 'write url = "python:module:function", the module a file beside kpisheets.toml'


class Function:
    """A function of (table, window) as an extractor; what its URL says behind the question mark are its keywords."""

    def __init__(self, function: Callable[..., object], engine: str) -> None:
        self.function = function
        self.engine = engine

    def records(self, table: str, window: Window) -> object:
        return self.function(table, window)


def open_own(opening: Opening) -> Connection | Extractor:
    """The function, or an instance of the class, that the URL names. Unreachable, in one line, where it fails."""
    module, _, name = opening.url.value.partition(":")[2].partition("?")[0].strip("/").partition(":")
    shown = opening.url.masked(f"python:{module}:{name}")
    if not module or not name:
        raise Unreachable(f"{shown} does not name a function", mend=_MEND)
    try:
        target: Any = _loaded(module, opening.root)
        for part in name.split("."):
            target = getattr(target, part)
        if isinstance(target, type):
            made: Connection | Extractor = target(**opening.options)
            return made
    except ModuleNotFoundError as error:
        where = f"looked for {opening.root / _file(module)}, then for an installed module"
        said = f"{shown} can't be opened: {error} ({where})"
        raise Unreachable(opening.url.masked(said), mend=_MEND) from None
    except Exception as error:  # the project's own code: anything may go wrong in it
        said = opening.url.masked(f"{shown} can't be opened: {type(error).__name__}: {error}")
        raise Unreachable(said, mend=f"correct {_file(module)}") from None
    if not callable(target):
        raise Unreachable(f"{shown} is no function and no class", mend=_MEND)
    return Function(partial(target, **opening.options), shown)


def _file(module: str) -> Path:
    return Path(*module.split(".")).with_suffix(".py")


class _Afresh(SourceFileLoader):
    """Reads the file as it is: compiled modules are told apart by the second, and would litter the project's folder."""

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 (importlib names it)
        return self.source_to_code(self.get_data(self.path), self.path)


def _loaded(module: str, root: Path) -> ModuleType:
    """The project's own file, under a name of its own, so that two projects do not meet; else an installed module."""
    path = root / _file(module)
    if not path.is_file():
        return importlib.import_module(module)
    name = f"source_of_a_project_{abs(hash(path.resolve())):x}"
    spec = importlib.util.spec_from_file_location(name, path, loader=_Afresh(name, str(path)))
    assert spec is not None and spec.loader is not None  # noqa: S101, PT018 — a file that ends in .py has both
    found = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = found  # dataclasses and pickles look themselves up
    sys.path.insert(0, str(root))
    try:
        spec.loader.exec_module(found)
    finally:
        sys.path.remove(str(root))
    return found
