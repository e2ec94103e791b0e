"""What comes with the mails of a report: its own pages, and the workbook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from kpisheets.backends.place import Place
from kpisheets.config import ReportSettings
from kpisheets.core.summary import Action, Line, Suggestion, Summary
from kpisheets.errors import BadData
from kpisheets.files import file_name
from kpisheets.templates import Language

PAGES = "pdf"
INSTALL = 'install them: pip install "kpisheets[pdf]"'
_WHOLE = {"xlsx": "xlsx", "workbook-pdf": "pdf"}

_Told = tuple[tuple[Line, ...], tuple[Action, ...], tuple[Suggestion, ...]]


@dataclass
class Enclosures:
    """The files of one report, each made once. What can't be made is missing, and named: a mail goes all the same."""

    place: Place
    settings: ReportSettings
    words: Language
    _made: dict[_Told, Mapping[str, bytes]] = field(default_factory=dict)

    @cached_property
    def _workbooks(self) -> Mapping[str, tuple[str, bytes] | None]:
        wanted = (kind for kind in self.settings.attach if kind in _WHOLE)
        return {kind: self.place.attachment(_WHOLE[kind]) for kind in wanted}

    @property
    def workbook(self) -> dict[str, bytes]:
        """The whole workbook, by file names: the same with every message."""
        return dict(made for made in self._workbooks.values() if made is not None)

    def pages(self, part: Summary) -> Mapping[str, bytes]:
        """The report's PDF by its file name, of what one recipient gets of it; empty where none is wanted or made."""
        from kpisheets.reports import can_pdf, pdf, title

        if PAGES not in self.settings.attach or not can_pdf():
            return {}
        told = part.lines, part.actions, part.suggestions
        if told not in self._made:
            name = f"{file_name(title(part, self.words))}.pdf"
            try:
                self._made[told] = {name: pdf(part, self.words, self.settings.paper)}
            except BadData:
                self._made[told] = {}
        return self._made[told]

    def lacking(self, part: Summary) -> tuple[str, ...]:
        """The kinds of attachment that a message is without."""
        missing = [kind for kind, made in self._workbooks.items() if made is None]
        if PAGES in self.settings.attach and not self.pages(part):
            missing.append(PAGES)
        return tuple(kind for kind in self.settings.attach if kind in missing)
