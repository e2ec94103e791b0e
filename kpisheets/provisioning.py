"""Making a workbook, adding the KPI tabs to one that exists, and packs of KPIs to one that has them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path

from kpisheets.backends.base import Workbook
from kpisheets.config import Config
from kpisheets.core.catalogue import remembered
from kpisheets.core.kpi import Kpi
from kpisheets.core.period import Frequency
from kpisheets.core.plan import AddRow, Content, Plan, SetNamed, Why
from kpisheets.core.workbook import CATALOGUE, PACKS
from kpisheets.errors import BadConfig, CannotWrite
from kpisheets.templates import Language, pack


@dataclass(frozen=True, slots=True)
class Provisioned:
    """``created``: the file is new; ``added``: KPIs of packs that an existing workbook did not have yet; ``tabs``: the
    tabs that were added to an existing workbook, by what they are called anywhere else."""

    path: Path
    created: bool
    kpis: int
    added: tuple[str, ...] = ()
    tabs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """A workbook that is being made in ``path``; ``publish`` gives it its place, whole or not at all."""

    path: Path
    publish: Callable[[], None]
    tabs: Mapping[str, str] = field(default_factory=dict)


def kpis_of(packs: tuple[str, ...], config: Config, language: Language, today: date) -> tuple[Kpi, ...]:
    """The packs' KPIs in the workbook's language, starting where the project says (default: this fiscal year)."""
    start = config.project.active_from or config.calendar.period(Frequency.YEARLY, today).start
    return tuple(
        # A metric that kpisheets.toml does not have yet would stop the KPI: its actuals are typed by hand until then.
        replace(kpi, metric=kpi.metric if kpi.metric in config.metrics else "")
        for name in packs
        for kpi in pack(name).catalogue(language, active_from=start)
    )


@contextmanager
def create(path: Path, config: Config, language: Language, today: date) -> Iterator[Draft]:
    """Build a new workbook in a temporary file beside ``path``."""
    if path.suffix.lower() != ".xlsx":
        raise BadConfig(
            f"a new workbook cannot be made as {path.suffix}",
            where=f"{config.path.name}, [workbook]",
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
            _build(made, config, language, today, language.tabs)
        except OSError as error:
            raise _cannot(path, error) from error
        yield Draft(made, lambda: _publish(made, path))
    finally:
        made.unlink(missing_ok=True)


def _build(
    path: Path, config: Config, language: Language, today: date, tabs: Mapping[str, str], *, date1904: bool = False
) -> None:
    from kpisheets.backends.excel.build import build

    packs = config.project.templates
    build(
        path,
        project=config.project.name,
        kpis=kpis_of(packs, config, language, today),
        language=language,
        currency=config.project.currency,
        calendar=config.calendar,
        today=today,
        packs=packs,
        metric_names=tuple(config.metrics),
        tabs=tabs,
        date1904=date1904,
    )


@contextmanager
def adopt(path: Path, config: Config, language: Language, today: date, *, backups: Path) -> Iterator[Draft]:
    """Add the KPI tabs to a copy of somebody's workbook, in a temporary folder.

    BadData where the workbook must not be changed; it is not touched before ``publish``.
    """
    from kpisheets.backends.excel.build import TABS
    from kpisheets.backends.excel.graft import Graft
    from kpisheets.backends.excel.judged import refuse_repairs
    from kpisheets.backends.excel.ooxml import Book

    book = Book.open(path)
    tabs = free_titles({key: language.tabs[key] for key in TABS}, book.sheets)
    with tempfile.TemporaryDirectory(prefix="kpisheets-") as folder:
        try:
            donor = Path(folder, "tabs.xlsx")
            _build(donor, config, language, today, tabs, date1904=book.date1904)
            copy = Path(folder, path.name)
            graft = Graft(book, Book.open(donor))
            graft.save(copy)
        except OSError as error:
            raise _cannot(Path(folder), error) from error
        named = {language.tabs[key]: title for key, title in tabs.items()}
        kept = config.workbook
        publish = partial(
            graft.replace,
            copy,
            backups=backups,
            keep=kept.backups,
            max_bytes=kept.backups_mb * 1_000_000,
            judge=partial(refuse_repairs, before=path),
        )
        yield Draft(copy, publish, named)


def free_titles(titles: Mapping[str, str], taken: Iterable[str]) -> dict[str, str]:
    """Titles for tabs: each as wished for, with a number behind it where somebody's tab is called so."""
    used = {title.casefold() for title in taken}
    found: dict[str, str] = {}
    for key, wished in titles.items():
        title, number = wished, 2
        while title.casefold() in used:
            title, number = f"{wished} {number}", number + 1
        used.add(title.casefold())
        found[key] = title
    return found


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


def add_packs(workbook: Workbook, config: Config, language: Language, today: date) -> tuple[str, ...]:
    """Add the KPIs of packs that ``kpisheets.toml`` names and the workbook never had. KPIs that people deleted from a
    pack which it had stay deleted. Returns the added ids."""
    observed = workbook.observe()
    had = {name for name in str(observed.named.get(PACKS) or "").split(",") if name}
    new = tuple(name for name in config.project.templates if name not in had)
    if not new or PACKS not in observed.named:
        return ()
    table = observed.tables[CATALOGUE]
    taken = {str(table.value(row, "id") or "").casefold() for row in range(len(table))}
    kpis = [kpi for kpi in kpis_of(new, config, language, today) if kpi.id.casefold() not in taken]
    rows = tuple(AddRow(CATALOGUE, kpi.id, _cells(kpi, language), Why.NEW_KPI) for kpi in kpis)
    packs = ",".join((*sorted(had), *new))
    noted = SetNamed(PACKS, observed.named[PACKS], Content(packs), Why.BOOKKEEPING)
    workbook.apply(Plan(changes=(*rows, noted)))
    return tuple(kpi.id for kpi in kpis)


def _cells(kpi: Kpi, language: Language) -> dict[str, Content]:
    plain = ("id", "name", "objective", "owner", "owner_email", "metric", "active_from", "active_to")
    cells = {name: Content(getattr(kpi, name) or None) for name in (*plain, "definition", "recommendation")}
    cells |= {name: Content(getattr(kpi, name), unit=kpi.unit) for name in ("target", "low", "high")}
    for name in ("department", "unit", "direction", "frequency", "roll_up"):
        cells[name] = Content(language.enum(name, str(getattr(kpi, name))))
    return cells | {"tolerance": Content(kpi.tolerance), "seen": Content(remembered(kpi))}


def _cannot(path: Path, error: OSError) -> CannotWrite:
    reason = (error.strerror or str(error)).lower()
    return CannotWrite(
        f"cannot be written ({reason})", where=str(path), mend="check the folder's space and permissions"
    )
