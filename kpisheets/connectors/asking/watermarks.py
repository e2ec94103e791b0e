"""Up to when a source says that it is complete: all of it by a SELECT of its own, a table by its connector."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from kpisheets.connectors.asking.free import filled
from kpisheets.connectors.asking.ready import Ready
from kpisheets.connectors.base import Refused, Window
from kpisheets.core.metric import Asked, Metric, Source

Watermark = datetime | date
_MEND = "let watermark be a SELECT that gives one date or timestamp"


class WholeSource:
    """The watermarks of one source's answers. Made before its tables are loaded, and asked afterwards."""

    def __init__(self, ready: Ready, source: Source, window: Window) -> None:
        self.found: dict[str, Watermark] = {}
        self.problems: list[tuple[str, str]] = []
        self._ready, self._window = ready, window
        self._select = Metric("watermark", source.name, "", "", sql=source.watermark) if source.watermark else None
        self._whole: Watermark | None = None
        if self._select:
            try:
                ready.prepare(self._select, window)
            except Refused as error:
                self._complain(error)

    def of(self, told: object, asked: Iterable[Asked]) -> None:
        """Note it for those who ask of a table; ``told`` is what its connector says."""
        try:
            whole = self._answer() if self._select else None
            said = local(told, self._window.timezone)
        except Refused as error:
            self._complain(error)
            return
        known = [one for one in (whole, said) if one is not None]
        if known:
            # Whatever is not complete anywhere is not complete.
            least = min(known, key=lambda o: o if isinstance(o, datetime) else datetime.combine(o, time.max))
            self.found |= {one.kpi: least for one in asked}

    def _answer(self) -> Watermark | None:
        if self._whole is None and self._select:
            if self._ready.width(self._select) != 1:
                raise Refused("its watermark gives 2 columns", _MEND)
            text = filled(self._select.sql, self._ready.connection.dialect, self._window)
            values = [value for row in self._ready.connection.run(text, ()) for value in row]
            if len(values) != 1:
                raise Refused(f"its watermark gives {len(values)} values", _MEND)
            self._whole = local(values[0], self._window.timezone)
        return self._whole

    def _complain(self, error: Refused) -> None:
        """Once: figures without a watermark are figures all the same."""
        self._select = None
        self.problems.append((error.what, error.mend))


def local(value: object, timezone: str) -> Watermark | None:
    """A source's value as a local moment, or as the last whole day. Refused where it is neither."""
    if isinstance(value, str):
        text = value.strip()
        try:
            value = date.fromisoformat(text) if len(text) == len("2026-10-31") else datetime.fromisoformat(text)
        except ValueError:
            raise Refused(f"its watermark “{text[:40]}” is no time", _MEND) from None
    if isinstance(value, datetime):
        return value if value.tzinfo is None else value.astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
    if value is None or isinstance(value, date):
        return value
    raise Refused(f"its watermark “{str(value)[:40]}” is no time", _MEND)
