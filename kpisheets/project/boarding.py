"""Open actions and the cards of boards: heard before a sync is planned, told after it is written."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kpisheets.core.cards import Exchanged, Move, Shown, exchange
from kpisheets.core.summary import Action
from kpisheets.core.workbook import ACTIONS, Observed
from kpisheets.errors import KpisheetsError, Problem
from kpisheets.project.desk import Desk
from kpisheets.templates import enum_value

if TYPE_CHECKING:
    from kpisheets.boards import Board


@dataclass(frozen=True, slots=True)
class Carded:
    """What a sync did, or would do, on one board: the keys of ``added`` and ``moved`` cards."""

    board: str
    added: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()


@dataclass
class Boarding:
    """The boards of one sync. A board that fails is told in ``problems``, and the others go on."""

    desk: Desk
    problems: list[Problem] = field(default_factory=list)
    exchanged: Exchanged | None = None
    _open: dict[str, Board] = field(default_factory=dict)
    _done: dict[str, Carded] = field(default_factory=dict)

    def hear(self, observed: Observed, *, dry_run: bool) -> Exchanged | None:
        """Read the boards and let their cards follow the workbook; what the workbook takes over from them.

        Before the plan is written: if that fails, card and row agree already, and nothing is told twice. None where no
        boards are configured, or the workbook has no actions.
        """
        if ACTIONS not in observed.tables or not self.desk.config.boards:
            return None
        shown = [board for name in self.desk.config.boards if (board := self._shown(name)) is not None]
        found = exchange(observed.tables[ACTIONS], partial(enum_value, "action_status"), shown)
        failed = [] if dry_run else [move for move in found.moves if not self._moved(move)]
        self.exchanged = found.without(failed)
        for move in self.exchanged.moves:
            done = self._done[move.board]
            self._done[move.board] = replace(done, moved=(*done.moved, move.key))
        return self.exchanged

    def tell(self, actions: tuple[Action, ...], *, dry_run: bool) -> tuple[Carded, ...]:
        """Make the cards that are missing, of actions as the written workbook has them; what was done on each board."""
        for name, board in self._open.items():
            lacking = self.exchanged.lacking(actions, name) if self.exchanged else []
            for action in lacking:
                if dry_run or self._added(name, board, action):
                    done = self._done[name]
                    self._done[name] = replace(done, added=(*done.added, action.key))
        return tuple(self._done.values())

    def look(self) -> tuple[Problem, ...]:
        """What would keep a sync from each board: lists and cards are read, and nothing is changed."""
        for name in self.desk.config.boards:
            self._shown(name)
        return tuple(self.problems)

    def _shown(self, name: str) -> Shown | None:
        from kpisheets.boards import open_board

        zone = ZoneInfo(self.desk.config.project.timezone)
        try:
            board = open_board(self.desk.config.boards[name], self.desk.config.root, zone)
            cards = [replace(card, key=self._ours(card.key)) for card in board.cards()]
            shown = Shown(name, cards, board.tells, board.alike)
        except KpisheetsError as error:
            self._failed(name, error)
            return None
        self._open[name], self._done[name] = board, Carded(name)
        return shown

    def _moved(self, move: Move) -> bool:
        try:
            self._open[move.board].move(move.card, move.state)
        except KpisheetsError as error:
            self._failed(move.board, error)
            return False
        return True

    def _added(self, name: str, board: Board, action: Action) -> bool:
        from kpisheets.boards import NewCard
        from kpisheets.reports.card import card

        project = self.desk.config.project.name
        link = self.desk.config.workbook.link or self.desk.place.link
        told = card(action, self.desk.language, project=project, link=link, shared=board.tells)
        try:
            board.add(NewCard(f"{action.key}{self._mark}", told.title, told.text, action.due))
        except KpisheetsError as error:
            self._failed(name, error)
            return False
        return True

    @property
    def _mark(self) -> str:
        """Several projects may share a board."""
        return f" · {' '.join(self.desk.config.project.name.split())}"

    def _ours(self, key: str) -> str:
        return key.removesuffix(self._mark) if key.endswith(self._mark) else ""

    def _failed(self, name: str, error: KpisheetsError) -> None:
        where = error.where or f"[boards.{name}]"
        problem = Problem(where, error.what, error.mend, code=error.exit_code)
        if problem not in self.problems:
            self.problems.append(problem)
