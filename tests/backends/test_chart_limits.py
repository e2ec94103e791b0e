"""Mean and limits in the chart of the Report tab: what `explain` says, computed by the spreadsheet's own formulas, and
again when a figure changes. LibreOffice computes the Excel file, the emulator's engine the spreadsheet."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kpisheets.backends.excel.ooxml import Book
from kpisheets.core.insight.behaviour import limits
from kpisheets.core.workbook import LATER, handle
from tests import libreoffice
from tests.backends.twins import ExcelHands, GoogleHands
from tests.google_people import hands as google
from tests.google_people.sheet import SmallSheet
from tests.people import hands as excel
from tests.people.small import Small
from tests.sheets_emulator.emulator import Emulator

METRICS = """
[metrics.steady]
source = "shop"
table = "sales"
date = "day"
value = "sum(amount)"
where = "amount < 1000"

[metrics.seasonal]
source = "shop"
table = "sales"
date = "day"
value = "sum(amount)"
where = "amount > 1000"

[metrics.swinging]
source = "shop"
table = "sales"
date = "day"
value = "sum(amount) - 12000"
where = "amount > 1000"
"""
STEADY = [130 + 17 * n % 29 + 60 * (n > 34) for n in range(45)]
FIELDS = ("actual", "mean", "lower", "upper", "season", "target", "target_high")
Look = Callable[[str], dict[str, list[Any]]]


@dataclass
class Charted:
    """A project of 45 months; ``look`` chooses a KPI and tells the chart's columns as the spreadsheet computes them."""

    small: Small
    hands: Any
    look: Look

    def limits(self, identity: str) -> dict[str, float] | None:
        insight = self.small.project().explain(identity).insight
        found = insight.limits if insight else None
        return {name: getattr(found, name) for name in ("mean", "lower", "upper")} if found else None


def begun(small: Small) -> Small:
    path = small.folder / "kpisheets.toml"
    path.write_text(path.read_text("utf-8").replace("2026-01-01", "2023-01-01") + METRICS, encoding="utf-8")
    small.today = date(2026, 10, 20)
    months = [date(2023 + n // 12, n % 12 + 1, 3) for n in range(45)]
    small.sales = {
        # The level moves in the 36th month; the season swings by a third.
        month: [STEADY[n], round(15000 + 5000 * math.sin(n * math.pi / 6)) + 41 * n % 300]
        for n, month in enumerate(months)
    }
    small.write_source()
    small.provision()
    kpis = [{"id": name, "name": name.title(), "metric": name} for name in ("steady", "seasonal", "swinging")]
    ranged = {"id": "ranged", "name": "Ranged", "metric": "steady", "direction": "Range", "low": 100, "high": 200}
    small.fill_catalogue(
        (
            *({**kpi, "frequency": "Monthly", "target": 100, "active_from": "2023-01-01"} for kpi in kpis),
            {**ranged, "frequency": "Monthly", "active_from": "2026-05-01"},
        )
    )
    small.sync()
    return small


@pytest.fixture(scope="module", params=["excel", "google"])
def charted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, emulator: Emulator, soffice: str
) -> Charted:
    folder = tmp_path_factory.mktemp("charted") / "small"
    if request.param == "google":
        sheet = SmallSheet(folder, emulator)
        begun(sheet)

        def computed(name: str) -> dict[str, list[Any]]:
            cells = google.look(sheet)
            sheet.person(google.put(cells, *cells.cell("kpi_chart_choice"), name))
            tables = sheet.project()._desk.workbook().observe().tables
            found: dict[str, list[Any]] = {field: list(tables["kpi_chart"].columns[field]) for field in FIELDS}
            return {**found, "signal": list(tables["kpi_report"].columns["signal"])}

        return Charted(sheet, GoogleHands(sheet), computed)
    small = begun(Small(folder))

    def recalculated(name: str) -> dict[str, list[Any]]:
        book = Book.open(small.path)
        spans = {field: book.range_of(f"kpi_chart_{field}") for field in FIELDS}
        spans["signal"] = book.range_of("kpi_report_signal")
        choice = book.range_of("kpi_chart_choice")
        assert choice is not None
        edit = book.edit()
        edit.set(choice.sheet, choice.top, choice.left, name)
        edit.write()
        made = libreoffice.convert(soffice, small.path, "xlsx", folder.parent / "shown")
        sheet = openpyxl.load_workbook(made, data_only=True)[choice.sheet]
        return {
            field: [sheet.cell(row, span.left).value for row in range(span.top + 1, span.bottom + 1)]
            for field, span in spans.items()
            if span is not None
        }

    return Charted(small, ExcelHands(small), recalculated)


def near(value: float) -> Any:
    return pytest.approx(value, rel=1e-9)


def test_the_limits_are_those_that_explain_tells(charted: Charted) -> None:
    shown, known = charted.look("Steady"), charted.limits("steady")
    assert known is not None
    for name, value in known.items():
        assert shown[name] == [near(value)] * 12
    # A figure of the baseline is edited: they move at once, and say what they are made of then.
    charted.hands.write("steady|2026-01", "actual", 500)
    edited = charted.look("Steady")
    # And what was said of the figures as they were is said no more.
    assert shown["signal"][0] == "A real change since 2025-11, better"
    assert [text or "" for text in edited["signal"]] == ["", *(text or "" for text in shown["signal"][1:])]
    assert all(shown["signal"][:3])
    charted.small.sync()
    assert edited["mean"][0] > known["mean"]
    # The phase begins with the run above the old mean, a month before the level moved.
    phase = [STEADY[n] if n != 36 else 500 for n in range(34, 45)]
    wanted = limits(phase, 0.0)
    assert (edited["mean"][5], edited["lower"][5], edited["upper"][5]) == tuple(
        near(getattr(wanted, name)) for name in ("mean", "lower", "upper")
    )
    # One is gone: nothing is drawn until the next run makes limits without it.
    charted.hands.write("steady|2026-05", "actual", None)
    assert set(charted.look("Steady")["mean"]) <= {"#N/A"}


def test_limits_of_a_season_follow_it(charted: Charted) -> None:
    shown, known = charted.look("Seasonal"), charted.limits("seasonal")
    assert known is not None
    assert charted.small.project().explain("seasonal").insight.seasonal  # type: ignore[union-attr]
    assert math.prod(shown["mean"]) ** (1 / 12) == near(known["mean"])
    for mean, lower, upper, actual in zip(*(shown[name] for name in ("mean", "lower", "upper", "actual")), strict=True):
        assert (lower / mean, upper / mean) == (
            near(known["lower"] / known["mean"]),
            near(known["upper"] / known["mean"]),
        )
        assert lower <= actual <= upper
    assert max(shown["mean"]) > 1.5 * min(shown["mean"])


def test_where_figures_may_be_negative_a_season_adds(charted: Charted) -> None:
    shown, known = charted.look("Swinging"), charted.limits("swinging")
    assert known is not None
    assert min(shown["actual"]) < 0
    assert sum(shown["mean"]) / 12 == near(known["mean"])
    for mean, lower, upper in zip(*(shown[name] for name in ("mean", "lower", "upper")), strict=True):
        assert upper - mean == near(known["upper"] - known["mean"])
        assert mean - lower == near(known["mean"] - known["lower"])


def test_a_range_is_drawn_and_too_few_values_have_no_limits(charted: Charted) -> None:
    shown = charted.look("Ranged")
    assert charted.limits("ranged") is None
    assert (shown["target"], shown["target_high"]) == ([100] * 12, [200] * 12)
    assert {value for name in ("mean", "lower", "upper") for value in shown[name]} == {"#N/A"}


def test_an_older_workbook_without_these_columns_goes_on(charted: Charted, tmp_path: Path) -> None:
    if not isinstance(charted.hands, ExcelHands):
        pytest.skip("names are taken away from a file")
    small = charted.small.copied(tmp_path / "old")
    book = openpyxl.load_workbook(small.path)
    for table, fields in LATER.items():
        for field in fields:
            del book.defined_names[handle(table, field)]
    place = excel.spot(book, "kpi_report")
    (header,) = (cell for cell in book[place.sheet][place.header] if cell.value == "Baseline")
    theirs = book[place.sheet].cell(place.header + 1, header.column)
    theirs.value = "mine"
    book.save(small.path)
    small.sync()
    book = openpyxl.load_workbook(small.path)
    assert book[place.sheet][theirs.coordinate].value == "mine"
    spot = excel.spot(book, "kpi_chart")
    target = book[spot.sheet].cell(spot.header + 1, spot.columns["target"]).value
    assert "kpi_tracking_target" in target
    assert not any(name in target for name in ("kpi_report_low", "kpi_report_high"))
    assert small.sync().plan.is_bookkeeping


def test_a_report_tab_that_was_deleted_comes_back_by_provision(charted: Charted, tmp_path: Path) -> None:
    small = charted.small
    if isinstance(small, SmallSheet):
        cells = google.look(small)
        sheet = google.sheet_id(cells, cells.places["kpi_report"].sheet)
        small.person({"requests": [{"deleteSheet": {"sheetId": sheet}}]})
    else:
        small = small.copied(tmp_path / "deleted")
        book = openpyxl.load_workbook(small.path)
        title = excel.spot(book, "kpi_report").sheet
        for name in book.defined_names.values():
            if f"{title}!" in name.attr_text:
                name.attr_text = "#REF!"
        del book[title]
        book.save(small.path)
    assert small.project().provision().tabs == {"Report": "Report"}
    seen = small.project()._desk.workbook().observe()
    assert len(seen.tables["kpi_report"]) == 4
    means: Any = seen.tables["kpi_chart"].columns["mean"]
    chosen = str(seen.named["kpi_chart_choice"]).lower()  # the first KPI without a gap
    assert math.prod(means) ** (1 / 12) == near(charted.limits(chosen)["mean"])  # type: ignore[index]
    small.sync()
    assert small.sync().plan.is_bookkeeping
