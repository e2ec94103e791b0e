"""The report as HTML: a page of its own, or the body of a mail with its pictures beside it."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from kpisheets.core.summary import Summary
from kpisheets.reports.assets import read
from kpisheets.reports.rows import Row
from kpisheets.reports.sparkline import HEIGHT, WIDTH, png
from kpisheets.reports.view import View, view
from kpisheets.templates import Language

if TYPE_CHECKING:
    from jinja2 import Environment, Template

MAIL_LIMIT = 90_000
"""Bytes of a mail's HTML: some 102 kB in, Gmail cuts a message."""
_HIGHLIGHTS = 5
_ACTIONS = 10
_PROBLEMS = 10
_LATE = 10
# Mail programs show the beginning of the text after the preheader, unless something invisible fills the line.
_PADDING = "\N{ZERO WIDTH NON-JOINER}\N{NO-BREAK SPACE}" * 40


@dataclass(frozen=True, slots=True)
class Body:
    """A mail's HTML and the PNGs that it shows, by Content-ID (without angle brackets)."""

    html: str
    pictures: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class _Picture:
    source: str
    alt: str
    width: int = WIDTH
    height: int = HEIGHT


def standalone(summary: Summary, words: Language) -> str:
    """A page that needs nothing beside it: every KPI, pictures inside."""
    page = _Page(summary, words)

    def inside(_: int, picture: bytes) -> str:
        return f"data:image/png;base64,{base64.b64encode(picture).decode('ascii')}"

    return page.html(len(page.shown.rows), inside)


def body(summary: Summary, words: Language, *, why: Sequence[str] = (), own: bool = False) -> Body:
    """The body of a mail, under ``MAIL_LIMIT`` bytes: the KPIs that are best off are left out when there are too many.

    ``why`` is what the foot says about why the reader gets this; ``own``: the KPIs are all theirs.
    """
    page = _Page(summary, words, why, own=own)
    pictures: dict[str, bytes] = {}

    def beside(place: int, picture: bytes) -> str:
        name = f"t{place}@kpisheets"
        pictures[name] = picture
        return f"cid:{name}"

    rows = len(page.shown.rows)
    html = page.html(rows, beside)
    while rows and len(html.encode()) > MAIL_LIMIT:
        pictures.clear()
        rows = min(rows - 1, rows * MAIL_LIMIT // len(html.encode()))
        html = page.html(rows, beside)
    return Body(html, pictures)


class _Page:
    """A report ready to be filled in: words and pictures are made once, however many rows are shown."""

    def __init__(self, summary: Summary, words: Language, why: Sequence[str] = (), *, own: bool = False) -> None:
        self.shown: View = view(summary, words, compact=True)
        self._words, self._why = words, tuple(why)
        self._all = words.word("mail_your_kpis" if own else "all_kpis")
        self._drawn = [self._draw(row) for row in self.shown.rows]

    def html(self, rows: int, place: Callable[[int, bytes], str]) -> str:
        """The page with the first ``rows`` KPIs; ``place`` gives a picture's address from its number and bytes."""
        import css_inline

        shown = self.shown
        cells = [
            (row, _Picture(place(number, drawn[0]), drawn[1]) if drawn else None)
            for number, (row, drawn) in enumerate(zip(shown.rows[:rows], self._drawn, strict=False))
        ]
        filled = _template().render(
            view=shown,
            rows=cells,
            left_out=len(shown.rows) - rows,
            successes=shown.successes[:_HIGHLIGHTS],
            attention=shown.attention[:_HIGHLIGHTS],
            warnings=shown.warnings[:_HIGHLIGHTS],
            actions=shown.actions[:_ACTIONS],
            actions_left_out=len(shown.actions[_ACTIONS:]),
            late=shown.late.items[:_LATE],
            late_left_out=shown.late.more(_LATE, self._words),
            problems=shown.problems[:_PROBLEMS],
            problems_left_out=len(shown.problems[_PROBLEMS:]),
            preheader=preheader(shown, self._words),
            padding=_PADDING,
            why=self._why,
            all=self._all,
            word=self._words.word,
            column=self._words.columns["report"],
        )
        return css_inline.CSSInliner(load_remote_stylesheets=False, minify_css=True).inline(filled)

    @staticmethod
    def _draw(row: Row) -> tuple[bytes, str] | None:
        """A row's picture and what it shows in words; nothing where a trend has fewer than two values."""
        return (png(row.line.trend, row.status), row.trend) if row.trend else None


def preheader(shown: View, words: Language) -> str:
    """What an inbox shows beside the subject."""
    if shown.attention:
        return words.word("mail_preheader", verdict=shown.verdict, first=shown.attention[0].name)
    good = bool(shown.successes) and not shown.stale
    return words.word("mail_preheader_good", verdict=shown.verdict) if good else shown.verdict


def filled(template: str, values: Mapping[str, object]) -> str:
    """A page from one of the templates, its style inside the elements."""
    import css_inline

    page = _environment().get_template(template).render(values)
    return css_inline.CSSInliner(load_remote_stylesheets=False, minify_css=True).inline(page)


@cache
def _template() -> Template:
    return _environment().get_template("report.html.j2")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(autoescape=True, undefined=StrictUndefined, loader=FunctionLoader(_markup))
    environment.globals["padding"] = _PADDING
    # Style sheets are the project's own text, not data.
    for name in ("light", "dark"):
        environment.globals[name] = Markup(_squeezed(read("report.css" if name == "light" else "dark.css")))  # noqa: S704
    return environment


def _markup(name: str) -> str:
    """A template without the white space between its tags, which would be a fifth of a long mail."""
    return re.sub(r"(?<=[>}])\s*\n\s*(?=[<{])", "", read(name))


def _squeezed(css: str) -> str:
    bare = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.sub(r"\s*([{};,])\s*", r"\1", bare).strip().replace(": ", ":")
