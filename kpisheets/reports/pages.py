"""The report as pages, by typst: the same document for an Excel file and for Google Sheets.

What is said travels as JSON and is never read as markup. The bytes depend on the summary, the paper, typst and, where a
text needs letters that the report's own font lacks, on the fonts of this machine; on nothing else.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, time
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from kpisheets.core.summary import Point, Summary
from kpisheets.errors import BadConfig, BadData
from kpisheets.reports.assets import read
from kpisheets.reports.late import LISTED
from kpisheets.reports.rows import Row
from kpisheets.reports.trend import Place, places, runs
from kpisheets.reports.view import View, view
from kpisheets.templates import Language

if TYPE_CHECKING:
    import typst

PAPERS = {"a4": "a4", "letter": "us-letter"}
_FONT = "IBM Plex Sans"
_HIGHLIGHTS = 5
_ACTIONS = 20
_LONG = re.compile(r"[^\W\d_]{40,}|(?=\S*(?:[^\w\s]|[\d_]))\S{24,}")
"""What hardly is a word. German has words of thirty letters."""
_APART = frozenset({"Lu", "Ll", "Nd", "Po", "Pd", "Ps", "Pe"})


def render(summary: Summary, words: Language, paper: str = "a4") -> bytes:
    """A tagged PDF of every KPI, as PDF/UA-1 and PDF/A-3a where the fonts have all its letters. ``paper`` is one of
    ``PAPERS``. BadConfig where typst or its font is missing."""
    try:
        import fontpkg_ibm_plex_sans  # noqa: F401
        import typst
    except ImportError as error:
        raise BadConfig(
            f"a PDF needs more packages ({error.name or error} is missing)",
            mend='install them: pip install "kpisheets[pdf]"',
        ) from error
    data = _breakable(_data(summary, words, paper))
    made = json.dumps(data, ensure_ascii=False, allow_nan=False)
    template = read("report.typ").encode()
    stamp = datetime.combine(summary.report_date, time(), UTC)

    def compiled(*, machine: bool, standards: Sequence[typst.PDFStandard]) -> bytes:
        compiler = typst.Compiler(template, font_paths=_fonts(machine=machine), sys_inputs={"data": made})
        pages = compiler.compile(format="pdf", pdf_standards=list(standards), timestamp=stamp)
        assert isinstance(pages, bytes)  # noqa: S101 - lists are for formats with a file a page
        return pages

    strict: Sequence[typst.PDFStandard] = ("ua-1", "a-3a")
    for machine, standards in ((False, strict), (True, strict), (True, ())):
        try:
            return compiled(machine=machine, standards=standards)
        except typst.TypstError as error:
            # The standards allow no letter without a shape: try the machine's fonts, then do without the standards.
            failed = error
    raise BadData(f"the report can't be set as PDF: {failed.message}", mend="choose another format")


@cache
def _fonts(*, machine: bool) -> typst.Fonts:
    """The report's own fonts; with those of this machine, which are slower to find, where ``machine``."""
    import typst

    own = resources.files("fontpkg_ibm_plex_sans") / "files"
    return typst.Fonts(include_system_fonts=machine, font_paths=[str(own)])


def _data(summary: Summary, words: Language, paper: str) -> dict[str, object]:
    """What the template says and draws, in words and written numbers."""
    shown = view(summary, words)
    day, column = summary.report_date, words.columns["report"]
    attention, warnings = shown.attention[:_HIGHLIGHTS], shown.warnings[:_HIGHLIGHTS]
    told = {id(row) for row in (*attention, *warnings)}
    return {
        "paper": PAPERS[paper],
        "font": _FONT,
        "language": shown.language,
        "project": shown.project,
        "title": shown.title,
        "period": shown.period,
        "heading": shown.heading,
        "date": {"year": day.year, "month": day.month, "day": day.day},
        "verdict": shown.verdict,
        "counts": [
            {"status": count.status.value, "number": count.number, "symbol": count.symbol, "word": count.word}
            for count in shown.counts
            if shown.rows
        ],
        "as_of": shown.as_of,
        "stale": shown.stale_note,
        "stale_word": shown.stale_word,
        "overrides": shown.overrides,
        "suggestions": shown.suggestions,
        "successes": [_row(row, shown) for row in shown.successes[:_HIGHLIGHTS]],
        "attention": [_row(row, shown) for row in attention],
        "warnings": [_row(row, shown) for row in warnings],
        "well_done": shown.well_done,
        "rows": [_row(row, shown, told=id(row) in told) for row in shown.rows],
        "columns": [column[name] for name in ("kpi", "actual", "target", "status", "trend")],
        "actions": [{"name": one.name, "said": one.said, "overdue": one.overdue} for one in shown.actions[:_ACTIONS]],
        "more_actions": words.word("report.more", n=len(shown.actions) - _ACTIONS)
        if len(shown.actions) > _ACTIONS
        else "",
        "late": [{"name": one.name, "period": one.period, "said": one.said} for one in shown.late.items[:LISTED]],
        "late_notes": [*filter(None, [shown.late.more(LISTED, words)]), *shown.late.hints],
        "problems": shown.problems,
        "workbook": shown.workbook,
        "link": shown.workbook_is_link,
        "words": {
            "successes": words.word("successes"),
            "attention": words.word("attention"),
            "warnings": words.word("insight.warnings"),
            "all": words.word("all_kpis"),
            "actions": words.word("actions_title"),
            "late": shown.late.title,
            "problems": words.word("report.problems"),
            "page": words.word("report.page", page="{page}", pages="{pages}"),
            "open": words.word("mail_open_workbook"),
            "workbook": words.word("report.workbook", workbook=shown.workbook),
        },
    }


def _row(row: Row, shown: View, *, told: bool = False) -> dict[str, object]:
    """``told``: where the KPI is heading is said in another place."""
    outlook = "" if told else row.said.outlook
    actuals, targets = _drawn(row.line.trend) if row.trend else ([], [])
    return {
        "name": row.name,
        "owner": row.owner,
        "about": " · ".join(part for part in (row.owner, row.period if row.period != shown.period else "") if part),
        "actual": row.actual,
        "target": row.target,
        "gap": f"{row.gap} ({row.gap_share})" if row.gap_share else row.gap,
        "status": row.status.value,
        "symbol": row.symbol,
        "word": row.word,
        "notes": (*row.notes, *(part for part in (row.said.year_before, outlook) if part)),
        "reading": row.reading,
        "trend": row.trend,
        "actuals": actuals,
        "targets": targets,
        "recommendation": row.recommendation,
    }


def _drawn(trend: Sequence[Point]) -> tuple[list[list[Place]], list[list[Place]]]:
    """The lines to draw. A target alone is no line."""
    actuals, targets = places(trend)
    return list(runs(actuals)), [run for run in runs(targets) if len(run) > 1]


def _breakable(value: Any) -> Any:
    """The data with every long word, an address or a slip of a finger, allowed to break anywhere."""
    match value:
        case str():
            return _LONG.sub(lambda found: _opened(found[0]), value)
        case dict():
            return {key: _breakable(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_breakable(inner) for inner in value]
    return value


def _opened(word: str) -> str:
    """The word with invisible places to break before letters and signs that never join what stands before them.

    Not before the first one: that sign would be copied from the PDF together with the invisible one, wherever it is.
    """
    kinds = map(unicodedata.category, word[1:])
    return word[0] + "".join(f"\u200b{c}" if kind in _APART else c for c, kind in zip(word[1:], kinds, strict=True))
