"""What was provisioned; the packs and recipes that there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kpisheets.printing.values import counted

if TYPE_CHECKING:
    from kpisheets.provisioning import Provisioned


def provisioned_document(done: Provisioned) -> dict[str, Any]:
    return {
        "workbook": done.workbook,
        "created": done.created,
        "kpis": done.kpis,
        "added": list(done.added),
        "tabs": list(done.tabs.values()),
        "url": done.url or None,
    }


def provisioned_text(done: Provisioned) -> str:
    return "\n".join(filter(None, (_provisioned(done), done.advice)))


def _provisioned(done: Provisioned) -> str:
    place, kpis = done.workbook, counted(done.kpis, "KPI")
    if done.created:
        return f"Created {place} with {kpis}. Next: kpisheets sync"
    if done.tabs:
        return f"Added {_tabs(done.tabs)} to {place}, with {kpis}. Next: kpisheets sync"
    if done.added:
        return f"Added {counted(len(done.added), 'KPI')} to {place}: {', '.join(done.added)}"
    return f"{place} is up to date."


def _tabs(tabs: Mapping[str, str]) -> str:
    """The tabs that were added (usual title → title in this workbook), with those whose title was taken."""
    *first, last = tabs.values()
    renamed = [f"{tab} because it had a tab {title} before" for title, tab in tabs.items() if tab != title]
    said = f"the tabs {', '.join(first)} and {last}" if first else f"the tab {last}"
    return said + (f" ({', '.join(renamed)})" if renamed else "")


def packs_document() -> dict[str, Any]:
    from kpisheets.templates import language, pack, packs

    english = language("en")
    return {
        "templates": [
            {
                "id": found.id,
                "title": found.title(english),
                "description": found.description(english),
                "kpis": [{"id": text.id, "name": text.name} for text in found.localised(english)],
            }
            for found in map(pack, packs())
        ]
    }


def packs_text() -> str:
    lines = []
    for pack in packs_document()["templates"]:
        lines.append(f"{pack['id']}: {pack['title']}. {pack['description']}")
        lines += [f"  {kpi['id']:32} {kpi['name']}" for kpi in pack["kpis"]]
    return "\n".join(lines)


def recipes_document(name: str | None = None) -> dict[str, Any]:
    """All recipes, or the one of that name. UsageError where there is none."""
    from kpisheets.recipes import names, text, title

    chosen = [name] if name else names()
    return {"recipes": [{"id": one, "text": text(one), "title": title(one)} for one in chosen]}


def recipes_text() -> str:
    from kpisheets.recipes import names, title

    lines = [f"  {name:12} {title(name)}" for name in names()]
    return "\n".join([*lines, "", "kpisheets recipes NAME prints one, to be pasted into kpisheets.toml."])
