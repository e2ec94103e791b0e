"""Summaries to render: a small company's month, and as many KPIs as one asks for."""

# ruff: noqa: E501
from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from kpisheets.core.insight import Past, read
from kpisheets.core.kpi import Direction, Kpi, Number, RollUp, judge
from kpisheets.core.period import Calendar
from kpisheets.core.summary import Line, Point, SoFar, Summary, Waiting
from kpisheets.errors import Problem

PERIOD = "2026-10"
MONTHS = [f"2025-{month:02d}" for month in (11, 12)] + [f"2026-{month:02d}" for month in range(1, 11)]


def trend(values: list[Number | None], target: Number | None) -> tuple[Point, ...]:
    return tuple(Point(month, value, target) for month, value in zip(MONTHS, values, strict=True))


def line(kpi: Kpi, values: list[Number | None], **more: object) -> Line:
    actual, calendar = values[-1], Calendar()
    known = [(calendar.parse(month), value) for month, value in zip(MONTHS, values, strict=True) if value is not None]
    history = [Past(period, float(value)) for period, value in known]
    return Line(
        kpi,
        PERIOD,
        actual,
        kpi.target,
        judge(kpi, actual, kpi.target),
        trend(values, kpi.target),
        insight=None if actual is None else read(kpi, history, {}, calendar, begun="so_far" in more),
        **more,  # type: ignore[arg-type]
    )


def eight() -> tuple[Line, ...]:
    """A line of every kind: better and worse, a range, no data, no target, in progress, overridden, restated."""
    D = Decimal  # noqa: N806
    revenue = Kpi(
        "revenue", "Revenue", department="Sales", owner="Claire Martin", unit="currency", target=D(1_200_000),
        tolerance=D("0.05"), recommendation="Call the ten largest open quotes this week.",
    )  # fmt: skip
    delivery = Kpi(
        "delivery", "Delivery time", department="Operations", owner="Jonas Weber", unit="days", direction=Direction.LOWER,
        target=D(5), tolerance=D("0.1"), roll_up=RollUp.AVERAGE, recommendation="Review the carrier of the northern route.",
    )  # fmt: skip
    conversion = Kpi(
        "conversion", "Conversion rate", department="Sales", owner="Aïcha Benali", unit="%", target=D("0.032"),
        tolerance=D("0.1"), roll_up=RollUp.RATIO, recommendation="Test a shorter order form on mobile.",
    )  # fmt: skip
    cash = Kpi("cash", "Operating cash flow", department="Finance", owner="Paul Lefèvre", unit="EUR", target=D(80_000))
    stock = Kpi(
        "stock", "Days of stock", department="Operations", owner="Jonas Weber", unit="days", direction=Direction.RANGE,
        low=D(20), high=D(30), tolerance=D("0.1"), roll_up=RollUp.LAST,
        recommendation="Postpone the November order of raw material.",
    )  # fmt: skip
    leads = Kpi("leads", "Qualified leads", department="Marketing", owner="Inès Roche", unit="count", target=D(420))
    mood = Kpi(
        "mood", "Internal satisfaction", department="HR", owner="Sam Okafor", unit="score", roll_up=RollUp.AVERAGE
    )
    visits = Kpi("visits", "Visits of the web site", department="Marketing", unit="count", target=D(30_000))
    running = judge(revenue, D(520_000), D(1_200_000), elapsed=0.5)
    at = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)
    return (
        line(revenue, [D(v) * 1000 for v in (980, 1010, 1002, 1060, 1090, 1075, 1130, 1160, 1150, 1190, 1215, 1243)],
             so_far=SoFar("2026-11", D(520_000), running), source="shop.revenue", as_of=at),
        line(delivery, [4.4, 4.6, 4.9, 4.7, 5.2, 5.0, 5.4, 5.9, 6.3, 6.9, 7.2, 7.6], source="erp.delivery", as_of=at),
        line(conversion, [0.034, 0.033, 0.035, 0.034, 0.033, 0.032, 0.033, 0.031, 0.032, 0.031, 0.030, 0.0298]),
        line(cash, [D(v) * 1000 for v in (61, 64, 70, 58, 75, 79, 83, 81, 90, 86, 92, D("96.2504"))],
             overridden=True, source_value=D("91000.00")),
        line(stock, [24, 25, 23, 26, 27, 26, 28, 29, 28, 30, 31, 32]),
        line(leads, [D(v) for v in (380, 395, 401, 377, 412, 420, 431, 425, 440, 452, 447, 468)], restated=True,
             source_value=D(455)),
        line(mood, [None, None, 7.4, None, None, 7.6, None, None, 7.9, None, None, 8.1]),
        line(visits, [30_500, 31_000, 29_000, 28_000, 30_100, 31_400, 32_800, 30_000, 29_800, 31_000, 30_700, None]),
    )  # fmt: skip


def many(count: int) -> tuple[Line, ...]:
    """``count`` lines with names, owners and recommendations of usual length."""
    lines = []
    for place in range(count):
        target = Decimal(1000 + 37 * place)
        if place % 4 == 1:
            target /= 10_000
        kpi = Kpi(
            f"kpi_{place}", f"Indicator {place:02d} of the yearly plan", department="Operations",
            owner=f"Owner Name {place % 9}", unit=("EUR", "%", "days", "count")[place % 4], target=target,
            direction=Direction.LOWER if place % 5 == 0 else Direction.HIGHER, tolerance=Decimal("0.05"),
            recommendation="Find the cause with the team, agree on one action and one date.",
        )  # fmt: skip
        values: list[Number | None] = [
            target * (Decimal(85 + (place * 7 + 5 * month) % 31) / 100) for month in range(len(MONTHS))
        ]
        lines.append(
            line(kpi, values, so_far=SoFar("2026-11", target / 3, judge(kpi, target / 3, target, elapsed=0.4)))
        )
    return tuple(lines)


def late() -> tuple[Waiting, ...]:
    """A figure that its source restated, and a target that was changed, both after closing."""
    revenue, delivery = eight()[0].kpi, eight()[1].kpi
    return (
        Waiting(revenue, "2026-09", Decimal(1_215_000), Decimal(1_215_431)),
        Waiting(delivery, "2026-08", 5, 7.5, is_target=True),
    )


def summary(lines: tuple[Line, ...] | None = None, **more: object) -> Summary:
    values: dict[str, object] = {
        "project": "Acme",
        "language": "en",
        "currency": "EUR",
        "timezone": "Europe/Paris",
        "report_date": date(2026, 11, 2),
        "synced_at": datetime(2026, 11, 2, 5, 0, tzinfo=UTC),
        "lines": eight() if lines is None else lines,
        "problems": (
            Problem("source shop", "the table “visits” does not exist", "name it in kpisheets.toml", "visits"),
        ),
        "waiting": late(),
        "workbook": "https://example.org/Acme%20KPIs.xlsx",
    }
    return Summary(**(values | more))  # type: ignore[arg-type]
