"""The tables of a web service, as TOML says them: what is asked for, how pages follow, what a record holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from urllib.parse import urlsplit

from kpisheets.services.placeholders import NAMES, unknown
from kpisheets.services.values import PAGING_KINDS, READINGS, Paging, ServiceColumn, ServiceTable
from kpisheets.toml.table import Table
from kpisheets.toml.words import quoted, suggestion

_KEYS = (
    *("path", "method", "repeat", "parameters", "body", "window", "records", "each", "columns", "pagination", "key"),
    *("error", "needs", "look_back"),
)
_COLUMN_KEYS = ("path", "read", "currency", "optional")


def paging(table: Table, base: Paging) -> Paging:
    """How pages follow one another, over what ``base`` says."""
    read = table.section("pagination", [field.name for field in fields(Paging)])
    kind = read.text("kind", base.kind)
    if kind not in PAGING_KINDS:
        read.refuse("kind", f"unknown kind {quoted(kind)} of pagination", suggestion(kind, PAGING_KINDS))
        return base
    if kind != base.kind:
        base = Paging()
    found = Paging(
        kind=kind,
        parameter=read.text("parameter", base.parameter),
        at=expression(read, "at", base.at),
        more=expression(read, "more", base.more),
        total=expression(read, "total", base.total),
        first=read.whole("first", 0 if kind == "offset" else base.first, 0, 1, "0 or 1"),
        size=read.whole("size", base.size, 1, 1_000_000, "a number of records, 1 to 1000000"),
        size_parameter=read.text("size_parameter", base.size_parameter),
    )
    for name in PAGING_KINDS[kind]:
        if not getattr(found, name) and name not in read.misspelt and not read.malformed:
            read.refuse(name, f"pagination of the kind {kind} needs {quoted(name)}", f'add {name} = "…"')
    return found


def tables(table: Table, base: Mapping[str, ServiceTable], pages: Paging) -> dict[str, ServiceTable]:
    """The tables of a service; ``pages`` is how their pages follow where they don't say."""
    read = table.free("tables")
    for name in read.values:
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            read.refuse(name, f"{quoted(name)} is not a name for a table", "use letters, digits and _")
    return {name: _table(read.section(name, _KEYS), name, base.get(name), pages) for name in read.values}


def _table(read: Table, name: str, base: ServiceTable | None, pages: Paging) -> ServiceTable:
    start = base or ServiceTable(name, "", paging=pages)
    method = read.text("method", start.method).upper()
    if method not in ("GET", "POST"):
        read.refuse("method", f"{quoted(method)} is not how records are asked for", "write GET or POST")
    if method == "GET" and (read.has("body") or read.has("repeat")):
        key = "body" if read.has("body") else "repeat"
        read.refuse(key, f"{quoted(key)} is for a POST", 'write method = "POST", or remove this line')
    path = read.text("path", start.path, required=not start.path)
    if urlsplit(path).scheme or path.startswith("//"):
        read.refuse("path", f"{quoted(path)} names a server", "write what follows the source's url")
    window = read.free("window")
    windows = {column.casefold(): _asked(window, column) for column in window.values}
    return ServiceTable(
        name=name,
        path=path,
        method=method,
        repeat=read.flag("repeat") if "repeat" in read.values else start.repeat,
        parameters=MappingProxyType({**start.parameters, **_asked(read, "parameters")}),
        body=MappingProxyType({**start.body, **_asked(read, "body")}),
        windows=MappingProxyType({**start.windows, **windows}),
        records=expression(read, "records", start.records),
        each=expression(read, "each", start.each),
        columns=MappingProxyType({**start.columns, **_columns(read)}),
        paging=paging(read, start.paging),
        key=tuple(text for _, text in read.texts("key")) or start.key,
        error=expression(read, "error", start.error),
        needs=read.text("needs", start.needs),
        look_back=read.whole("look_back", start.look_back, 0, 3660, "a number of days, 0 to 3660"),
    )


def _asked(read: Table, key: str) -> Mapping[str, object]:
    """What a request is given: texts, numbers, lists and sections, with placeholders."""
    asked = read.free(key).values
    for name, value in asked.items():
        for word in unknown(value):
            said = f"there is no placeholder {{{word}}}"
            read.document.refuse((*read.path, key, name), said, suggestion(word, NAMES))
    return asked


def _columns(read: Table) -> dict[str, ServiceColumn]:
    inner = read.free("columns")
    return {
        name: ServiceColumn(expression(inner, name, "")) if isinstance(value, str) else _column(inner, name)
        for name, value in inner.values.items()
    }


def _column(columns: Table, name: str) -> ServiceColumn:
    read = columns.section(name, _COLUMN_KEYS)
    reading, currency = read.text("read"), expression(read, "currency", "")
    if reading and reading not in READINGS:
        read.refuse("read", f"a column can't be read as {quoted(reading)}", suggestion(reading, READINGS))
    if (reading == "minor") != bool(currency):
        mend = 'add read = "minor"' if currency else 'add currency = "…": where a record tells its currency'
        read.refuse("currency", f"{quoted('minor')} and {quoted('currency')} belong together", mend)
    return ServiceColumn(expression(read, "path", "", required=True), reading, currency, read.flag("optional"))


def expression(read: Table, key: str, default: str, *, required: bool = False) -> str:
    """A JMESPath expression. Without its library nothing is said here: connecting tells which extra is missing."""
    text = read.text(key, default, required=required)
    if text and key in read.values:
        try:
            import jmespath
        except ImportError:
            return text
        try:
            jmespath.compile(text)
        except jmespath.exceptions.JMESPathError:
            mend = "write one such as data.items; names with - and the like stand in double quotes"
            read.refuse(key, f"{quoted(text)} is not JMESPath", mend)
    return text
