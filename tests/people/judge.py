"""What a sync may do to a workbook, told from the product's text and not from its code: each cell has one owner."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from kpisheets.project import Synced
from tests.people.reading import check_tables, span, spot
from tests.people.small import Small
from tests.stored import load_both

TOOLS = {"key", "source_value", "source", "as_of", "target_seen", "flag"}
FORMULAS = {"variance", "variance_pct", "status"}
RUN = ("kpi_last_run", "kpi_outcome", "kpi_data_as_of")
CELLS = (*RUN, "kpi_verdict", "kpi_chart_choice", "kpi_chart_line", *(f"kpi_count_{s}" for s in ("met", "missed")))
CELLS += ("kpi_count_at_risk", "kpi_count_no_data")
CELLS += tuple(f"kpi_elapsed_{name}" for name in ("daily", "weekly", "monthly", "quarterly", "yearly"))
CELLS += tuple(f"kpi_ritual_{name}" for name in ("weekly", "monthly", "quarterly"))
METRICS = {"amount", "orders"}


@dataclass(frozen=True)
class Month:
    """A month or an ISO week: its label, first day, and the day after its last."""

    label: str
    start: date
    end: date


def period(frequency: str, day: date) -> Month:
    if frequency == "Weekly":
        start = day - timedelta(days=day.weekday())
        year, week, _ = day.isocalendar()
        return Month(f"{year}-W{week:02}", start, start + timedelta(days=7))
    start = day.replace(day=1)
    return Month(f"{day:%Y-%m}", start, (start + timedelta(days=32)).replace(day=1))


def periods(frequency: str, first: date, last: date) -> list[Month]:
    found = [period(frequency, first)]
    while found[-1].end <= last:
        found.append(period(frequency, found[-1].end))
    return found


def as_day(value: Any) -> date | None:
    if isinstance(value, str):
        return date.fromisoformat(value)
    return value.date() if isinstance(value, datetime) else value


def number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def alike(a: Any, b: Any) -> bool:
    """The same value to a reader of the cell, 15 digits being all that spreadsheet programs keep."""
    if number(a) and number(b):
        return abs(a - b) <= 1e-12 * max(abs(a), abs(b))
    return bool((a if a is not None else "") == (b if b is not None else ""))


def reaches(stamp: Any, day: date) -> bool:
    """Whether a figure was read when ``day`` had begun: a period that was not read to its end does not close."""
    return not isinstance(stamp, datetime) or stamp + timedelta(seconds=2) >= datetime.combine(day, time())


@dataclass
class Judge:
    """Compares the workbook before and after a sync. ``waiting``: key → the Actual that a restatement left in place."""

    small: Small
    waiting: dict[str, Any] = field(default_factory=dict)
    _looked: tuple[bytes, Cells] | None = None

    def look(self) -> Cells:
        """The workbook as it is now. Where nobody has touched it since the last look, that one is not repeated."""
        data = self.small.path.read_bytes()
        if self._looked is None or self._looked[0] != data:
            self._looked = data, Cells(self.small.path)
        return self._looked[1]

    def sync(self, *, broken: bool = False) -> Synced:
        """Sync, and judge what it did; then once more, which must change nothing."""
        before = self.look()
        done = self.small.sync()
        after = self.look()
        after.check()
        self._owners(before, after)
        self._rows(before, after, done, broken)
        again = self.small.sync()
        assert again.plan.written == again.plan.rows_added == 0, "the second sync wrote numbers"
        assert [(n.key, n.old) for n in again.plan.overrides] == [(n.key, n.old) for n in done.plan.overrides]
        once_more = self.look()
        for sheet, cells in after.typed.items():
            if sheet != after.places["kpi_log"].sheet:
                self._same(sheet, cells, once_more.typed[sheet], after, after.run)
                self._same(sheet, after.shown[sheet], once_more.shown[sheet], after, after.run)
        return done

    def _same(self, sheet: str, a: dict[Any, Any], b: dict[Any, Any], seen: Cells, but: set[Any]) -> None:
        stamps = seen.places["kpi_tracking"]
        for at in a.keys() | b.keys():
            if (sheet, *at) in but or (sheet == stamps.sheet and at[1] == stamps.columns["as_of"]):
                continue
            assert a.get(at) == b.get(at), f"the second sync changed {sheet}!{at}: {a.get(at)!r} to {b.get(at)!r}"

    def _owners(self, before: Cells, after: Cells) -> None:
        """Every cell that is not the tool's is as people left it, where they left it."""
        assert list(before.typed) == list(after.typed), "tabs came, went or moved"
        old_keys = {row: key for key, row in before.rows.items()}
        for sheet, cells in after.typed.items():
            was = before.typed[sheet]
            for at in was.keys() | cells.keys():
                old, new = was.get(at), cells.get(at)
                if old == new or self._may(sheet, at, old, new, after, old_keys):
                    continue
                raise AssertionError(f"{sheet}!{at} was {old!r} and became {new!r}")

    def _may(self, sheet: str, at: tuple[int, int], old: Any, new: Any, after: Cells, keys: dict[int, str]) -> bool:
        row, column = at
        if (sheet, row, column) in after.named:
            return (sheet, row, column) != after.cell("kpi_chart_choice") or old is None
        for table, place in after.places.items():
            if sheet != place.sheet or column not in place.columns.values() or row not in place.rows:
                continue
            name = next(name for name, at_column in place.columns.items() if at_column == column)
            if table == "kpi_tracking":
                if row not in keys:
                    return old is None or name in {"period", "key"}
                if name in FORMULAS:
                    return old in (None, "") or str(old).startswith("=IF(COUNT(")
                return name in {"actual", *TOOLS} or (name == "kpi" and old != new)
            if table == "kpi_catalogue":
                return name == "seen"
            if table == "kpi_actions":
                return old is None and name not in {"cause", "action", "due"}
            if table == "kpi_review":
                kept = name in {"decision", "new_target", "note"}
                return name in {"evidence", "suggestion", "size"} or (old is None and not kept)
            return table != "kpi_log" or old is None
        # A header that a program left blank inside a table gets a name, as Excel would give it.
        return old is None and any(sheet == p.sheet and row == p.header for p in after.places.values())

    def _rows(self, before: Cells, after: Cells, done: Synced, broken: bool) -> None:
        catalogue, stopped = self._catalogue(before)
        stopped |= before.doubled
        today, rows, was = self.small.today, after.tracking, before.tracking
        expected: dict[str, tuple[str, Month]] = {}
        for identity, kpi in catalogue.items():
            last = min(today, as_day(kpi["active_to"]) or today)
            for each in periods(kpi["frequency"], as_day(kpi["active_from"]) or today, last):
                if each.start <= last:
                    expected[f"{identity}|{each.label}"] = (identity, each)
        new = [key for key in expected if key not in was and expected[key][0] not in stopped]
        assert set(rows) == set(was) | set(new), set(rows) ^ (set(was) | set(new))
        assert done.plan.rows_added == len(new)
        order = [key for key in rows if key in was]
        assert order == list(was), "rows changed places"
        assert list(rows)[len(order) :] == [key for key in rows if key not in was], "a new row stands between old ones"
        overrides, restatements = {}, {}
        for key, row in rows.items():
            identity, each = expected.get(key, (key.partition("|")[0], None))
            kpi, old = catalogue.get(identity), was.get(key)
            asked = kpi is not None and identity not in stopped and each is not None and not broken
            metric = kpi["metric"] if kpi else None
            says = self.small.says(metric, each.start, each.end) if asked and each and metric else None
            if old is None:
                assert kpi is not None
                assert (row["kpi"], row["period"]) == (kpi["name"], each and each.label)
                assert kpi["target"] is None or alike(row["target"], kpi["target"]), f"{key}: a new row's target"
                assert alike(row["actual"], says), f"{key}: a new row's actual is {row['actual']!r}, not {says!r}"
                assert alike(row["source_value"], says)
                continue
            if identity in stopped or kpi is None:
                assert all(alike(row[name], old[name]) for name in ("actual", "source_value", "flag", "target", "kpi"))
                continue
            actual, source = old["actual"], old["source_value"]
            if says is not None:
                closed = each is not None and (today - each.end).days >= 5 and reaches(old["as_of"], each.end)
                agreed = alike(actual, source)
                if actual in (None, ""):
                    actual = says
                elif agreed and not alike(source, says):
                    if closed:
                        self.waiting[key] = actual
                    else:
                        actual = says
                source = says
            assert alike(row["actual"], actual), f"{key}: Actual is {row['actual']!r}, not {actual!r}"
            assert alike(row["source_value"], source), f"{key}: Source value is {row['source_value']!r}, not {source!r}"
            if key in self.waiting and not alike(self.waiting[key], actual):
                del self.waiting[key]
            if source is not None and actual is not None and not alike(actual, source):
                (restatements if key in self.waiting else overrides)[key] = source
            else:
                self.waiting.pop(key, None)
            for name in ("actual", "target"):
                if row[name] is not None and not number(row[name]) and not str(row[name]).startswith("="):
                    assert any(problem.kpi == identity for problem in done.plan.problems), f"{key}: {row[name]!r}"
        noted = {item.key: float(item.new) for item in done.plan.overrides}
        assert noted == overrides, (noted, overrides)
        noted = {item.key: float(item.new) for item in done.plan.restatements}
        assert noted == restatements, (noted, restatements)
        assert stopped <= {problem.kpi for problem in done.plan.problems}
        self._formulas(after, catalogue)

    def _catalogue(self, before: Cells) -> tuple[dict[str, dict[str, Any]], set[str]]:
        found: dict[str, dict[str, Any]] = {}
        for row in before.catalogue:
            found[str(row["id"])] = {"frequency": "Monthly", "name": row["id"], **{k: v for k, v in row.items() if v}}
            found[str(row["id"])] |= {name: row.get(name) for name in ("metric", "active_from", "active_to", "target")}
        stopped = {identity for identity, kpi in found.items() if kpi["metric"] and kpi["metric"] not in METRICS}
        return {identity: kpi for identity, kpi in found.items() if identity not in stopped}, stopped

    def _formulas(self, after: Cells, catalogue: dict[str, dict[str, Any]]) -> None:
        """The standard formulas' stored values, by the rules of the product."""
        for key, row in after.values.items():
            typed, actual, target = after.tracking[key], row["actual"], row["target"]
            if any(piece.startswith("target") for piece in str(row["flag"] or "").split("; ")):
                target = row["target_seen"]  # the one that the period closed with
            kpi = catalogue.get(key.partition("|")[0])
            if any(str(typed[name]).startswith("=") for name in ("actual", "target")) or kpi is None:
                continue
            both = number(actual) and number(target)
            if str(typed["variance"]).startswith("=IF(COUNT("):
                assert alike(row["variance"], actual - target if both else None), f"{key}: {row['variance']!r}"
            if str(typed["variance_pct"]).startswith("=IF(COUNT("):
                share = (actual - target) / abs(target) if both and target else None
                assert alike(row["variance_pct"], share), f"{key}: {row['variance_pct']!r}"
            word = str(row["status"])
            if not str(typed["status"]).startswith("=IF(COUNT(") or "progress" in word:
                continue
            if not both:
                assert ("No data" if not number(actual) else "No target") in word, f"{key}: {word}"
                continue
            ahead = (actual - target) * (-1 if kpi.get("direction") == "Lower" else 1)
            slack = (kpi.get("tolerance") or 0) * abs(target)
            wanted = "Met" if ahead >= -1e-9 else "At risk" if ahead + slack >= -1e-9 else "Missed"
            assert wanted in word, f"{key}: {actual} against {target} is {word}, not {wanted}"


class Cells:
    """A workbook's cells by tab and position, and its tables by key."""

    def __init__(self, path: Path) -> None:
        self.book, stored = load_both(path)
        self.typed = {sheet.title: _positions(sheet) for sheet in self.book.worksheets}
        self.shown = {
            title: {at: value for at, value in cells.items() if value is not None} for title, cells in stored.items()
        }
        tables = (
            "kpi_tracking",
            "kpi_catalogue",
            "kpi_actions",
            "kpi_review",
            "kpi_log",
            "kpi_report",
            "kpi_guide",
            "kpi_chart",
            "kpi_successes",
            "kpi_attention",
        )
        self.places = {}
        for table in tables:
            self.places[table] = spot(self.book, table)
        self.arrange()

    def check(self) -> None:
        """Tables and names agree."""
        check_tables(self.book)

    def arrange(self) -> None:
        """What follows from the cells and the tables' places."""
        self.named = {self.cell(name) for name in CELLS}
        self.run = {self.cell(name) for name in RUN}
        self.rows: dict[str, int] = {}
        self.doubled: set[str] = set()
        self.tracking = self._by_key(self.typed)
        self.values = self._by_key(self.shown)
        self.catalogue = self._catalogue()

    def cell(self, name: str) -> tuple[str, int, int]:
        sheet, left, top, _, _ = span(self.book, name)
        return sheet, top, left

    @property
    def tools(self) -> set[tuple[str, int, int]]:
        """The cells in the tables' columns, and the single ones."""
        return self.named | {
            (place.sheet, row, column)
            for place in self.places.values()
            for row in place.rows
            for column in place.columns.values()
        }

    def _by_key(self, sheets: dict[str, dict[Any, Any]]) -> dict[str, dict[str, Any]]:
        place = self.places["kpi_tracking"]
        cells, found = sheets[place.sheet], {}
        for row in self._below(place.rows, cells, place.columns["key"]):
            key = cells.get((row, place.columns["key"]))
            if key is None:
                continue
            if key in found and self.rows[key] != row:
                self.doubled.add(key.partition("|")[0])
                continue
            self.rows[key] = row
            found[key] = {name: cells.get((row, column)) for name, column in place.columns.items()}
            for name in ("owner", "comment"):
                found[key].setdefault(name, None)
        return found

    def _catalogue(self) -> list[dict[str, Any]]:
        place = self.places["kpi_catalogue"]
        cells = self.shown[place.sheet]
        rows = self._below(place.rows, cells, place.columns["id"])
        found = ({name: cells.get((row, column)) for name, column in place.columns.items()} for row in rows)
        return [row for row in found if row["id"] is not None]

    def _below(self, rows: range, cells: dict[Any, Any], column: int) -> Iterable[int]:
        """The table's rows and those that were typed right below it."""
        yield from rows
        row = rows.stop
        while cells.get((row, column)) is not None:
            yield row
            row += 1


def _positions(sheet: Any) -> dict[tuple[int, int], Any]:
    return {at: cell.value for at, cell in sheet._cells.items() if getattr(cell, "value", None) is not None}
