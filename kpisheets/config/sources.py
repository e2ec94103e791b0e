"""``[sources.NAME]`` and ``[metrics.NAME]``: where numbers come from."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from kpisheets.config.texts import with_references
from kpisheets.core.metric import TIMEOUT, Metric, Reading, Source
from kpisheets.services.catalogue import PLAIN, described, names, split
from kpisheets.services.reading import SERVICE_KEYS, endpoint, service
from kpisheets.services.values import Service
from kpisheets.toml.document import Document, Table, quoted, suggestion

_READING_KEYS = ("watermark", "window", "look_back", "reconcile")
SOURCE_KEYS = ("url", "timeout", *_READING_KEYS, *SERVICE_KEYS)
_RECONCILE = {"daily": 1, "weekly": 7, "monthly": 31}
METRIC_KEYS = ("source", "table", "date", "value", "numerator", "denominator", "where", "sql")


def sources(document: Document) -> dict[str, Source]:
    """The sources by their names, what is wrong with them recorded in the document."""
    return {table.name: _source(table) for table in document.sections("sources", SOURCE_KEYS)}


def metrics(document: Document, known: Mapping[str, Source]) -> dict[str, Metric]:
    """The metrics by their names; ``known`` are the sources that they may name."""
    return {table.name: _metric(table, known) for table in document.sections("metrics", METRIC_KEYS)}


def _source(table: Table) -> Source:
    url = with_references(table, "url", table.text("url", required=True))
    timeout = table.whole("timeout", int(TIMEOUT), 1, 86_400, "a number of seconds, 1 to 86400")
    watermark = table.text("watermark")
    return Source(table.name, url, table.where, timeout, _service(table, url), watermark, _reading(table, url))


def _reading(table: Table, url: str) -> Reading:
    window, often = table.text("window", "all"), table.text("reconcile", "weekly")
    if window not in ("all", "open"):
        table.refuse("window", f"unknown window {quoted(window)}", 'write "all" or "open"')
    if often not in _RECONCILE:
        mend = suggestion(often, _RECONCILE)
        table.refuse("reconcile", f"{quoted(often)} does not say how often", mend)
    plain = split(url) is None
    for key in ("look_back", "reconcile", *(["updated_at"] if plain else [])):
        if window == "all" and table.has(key):
            mend = 'write window = "open" too, or remove this line'
            table.refuse(key, f"the source is read from the start at every sync, and {quoted(key)} says nothing", mend)
    look_back = table.whole("look_back", 31, 0, 3660, "a number of days, 0 to 3660")
    updated_at = table.text("updated_at") if plain else ""
    return Reading(window == "all", look_back, _RECONCILE.get(often, 7), updated_at)


def _service(table: Table, url: str) -> Service | None:
    """What is said of a web service; None for a source of another kind."""
    found = split(url)
    if found is None:
        kind = url.partition("+")[0]
        if url.partition("://")[0].casefold() in (f"{kind.casefold()}+https", f"{kind.casefold()}+http"):
            table.refuse("url", f"there is no service {quoted(kind)}", suggestion(kind, names()))
        elif url:
            for key in table.values.keys() & set(SERVICE_KEYS) - {"updated_at"}:
                mend = f"begin the url with {PLAIN}+https://, or remove this line"
                table.refuse(key, f"{quoted(key)} is for web services", mend)
        return None
    name, address = found
    said = service(table, described(name), with_references)
    endpoint(table, address, said.auth)
    if said.open and table.has("tables"):
        table.refuse("tables", f"{said.title} tells its tables itself", "remove them")
    elif not said.tables and not said.open:
        mend = f"add [sources.{table.name}.tables.NAME] with its path"
        table.refuse("tables", f"the service {quoted(table.name)} has no tables", mend)
    return said


def _metric(table: Table, sources: Collection[str]) -> Metric:
    required = ("source",) if table.has("sql") else ("source", "table", "date")
    read = {key: table.text(key, required=key in required) for key in METRIC_KEYS}
    source = read["source"]
    if source and source not in sources:
        mend = suggestion(source, sources) if sources else f"add [sources.{source}] with its url"
        table.refuse("source", f"there is no source {quoted(source)}", mend)
    value, numerator, denominator = (table.has(key) for key in ("value", "numerator", "denominator"))
    title = f"the metric {quoted(table.name)}"
    if value and (numerator or denominator):
        other = "numerator" if numerator else "denominator"
        table.refuse(other, f"{title} has both value and {other}", "keep value, or numerator and denominator")
    elif numerator != denominator:
        has, lacks = ("numerator", "denominator") if numerator else ("denominator", "numerator")
        table.refuse(has, f"{title} has a {has} and no {lacks}", f"add {lacks}, or use value alone")
    elif table.has("sql") and not table.has("date"):
        if value or numerator or table.has("where"):
            table.refuse(
                "sql", f"{title} has sql and a measure, and no date", "name the date column of its rows in date"
            )
    elif not value and not numerator:
        table.refuse("value", f"{title} measures nothing", 'add value = "sum(…)", or numerator and denominator')
    if table.has("sql") and table.has("table"):
        table.refuse("table", f"{title} has both sql and table", "keep one of the two")
    return Metric(
        name=table.name,
        source=source,
        table=read["table"],
        date=read["date"],
        value=read["value"],
        numerator=read["numerator"],
        denominator=read["denominator"],
        filter=read["where"],
        sql=read["sql"],
        where=table.where,
    )
