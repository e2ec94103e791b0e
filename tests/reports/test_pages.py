"""The PDF: read back by pypdf. typst itself refuses to write what is not PDF/UA-1 and PDF/A-3a."""

from __future__ import annotations

import builtins
import io
import re
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from kpisheets.core.kpi import Kpi
from kpisheets.errors import BadConfig
from kpisheets.reports import pdf
from kpisheets.templates import language
from tests.reports import hostile, samples

EN, FR = language("en"), language("fr")


def opened(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content))


def said(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in opened(content).pages)


def fonts(reader: PdfReader) -> list[dict[str, Any]]:
    """The descriptors of all fonts that the pages use."""
    found = []
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            found.append(descendant["/FontDescriptor"].get_object())
    return found


@pytest.mark.parametrize(("paper", "size"), [("a4", (595.276, 841.89)), ("letter", (612, 792))])
def test_a_page_of_a_board_pack(paper: str, size: tuple[float, float]) -> None:
    reader = opened(pdf(samples.summary(samples.many(80), language="fr"), FR, paper))
    count = len(reader.pages)
    assert count > 3
    for number, page in enumerate(reader.pages, 1):
        assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx(size, abs=0.01)
        text = page.extract_text().replace("\xa0", " ")
        assert f"Page {number} sur {count}" in text
        assert text.startswith("Acme octobre 2026 · Données au 2 novembre 2026 à 06:00")
        assert "Indicateur Réalisé Cible" in text


def test_it_can_be_read_aloud() -> None:
    reader = opened(pdf(samples.summary(language="fr"), FR))
    root: Any = reader.trailer["/Root"]
    assert (root["/MarkInfo"]["/Marked"], root["/Lang"]) == (True, "fr")
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value
    assert reader.metadata is not None
    assert reader.metadata.title == "Acme\xa0: rapport des indicateurs · octobre 2026"
    kinds, texts, waiting = set(), set(), [root["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop().get_object()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            kinds.add(node.get("/S"))
            texts.add(str(node.get("/Alt", "")))
            if "/K" in node:
                waiting.append(node["/K"])
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/Figure"} <= kinds
    assert "Tendance sur 12 périodes\xa0: de 4,4\xa0j à 7,6\xa0j" in texts
    metadata = root["/Metadata"].get_object().get_data().decode()
    assert re.search(r"pdfuaid:part>1<", metadata)
    assert re.search(r"pdfaid:part>3<", metadata)


def test_every_font_is_inside() -> None:
    found = fonts(opened(pdf(samples.summary(), EN)))
    assert found
    assert all("/FontFile2" in font or "/FontFile3" in font for font in found)
    assert {re.sub(r"^[A-Z]{6}\+|-.*", "", font["/FontName"][1:]) for font in found} == {
        "IBMPlexSans",
        "DejaVuSansMono",
    }


def test_the_same_summary_gives_the_same_bytes() -> None:
    code = "\n".join(
        [
            "import hashlib; from kpisheets.reports import pdf; from kpisheets.templates import language",
            "from tests.reports import samples",
            "print(hashlib.sha256(pdf(samples.summary(), language('en'))).hexdigest())",
        ]
    )
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(2)]
    assert runs[0].stdout == runs[1].stdout
    assert len(runs[0].stdout) == 65


def test_what_people_type_is_no_markup() -> None:
    text = re.sub(r"[\s\u200b]", "", said(pdf(samples.summary(hostile.lines()), EN)))
    for typed in hostile.TEXTS[:4]:
        assert re.sub(r"\s", "", typed) in text


@settings(max_examples=10)
@given(text=st.text(max_size=80))
def test_any_text_can_be_set(text: str) -> None:
    kpi = Kpi("k", text, owner=text, unit=text, recommendation=text)
    made = pdf(samples.summary((samples.line(kpi, [1.0] * 12),), project=text), EN)
    assert len(opened(made).pages) >= 1


def test_letters_that_no_font_has_cost_no_report() -> None:
    line = samples.eight()[0]
    odd = replace(line, kpi=replace(line.kpi, name="\U0001cf00 unknown letters"))
    assert "unknown letters" in said(pdf(samples.summary((odd,)), EN))


def test_without_its_packages_a_line_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *more: Any, **named: Any) -> Any:
        if name == "typst":
            raise ImportError(name=name)
        return real(name, *more, **named)

    monkeypatch.delitem(sys.modules, "typst", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(BadConfig, match="typst is missing") as caught:
        pdf(samples.summary(), EN)
    assert 'pip install "kpisheets[pdf]"' in str(caught.value)
