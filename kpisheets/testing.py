"""What a connector's author inherits: a class of tests that a source must pass, whatever it is.

    class TestShop(ConnectorTests):
        def store(self, folder):
            ...put self.records where the connector finds them...
            return "shop://127.0.0.1:8080"

pytest finds the tests that the class inherits. They compare each number with one that is computed here by plain loops.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from kpisheets.connectors import collect, probe
from kpisheets.core.metric import Asked, Collected, Metric, Source
from kpisheets.core.period import Calendar, Frequency, WeekYears
from kpisheets.errors import Problem

__all__ = ["ConnectorTests", "sample"]

Row = Mapping[str, Any]
_NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
_YEARS = range(2000, 2040)


def sample() -> list[dict[str, Any]]:
    """Records over 14 months: days at the edges of months and years, blanks, negative amounts, words that look odd."""
    days = [date(2025, 9, 30) + timedelta(days=7 * step) for step in range(56)]
    days += [date(2025, 12, 31), date(2026, 1, 1), date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), days[3]]
    words = ("paid", "open", "=1+1", "Élan", "it's")
    return [
        {
            "day": day,
            "amount": None if place % 11 == 5 else Decimal((place * 7919) % 100_000 - 20_000) / 100,
            "qty": place % 5,
            "status": words[place % len(words)],
        }
        for place, day in enumerate(days)
    ]


class ConnectorTests:
    """Inherit, and say in ``store`` how ``records`` come into your source.

    Where a source can't be filled, set ``records`` to what it holds: a day, a number that may be blank, a whole number
    and a text. ``table`` and ``names`` are what the source calls them.
    """

    records: ClassVar[Sequence[Row]] = sample()
    table: ClassVar[str] = "orders"
    names: ClassVar[Mapping[str, str]] = {"day": "day", "amount": "amount", "qty": "qty", "status": "status"}
    word: ClassVar[str] = "paid"
    """A text that some records bear."""
    absent: ClassVar[str | Source] = ""
    """A URL (or source) of this kind where nothing answers; blank where there is none."""

    def store(self, folder: Path) -> str | Source:
        """Put ``self.records`` into the source and give its URL, or all that ``kpisheets.toml`` says of it.

        ``folder`` is the project's, and empty.
        """
        raise NotImplementedError

    # --- the tests ---

    def test_numbers_are_right_at_every_frequency(self, tmp_path: Path) -> None:
        url = self.store(tmp_path)
        weeks = WeekYears((4, 4, 5), month=1, weekday=5)
        for start, layout in ((1, None), (4, None), (1, weeks)):
            calendar = Calendar(start, "Europe/Paris", layout)
            asked = [
                Asked(f"{name} {frequency}", metric, frequency, None, calendar.period(frequency, date(2027, 1, 1)))
                for name, (metric, _) in self._measures().items()
                for frequency in Frequency
            ]
            got = self._collect(url, asked, tmp_path, calendar)
            assert got.problems == ()
            found = {(fact.kpi, fact.period.label): _rounded(fact.value) for fact in got.facts}
            want = {}
            for name, (_, computed) in self._measures().items():
                for frequency in Frequency:
                    parts = defaultdict(list)
                    for record in self.records:
                        day = record[self.names["day"]]
                        label = _label_by_weeks(day, frequency) if layout else _label(day, frequency, start)
                        parts[label].append(record)
                    for label, part in parts.items():
                        want[f"{name} {frequency}", label] = _rounded(computed(part))
            assert found == want

    def test_records_outside_the_window_do_not_count(self, tmp_path: Path) -> None:
        url, calendar = self.store(tmp_path), Calendar(1, "Asia/Kolkata")
        days = sorted(record[self.names["day"]] for record in self.records)
        first = calendar.period(Frequency.MONTHLY, days[len(days) // 4])
        last = calendar.period(Frequency.MONTHLY, days[-len(days) // 4])
        metric = self._metric(value="count(*)")
        got = self._collect(url, [Asked("n", metric, Frequency.MONTHLY, first, last)], tmp_path, calendar)
        inside = [day for day in days if first.start <= day < last.end]
        assert sum(fact.value or 0 for fact in got.facts) == len(inside) < len(days)
        assert {fact.period.start for fact in got.facts} == {day.replace(day=1) for day in inside}

    def test_it_says_where_a_number_comes_from(self, tmp_path: Path) -> None:
        got = self._monthly(self.store(tmp_path), tmp_path, self._metric(value="count(*)"))
        [query] = got.queries
        assert query.source == "source"
        assert query.engine
        assert query.text
        assert query.rows == len(self.records)
        assert all(fact.as_of == _NOW for fact in got.facts)

    def test_asking_twice_gives_the_same(self, tmp_path: Path) -> None:
        url = self.store(tmp_path)
        metric = self._metric(value=f"sum({self.names['amount']})")
        assert self._monthly(url, tmp_path, metric).facts == self._monthly(url, tmp_path, metric).facts

    def test_what_is_wrong_with_one_metric_stops_that_one(self, tmp_path: Path) -> None:
        url, amount = self.store(tmp_path), self.names["amount"]
        wrong = {
            "table": self._metric("table", table="no_such_table", value="count(*)"),
            "column": self._metric("column", value="sum(no_such_column)"),
            "date": self._metric("date", date="no_such_day", value="count(*)"),
            "query": self._metric("query", value=f"(SELECT max({amount}) FROM x)"),  # noqa: S608 — is refused
            "two": self._metric("two", value=f"sum({amount}); DROP TABLE {self.table}"),
            "plain": self._metric("plain", value=amount),
        }
        got = self._monthly(url, tmp_path, *wrong.values(), self._metric("good", value="count(*)"))
        assert {problem.kpi for problem in got.problems} == wrong.keys()
        for problem in got.problems:
            _helpful(problem)
        assert {fact.kpi for fact in got.facts} == {"good"}
        assert not got.unreachable

    def test_checking_finds_what_collecting_would(self, tmp_path: Path) -> None:
        url = self.store(tmp_path)
        good, bad = self._metric("good", value="count(*)"), self._metric("bad", value="sum(no_such_column)")
        today = max(record[self.names["day"]] for record in self.records)
        problems = probe(_source(url), [good, bad], root=tmp_path, today=today)
        assert [problem.where for problem in problems] == ["bad"]
        _helpful(problems[0])

    def test_an_absent_source_is_unreachable(self, tmp_path: Path) -> None:
        if not self.absent:
            return
        got = self._monthly(self.absent, tmp_path, self._metric(value="count(*)"))
        assert got.unreachable == {"source"}
        assert got.facts == ()
        _helpful(got.problems[0])

    # --- helpers ---

    def _measures(self) -> dict[str, tuple[Metric, Callable[[list[Row]], Decimal | None]]]:
        """Name → a metric, and the same by plain loops."""
        amount, qty, status = (self.names[name] for name in ("amount", "qty", "status"))
        word = f"{status} = '{self.word}'"

        def amounts(part: list[Row]) -> list[Decimal]:
            return [Decimal(str(record[amount])) for record in part if record[amount] is not None]

        def total(part: list[Row]) -> Decimal | None:
            return sum(amounts(part), Decimal(0)) if amounts(part) else None

        def worded(part: list[Row]) -> list[Row]:
            return [record for record in part if record[status] == self.word]

        def ratio(part: list[Row]) -> Decimal | None:
            top, bottom = total(part), sum(int(record[qty]) for record in part)
            return top / bottom if top is not None and bottom else None

        return {
            "sum": (self._metric("sum", value=f"sum({amount})"), total),
            "count": (self._metric("count", value="count(*)", filter=word), lambda part: Decimal(len(worded(part)))),
            "some": (self._metric("some", value=f"sum({amount})", filter=word), lambda part: total(worded(part))),
            "words": (
                self._metric("words", value=f"count(distinct {status})"),
                lambda part: Decimal(len({record[status] for record in part} - {None})),
            ),
            "most": (
                self._metric("most", value=f"max({amount}) - min({amount})"),
                lambda part: max(amounts(part)) - min(amounts(part)) if amounts(part) else None,
            ),
            "ratio": (self._metric("ratio", numerator=f"sum({amount})", denominator=f"sum({qty})"), ratio),
        }

    def _metric(self, name: str = "m", *, table: str = "", date: str = "", **parts: str) -> Metric:
        return Metric(name, "source", table or self.table, date or self.names["day"], where=name, **parts)

    def _monthly(self, url: str | Source, folder: Path, *metrics: Metric) -> Collected:
        calendar = Calendar(1, "UTC")
        last = calendar.period(Frequency.MONTHLY, date(2027, 1, 1))
        asked = [Asked(metric.name, metric, Frequency.MONTHLY, None, last) for metric in metrics]
        return self._collect(url, asked, folder, calendar)

    def _collect(self, url: str | Source, asked: list[Asked], folder: Path, calendar: Calendar) -> Collected:
        return collect({"source": _source(url)}, asked, calendar=calendar, root=folder, now=_NOW)


def _source(url: str | Source) -> Source:
    return Source("source", url) if isinstance(url, str) else replace(url, name="source")


def _label(day: date, frequency: Frequency, start: int) -> str:
    """The label of the period that holds a day, computed apart from the project's calendar."""
    match frequency:
        case Frequency.DAILY:
            return day.isoformat()
        case Frequency.WEEKLY:
            return day.strftime("%G-W%V")
        case Frequency.MONTHLY:
            return day.strftime("%Y-%m")
    month = (day.month - start) % 12
    year = day.year + (1 if start > 1 and day.month >= start else 0)
    text = f"FY{year}" if start > 1 else f"{year}"
    return text if frequency is Frequency.YEARLY else f"{text}-Q{month // 3 + 1}"


def _label_by_weeks(day: date, frequency: Frequency) -> str:
    """The same where a quarter has 4, 4 and 5 weeks, and the year ends on the last Saturday of January."""
    if frequency is Frequency.DAILY:
        return day.isoformat()
    ends = [max(date(year, 1, d) for d in range(25, 32) if date(year, 1, d).weekday() == 5) for year in _YEARS]
    begun, end = next((begun, end) for begun, end in itertools.pairwise(ends) if begun < day <= end)
    week, label = (day - begun - timedelta(days=1)).days // 7, f"FY{end.year}"
    if frequency is Frequency.YEARLY:
        return label
    if frequency is Frequency.WEEKLY:
        return f"{label}-W{week + 1:02}"
    month = [place for place, length in enumerate((4, 4, 5) * 4) for _ in range(length)][min(week, 51)]
    return f"{label}-P{month + 1:02}" if frequency is Frequency.MONTHLY else f"{label}-Q{month // 3 + 1}"


def _rounded(value: Decimal | None) -> Decimal | None:
    """A number to 12 digits: engines differ in how far they carry a division."""
    return None if value is None else Decimal(f"{value:.12g}").normalize()


def _helpful(problem: Problem) -> None:
    assert "\n" not in str(problem)
    assert problem.what
    assert problem.mend, f"“{problem.what}” does not say what to do"
