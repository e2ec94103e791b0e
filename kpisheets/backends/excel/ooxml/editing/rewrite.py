"""The new file: the old one's parts with some replaced, added or left out; written, and read back from the disk."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import IO, TypeAlias

from kpisheets.errors import BadData, CannotWrite

from ..container.package import OnDisk, Package
from ..container.writer import Content, write_package
from ..parts.sheet import Stream
from ..parts.splice import Splice, spliced
from .plan import SheetPlan

Changed: TypeAlias = Mapping[str, Collection[int] | None]
"""The names of parts; those of sheets with the numbers of rows."""
Judge: TypeAlias = Callable[[Path, Changed], None]
"""Looks at a new file before it takes the old one's place, told what differs; raises to stop it."""


class Rewrite:
    """Collects the parts that differ from ``old``."""

    def __init__(self, old: Package, parts: Mapping[str, bytes]) -> None:
        self._old = old
        self._parts: dict[str, Content] = dict(parts)
        self._sheets: dict[str, Collection[int]] = {}
        self._dropped: frozenset[str] = frozenset()
        self._made: dict[str, tuple[int, int]] = {}

    def put(self, part: str, data: bytes, was: bytes | None = None) -> None:
        """A part's new bytes, unless they are what it ``was``."""
        if data != was:
            self._parts[part] = data

    def drop(self, part: str) -> None:
        """Leaves a part out."""
        self._dropped |= {part}

    def splice(self, part: str, stream: Stream, plan: SheetPlan) -> None:
        """A sheet's part, whose bytes are ``stream``'s, as it was planned."""
        self._parts[part] = partial(_spliced, stream, plan.splices)
        self._sheets[part] = plan.rows

    @property
    def changed(self) -> Changed:
        """The parts that differ; those of sheets with the rows that differ."""
        return {part: self._sheets.get(part) for part in self._parts}

    def write(self, target: IO[bytes]) -> None:
        """Writes the file. BadData where it would grow beyond what a zip can hold."""
        self._made = write_package(self._old, target, self._parts, self._dropped)

    def verify(self, path: Path) -> None:
        """Reads the file back from the disk, every entry of it. CannotWrite where it is not what was written."""
        try:
            with path.open("rb") as file:
                self._compare(Package(OnDisk(file), self._old.where))
        except BadData as error:
            raise CannotWrite(
                f"the new file did not read back ({error.what}); the previous file is intact",
                where=self._old.where,
                mend="run again, and report it if it happens again",
            ) from error

    def _compare(self, new: Package) -> None:
        old, made = self._old, self._made
        if set(new.entries) != (set(old.entries) | set(made)) - self._dropped:
            raise BadData("its list of parts is wrong")
        for name, entry in new.entries.items():
            if name not in made:
                right = new.packed_as_in(old, name)
            else:
                right = (entry.size, entry.crc) == made[name]
                for _ in new.stream(name):
                    pass
            if not right:
                raise BadData(f"{name} differs from what was written")


def _spliced(stream: Stream, splices: Sequence[Splice]) -> Iterator[bytes]:
    return spliced(stream(), splices)
