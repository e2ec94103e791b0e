"""A workbook is made, gets the KPI tabs, or what it lacks of them."""

from __future__ import annotations

from kpisheets import provisioning
from kpisheets.backends.base import LATER, TAB_OF
from kpisheets.core import sync as syncing
from kpisheets.core.applied import applied, joined
from kpisheets.core.catalogue import Catalogue
from kpisheets.core.plan import AddRow, Plan
from kpisheets.core.workbook import TARGETS, Observed
from kpisheets.project.desk import Desk


def provision(desk: Desk) -> provisioning.Provisioned:
    """Create the workbook, add the KPI tabs to one that exists, or bring a KPI workbook up to date. Repeatable."""
    place, today = desk.place, desk.today
    desk.progress("Building the workbook")
    found = place.find()
    if found is None:
        with place.draft(provisioning.content(desk.config, desk.language, today)) as draft:
            catalogue, plan = first_plan(desk, draft.observe())
            draft.publish(plan)
        created, added, tabs = draft.created, tuple[str, ...](), dict(draft.tabs)
        if desk.config.workbook.targets_tab:
            place.extend(provisioning.content(desk.config, desk.language, today), [TAB_OF[TARGETS]])
    else:
        workbook, observed = found
        tabs, wanted = dict[str, str](), dict(LATER)
        if desk.config.workbook.targets_tab:
            wanted[TARGETS] = TAB_OF[TARGETS]
        lacking = [tab for table, tab in wanted.items() if table not in observed.tables]
        if lacking:
            tabs = dict(place.extend(provisioning.content(desk.config, desk.language, today), lacking))
            observed = workbook.observe()
        packs = provisioning.new_packs(observed, desk.config, desk.language, today)
        catalogue, plan = first_plan(desk, applied(observed, packs))
        whole = joined(packs, plan, observed)
        if packs.changes or not whole.is_bookkeeping or not workbook.is_whole:
            workbook.apply(whole)
        created, added = False, tuple(row.key for row in packs.changes if isinstance(row, AddRow))
    return provisioning.Provisioned(place.path, created, len(catalogue.kpis), added, tabs, place.link, place.advice)


def first_plan(desk: Desk, observed: Observed) -> tuple[Catalogue, Plan]:
    """What a workbook needs before any source is asked."""
    catalogue = desk.catalogue(observed)
    return catalogue, syncing.plan(observed, catalogue, desk.request(observed, add_rows=False)).plan
