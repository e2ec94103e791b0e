"""Draws what people see of a report, to be looked at with one's own eyes: the Report tab through LibreOffice, the pages
of the PDF, the mail on a phone and a desk, in light and in dark; in English and French, with few KPIs, with 80, and
with texts that try to break out.

Usage: python scripts/checks/look.py FOLDER   everything, into FOLDER
       python scripts/checks/look.py --docs   the pictures of docs/images

It needs LibreOffice, a font like Calibri (fonts-crosextra-carlito), pdftoppm (poppler-utils), pngquant, and what
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import openpyxl

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from kpisheets.core.summary import Summary  # noqa: E402
from kpisheets.project import Project  # noqa: E402
from kpisheets.reports import pdf  # noqa: E402
from kpisheets.reports.letter import letter  # noqa: E402
from kpisheets.scaffold import create_project  # noqa: E402
from kpisheets.templates import language  # noqa: E402
from kpisheets.xlsx import Book  # noqa: E402
from tests import libreoffice  # noqa: E402
from tests.reports import hostile, samples  # noqa: E402
from tests.systems.mail import pages  # noqa: E402

MODULES = ROOT / ".systems" / "mail" / "node_modules"
NOW = datetime(2026, 11, 3, 7, tzinfo=UTC)
OWNERS = ("Noor Haddad", "Ada Lind", "Tom Okafor", "Mei Tan")
LOCALES = {"en": "en-US", "fr": "fr-FR"}


def example(folder: Path, code: str) -> tuple[Path, Summary]:
    """A project on sample data, with owners: its workbook and what its report says."""
    create_project(folder, templates=("sales",), language=code, backend="excel", today=NOW.date())
    config = folder / "kpisheets.toml"
    text = config.read_text("utf-8").replace(f'name = "{folder.name}"', 'name = "Acme"')
    config.write_text(text.replace("[workbook]", '[workbook]\nlink = "https://example.org/Acme.xlsx"'), "utf-8")
    project = Project.load(folder, lambda: NOW)
    project.provision()
    (book,) = folder.glob("*.xlsx")
    words = language(code)
    rows = list(openpyxl.load_workbook(book, read_only=True)[words.tabs["kpis"]].iter_rows(values_only=True))
    heads = words.columns["catalogue"]
    header = next(place for place, row in enumerate(rows) if row[0] == heads["id"])
    edit = Book.open(book).edit()
    column = rows[header].index(heads["owner"]) + 1
    for place, row in enumerate(rows[header + 1 :], header + 2):
        if row[0]:
            edit.set(words.tabs["kpis"], place, column, OWNERS[place % len(OWNERS)])
    edit.write(backups=folder / "backups")
    project.sync()
    return book, project.summary()


def tab(book: Path, code: str, target: Path, *crop: str) -> None:
    """The Report tab, as LibreOffice prints its first page; ``crop`` as pdftoppm has it."""
    soffice = shutil.which("soffice") or sys.exit("LibreOffice is not installed")
    printed = libreoffice.convert(soffice, book, "pdf", book.parent / "printed", locale=LOCALES[code])
    first_page(printed, target, 110, *crop)


def first_page(document: Path, target: Path, dpi: int, *crop: str) -> None:
    command = ["pdftoppm", "-r", str(dpi), *crop, "-png", "-singlefile", document, target.with_suffix("")]
    subprocess.run(command, check=True)
    subprocess.run(["pngquant", "--force", "--ext", ".png", "--speed", "1", "64", target], check=True)


def everything(folder: Path) -> None:
    for code in ("en", "fr"):
        with tempfile.TemporaryDirectory() as name:
            book, _ = example(Path(name, "acme"), code)
            tab(book, code, folder / f"tab-{code}.png")
        for kind, lines in (("8", samples.eight()), ("80", samples.many(80)), ("hostile", hostile.lines())):
            document = folder / f"pages-{code}-{kind}.pdf"
            document.write_bytes(pdf(samples.summary(lines, language=code), language(code)))
            subprocess.run(["pdftoppm", "-r", "80", "-png", document, document.with_suffix("")], check=True)
    pages.node("browser.mjs", MODULES, pages.write(folder), pictures=str(folder), axe=False)


def docs(images: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = {}
        for code in ("en", "fr"):
            book, summary = example(folder / f"acme-{code}", code)
            if code == "en":
                tab(book, code, images / "report.png", "-y", "40", "-H", "780")
                (folder / "report.pdf").write_bytes(pdf(summary, language(code)))
                first_page(folder / "report.pdf", images / "report-pdf.png", 100)
            mail = letter(summary, language(code), recipient="ada@example.org", report_name="weekly")
            found[code] = pages.standing(mail, folder / f"{code}.html")
        pages.node("browser.mjs", MODULES, found, pictures=str(folder), axe=False, height=1400)
        for picture, name in (("en-375-light", "mail-phone"), ("fr-375-dark", "mail-dark")):
            shutil.copyfile(folder / f"{picture}.png", images / f"{name}.png")
            subprocess.run(["pngquant", "--force", "--ext", ".png", "48", images / f"{name}.png"], check=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["--docs"]:
        docs(ROOT / "docs" / "images")
    elif len(sys.argv) == 2:
        Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
        everything(Path(sys.argv[1]).resolve())
    else:
        sys.exit(__doc__)
