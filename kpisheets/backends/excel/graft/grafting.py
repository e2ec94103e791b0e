"""A graft from its first look to the finished file."""

from __future__ import annotations

import shutil
from pathlib import Path

from kpisheets.backends.excel.ooxml import Book
from kpisheets.backends.excel.ooxml.container.writer import write_package
from kpisheets.backends.excel.ooxml.editing.rewrite import Judge
from kpisheets.backends.excel.ooxml.saving import save
from kpisheets.backends.excel.ooxml.saving.backups import MAX_BYTES
from kpisheets.errors import BadData, CannotWrite

from .combine import combined


class Graft:
    """``target`` with all tabs of ``donor`` (see ``combined``) in a copy, until ``replace`` lets that take its place.

    Raises:
        BadData: the target must not be changed, is broken where it would be changed, or needs a name for itself.
    """

    def __init__(self, target: Book, donor: Book) -> None:
        self._target = target
        self.parts = combined(target, donor)
        """The new and changed parts."""

    def save(self, copy: Path) -> None:
        """Writes the grafted workbook to another path."""
        with copy.open("wb") as file:
            write_package(self._target.package, file, self.parts)

    def replace(
        self,
        copy: Path,
        *,
        backups: Path | None,
        keep: int = 5,
        max_bytes: int = MAX_BYTES,
        wait: float = 0,
        judge: Judge | None = None,
    ) -> None:
        """Puts ``copy`` in the place of the target, whole or not at all. Cells of its new tabs may have been edited.

        Args:
            backups: the folder for a copy of the file as it was; ``keep`` copies of this workbook stay there,
                ``max_bytes`` in all, and the newest always.
            wait: seconds to wait for somebody to close the workbook.
            judge: is shown the new file before it takes the old one's place; raises to stop it.

        Raises:
            CannotWrite: the target is locked, read-only or another file by now, or the copy lacks something of it.
        """

        def verify(path: Path) -> None:
            self._verify(path)
            if judge:
                judge(path, dict.fromkeys(self.parts))

        with copy.open("rb") as source:
            save.replace_file(
                self._target.path,
                self._target.data,
                lambda file: shutil.copyfileobj(source, file),
                verify,
                backups=backups,
                keep=keep,
                max_bytes=max_bytes,
                wait=wait,
            )

    def _verify(self, path: Path) -> None:
        """Reads the new file back: every entry, and the target's own as they were."""
        try:
            self._compare(Book.open(path))
        except BadData as error:
            raise CannotWrite(
                f"the new file did not read back ({error.what}); the previous file is intact",
                where=self._target.where,
                mend="run again, and report it if it happens again",
            ) from error

    def _compare(self, new: Book) -> None:
        old = self._target
        for name in new.package.entries:
            if name in self.parts or name not in old.package.entries:
                for _ in new.package.stream(name):
                    pass
        # Formulas of the new tabs make the calculation chain stale; programs make another.
        changed = {*self.parts, old.linked("calcChain")}
        for name in old.package.entries:
            if name not in changed and (
                name not in new.package.entries or not new.package.packed_as_in(old.package, name)
            ):
                raise BadData(f"{name} differs from what it was")
        if new.sheets[: len(old.sheets)] != old.sheets:
            raise BadData("its tabs are others")
