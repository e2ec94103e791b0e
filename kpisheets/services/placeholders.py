"""Placeholders such as ``{start}`` in what a service is asked: the days that a question is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")

NAMES = ("start", "end", "last_day", "start_at", "end_at", "start_unix", "end_unix", "start_ms", "end_ms")
"""``start`` and ``last_day`` are local days, ``end`` the day after; ``_at`` are UTC instants in ISO form, ``_unix`` and
``_ms`` the same in seconds and milliseconds since 1970."""


def values_of(start: date, end: date, begins: datetime, ends: datetime) -> Mapping[str, str]:
    """The text of each placeholder. Instants before 1970 are 1970's first, since many services know none before."""
    seconds = {"start": max(0, int(begins.timestamp())), "end": max(0, int(ends.timestamp()))}
    found = {"start": start.isoformat(), "end": end.isoformat(), "last_day": (end - timedelta(days=1)).isoformat()}
    for name, moment in (("start", begins), ("end", ends)):
        found[f"{name}_at"] = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        found[f"{name}_unix"] = str(seconds[name])
        found[f"{name}_ms"] = str(seconds[name] * 1000)
    return found


def filled(value: object, values: Mapping[str, str]) -> object:
    """A value as it stands in TOML, its texts filled in. Braces around other words stay as they are."""
    match value:
        case str():
            return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), value)
        case Mapping():
            return {key: filled(one, values) for key, one in value.items()}
        case list() | tuple():
            return [filled(one, values) for one in value]
    return value


def unknown(value: object) -> Iterator[str]:
    """The words in braces of a value's texts that are no placeholders."""
    match value:
        case str():
            yield from (name for name in _PLACEHOLDER.findall(value) if name not in NAMES)
        case Mapping():
            for one in value.values():
                yield from unknown(one)
        case list() | tuple():
            for one in value:
                yield from unknown(one)
