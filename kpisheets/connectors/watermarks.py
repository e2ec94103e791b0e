"""Up to when a source says that it is complete."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from kpisheets.connectors.base import Refused, Window
from kpisheets.connectors.free import filled
from kpisheets.connectors.ready import Ready
from kpisheets.core.metric import Metric, Source

Watermark = datetime | date
_MEND = "let watermark be a SELECT that gives one date or timestamp"


def question(source: Source) -> Metric:
    """The SELECT that a source's ``watermark`` is, as a metric that is asked for once."""
    return Metric("watermark", source.name, "", "", sql=source.watermark)


def answer(ready: Ready, source: Source, window: Window, timezone: str) -> Watermark | None:
    """What that SELECT gives, once its tables are loaded; None where it gives nothing. Refused where that is no time."""
    ready.width(question(source))
    rows = ready.connection.run(filled(source.watermark, ready.connection.dialect, window), ())
    values = [value for row in rows for value in row]
    if len(values) != 1:
        raise Refused(f"its watermark gives {len(values)} values", _MEND)
    return local(values[0], timezone)


def local(value: object, timezone: str) -> Watermark | None:
    """A source's value as a local moment, or as the last whole day. Refused where it is neither."""
    if isinstance(value, str):
        try:
            text = value.strip()
            value = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
        except ValueError:
            raise Refused(f"its watermark “{value[:40]}” is no time", _MEND) from None
    if isinstance(value, datetime):
        return value if value.tzinfo is None else value.astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
    if value is None or isinstance(value, date):
        return value
    raise Refused(f"its watermark “{str(value)[:40]}” is no time", _MEND)


def earliest(*found: Watermark | None) -> Watermark | None:
    """Whatever is not complete anywhere is not complete."""
    known = [one for one in found if one is not None]
    return min(known, key=lambda o: o if isinstance(o, datetime) else datetime.combine(o, time.max), default=None)
