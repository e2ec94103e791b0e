"""What the ``Flag`` cell of a tracking row remembers, as text: pieces in this order, a semicolon between them.

``override`` or ``restated 100.0``: the Actual is not what the source says. ``closed`` or ``reopened``: a person closed
the period, or opened it again. ``target 130.0``: the Target was changed to that after the period closed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from kpisheets.core.values import is_number
from kpisheets.core.workbook import Value

CLOSED, REOPENED = "closed", "reopened"
TARGET = "target"
_BETWEEN = "; "


@dataclass(frozen=True, slots=True)
class Flag:
    """``mark`` belongs to the merge of Actual; ``period`` is ``CLOSED``, ``REOPENED`` or blank: time alone decides;
    ``target`` is ``TARGET`` and the target that was typed after closing, or blank."""

    mark: str = ""
    period: str = ""
    target: str = ""

    @staticmethod
    def read(value: Value) -> Flag:
        return _read(value) if isinstance(value, str) else _NONE

    @property
    def text(self) -> str:
        return _BETWEEN.join(filter(None, (self.mark, self.period, self.target)))

    @property
    def typed_late(self) -> float | None:
        """The target that was typed after closing, where it is a number."""
        try:
            return float(self.target.removeprefix(f"{TARGET} "))
        except ValueError:
            return None

    def marked(self, mark: str) -> str:
        """The text with another mark."""
        return replace(self, mark=mark).text


def late(target: Value) -> str:
    """The piece that remembers a target that was typed after closing."""
    if is_number(target):
        return f"{TARGET} {float(target)!r}"
    return f"{TARGET} {'text' if isinstance(target, str) and target.strip() else 'blank'}"


@lru_cache(maxsize=4096)
def _read(text: str) -> Flag:
    pieces = [piece.strip() for piece in text.split(_BETWEEN.strip())]
    period = next((piece for piece in pieces if piece in (CLOSED, REOPENED)), "")
    target = next((piece for piece in pieces if piece.startswith(f"{TARGET} ")), "")
    mark = next((piece for piece in pieces if piece and piece not in (period, target)), "")
    return Flag(mark, period, target)


_NONE = Flag()
