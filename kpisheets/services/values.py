"""A web service as frozen values: how to be let in, what its tables are, how their pages follow one another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


def _none() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Auth:
    """How requests are let in. Texts may hold unresolved references such as ``${env:NAME}``.

    ``kind``: none; basic (``user``, ``password``); bearer (``token``); header or query (``value`` under ``name``);
    client_credentials or refresh_token (OAuth 2: ``token_url``, ``client_id``, ``client_secret``, ``refresh_token``,
    ``scope``; ``client`` says whether id and secret travel in the ``body`` or as ``basic``).
    """

    kind: str = "none"
    user: str = ""
    password: str = ""
    token: str = ""
    name: str = ""
    value: str = ""
    token_url: str = ""
    client_id: str = ""
    client_secret: str = ""
    refresh_token: str = ""
    scope: str = ""
    client: str = "body"

    @property
    def is_oauth(self) -> bool:
        return self.kind in ("client_credentials", "refresh_token")


AUTH_KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "none": (),
        "basic": ("user", "password"),
        "bearer": ("token",),
        "header": ("name", "value"),
        "query": ("name", "value"),
        "client_credentials": ("token_url", "client_id", "client_secret"),
        "refresh_token": ("token_url", "client_id", "refresh_token"),
    }
)
"""Each kind of ``Auth`` and the fields that it can't do without."""


@dataclass(frozen=True, slots=True)
class Paging:
    """How the pages of a table follow one another.

    ``kind``: none (one answer holds all); page (a number in ``parameter``, from ``first``); offset (how many records to
    leave out); cursor (what the answer holds ``at`` this place goes into ``parameter``); next (there the answer holds
    the next address); link (the ``Link`` header does); after (the value ``at`` this place of the last record goes into
    ``parameter``). ``at``, ``more`` (false when there is no further page) and ``total`` (how many records there are)
    are JMESPath. ``size`` records are asked for in ``size_parameter``, where that is not blank.
    """

    kind: str = "none"
    parameter: str = ""
    at: str = ""
    more: str = ""
    total: str = ""
    first: int = 1
    size: int = 100
    size_parameter: str = ""


PAGING_KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "none": (),
        "page": ("parameter",),
        "offset": ("parameter",),
        "cursor": ("parameter", "at"),
        "next": ("at",),
        "link": (),
        "after": ("parameter", "at"),
    }
)
"""Each kind of ``Paging`` and the fields that it can't do without."""


@dataclass(frozen=True, slots=True)
class ServiceColumn:
    """A column: the JMESPath ``path`` in a record. ``read``: as it is; unix or unix_ms (an instant, in seconds or
    milliseconds since 1970); minor (an amount in the smallest unit of the currency that stands at ``currency``).
    ``optional``: records may lack it altogether."""

    path: str
    read: str = ""
    currency: str = ""
    optional: bool = False


READINGS = ("unix", "unix_ms", "minor")


@dataclass(frozen=True, slots=True)
class ServiceTable:
    """A table: what is asked for, and which records and columns the answer holds.

    ``parameters`` go into the query, ``body`` (of a POST) is JSON; both may hold placeholders such as ``{start}``.
    ``windows``: by the case-folded date column of a metric, what is added to them so that only the days asked for
    come, and ``look_back`` days before; for other date columns everything is read. ``records`` is JMESPath (blank: the
    answer itself). ``each``: a list in each record, of which every item makes a record of its own, under the name
    ``item``. Without ``columns`` every field is a column. ``key`` knows a record again. ``error`` is JMESPath to what
    an answer says went wrong. ``repeat``: a POST may be repeated. ``needs``: in words, what must be granted.
    """

    name: str
    path: str
    method: str = "GET"
    repeat: bool = False
    parameters: Mapping[str, object] = field(default_factory=_none)
    body: Mapping[str, object] = field(default_factory=_none)
    windows: Mapping[str, Mapping[str, object]] = field(default_factory=_none)
    records: str = ""
    each: str = ""
    columns: Mapping[str, ServiceColumn] = field(default_factory=_none)
    paging: Paging = Paging()
    key: tuple[str, ...] = ()
    error: str = ""
    needs: str = ""
    look_back: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """``rate``: requests a second, 0 for no bound. ``remaining`` and ``reset``: the headers that tell how many requests
    are left and when there will be more, besides those that are usual. ``pages`` and ``megabytes`` bound a table."""

    rate: float = 0.0
    remaining: str = ""
    reset: str = ""
    pages: int = 10_000
    megabytes: int = 500


@dataclass(frozen=True, slots=True)
class Service:
    """A web service. ``title`` is its name for people; ``decimals``: how many decimals an amount in minor units has, by
    currency, where it is not 2. ``open``: it tells itself which tables it has, none is described.
    ``shut_out``: words by which a refusal (403) concerns whoever asks, not the table.
    """

    title: str = "REST"
    auth: Auth = Auth()
    headers: Mapping[str, str] = field(default_factory=_none)
    paging: Paging = Paging()
    limits: Limits = Limits()
    tables: Mapping[str, ServiceTable] = field(default_factory=_none)
    updated_at: str = ""
    error: str = ""
    decimals: Mapping[str, int] = field(default_factory=_none)
    open: bool = False
    shut_out: str = ""
