"""What a new workbook is made from, and what packs of KPIs add to one that exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from kpisheets.backends.tabs import Content
from kpisheets.config import Config
from kpisheets.core.catalogue import remembered
from kpisheets.core.kpi import Kpi
from kpisheets.core.period import Frequency
from kpisheets.core.plan import AddRow, Plan, SetNamed, Why
from kpisheets.core.plan import Content as CellContent
from kpisheets.core.workbook import CATALOGUE, PACKS, Observed
from kpisheets.templates import Language, pack


@dataclass(frozen=True, slots=True)
class Provisioned:
    """``created``: the workbook is new; ``added``: KPIs of packs that an existing workbook did not have yet; ``tabs``:
    the tabs that were added to an existing workbook, by what they are called anywhere else. ``path`` is the workbook's
    file, where it is one, ``url`` the address under which people open it, where it has one, ``advice`` what to do
    besides."""

    path: Path | None
    created: bool
    kpis: int
    added: tuple[str, ...] = ()
    tabs: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    advice: str = ""

    @property
    def workbook(self) -> str:
        """The workbook as people find it."""
        return self.url if self.path is None else str(self.path)


def content(config: Config, language: Language, today: date) -> Content:
    """What a new workbook of the project is made from."""
    packs = config.project.templates
    return Content(
        project=config.project.name,
        kpis=_kpis(packs, config, language, today),
        language=language,
        currency=config.project.currency,
        timezone=config.project.timezone,
        today=today,
        packs=packs,
        metric_names=tuple(config.metrics),
    )


def _kpis(packs: tuple[str, ...], config: Config, language: Language, today: date) -> tuple[Kpi, ...]:
    """The packs' KPIs in the workbook's language, starting where the project says (default: this fiscal year)."""
    start = config.project.active_from or config.calendar.period(Frequency.YEARLY, today).start
    return tuple(
        # A metric that kpisheets.toml does not have yet would stop the KPI: its actuals are typed by hand until then.
        replace(kpi, metric=kpi.metric if kpi.metric in config.metrics else "")
        for name in packs
        for kpi in pack(name).catalogue(language, active_from=start)
    )


def new_packs(observed: Observed, config: Config, language: Language, today: date) -> Plan:
    """Add the KPIs of packs that ``kpisheets.toml`` names and the workbook never had. KPIs that people deleted from a
    pack which it had stay deleted."""
    had = {name for name in str(observed.named.get(PACKS) or "").split(",") if name}
    new = tuple(name for name in config.project.templates if name not in had)
    if not new or PACKS not in observed.named:
        return Plan()
    table = observed.tables[CATALOGUE]
    taken = {str(table.value(row, "id") or "").casefold() for row in range(len(table))}
    kpis = [kpi for kpi in _kpis(new, config, language, today) if kpi.id.casefold() not in taken]
    rows = tuple(AddRow(CATALOGUE, kpi.id, _cells(kpi, language), Why.NEW_KPI) for kpi in kpis)
    packs = ",".join((*sorted(had), *new))
    noted = SetNamed(PACKS, observed.named[PACKS], CellContent(packs), Why.BOOKKEEPING)
    return Plan(changes=(*rows, noted))


def _cells(kpi: Kpi, language: Language) -> dict[str, CellContent]:
    plain = ("id", "name", "objective", "owner", "owner_email", "metric", "active_from", "active_to")
    cells = {name: CellContent(getattr(kpi, name) or None) for name in (*plain, "definition", "recommendation")}
    cells |= {name: CellContent(getattr(kpi, name), unit=kpi.unit) for name in ("target", "low", "high")}
    for name in ("department", "unit", "direction", "frequency", "roll_up"):
        cells[name] = CellContent(language.enum(name, str(getattr(kpi, name))))
    return cells | {"tolerance": CellContent(kpi.tolerance), "seen": CellContent(remembered(kpi))}
