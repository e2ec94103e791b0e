"""A workbook's file: made whole in a temporary one beside it, or, where there is one, given the KPI tabs in a copy."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from kpisheets.backends.base import Dictionary, NoKpiTabs
from kpisheets.backends.excel.workbook import ExcelWorkbook
from kpisheets.backends.tabs import TABS, Content, free_titles
from kpisheets.core.plan import Plan
from kpisheets.core.workbook import Observed
from kpisheets.errors import BadConfig, CannotWrite


class ExcelPlace:
    """See ``backends.place.Place``. ``backups`` is the folder for former versions: the newest ``keep``, ``max_bytes``
    in all."""

    link = ""
    advice = ""

    def __init__(self, path: Path, dictionary: Dictionary, *, backups: Path, keep: int, max_bytes: int) -> None:
        self.path, self.dictionary = path, dictionary
        self.backups, self.keep, self.max_bytes = backups, keep, max_bytes

    @property
    def name(self) -> str:
        return self.path.name

    def attachment(self, kind: str) -> tuple[str, bytes] | None:
        return (self.path.name, self.path.read_bytes()) if kind == "xlsx" else None

    def workbook(self) -> ExcelWorkbook | None:
        if not self.path.exists():
            return None
        return ExcelWorkbook(self.path, self.dictionary, backups=self.backups, keep=self.keep, max_bytes=self.max_bytes)

    def find(self) -> tuple[ExcelWorkbook, Observed] | None:
        workbook = self.workbook()
        if workbook is None:
            return None
        try:
            return workbook, workbook.observe()
        except NoKpiTabs:
            return None

    @contextmanager
    def draft(self, content: Content) -> Iterator[ExcelDraft]:
        with self._added(content) if self.path.exists() else self._new(content) as draft:
            yield draft

    @contextmanager
    def _new(self, content: Content) -> Iterator[ExcelDraft]:
        """A new workbook in a temporary file beside the one that it will be."""
        from kpisheets.backends.excel.build import build

        path = self.path
        if path.suffix.lower() != ".xlsx":
            raise BadConfig(
                f"a new workbook cannot be made as {path.suffix}",
                where="kpisheets.toml, [workbook]",
                mend=f'set path = "{path.stem}.xlsx"; once it exists, Excel can save it as {path.suffix}',
            )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".kpisheets-", suffix=path.suffix, dir=path.parent)
            os.close(handle)
        except OSError as error:
            raise _cannot(path, error) from error
        made = Path(name)
        try:
            try:
                build(made, content)
            except OSError as error:
                raise _cannot(path, error) from error
            yield ExcelDraft(ExcelWorkbook(made, self.dictionary), lambda: _publish(made, path), created=True)
        finally:
            made.unlink(missing_ok=True)

    def extend(self, content: Content, tabs: Collection[str]) -> Mapping[str, str]:
        with self._added(content, tabs) as draft:
            draft.put()
            return draft.tabs

    @contextmanager
    def _added(self, content: Content, tabs: Collection[str] = TABS) -> Iterator[ExcelDraft]:
        """KPI tabs in a copy of somebody's workbook, in a temporary folder."""
        from kpisheets.backends.excel.build import build
        from kpisheets.backends.excel.graft import Graft
        from kpisheets.backends.excel.judged import refuse_repairs
        from kpisheets.backends.excel.ooxml import Book

        path, usual = self.path, content.language.tabs
        book = Book.open(path)
        titles = free_titles({key: usual[key] for key in tabs}, book.sheets)
        with tempfile.TemporaryDirectory(prefix="kpisheets-") as folder:
            try:
                donor = Path(folder, "tabs.xlsx")
                build(donor, content, titles, date1904=book.date1904)
                copy = Path(folder, path.name)
                graft = Graft(book, Book.open(donor))
                graft.save(copy)
            except OSError as error:
                raise _cannot(Path(folder), error) from error
            publish = partial(
                graft.replace,
                copy,
                backups=self.backups,
                keep=self.keep,
                max_bytes=self.max_bytes,
                judge=partial(refuse_repairs, before=path),
            )
            named = {usual[key]: title for key, title in titles.items()}
            yield ExcelDraft(ExcelWorkbook(copy, self.dictionary), publish, named)


@dataclass(frozen=True, slots=True)
class ExcelDraft:
    """A workbook that is being made; see ``backends.place.Draft``."""

    workbook: ExcelWorkbook
    put: Callable[[], None]
    tabs: Mapping[str, str] = field(default_factory=dict)
    created: bool = False

    def observe(self) -> Observed:
        return self.workbook.observe()

    def publish(self, plan: Plan) -> None:
        self.workbook.apply(plan)
        self.put()


def _publish(made: Path, path: Path) -> None:
    """Give a finished workbook its name, never replacing a file that appeared meanwhile."""
    umask = os.umask(0)
    os.umask(umask)
    try:
        made.chmod(0o666 & ~umask)
        try:
            os.link(made, path)
        except FileExistsError:
            raise CannotWrite("a file of that name appeared meanwhile", where=path.name, mend="run again") from None
        except OSError:
            # A file system without hard links: the rename is atomic, the look before it is not.
            if path.exists():
                raise CannotWrite("a file of that name appeared meanwhile", where=path.name, mend="run again") from None
            made.replace(path)
    except OSError as error:
        raise _cannot(path, error) from error


def _cannot(path: Path, error: OSError) -> CannotWrite:
    reason = (error.strerror or str(error)).lower()
    return CannotWrite(
        f"cannot be written ({reason})", where=str(path), mend="check the folder's space and permissions"
    )
