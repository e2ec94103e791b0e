"""Sources that are missing, spoilt or empty: what is concerned is said, the rest goes on, numbers stay."""

from __future__ import annotations

import shutil
import sqlite3

import pytest

from tests.cli.conftest import MONTHS, Folder, Outcome, assert_helpful


def _numbers(folder: Folder) -> dict[tuple[str, str], object]:
    tab = folder.tab("Tracking")
    keys = [f"{identity}|{month}" for identity in ("revenue", "orders", "leads") for month in MONTHS]
    return {(key, header): tab[key, header] for key in keys for header in ("Target", "Actual", "Source value")}


def _partly(folder: Folder, *words: str, lines: int = 1) -> Outcome:
    """Done but for some KPIs: ``lines`` lines, the first names ``words``; what was there before is still there."""
    before = _numbers(folder)
    done = folder.run("sync")
    assert done.code == 1, (done.code, done.err)
    found = done.err.splitlines()
    assert len(found) == lines, done.err
    for line in found:
        assert_helpful(line)
    assert_helpful(found[0], *words)
    after = _numbers(folder)
    assert {place: value for place, value in after.items() if "Source value" not in place} == {
        place: value for place, value in before.items() if "Source value" not in place
    }
    return done


def test_every_source_missing(folder: Folder) -> None:
    before = _numbers(folder)
    shutil.rmtree(folder.root / "data")
    shutil.rmtree(folder.root / "crm")
    done = folder.run("sync")
    assert done.code == 69
    first, second = done.err.splitlines()
    assert_helpful(first, "kpisheets.toml:9", "data/ does not exist")
    assert_helpful(second, "kpisheets.toml:12", "crm/*.csv")
    assert _numbers(folder) == before
    assert folder.run("sync", "--json").code == 69
    assert folder.run("check").code == 69


def test_one_of_two_sources_missing(folder: Folder) -> None:
    shutil.rmtree(folder.root / "crm")
    folder.write("data/orders.csv", "day,amount\n2025-01-03,10\n2025-01-20,5.5\n2025-02-03,20.25\n2025-03-31,8\n")
    done = folder.run("sync", "--json")
    assert done.code == 1
    assert [problem["where"] for problem in done.json["problems"]] == ["kpisheets.toml:12"]
    assert [item["key"] for item in done.json["restatements"]] == ["revenue|2025-03"]
    assert folder.run("sync", "--kpi", "leads").code == 69
    assert folder.run("sync", "--kpi", "revenue").code == 0
    shown = folder.run("explain", "leads")
    assert (shown.code, "Problem: kpisheets.toml:12" in shown.out) == (1, True)


def test_a_missing_table_says_which_are_there(folder: Folder) -> None:
    (folder.root / "data/orders.csv").rename(folder.root / "data/order.csv")
    _partly(folder, "kpisheets.toml:15", "“orders”", "“order”", "2 KPIs keep their last value: revenue, orders")


def test_a_missing_column_says_which_are_there(folder: Folder) -> None:
    folder.write("data/orders.csv", "day,amont\n2025-01-03,10\n2025-01-04,10\n2025-02-03,20\n2025-03-31,8\n")
    _partly(folder, "kpisheets.toml:15", "“amount”", "“amont”")


def test_a_missing_date_column(folder: Folder) -> None:
    folder.write("data/orders.csv", "dy,amount\n2025-01-03,10\n")
    _partly(folder, "“day”", "“dy”", "2 KPIs")


@pytest.mark.parametrize(
    ("text", "words", "lines"),
    [
        ("day,amount\n2025-01-03,nan\n2025-01-20,5.5\n2025-02-03,20.25\n2025-03-31,7\n", ("NaN", "2025-01"), 2),
        ("day,amount\n2025-01-03,inf\n2025-01-20,5.5\n2025-02-03,20.25\n2025-03-31,7\n", ("infinite", "2025-01"), 2),
        ("day,amount\n2025-01-03,ten\n2025-01-20,5\n2025-02-03,2\n2025-03-31,7\n", ("“amount”", "text", "“ten”"), 1),
    ],
    ids=["nan", "infinity", "text"],
)
def test_values_that_are_no_numbers(folder: Folder, text: str, words: tuple[str, ...], lines: int) -> None:
    folder.write("data/orders.csv", text)
    done = folder.run("sync")
    assert done.code == 1
    assert any(all(word in line for word in words) for line in done.err.splitlines()), done.err
    for line in done.err.splitlines():
        assert_helpful(line)
    tab = folder.tab("Tracking")
    assert tab["revenue|2025-01", "Actual"] == 15.5
    assert tab["orders|2025-01", "Actual"] == 2


@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "1e400"])
def test_no_infinity_reaches_a_cell(fresh: Folder, value: str) -> None:
    fresh.write("data/orders.csv", f"day,amount\n2025-01-03,{value}\n2025-02-03,5\n")
    done = fresh.run("sync", "--json")
    assert done.code == 1
    tab = fresh.tab("Tracking")
    assert (tab["revenue|2025-01", "Actual"], tab["revenue|2025-02", "Actual"]) == (None, 5)


def test_nulls_are_no_numbers_and_no_errors(fresh: Folder) -> None:
    fresh.write("data/orders.csv", "day,amount\n2025-01-03,\n,7\n2025-02-03,5\n2025-02-04,\n")
    assert fresh.run("sync").code == 0
    tab = fresh.tab("Tracking")
    assert [tab[f"revenue|{month}", "Actual"] for month in MONTHS] == [None, 5, None]
    assert [tab[f"orders|{month}", "Actual"] for month in MONTHS] == [1, 2, None]


@pytest.mark.parametrize(("day", "words"), [("1066-10-14", "1900"), ("9999-12-31", "9998"), ("2025-02-30", "no date")])
def test_dates_that_cannot_be_are_told(fresh: Folder, day: str, words: str) -> None:
    fresh.write("data/orders.csv", f"day,amount\n2025-01-03,10\n{day},7\n")
    done = fresh.run("sync")
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert_helpful(done.err.strip(), "1 of 2 records", "“orders”", "“day”", words)
    assert fresh.tab("Tracking")["revenue|2025-01", "Actual"] == 10


def test_an_empty_table_is_no_error(fresh: Folder) -> None:
    fresh.write("data/orders.csv", "day,amount\n")
    done = fresh.run("sync", "--json")
    assert (done.code, done.json["written"], done.json["rows_added"]) == (0, 3, 12)


def test_values_that_a_source_lost_are_kept_and_told(folder: Folder) -> None:
    folder.write("data/orders.csv", "day,amount\n2025-01-03,10\n2025-01-20,5.5\n2025-02-03,20.25\n")
    _partly(folder, "revenue", "2025-03", "kept", lines=2)


@pytest.mark.parametrize(
    "content",
    [b"", b"\0\xff" * 500, b"PK\x03\x04 no zip", b"\xff\xfe" + b"\0\xd8" * 300],
    ids=["empty", "binary", "zip", "half a surrogate"],
)
def test_a_file_that_is_no_table(folder: Folder, content: bytes) -> None:
    (folder.root / "data/orders.csv").write_bytes(content)
    done = _partly(folder, "orders", "2 KPIs")
    assert "/tmp" not in done.err  # no place of the program's own


def test_a_database_that_is_none(folder: Folder) -> None:
    folder.configure('url = "data/"', 'url = "sqlite:///shop.db"')
    _partly(folder, "kpisheets.toml:9", "shop.db", "not exist")
    folder.write("shop.db", "no database" * 100)
    _partly(folder, "kpisheets.toml:9", "shop.db")


def test_text_in_a_numeric_column_of_a_database(folder: Folder) -> None:
    with sqlite3.connect(folder.root / "shop.db") as database:
        database.execute("CREATE TABLE orders (day TEXT, amount REAL)")
        rows = [("2025-01-03", "=1+1"), ("2025-02-03", 20.25), ("2025-03-31", 7)]
        database.executemany("INSERT INTO orders VALUES (?, ?)", rows)
    folder.configure('url = "data/"', 'url = "sqlite:///shop.db"')
    done = folder.run("sync")
    assert done.code == 1
    for line in done.err.splitlines():
        assert_helpful(line)
    assert folder.tab("Tracking")["revenue|2025-01", "Actual"] == 15.5


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("sum(amount", ("can't be read",)),
        ("1; drop table orders", ("more than one",)),
        ("max('=1+1')", ("text, not a number",)),
        ("sum(nothing)", ("“nothing”",)),
    ],
)
def test_expressions_that_cannot_be(folder: Folder, value: str, words: tuple[str, ...]) -> None:
    folder.configure('value = "sum(amount)"', f'value = "{value}"')
    _partly(folder, "kpisheets.toml:15", *words)


def test_a_missing_secret_names_its_place(folder: Folder) -> None:
    folder.configure('url = "data/"', 'url = "postgresql://reader:${env:NO_SUCH}@127.0.0.1:9/x"')
    _partly(folder, "kpisheets.toml:9", "NO_SUCH", "set the variable")


def test_what_is_alike_is_one_line_and_json_has_each(folder: Folder) -> None:
    (folder.root / "data/orders.csv").rename(folder.root / "data/order.csv")
    done = folder.run("sync", "--json")
    found = done.json["problems"]
    assert [problem["kpi"] for problem in found] == ["revenue", "orders"]
    assert {problem["what"] for problem in found} == {"there is no table “orders”"}
    checked = folder.run("check")
    [line] = checked.err.splitlines()
    assert "there is no table “orders”: 2 metrics: " in line


def test_a_source_that_refuses_for_now(folder: Folder) -> None:
    folder.configure('url = "data/"', 'url = "python:later:records"')
    said = 'raise TryLater("the quota is spent", mend="sync again in an hour")'
    folder.write("later.py", f"from kpisheets.errors import TryLater\n\ndef records(table, window):\n    {said}\n")
    done = folder.run("sync", "--kpi", "revenue")
    assert done.code == 75
    assert "the quota is spent; sync again in an hour" in done.err
    assert folder.run("sync").code == 1  # the other source did answer
