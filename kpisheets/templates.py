"""The packs of KPIs and the languages, read from ``sheet_templates``: data that people edit, not code.

A pack is facts that hold in every language (:class:`PackKpi`, the recipes of its metrics); its words stand with each
language. Everything is read once and frozen.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from kpisheets import shipped
from kpisheets.core.kpi import Direction, Kpi, RollUp, Status
from kpisheets.core.metric import Metric
from kpisheets.core.period import Frequency
from kpisheets.core.workbook import Words
from kpisheets.errors import BadConfig


@dataclass(frozen=True, slots=True)
class GuideSection:
    """A heading of the Guide tab and the paragraphs below it."""

    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Locale:
    """How a language writes numbers and dates. ``date`` and ``date_time`` are number formats of a spreadsheet;
    ``timezone`` is what a new project begins with."""

    babel: str
    decimal: str
    thousands: str
    date: str
    date_time: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Language:
    """Every word of a workbook, a report and a mail.

    ``tabs``: by key (report, tracking …). ``columns``: headers by table (tracking, catalogue …) and field id.
    ``enums``: by kind (direction, frequency, roll_up, department, unit, request, action_status, decision) the shown
    word of each canonical English one. ``words``: phrases by key, those of a nested table as ``report.decimal``.
    """

    code: str
    name: str
    locale: Locale
    tabs: Mapping[str, str]
    columns: Mapping[str, Mapping[str, str]]
    enums: Mapping[str, Mapping[str, str]]
    status: Mapping[Status, str]
    so_far: Mapping[Status, str]
    words: Mapping[str, str]
    guide: tuple[GuideSection, ...]

    def word(self, key: str, **values: object) -> str:
        """The phrase with its ``{names}`` filled in. KeyError for an unknown key or a value that is missing."""
        phrase = self.words[key]
        return phrase.format(**values) if values or "{" in phrase else phrase

    def enum(self, kind: str, canonical: str) -> str:
        """The word shown for a canonical one; the canonical one itself where people wrote something of their own."""
        return self.enums[kind].get(canonical, canonical)

    def enum_value(self, kind: str, text: str) -> str | None:
        """The canonical English word that ``text`` means in any language; see :func:`enum_value`."""
        return enum_value(kind, text)

    @property
    def for_workbook(self) -> Words:
        """The words that formulas and plans put into cells."""
        return Words(self.status, self.so_far, self.words)


@dataclass(frozen=True, slots=True)
class KpiText:
    """The words of a pack's KPI in one language."""

    id: str
    name: str
    objective: str
    definition: str
    recommendation: str


@dataclass(frozen=True, slots=True)
class PackKpi:
    """A KPI of a pack: what holds in every language. Shares and ``tolerance`` are fractions; ``metric`` is blank for a
    KPI that is typed by hand. A Range KPI has ``low`` and ``high``, the others ``target``."""

    id: str
    department: str
    unit: str
    direction: Direction
    frequency: Frequency
    metric: str
    target: Decimal | None
    low: Decimal | None
    high: Decimal | None
    tolerance: Decimal
    roll_up: RollUp


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack of KPIs. ``metrics`` are the recipes of its KPIs on the sample tables, by name."""

    id: str
    department: str
    kpis: tuple[PackKpi, ...]
    metrics: Mapping[str, Metric]

    def title(self, language: Language) -> str:
        return str(_pack_words(language.code, self.id)["title"])

    def description(self, language: Language) -> str:
        return str(_pack_words(language.code, self.id)["description"])

    def localised(self, language: Language) -> tuple[KpiText, ...]:
        """The words of its KPIs, in the order of ``kpis``."""
        texts = _pack_words(language.code, self.id)["kpis"]
        return tuple(KpiText(id=kpi.id, **texts[kpi.id]) for kpi in self.kpis)

    def catalogue(self, language: Language, *, active_from: date | None = None) -> tuple[Kpi, ...]:
        """Its KPIs as rows for the ``KPIs`` tab: words of that language, enumerations as canonical values.

        Owners are blank: people name them.
        """
        return tuple(
            Kpi(
                id=fact.id,
                name=text.name,
                objective=text.objective,
                department=fact.department,
                unit=fact.unit,
                direction=fact.direction,
                frequency=fact.frequency,
                metric=fact.metric,
                target=fact.target,
                low=fact.low,
                high=fact.high,
                tolerance=fact.tolerance,
                roll_up=fact.roll_up,
                active_from=active_from,
                definition=text.definition,
                recommendation=text.recommendation,
            )
            for fact, text in zip(self.kpis, self.localised(language), strict=True)
        )


@cache
def languages() -> tuple[str, ...]:
    """The codes of the languages there are."""
    return shipped.names(shipped.root() / "languages")


@cache
def packs() -> tuple[str, ...]:
    """The ids of the packs there are."""
    return shipped.names(shipped.root() / "packs")


@cache
def language(code: str) -> Language:
    """The language of that code. BadConfig, listing the languages, where there is none."""
    if code not in languages():
        raise BadConfig(f"there is no language “{code}”", mend=f"choose one of: {', '.join(languages())}")
    data = _read(shipped.root() / "languages" / f"{code}.toml")
    return Language(
        code=data["code"],
        name=data["name"],
        locale=Locale(**data["locale"]),
        tabs=MappingProxyType(data["tabs"]),
        columns=MappingProxyType({table: MappingProxyType(fields) for table, fields in data["columns"].items()}),
        enums=MappingProxyType({kind: MappingProxyType(words) for kind, words in data["enums"].items()}),
        status=MappingProxyType({Status(key): word for key, word in data["status"].items()}),
        so_far=MappingProxyType({Status(key): word for key, word in data["so_far"].items()}),
        words=MappingProxyType(_flat(data["words"])),
        guide=tuple(GuideSection(section["heading"], tuple(section["text"])) for section in data["guide"]),
    )


@cache
def pack(name: str) -> Pack:
    """The pack of that id. BadConfig, listing the packs, where there is none."""
    if name not in packs():
        raise BadConfig(f"there is no template “{name}”", mend=f"choose among: {', '.join(packs())}")
    data = _read(shipped.root() / "packs" / f"{name}.toml")
    return Pack(
        id=name,
        department=data["department"],
        kpis=tuple(_kpi(data["department"], facts) for facts in data["kpis"]),
        metrics=MappingProxyType({key: _metric(name, key, recipe) for key, recipe in data["metrics"].items()}),
    )


def enum_value(kind: str, text: str) -> str | None:
    """The canonical English word that ``text`` means in any language, whatever its case; ``None`` if it means none.

    KeyError for an unknown kind; see :class:`Language` for the kinds.
    """
    return _enum_index()[kind].get(_folded(text))


@cache
def _enum_index() -> Mapping[str, Mapping[str, str]]:
    index: dict[str, dict[str, str]] = {}
    for code in languages():
        for kind, words in language(code).enums.items():
            known = index.setdefault(kind, {})
            for canonical, word in words.items():
                known[_folded(canonical)] = canonical
                known.setdefault(_folded(word), canonical)
    return index


def _folded(text: str) -> str:
    # NFKC also makes a no-break space a plain one, which is what keyboards type.
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _read(file: Traversable) -> dict[str, Any]:
    # Numbers are Decimal from the start: 0.1 in the file is 0.1 in the workbook.
    return tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)


@cache
def _pack_words(code: str, name: str) -> Mapping[str, Any]:
    return MappingProxyType(_read(shipped.root() / "languages" / code / "packs" / f"{name}.toml"))


def _flat(words: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in words.items():
        found |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return found


def _kpi(department: str, facts: Mapping[str, Any]) -> PackKpi:
    target, low, high = (Decimal(facts[key]) if key in facts else None for key in ("target", "low", "high"))
    return PackKpi(
        id=facts["id"],
        department=department,
        unit=facts["unit"],
        direction=Direction(facts["direction"]),
        frequency=Frequency(facts["frequency"]),
        metric=facts["metric"],
        target=target,
        low=low,
        high=high,
        tolerance=Decimal(facts["tolerance"]),
        roll_up=RollUp(facts["roll_up"]),
    )


def _metric(pack_name: str, key: str, recipe: Mapping[str, str]) -> Metric:
    return Metric(
        name=key,
        source=recipe["source"],
        table=recipe["table"],
        date=recipe["date"],
        value=recipe.get("value", ""),
        numerator=recipe.get("numerator", ""),
        denominator=recipe.get("denominator", ""),
        filter=recipe.get("where", ""),
        where=f"sheet_templates/packs/{pack_name}.toml",
    )
