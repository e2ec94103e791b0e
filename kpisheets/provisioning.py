"""Making a workbook, and adding packs of KPIs to one that exists."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, replace
from datetime import date
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
    """``created``: the file is new; ``added``: KPIs of packs that an existing workbook did not have yet."""

    path: Path
    created: bool
    kpis: int
    added: tuple[str, ...] = ()


def kpis_of(packs: tuple[str, ...], config: Config, language: Language, today: date) -> tuple[Kpi, ...]:
    """The packs' KPIs in the workbook's language, starting where the project says (default: this fiscal year)."""
    start = config.project.active_from or config.calendar.period(Frequency.YEARLY, today).start
    return tuple(
        # A metric that kpisheets.toml does not have yet would stop the KPI: its actuals are typed by hand until then.
        replace(kpi, metric=kpi.metric if kpi.metric in config.metrics else "")
        for name in packs
        for kpi in pack(name).catalogue(language, active_from=start)
    )


def create(path: Path, config: Config, language: Language, today: date) -> Path:
    """Build a new workbook in a temporary file beside ``path``; ``publish`` gives it its name."""
    from kpisheets.backends.excel.build import build

    packs = config.project.templates
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
        build(
            made,
            project=config.project.name,
            kpis=kpis_of(packs, config, language, today),
            language=language,
            currency=config.project.currency,
            calendar=config.calendar,
            today=today,
            packs=packs,
            metric_names=tuple(config.metrics),
        )
    except OSError as error:
        made.unlink(missing_ok=True)
        raise _cannot(path, error) from error
    except BaseException:
        made.unlink(missing_ok=True)
        raise
    return made


def publish(made: Path, path: Path) -> None:
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
