"""``[sources.NAME]`` of a web service, or a shipped description → a ``Service``; problems at their lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, replace
from types import MappingProxyType
from urllib.parse import urlsplit

from kpisheets.services.tables import expression, paging, tables
from kpisheets.services.values import AUTH_KINDS, Auth, Limits, Service
from kpisheets.toml.table import Table
from kpisheets.toml.words import quoted, suggestion

SERVICE_KEYS = ("auth", "headers", "pagination", "limits", "tables", "updated_at", "error")
"""What ``[sources.NAME]`` may hold beside its url, where that is a web service's."""
SHIPPED_KEYS = (*SERVICE_KEYS, "title", "decimals", "open", "shut_out")

Referring = Callable[[Table, str, str], str]

_LIMITS = ("rate", "remaining", "reset", "pages", "megabytes")
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_PLAIN_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def service(table: Table, base: Service, referring: Referring, *, complete: bool = True) -> Service:
    """What ``table`` says, over ``base``: what a description already says of the service.

    ``referring`` looks at the references to secrets in a text. A description that is not ``complete`` leaves it to
    others to say what lets the requests in.
    """
    pages = paging(table, base.paging)
    return replace(
        base,
        auth=_auth(table, base.auth, referring, complete),
        headers=MappingProxyType({**base.headers, **_headers(table, referring)}),
        paging=pages,
        limits=_limits(table, base.limits),
        tables=MappingProxyType({**base.tables, **tables(table, base.tables, pages)}),
        updated_at=table.text("updated_at", base.updated_at),
        error=expression(table, "error", base.error),
    )


def shipped(table: Table) -> Service:
    """A shipped description, which also has a title and knows the decimals of currencies."""
    decimals = table.free("decimals")
    places = {code.upper(): decimals.whole(code, 2, 0, 9, "how many decimals it has") for code in decimals.values}
    title, is_open = table.text("title", required=True), table.flag("open")
    shut = table.text("shut_out")
    base = Service(title=title, decimals=MappingProxyType(places), open=is_open, shut_out=shut)
    return service(table, base, lambda _table, _key, text: text, complete=False)


def endpoint(table: Table, url: str, auth: Auth) -> None:
    """Record what is wrong with ``url``, the address from which all tables' paths start."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if not host:
        table.refuse("url", "the url does not name a server", "write NAME+https://HOST/…")
    elif parts.username or parts.password or "@" in parts.netloc:
        table.refuse("url", "the url holds a user", f"write it in [{'.'.join(map(str, table.path))}.auth]")
    elif parts.query or parts.fragment:
        table.refuse("url", "the url has a query", "write it as parameters of the tables")
    elif parts.scheme == "http" and auth.kind != "none" and host not in _THIS_MACHINE:
        # What lets the requests in would travel in the clear.
        table.refuse("url", "the url is not encrypted", "write https instead of http")


def _auth(table: Table, base: Auth, referring: Referring, complete: bool) -> Auth:
    names = [field.name for field in fields(Auth)]
    read = table.section("auth", names)
    kind = read.text("kind", base.kind)
    if kind not in AUTH_KINDS:
        read.refuse("kind", f"unknown kind {quoted(kind)} of auth", suggestion(kind, AUTH_KINDS))
        return base
    if kind != base.kind:
        base = Auth()
    texts = {name: referring(read, name, read.text(name, getattr(base, name))) for name in names if name != "kind"}
    if texts["client"] not in ("body", "basic"):
        read.refuse("client", f"{quoted('client')} is {quoted(texts['client'])}", "write body or basic")
    token = urlsplit(texts["token_url"])
    if token.scheme == "http" and token.hostname not in _THIS_MACHINE:
        read.refuse("token_url", f"{quoted(texts['token_url'])} is not encrypted", "write https instead of http")
    for name in AUTH_KINDS[kind] if complete and not read.malformed else ():
        if not texts[name] and not read.has(name):
            read.refuse(name, f"auth of the kind {kind} needs {quoted(name)}", f'add {name} = "…"')
    return Auth(kind=kind, **texts)


def _headers(table: Table, referring: Referring) -> dict[str, str]:
    read = table.free("headers")
    for name in read.values:
        if not _PLAIN_HEADER.fullmatch(name):
            read.refuse(name, f"{quoted(name)} is not the name of a header", "use letters, digits and -")
    return {name: referring(read, name, read.text(name)) for name in read.values}


def _limits(table: Table, base: Limits) -> Limits:
    read = table.section("limits", _LIMITS)
    return Limits(
        rate=read.number("rate", base.rate, 0.001, 10_000, "requests a second, 0.001 to 10000")
        if "rate" in read.values
        else base.rate,
        remaining=read.text("remaining", base.remaining),
        reset=read.text("reset", base.reset),
        pages=read.whole("pages", base.pages, 1, 1_000_000, "a number of pages, 1 to 1000000"),
        megabytes=read.whole("megabytes", base.megabytes, 1, 100_000, "a number of megabytes, 1 to 100000"),
    )
