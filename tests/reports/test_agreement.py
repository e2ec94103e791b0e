"""The Report tab and all that is sent say the same: every number and every status word, in several languages.

Each form is read as a person would read it, by a reader of its own. The tab is what LibreOffice shows of the file, on
a system that speaks the language.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from pypdf import PdfReader

from kpisheets.core.explain import Explanation
from kpisheets.core.kpi import Direction, Status
from kpisheets.core.summary import Line, Summary
from kpisheets.printing import explanation_document, explanation_text
from kpisheets.project import Project
from kpisheets.reports.dates import period_words
from kpisheets.reports.letter import Letter, letter
from kpisheets.scaffold import create_project
from kpisheets.templates import Language, language
from tests import libreoffice
from tests.reports.test_renderings import Page

LOCALES = {"en": "en-US", "fr": "fr-FR", "de": "de-DE"}
LISTED = 5
WRITTEN = r"[^\W\d_]?[-€]*\d(?:[.,]?\d)*(?: \d{3})*(?:,\d+)?(?: ?(?:[kmM]|mil|Mio\.|[%€djh]|pts|PP|Tage|Std\.)(?!\w))*"
JUDGED = (Status.MET, Status.AT_RISK, Status.MISSED)


@dataclass(frozen=True)
class Case:
    """A project's report in every form."""

    words: Language
    summary: Summary
    tab: list[list[str]]
    forms: dict[str, str]
    pdf: str
    explained: dict[str, Explanation]
    mail: Letter

    def rows(self) -> list[dict[str, str]]:
        """The tab's lines, by the fields of its columns."""
        heads = {title: field for field, title in self.words.columns["report"].items()}
        start = next(n for n, row in enumerate(self.tab) if self.words.columns["report"]["variance_pct"] in row)
        fields = [heads.get(title, title) for title in self.tab[start]]
        return [dict(zip(fields, row, strict=True)) for row in self.tab[start + 1 :] if row[1]]

    def beside(self, title: str, count: int) -> list[str]:
        """The texts below a title in its column."""
        row, column = next((r, c) for r, cells in enumerate(self.tab) for c, cell in enumerate(cells) if cell == title)
        return [self.tab[below][column] for below in range(row + 1, row + 1 + count) if self.tab[below][column]]


CASES = {"en": "operations", "fr": "finance", "de": "manufacturing"}


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, soffice: str) -> Case:
    code, folder = request.param, tmp_path_factory.mktemp("agreement")
    create_project(folder, templates=(CASES[code],), language=code, backend="excel", today=date(2026, 10, 20))
    project = Project.load(folder, clock=lambda: datetime(2026, 10, 20, 9, 0, tzinfo=UTC))
    project.provision()
    project.sync()
    (book,) = folder.glob("*.xlsx")
    shown = libreoffice.convert(soffice, book, "csv", folder / "shown", locale=LOCALES[code])
    pdf, summary = PdfReader(io.BytesIO(project.pdf())), project.summary()
    return Case(
        words=language(code),
        summary=summary,
        tab=list(csv.reader(io.StringIO(shown.read_text(encoding="utf-8")))),
        forms={form: project.render(form) for form in ("text", "md", "html", "json")},
        pdf="\n".join(page.extract_text() for page in pdf.pages),
        explained={line.kpi.id: project.explain(line.kpi.id) for line in summary.worst_first[:3]},
        mail=letter(summary, language(code), recipient="a@example.org", report_name="weekly"),
    )


def plain(text: str) -> str:
    """White space and minus signs of one kind."""
    return " ".join(text.replace("\N{MINUS SIGN}", "-").split())


def read(written: str) -> tuple[float, float] | None:
    """What a number says, and how far from it the truth may be; ``None`` for a blank or a dash."""
    text = plain(written)
    if text in ("", "–"):
        return None
    match = re.search(r"[-+]?\D?(\d[\d ,.]*)\s?(k|mil|m|M)?\b", text)
    assert match, written
    digits = match[1].replace(" ", "").rstrip(",.")
    # All languages part thousands in threes; what stands before fewer or more digits parts decimals.
    mark = max(digits.rfind(","), digits.rfind("."))
    decimals = len(digits) - mark - 1 if mark >= 0 and len(digits) - mark - 1 != 3 else 0
    value = float(re.sub("[,.]", "", digits)) / 10**decimals
    scale = {"k": 1e3, "mil": 1e3, "m": 1e6, "M": 1e6}.get(match[2] or "", 1.0) / (100 if "%" in text else 1)
    sign = -1 if "-" in text.split(digits[0])[0] else 1
    return sign * value * scale, 0.5 * 10**-decimals * scale * 1.0001


def says(written: str, value: object) -> bool:
    found = read(written)
    if found is None or value is None:
        return found is None and value is None
    return abs(found[0] - float(str(value))) <= found[1]


def agree(first: str, second: str, times: float = 1) -> bool:
    """Whether two texts say one number, as far as each of them is rounded; the ``second`` is ``times`` as large."""
    one, other = read(first), read(second)
    if one is None or other is None:
        return one is other
    return abs(one[0] - other[0] / times) <= one[1] + other[1] / times


def test_the_tab_says_the_summarys_numbers_and_words(case: Case) -> None:
    rows = {row["id"]: row for row in case.rows()}
    assert set(rows) == {line.kpi.id for line in case.summary.lines}
    assert len(rows) >= 8
    for line in case.summary.lines:
        row = rows[line.kpi.id]
        assert (row["kpi"], row["owner"], row["period"]) == (line.kpi.name, line.kpi.owner, line.period)
        assert row["status"] == case.words.status[line.verdict.judged]
        for field, value in (
            ("actual", line.actual),
            ("variance", line.variance),
            ("variance_pct", line.variance_share),
            ("so_far", line.so_far.actual if line.so_far else None),
        ):
            assert says(row[field], value), (line.kpi.id, field, row[field], value)
        for written, bound in zip(apart(row["target"]), bounds(line), strict=True):
            assert says(written, bound), (line.kpi.id, row["target"])
        if line.so_far and line.so_far.verdict.so_far:
            assert row["pace"].endswith(case.words.so_far[line.so_far.verdict.so_far])


def test_the_tab_counts_and_lists_what_the_summary_does(case: Case) -> None:
    counts = case.summary.counts
    for status in (Status.MET, Status.AT_RISK, Status.MISSED, Status.NO_DATA):
        # The count stands above its word.
        pairs = zip(case.tab, case.tab[1:], strict=False)
        places = [(row[c], cell) for row, below in pairs for c, cell in enumerate(below)]
        (shown,) = [count for count, cell in places if cell == case.words.status[status] and count.isdigit()]
        assert int(shown) == counts[status] == json.loads(case.forms["json"])["verdict"][status.value]
    for title, lines in (("successes", case.summary.successes), ("attention", case.summary.attention)):
        assert case.beside(case.words.word(title), LISTED) == [line.kpi.name for line in lines[:LISTED]]


def test_the_verdict_is_the_same_everywhere(case: Case) -> None:
    counts = case.summary.counts
    pieces = [f"{n} {case.words.word(f'counted_{s.value}')}" for s, n in counts.items() if n or s is Status.MET]
    (verdict,) = {cell for row in case.tab for cell in row if cell.startswith(pieces[0])}
    assert sorted(verdict.split(", ")) == sorted(pieces)
    assert f"\n{verdict}\n" in case.forms["text"]
    assert f"**{verdict}**" in case.forms["md"]
    assert case.mail.subject.endswith(verdict)
    for page in (case.forms["html"], case.mail.html):
        assert any(verdict in text for text in Page(page).text)
    said = plain(case.pdf)
    for status, count in counts.items():
        symbol, _, word = case.words.status[status].partition(" ")
        assert (f"{symbol} {count} {word}" in said) is bool(count or status in JUDGED)


def written_lines(case: Case, form: str) -> dict[str, tuple[str, str, str]]:
    """Actual, target and status of each KPI by its name, as a form shows them; its rows worst first."""
    symbols = "[✔▲✖–◔]"
    found: dict[str, tuple[str, str, str]] = {}
    if form == "html":
        for name, actual, target, status in Page(case.forms[form]).kpis():
            found[name] = actual, target, status
    elif form == "md":
        for cells in re.findall(rf"^\| {symbols} (.*) \|$", case.forms[form], re.MULTILINE):
            status, name, actual, target, _ = re.sub(r"\\(.)", r"\1", cells).split(" | ")
            found[name.removesuffix(" *")] = actual, target, status
    elif form == "text":
        for row in re.findall(rf"^{symbols} (.*)$", case.forms[form], re.MULTILINE):
            status, name, actual, target = re.split(" {2,}", row)
            found[name] = actual, target, status
    else:
        # Between cells stands a plain space, inside a number one that does not break.
        part = re.sub("[ \n]+", " ", case.pdf.partition(case.words.word("all_kpis"))[2])
        statuses = "|".join(word.replace(" ", "[ \u00a0]") for word in case.words.status.values())
        number = "(?:[^\\W\\d_]?[-\u2212€]*\\d[\\d.,\u00a0\u202f]*(?:[%jdh€]|Tage|Std\\.|días)?|–)"
        bounds = f"{number}(?: (?:to|à|bis|a) {number})?"
        for line in case.summary.worst_first:
            # The name, what is said below it, the numbers, the status: the first status after the name is its own.
            name = re.escape(line.kpi.name)
            match = re.search(rf"{name} (?:(?!{statuses}).)*?(?<!\S)({bounds}) ({bounds}) ({statuses})", part)
            assert match, line.kpi.name
            found[line.kpi.name] = match[1], match[2], plain(match[3]).partition(" ")[2]
    return found


@pytest.mark.parametrize("form", ["text", "md", "html", "pdf"])
def test_what_is_sent_says_what_the_tab_says(case: Case, form: str) -> None:
    tab = {row["kpi"]: row for row in case.rows()}
    sent = written_lines(case, form)
    assert list(sent) == [line.kpi.name for line in case.summary.worst_first]
    for line in case.summary.worst_first:
        actual, target, status = (plain(cell) for cell in sent[line.kpi.name])
        assert status == plain(case.words.status[line.verdict.judged].partition(" ")[2])
        assert case.words.status[line.verdict.judged] == tab[line.kpi.name]["status"]
        assert says(actual, line.actual), (line.kpi.id, actual)
        shown = tab[line.kpi.name]
        assert agree(actual, shown["actual"]), line.kpi.id
        for written, told, bound in zip(apart(target), apart(shown["target"]), bounds(line), strict=True):
            assert says(written, bound), (line.kpi.id, target)
            assert agree(written, told), (line.kpi.id, target, shown["target"])
        if line.kpi.direction is Direction.RANGE and form != "html":  # where large numbers are written short
            assert target == plain(shown["target"])


def apart(target: str) -> list[str]:
    """The numbers of a target: two where it is a range."""
    return re.split(" to | à | bis | a ", target)


def bounds(line: Line) -> tuple[object, ...]:
    return (line.kpi.low, line.kpi.high) if line.kpi.direction is Direction.RANGE else (line.target,)


def parts(case: Case, form: str) -> dict[str, str]:
    """What a form says of each KPI in its table of all of them."""
    text = {"html": " ".join(Page(case.forms["html"]).text), "pdf": case.pdf, "text": case.forms["text"]}[form]
    said, place, title = plain(text), 0, plain(case.words.word("all_kpis"))
    if form != "text":  # which begins with the table
        place = said.rindex(title) + len(title)
    starts = []
    for line in case.summary.worst_first:
        place = said.index(plain(line.kpi.name), place) + 1
        starts.append(place - 1)
    names = [line.kpi.name for line in case.summary.worst_first]
    return {name: said[start:end] for name, start, end in zip(names, starts, [*starts[1:], None], strict=True)}


@pytest.mark.parametrize("form", ["text", "html", "pdf"])
def test_variances_and_running_periods_are_those_of_the_tab(case: Case, form: str) -> None:
    said, tab = parts(case, form), {row["kpi"]: row for row in case.rows()}
    share = plain(case.words.word("report.points"))
    for line in case.summary.lines:
        row, part = tab[line.kpi.name], said[line.kpi.name]
        gap, running = line.variance, line.so_far
        if gap is not None and line.status is not Status.IN_PROGRESS:
            ranged = line.kpi.direction is Direction.RANGE
            if abs(gap) < 1e-9:
                assert plain(case.words.word("report.within_range" if ranged else "on_target")) in part
                assert says(row["variance"], 0)
            else:
                key = {(True, True): "above_range", (True, False): "below_range"}.get(
                    (ranged, gap > 0), "better_by" if line.is_better else "worse_by"
                )
                phrase = re.escape(plain(case.words.words[key])).replace(r"\{gap\}", f"({WRITTEN})")
                match = re.search(rf"{phrase}(?: \((.*?)\))?", part)
                assert match, (line.kpi.id, part)
                size = row["variance"].replace("-", "").replace("+", "").replace("\N{MINUS SIGN}", "")
                assert agree(size, match[1], 100 if match[1].endswith(share) else 1), (line.kpi.id, size, match[1])
                if match[2]:
                    assert agree(row["variance_pct"].strip("+-\N{MINUS SIGN}"), match[2]), (line.kpi.id, match[2])
        if running and running.actual is not None:
            before, after = (
                re.escape(plain(text))
                for text in case.words.words["report.so_far"]
                .replace("{period}", period_words(running.period, case.words))
                .split("{actual}")
            )
            match = re.search(f"{before} ?({WRITTEN}){after}", part)
            assert match, (line.kpi.id, part)
            assert agree(match[1], row["so_far"]), (line.kpi.id, match[1], row["so_far"])
            if running.verdict.so_far:
                pace = case.words.so_far[running.verdict.so_far]
                assert row["pace"].endswith(pace)
                assert f"{match[1]}, {plain(pace)}" in part


def test_json_says_what_the_tab_says_and_exactly(case: Case) -> None:
    found, tab = json.loads(case.forms["json"]), {row["id"]: row for row in case.rows()}
    assert [kpi["id"] for kpi in found["kpis"]] == [line.kpi.id for line in case.summary.lines]
    for kpi, line in zip(found["kpis"], case.summary.lines, strict=True):
        row, ranged = tab[line.kpi.id], line.kpi.direction is Direction.RANGE
        for field, value in (
            *(("actual", line.actual), ("target", line.target), ("low", line.kpi.low), ("high", line.kpi.high)),
            *(("variance", line.variance), ("variance_pct", line.variance_share)),
        ):
            assert kpi[field] == (None if value is None else pytest.approx(float(value), abs=1e-9)), kpi["id"]
        for field in ("actual", "variance", "variance_pct"):
            assert says(row[field], kpi[field]), (kpi["id"], field)
        for written, goal in zip(apart(row["target"]), ("low", "high") if ranged else ("target",), strict=True):
            assert says(written, kpi[goal]), kpi["id"]
        assert (row["kpi"], row["owner"], row["period"]) == (kpi["name"], kpi["owner"], kpi["period"])
        assert row["status"] == case.words.status[Status(kpi["status"])]
        so_far = kpi["so_far"] or {"actual": None}
        assert says(row["so_far"], so_far["actual"]), kpi["id"]
    assert found["successes"] == [line.kpi.id for line in case.summary.successes]
    assert found["verdict"] == {status.value: case.summary.counts[status] for status in Status}


def test_when_the_data_was_read_is_the_same_everywhere(case: Case) -> None:
    day = {
        "en": "20 October 2026, 11:00",
        "fr": "20 octobre 2026 à 11:00",
        "de": "20. Oktober 2026, 11:00",
    }[case.words.code]
    zone = "09:00" if case.words.code == "en" else "11:00"
    day = day.replace("11:00", zone)
    for form in ("text", "md", "html"):
        assert day in plain(re.sub(r"\\(.)", r"\1", case.forms[form]))
    assert day in plain(case.pdf)
    assert any(zone in cell and "2026" in cell for row in case.tab for cell in row)


def forecasts(case: Case, key: str, period: str, text: str) -> list[dict[str, str]]:
    """The value, low and high that a text says of a period, each time that it has the phrase."""
    phrase = case.words.words[f"insight.{key}"].replace("{period}", period_words(period, case.words))
    parts = re.split(r"{(\w+)}", plain(phrase).casefold())
    pattern = "".join(f"(?P<{part}>[^;]+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
    return [match.groupdict() for match in re.finditer(pattern, text.casefold())]


def test_forecasts_are_the_same_everywhere(case: Case) -> None:
    document = {kpi["id"]: kpi["insight"] for kpi in json.loads(case.forms["json"])["kpis"]}
    shown = 0
    for form, text in {"pdf": case.pdf, **{form: case.forms[form] for form in ("text", "md")}}.items():
        said = plain(re.sub(r"\\(.)", r"\1", text))
        for line in case.summary.lines:
            insight = document[line.kpi.id]
            found = insight and (insight["year"] or insight["next"])
            if not found or (form != "pdf" and line not in case.summary.attention):
                continue
            # In the PDF every KPI has it, those to look at above the table; elsewhere those to look at alone.
            kind = line.kpi.roll_up.value.lower() if insight["year"] else "next"
            name = re.escape(plain(line.kpi.name))
            after = [said[match.end() : match.end() + 900] for match in re.finditer(name, said)]
            written = [one for text in after for one in forecasts(case, kind, found["period"], text)[:1]]
            keys = ("value", "low", "high")
            assert any(all(says(one[key], found[key]) for key in keys) for one in written), (form, line.kpi.id, written)
            shown += 1
    assert shown > 10


def test_changes_are_the_same_everywhere(case: Case) -> None:
    document = {kpi["id"]: kpi["insight"] for kpi in json.loads(case.forms["json"])["kpis"]}
    said = {form: plain(re.sub(r"\\(.)", r"\1", case.forms[form])) for form in ("text", "md")}
    said |= {"html": plain(" ".join(Page(case.forms["html"]).text)), "pdf": plain(case.pdf)}
    changed = {name: one for name, one in document.items() if one and one["signal"] in ("change", "exception")}
    assert changed
    for line in case.summary.lines:
        if line.kpi.id not in changed:
            continue
        found = changed[line.kpi.id]
        key = "since" if found["signal"] == "change" else "once"
        sentence = case.words.word(
            f"insight.{key}",
            period=period_words(found["since"], case.words),
            side=case.words.word(f"insight.{found['side']}"),
        )
        for form, text in said.items():
            assert re.search(f"{re.escape(plain(line.kpi.name))}.{{0,400}}?{re.escape(plain(sentence))}", text), (
                form,
                line.kpi.id,
            )


def test_the_tab_says_the_same_signal(case: Case) -> None:
    document = {kpi["id"]: kpi["insight"] or {"signal": None} for kpi in json.loads(case.forms["json"])["kpis"]}
    seen = set()
    for row in case.rows():
        found = document[row["id"]]
        seen.add(found["signal"])
        if found["signal"] in ("change", "exception"):
            side = case.words.word(f"insight.{found['side']}")
            key = "since" if found["signal"] == "change" else "once"
            said = case.words.word(f"insight.{key}", period=found["since"], side=side)
        else:
            said = case.words.word("insight.routine") if found["signal"] else ""
        assert row["signal"].casefold() == said.casefold(), row["id"]
        assert row["signal"] == row["signal"][:1].upper() + row["signal"][1:]
    assert len(seen) > 1


def test_explain_says_what_the_report_says(case: Case) -> None:
    document = {kpi["id"]: kpi["insight"] for kpi in json.loads(case.forms["json"])["kpis"]}
    for identity, found in case.explained.items():
        assert explanation_document(found)["insight"] == document[identity]
        lines = explanation_text(found, case.summary.currency).splitlines()
        assert any(line.startswith("Signal: ") for line in lines) is bool(document[identity]["signal"])
        assert any(line.startswith("Next: ") for line in lines) is bool(document[identity]["next"])
        assert any(line.startswith("Year: ") for line in lines) is bool(document[identity]["year"])
