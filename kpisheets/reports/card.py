"""An open action as a card on a board: plain text in the workbook's language."""

from __future__ import annotations

from dataclasses import dataclass

from kpisheets.core.summary import Action
from kpisheets.reports.dates import period_words
from kpisheets.reports.rows import clean
from kpisheets.templates import Language


@dataclass(frozen=True, slots=True)
class CardText:
    title: str
    text: str


def card(action: Action, words: Language, *, project: str, link: str, shared: bool) -> CardText:
    """``link`` leads to the workbook, blank where it has no address; ``shared``: moving the card changes the status."""
    period = period_words(clean(action.period), words)
    columns, colon = words.columns["actions"], words.word("report.pace_colon")
    told = {"gap": action.gap, "cause": action.cause, "action": action.action, "owner": action.owner}
    lines = [f"{columns[name]}{colon} {clean(text)}" for name, text in told.items() if clean(text)]
    why = words.word("card_shared" if shared else "card_shown", tab=words.tabs["actions"], project=project)
    return CardText(
        title=f"{clean(action.name)}, {period}" if period else clean(action.name),
        text="\n".join((*lines, "", why, *((link,) if link.startswith("https://") else ()))),
    )
