"""All renderings say the numbers of the summary, whatever people typed."""

# ruff: noqa: E501
from __future__ import annotations

import io
import json
import re
import struct
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpisheets.core.kpi import Direction, Kpi, Status, Verdict
from kpisheets.core.summary import Line, Point, Summary
from kpisheets.errors import UsageError
from kpisheets.reports import FORMATS, render
from kpisheets.reports.dates import period_words
from kpisheets.reports.html import MAIL_LIMIT, body
from kpisheets.reports.letter import letter
from kpisheets.reports.sparkline import png
from kpisheets.reports.text import width
from kpisheets.reports.trend import blocks
from kpisheets.templates import language, languages
from tests.reports import samples

EN, FR = language("en"), language("fr")
HEADS = {language(code).columns["report"]["kpi"] for code in languages()}
SCALES = {None: 1.0, "k": 1e3, "mil": 1e3, "m": 1e6, "M": 1e6, "Mio.": 1e6, "bn": 1e9, "Md": 1e9}
HOSTILE = st.one_of(
    st.sampled_from(
        ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "\u202eevil\u202c", "a\r\nBcc: x@example.org", "👩‍👩‍👧 été",
         "{{ 7*7 }}", "{verdict}", "a|b`c*d_[e](javascript:f)", "\x00\x1b[31m", "</td></table>", "שלום", "&lt;", "漢字" * 30]
    ),
    st.text(max_size=60),
)  # fmt: skip


class Page(HTMLParser):
    """Text by table row, tags and attributes of a page, as a browser's parser would see them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.rows: list[list[str]] = []
        self._skipped = 0
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
        if tag == "br" and self.rows and self.rows[-1]:
            self.rows[-1][-1] += "\n"
        self._skipped += tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._skipped -= tag == "style"

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.text.append(data)
            if self.rows and self.rows[-1]:
                self.rows[-1][-1] += data

    def kpis(self) -> list[list[str]]:
        """Name, actual, target and status of each line of the table."""
        start = next(place for place, row in enumerate(self.rows) if row[0] in HEADS) + 1
        found = [row for row in self.rows[start:] if len(row) == 3]
        return [
            [row[0].split("\n")[0], *row[1].split("\n"), row[2].split("\n")[0].split("\xa0", 1)[1]] for row in found
        ]


def read_number(written: str, code: str) -> float | None:
    """What a person reads: the number that a text such as “€1.24 M” says."""
    if written == "–":
        return None
    match = re.fullmatch(
        r"(\u2212?)[€$]?([\d.,\u202f]+)(?:[\u00a0\u202f]?(k|m|M|bn|Md|mil|Mio\.))?[\u00a0\u202f]?(%|d|j|Tage|días|€)?",
        written,
    )
    assert match, written
    digits = match[2].replace("\u202f", "")
    digits = digits.replace(",", "") if code == "en" else digits.replace(".", "").replace(",", ".")
    return (-1 if match[1] else 1) * float(digits) * SCALES[match[3]] / (100 if match[4] == "%" else 1)


def near(written: str, value: object, code: str) -> bool:
    found = read_number(written, code)
    if found is None or value is None:
        return found is None and value is None
    return found == pytest.approx(float(str(value)), rel=0.006, abs=0.0005)


@pytest.mark.parametrize("code", languages())
def test_html_text_and_markdown_say_the_summarys_numbers(code: str) -> None:
    summary, words = samples.summary(language=code), language(code)
    pages = Page(render(summary, "html", words)).kpis()
    marked = [
        [cell.strip().replace("\\*", "").strip() for cell in row.strip("| ").split(" | ")]
        for row in render(summary, "md", words).splitlines()
        if re.match(r"\| [✔▲✖–◔] ", row)
    ]
    plain = [
        re.split(r" {2,}", row) for row in render(summary, "text", words).splitlines() if re.match("[✔▲✖–◔] ", row)
    ]
    assert len(pages) == len(marked) == len(plain) == len(summary.lines)
    for line, (name, actual, target, status), (md_status, md_name, md_actual, md_target, _), text in zip(
        summary.worst_first, pages, marked, plain, strict=True
    ):
        assert name == md_name == text[1] == line.kpi.name
        expected = words.status[line.verdict.judged]
        assert expected == md_status == text[0]
        assert status == expected.partition(" ")[2]
        for written in (actual, md_actual, text[2]):
            assert near(written, line.actual, code)
        if line.kpi.direction is not Direction.RANGE:
            for written in (target, md_target, text[3]):
                assert near(written, line.target, code)


def test_json_is_the_summary() -> None:
    summary = samples.summary()
    found = json.loads(render(summary, "json", EN))
    assert found["verdict"] == {"met": 3, "at_risk": 2, "missed": 1, "no_data": 1, "no_target": 1, "in_progress": 0}
    assert [kpi["id"] for kpi in found["kpis"]] == [line.kpi.id for line in summary.lines]
    assert found["attention"] == ["delivery", "conversion", "stock"] or set(found["attention"]) == {
        "delivery",
        "conversion",
        "stock",
    }
    by_id = {kpi["id"]: kpi for kpi in found["kpis"]}
    assert by_id["revenue"]["actual"] == 1243000
    assert by_id["revenue"]["variance"] == 43000
    assert by_id["revenue"]["variance_pct"] == pytest.approx(43 / 1200)
    assert by_id["revenue"]["so_far"] == {"period": "2026-11", "actual": 520000, "status": "missed"}
    assert by_id["delivery"]["variance"] == 2.6
    assert by_id["visits"]["actual"] is None
    assert by_id["stock"]["target"] is None
    assert (by_id["stock"]["low"], by_id["stock"]["high"]) == (20, 30)
    assert by_id["cash"]["overridden"] is True
    assert by_id["cash"]["source_value"] == 91000
    assert len(by_id["cash"]["trend"]) == 12
    assert found["problems"][0]["kpi"] == "visits"
    assert all(sum(kpi["status"] == status for kpi in found["kpis"]) == n for status, n in found["verdict"].items())


def test_json_holds_no_number_that_json_lacks() -> None:
    line = samples.line(Kpi("k", "K", target=Decimal(1)), [float("nan")] * 11 + [float("inf")])
    found = json.loads(render(samples.summary((line,)), "json", EN), parse_constant=pytest.fail)
    assert found["kpis"][0]["actual"] is None


def test_another_format_is_refused() -> None:
    with pytest.raises(UsageError, match="html, text, md, json"):
        render(samples.summary(), "docx", EN)


def test_what_a_reader_must_know_is_said() -> None:
    for form in ("html", "text", "md"):
        said = render(samples.summary(), form, EN).replace("\\", "")
        said = " ".join(Page(said).text) if form == "html" else said
        for part in ("typed by hand", "restated", "worse by 2.6\xa0d", "above the range by 2.0\xa0d", "November 2026 so far",
                     "Review the carrier of the northern", "2 November 2026, 06:00", "“visits” does not exist"):  # fmt: skip
            assert part.replace("\xa0", " ") in " ".join(said.replace("\xa0", " ").split()), (form, part)


@pytest.mark.parametrize(("hours", "stale"), [(1, False), (35, False), (37, True), (400, True)])
def test_old_data_is_labelled(hours: int, stale: bool) -> None:
    end = datetime(2026, 11, 2, 23, 0, tzinfo=UTC)  # midnight in Paris
    summary = samples.summary(synced_at=end - timedelta(hours=hours))
    for form in ("html", "text", "md"):
        assert ("was last collected" in render(summary, form, EN)) is stale
    assert ("not up to date" in letter(summary, EN, recipient="a@example.org", report_name="weekly").subject) is stale


def test_data_that_never_came_is_stale() -> None:
    assert "No data has been collected yet" in render(samples.summary(synced_at=None), "text", EN)


def test_a_web_address_is_a_button_and_a_path_is_text() -> None:
    assert ("a", "https://example.org/Acme%20KPIs.xlsx") in [
        (tag, attrs.get("href")) for tag, attrs in Page(render(samples.summary(), "html", EN)).tags
    ]
    for place in ("/data/Acme KPIs.xlsx", "file:///data/Acme.xlsx", "javascript:alert(1)"):
        page = Page(render(samples.summary(workbook=place), "html", EN))
        assert "a" not in [tag for tag, _ in page.tags]
        assert place in "".join(page.text)


def test_a_page_stands_alone_and_can_be_read_aloud() -> None:
    for code in languages():
        page = Page(render(samples.summary(language=code), "html", language(code)))
        tags = dict(page.tags)
        assert tags["html"]["lang"] == code
        assert "title" in tags
        pictures = [attrs for tag, attrs in page.tags if tag == "img"]
        assert pictures
        assert all(picture["alt"] and str(picture["src"]).startswith("data:image/png;base64,") for picture in pictures)
        assert not {"script", "link", "iframe", "svg"} & {tag for tag, _ in page.tags}


def test_an_empty_report_is_still_a_report() -> None:
    for form in FORMATS:
        assert render(samples.summary((), problems=(), synced_at=None, workbook=""), form, FR)


@pytest.mark.parametrize("count", [8, 80, 400])
@pytest.mark.parametrize("code", ["en", "fr"])
def test_a_mail_stays_small(count: int, code: str) -> None:
    lines = samples.eight() if count == 8 else samples.many(count)
    late = samples.late() if count == 8 else ()
    found = body(samples.summary(lines, language=code, waiting=late), language(code), why=("because",))
    assert len(found.html.encode()) < MAIL_LIMIT
    shown = Page(found.html)
    sources = [str(attrs["src"]) for tag, attrs in shown.tags if tag == "img"]
    assert sources == [f"cid:{name}" for name in found.pictures]
    assert len(shown.kpis()) == count if count <= 80 else len(shown.kpis()) > 60
    if count > 80:
        assert (
            str(count - len(shown.kpis()))
            in shown.text[[("more" in t or "de plus" in t) for t in shown.text].index(True)]
        )


@settings(max_examples=40)
@given(name=HOSTILE, owner=HOSTILE, unit=HOSTILE, project=HOSTILE, advice=HOSTILE, code=st.sampled_from(["en", "fr"]))
def test_what_people_type_stays_text(name: str, owner: str, unit: str, project: str, advice: str, code: str) -> None:
    clean, words = Kpi("k", "K", owner="O", unit="u", target=Decimal(9), recommendation="R"), language(code)
    typed = replace(clean, name=name, owner=owner, unit=unit, recommendation=advice)
    values: list[object] = [Decimal(n) for n in range(12, 0, -1)]

    def summary(kpi: Kpi, called: str) -> Summary:
        return samples.summary((samples.line(kpi, values),), project=called)  # type: ignore[arg-type]

    plain, hostile = summary(clean, "P"), summary(typed, project)
    before, after = (Page(render(each, "html", words)) for each in (plain, hostile))
    optional = {"span", "bdi", "br"}
    assert [tag for tag, _ in after.tags if tag not in optional] == [
        tag for tag, _ in before.tags if tag not in optional
    ]
    for form in ("html", "text", "md"):
        assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f]", render(hostile, form, words))
    assert "\n" not in letter(hostile, words, recipient="a@example.org", report_name=name).subject
    found = json.loads(render(hostile, "json", words))["kpis"][0]
    assert (found["name"], found["owner"], found["recommendation"]) == (name, owner, advice)


@given(names=st.lists(HOSTILE, min_size=1, max_size=4))
def test_text_fits_eighty_columns(names: list[str]) -> None:
    lines = tuple(
        samples.line(Kpi(f"k{n}", name, owner=name, target=Decimal(5)), [7] * 12) for n, name in enumerate(names)
    )
    for row in render(samples.summary(lines, workbook=""), "text", FR).splitlines():
        assert width(row) <= 80


@pytest.mark.parametrize(
    ("label", "en", "fr"),
    [("2026-10", "October 2026", "octobre 2026"), ("2026-W42", "week 42, 2026", "semaine 42, 2026"), ("2026-Q4", "Q4 2026", "T4 2026"),
     ("FY2027-Q1", "Q1 FY2027", "T1 FY2027"), ("2026", "2026", "2026"), ("2026-10-05", "5 October 2026", "5 octobre 2026"),
     ("odd", "odd", "odd")],
)  # fmt: skip
def test_periods_in_words(label: str, en: str, fr: str) -> None:
    assert (period_words(label, EN), period_words(label, FR)) == (en, fr)


def decoded(data: bytes) -> tuple[int, int, int]:
    """Width, height and number of colours of a PNG, its checksums verified by hand."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    stream, chunks = io.BytesIO(data[8:]), {}
    while head := stream.read(8):
        size, kind = struct.unpack(">I4s", head)
        payload = stream.read(size)
        assert struct.unpack(">I", stream.read(4))[0] == zlib.crc32(kind + payload)
        chunks[kind] = payload
    across, down, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, colour) == (8, 3)
    pixels = zlib.decompress(chunks[b"IDAT"])
    assert len(pixels) == (across + 1) * down
    assert max(pixels) < len(chunks[b"PLTE"]) // 3
    return across, down, len(set(pixels))


@given(
    values=st.lists(
        st.none() | st.floats() | st.decimals(allow_nan=False, allow_infinity=False, places=2), max_size=14
    ),
    status=st.sampled_from(Status),
)
def test_a_sparkline_is_a_small_png_whatever_the_numbers(values: list[float | None], status: Status) -> None:
    trend = tuple(Point(str(place), value, 5.0) for place, value in enumerate(values))
    picture = png(trend, status)
    assert decoded(picture)[2] <= 32
    assert len(picture) < 1500
    assert picture == png(trend, status)
    assert len(blocks(trend)) in (0, len(trend))


def test_blocks_follow_the_numbers() -> None:
    assert blocks([Point("", value, None) for value in (0, 7, None, 3.5)]) == "▁█·▅"


def test_a_period_in_progress_is_called_provisional() -> None:
    line = Line(
        Kpi("k", "K", target=Decimal(10)),
        "2026-11",
        Decimal(2),
        Decimal(10),
        Verdict(Status.IN_PROGRESS, Status.MISSED),
    )
    for form in ("html", "text", "md"):
        said = render(samples.summary((line,)), form, EN)
        assert "provisional" in said
        assert "behind" in said
        assert "worse by" not in said
