"""``kpisheets.toml``: what it means, and what is said of each mistake."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpisheets import config
from kpisheets.config import MeetingSettings, ScheduleSettings
from kpisheets.core.meeting import Meeting
from kpisheets.core.metric import Metric, Source
from kpisheets.core.period import Calendar, Frequency
from kpisheets.errors import BadConfig

FULL = """\
[project]
name = "Acme"
language = "fr"                  # en, fr
timezone = "Europe/Paris"
fiscal_year_start = 7            # month
templates = ["sales", "finance"]
currency = "CHF"
active_from = 2025-01-01
close_after_days = 3

[workbook]
backend = "excel"
backups = 12
backups_mb = 2000
path = "out/Acme KPIs.xlsm"

[sources.shop]
url = "postgresql://kpi:${env:PG_PASSWORD}@db.acme.example/shop"

[metrics.revenue]
source = "shop"
table = "orders"
date = "ordered_at"
value = "sum(amount)"
where = "status = 'paid'"

[metrics.conversion_rate]
source = "shop"
table = "visits"
date = "day"
numerator = "sum(orders)"
denominator = "sum(sessions)"

[reports.weekly]
to = ["direction@acme.example"]
owners = true
schedule = "0 7 * * MON"
attach = ["pdf", "xlsx"]

[reports.month]
owners = true
schedule = "close+3"
attach = ["none"]

[mail]
url = "smtp://user:${env:SMTP_PASSWORD}@mail.acme.example:587"
from = "Acme KPIs <kpi@acme.example>"
"""

SCHEDULE = """\
[schedule]
sync = ["0 6 * * *", "before reports"]
country = "DE-BY"
holidays = [2026-12-24, "2026-12-31"]
every = "2h"
patience = "0s"
max_late = "2d"
max_age = "12h"
jitter = "90s"
ledger = "postgresql://kpi:${env:PG_PASSWORD}@db.acme.example/kpi"
on_failure = ["ops@acme.example", "slack://${file:token}"]
heartbeat_url = "https://watchdog.acme.example/kpi"
"""


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / config.FILE_NAME
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def problems(folder: Path, text: str | bytes, **known: list[str]) -> list[tuple[int, str]]:
    """Line and words of each problem."""
    with pytest.raises(BadConfig) as caught:
        config.load(write(folder, text), **known)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 78
    found = []
    for problem in caught.value.problems:
        name, _, line = problem.where.rpartition(":")
        assert name == config.FILE_NAME
        assert problem.mend, problem
        found.append((int(line), str(problem)))
    return found


def test_everything(tmp_path: Path) -> None:
    read = config.load(write(tmp_path, FULL), known_templates=["finance", "sales"], known_languages=["en", "fr"])
    assert (read.path, read.root) == (tmp_path / "kpisheets.toml", tmp_path)
    assert read.project == config.Project(
        "Acme", "fr", "Europe/Paris", Calendar(7, "Europe/Paris"), ("sales", "finance"), "CHF", date(2025, 1, 1), 3
    )
    assert read.calendar.period(Frequency.YEARLY, date(2026, 8, 1)).label == "FY2027"
    assert read.calendar.timezone == "Europe/Paris"
    assert read.workbook.path == tmp_path / "out/Acme KPIs.xlsm"
    assert (read.workbook.backups, read.workbook.backups_mb) == (12, 2000)
    assert dict(read.sources) == {
        "shop": Source("shop", "postgresql://kpi:${env:PG_PASSWORD}@db.acme.example/shop", "kpisheets.toml:17")
    }
    assert list(read.metrics) == ["revenue", "conversion_rate"]
    assert read.metrics["revenue"] == Metric(
        "revenue",
        "shop",
        "orders",
        "ordered_at",
        value="sum(amount)",
        filter="status = 'paid'",
        where="kpisheets.toml:20",
    )
    assert read.metrics["conversion_rate"].is_ratio
    assert dict(read.reports) == {
        "weekly": config.ReportSettings("weekly", ("direction@acme.example",), True, "0 7 * * MON", ("pdf", "xlsx")),
        "month": config.ReportSettings("month", (), True, "close+3", ()),
    }
    assert read.mail == config.MailSettings(
        "smtp://user:${env:SMTP_PASSWORD}@mail.acme.example:587", "Acme KPIs <kpi@acme.example>"
    )


def test_meetings(tmp_path: Path) -> None:
    text = "[meetings.monthly]\nminutes = 45\nto = ['a@example.org']\nahead = '1d'\n[reminders]\nschedule = '0 8 * * 2'"
    read = config.load(write(tmp_path, NAME + text))
    assert read.meeting(Meeting.MONTHLY) == MeetingSettings(
        Meeting.MONTHLY, "close+5 09:00", 45, ("a@example.org",), timedelta(days=1)
    )
    assert [*read.meetings] == [Meeting.MONTHLY]
    assert read.meeting(Meeting.WEEKLY).schedule == "0 9 * * MON"
    assert read.reminders.schedule == "0 8 * * 2"


def test_schedule(tmp_path: Path) -> None:
    read = config.load(write(tmp_path, FULL + SCHEDULE)).schedule
    assert read == ScheduleSettings(
        sync=("0 6 * * *", "before reports"),
        country="DE-BY",
        holidays=(date(2026, 12, 24), date(2026, 12, 31)),
        every=timedelta(hours=2),
        patience=timedelta(0),
        max_late=timedelta(days=2),
        max_age=timedelta(hours=12),
        jitter=timedelta(seconds=90),
        ledger="postgresql://kpi:${env:PG_PASSWORD}@db.acme.example/kpi",
        on_failure=("ops@acme.example", "slack://${file:token}"),
        heartbeat_url="https://watchdog.acme.example/kpi",
    )
    none = config.load(write(tmp_path, NAME + "[schedule]\nsync = []"))
    assert none.schedule.sync == ()


def test_defaults(tmp_path: Path) -> None:
    read = config.load(write(tmp_path, '[project]\nname = "Acme"\n'))
    assert read.project == config.Project("Acme", "en", "UTC", Calendar(), (), "EUR", None, 5)
    assert read.workbook == config.WorkbookSettings("excel", tmp_path / "Acme KPIs.xlsx", None, "Acme KPIs", None)
    assert (read.workbook.backups, read.workbook.backups_mb) == (5, 500)
    assert (dict(read.sources), dict(read.metrics), dict(read.reports)) == ({}, {}, {})
    assert read.mail == config.MailSettings("outbox:outbox/", "")
    assert read.schedule == ScheduleSettings()


@pytest.mark.parametrize(
    "text",
    [
        '\ufeff[project]\nname = "Café"\n',
        '[project]\r\nname = "Café"\r\n',
        'project.name = "Café"',
        'project = { name = "Café" }',
        '["project"]\n"name" = """\nCafé\n"""',
    ],
    ids=["byte order mark", "Windows line ends", "dotted", "inline", "quoted"],
)
def test_ways_of_writing(tmp_path: Path, text: str) -> None:
    assert config.load(write(tmp_path, text)).project.name == "Café"


def test_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    read = config.load(write(tmp_path, '[project]\nname = "R&D / Ops: 2026"\n'))
    assert read.workbook.path == tmp_path / "R&D - Ops- 2026 KPIs.xlsx"


def test_google(tmp_path: Path) -> None:
    text = '[project]\nname = "Acme"\n[workbook]\nbackend = "google"\nid = "abc"\npath = "kept.xlsx"\n'
    read = config.load(write(tmp_path, text))
    assert read.workbook == config.WorkbookSettings("google", None, "abc", "Acme KPIs", None)


def test_google_sign_in(tmp_path: Path) -> None:
    text = """\
[project]
name = "Acme"

[google]
credentials = "${env:KEY}"
client = "client_secret.json"
token = "token.json"
subject = "kpi@example.org"
api_root = "http://127.0.0.1:8080/"
deadline = 60
user_quota = 120
project_quota = 600
"""
    read = config.load(write(tmp_path, text))
    assert read.google == config.GoogleSettings(
        "${env:KEY}", "client_secret.json", "token.json", "kpi@example.org", "http://127.0.0.1:8080", 60, 120, 600
    )
    assert config.load(write(tmp_path, '[project]\nname = "A"\n')).google == config.GoogleSettings()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('credentials = "${KEY}"', "${env:KEY}"),
        ("credentials = 5", "a number (5), not text"),
        ('subject = "kpi"', "not an e-mail address"),
        ('api_root = "example.org"', "is not the address of a server"),
        ('api_root = "ftp://example.org"', "is not the address of a server"),
        ('api_root = "https://[x"', "is not the address of a server"),
        ('api_root = "https://example.org:port"', "is not the address of a server"),
        ('api_root = "https://example.org/?a=b"', "is not the address of a server"),
        ('api_root = "http://example.org"', "is not encrypted"),
        ("deadline = 0", "1 to 3600"),
        ("user_quota = 0", "requests a minute"),
        ('project_quota = "many"', "not a whole number"),
        ('credential = "x"', "did you mean “credentials”?"),
    ],
)
def test_google_sign_in_that_makes_no_sense(tmp_path: Path, line: str, words: str) -> None:
    [(number, text)] = problems(tmp_path, f'[project]\nname = "A"\n[google]\n{line}\n')
    assert number == 4
    assert words in text


@pytest.mark.parametrize("root", ["https://proxy.example.org/google", "http://localhost:1", "http://[::1]:8080"])
def test_other_endpoints(tmp_path: Path, root: str) -> None:
    text = f'[project]\nname = "A"\n[google]\napi_root = "{root}"\n'
    assert config.load(write(tmp_path, text)).google.api_root == root


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2025-03-05", (2025, 3, 5)),
        ('"2025-03-05"', (2025, 3, 5)),
        ('"2025-03"', (2025, 3, 1)),
        ('"2025"', (2025, 1, 1)),
    ],
)
def test_active_from(tmp_path: Path, written: str, expected: tuple[int, int, int]) -> None:
    read = config.load(write(tmp_path, f'[project]\nname = "Acme"\nactive_from = {written}\n'))
    assert read.project.active_from == date(*expected)


@pytest.mark.parametrize(
    ("said", "label", "start"),
    [
        (
            '"4-5-4"\nyear_ends = "nearest Saturday to the end of January"\nyear_named_by = "start"',
            "FY2023",
            "2023-01-29",
        ),
        ('"4-4-5"\nyear_ends = "last  sunday of june"', "FY2024", "2023-06-26"),
        ('"5-4-4"\nyear_ends = "Last Friday December"', "FY2024", "2023-12-30"),
        ('"months"\nfiscal_year_start = 2', "FY2025", "2024-02-01"),
        ('"months"\nfiscal_year_start = 2\nyear_named_by = "start"', "FY2024", "2024-02-01"),
    ],
)
def test_calendars(said: str, label: str, start: str, tmp_path: Path) -> None:
    read = config.load(write(tmp_path, f'[project]\nname = "Acme"\ntimezone = "Asia/Tokyo"\ncalendar = {said}\n'))
    year = read.calendar.period(Frequency.YEARLY, date(2024, 2, 3) if '5-4"' in said else date(2024, 2, 4))
    assert (year.label, year.start.isoformat(), read.calendar.timezone) == (label, start, "Asia/Tokyo")


def test_every_problem_at_once(tmp_path: Path) -> None:
    text = """\
title = "x"
[project]
language = "klingon"
timezone = "Europe/Pari"          # timezone = "UTC"
fiscal_year_start = 13
templates = [
  "sales",
  # "decoy",
  "finanse",
  7,
]
currency = "eur"
active_from = "soon"
close_after_days = 2.5
close_after = "soon"

[workbook]
backend = "excell"
backups = -1
backups_mb = "many"
path = "KPIs.xls"

[sources.shop]
url = "postgresql://kpi:${PG_PASSWORD}@db/shop"
user = "kpi"

[sources]
file.url = 5

[metrics]
both = { source = "shop", table = "t", date = "d", value = "count(*)", numerator = "1" }
half = { source = "shop", table = "t", date = "d", numerator = "1" }
sql_and_table = { source = "shop", sql = "SELECT 1", table = "t", date = "d", value = "count(*)" }
sql_undated = { source = "shop", sql = "SELECT 1", value = "count(*)" }
sql_unmeasured = { source = "shop", sql = "SELECT 1", date = "d" }
other_half.source = "shop"
other_half.table = "t"
other_half.date = "d"
other_half.denominator = "1"

[metrics.lost]
source = "shopp"
tabel = "orders"
date = ""
value = \"""
sum(
  amount
)\"""

[metrics.nothing]
source = "shop"
table = "orders"
date = "day"

[reports.weekly]
to = ["direction@acme.example",
      "a@example.org; b@example.org"]
owners = "yes"
schedule = "0 7 * * * MON"
attach = ["pdf",
          "docx"]

[reports.nobody]

[mail]
url = "mail.acme.example"
from = "Acme"

[metric.revenue]
value = "1"
"""
    found = problems(tmp_path, text, known_templates=["sales", "finance"], known_languages=["en", "fr"])
    lines = text.split("\n")
    expected = [
        ('title = "x"', "above all sections"),
        ("[project]", "“name” is missing"),
        ('language = "klingon"', "known: en, fr"),
        ('timezone = "Europe/Pari" ', "did you mean “Europe/Paris”?"),
        ("fiscal_year_start", "1 to 12"),
        ('"finanse"', "did you mean “finance”?"),
        ("7,", "a number (7), not text"),
        ("currency", "“eur”"),
        ("active_from", "“soon”"),
        ("close_after_days", "not a whole number"),
        ("close_after =", "say both when"),
        ("close_after =", "“soon”"),
        ("backend", "did you mean “excel”?"),
        ("backups", "a number of copies"),
        ("backups_mb", "not a whole number"),
        ("path", "KPIs.xls"),
        ('url = "postgresql', "${env:PG_PASSWORD}"),
        ("user", "unknown key “user” in [sources.shop]"),
        ("file.url", "a number (5), not text"),
        ("both", "both value and numerator"),
        ("half", "no denominator"),
        ("sql_and_table", "both sql and table"),
        ("sql_undated", "sql and a measure, and no date"),
        ("sql_unmeasured", "measures nothing"),
        ("other_half.denominator", "no numerator"),
        ('source = "shopp"', "did you mean “shop”?"),
        ("tabel", "did you mean “table”?"),
        ('date = ""', "empty"),
        ("[metrics.nothing]", "measures nothing"),
        ('"a@example.org; b', "not an e-mail address"),
        ("owners", "true or false"),
        ("schedule", "five cron fields"),
        ('"docx"', "cannot attach"),
        ("[reports.nobody]", "goes to nobody"),
        ('url = "mail.', "smtp://"),
        ('from = "Acme"', "not a sender"),
        ("[metric.revenue]", "did you mean “[metrics]”?"),
    ]
    assert len(found) == len(expected), "\n".join(words for _, words in found)
    for (line, words), (start, fragment) in zip(found, expected, strict=True):
        assert lines[line - 1].strip().startswith(start), words
        assert fragment in words


def test_several_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadConfig) as caught:
        config.load(write(tmp_path, '[project]\nname = "A"\nx = 1\nyy = 2\nfiscal_year_start = 0'))
    assert str(caught.value).startswith("kpisheets.toml:3: unknown key “x” in [project]; ")
    assert str(caught.value).endswith("; and 2 more; run `kpisheets check`")


NAME = '[project]\nname = "Acme"\n'


@pytest.mark.parametrize(
    ("text", "line", "fragment"),
    [
        ("", 1, "“name” is missing in [project]"),
        ("# nothing yet\n", 1, "“name” is missing in [project]"),
        ('[project]\n\nname = " "', 3, "“name” is empty"),
        ("[project]\nname = 2026", 2, "is a number (2026), not text"),
        ("project = 5", 1, "not a section"),
        (NAME + "[[sources]]\nurl = 'x'", 3, "write [sources.NAME]"),
        (NAME + "[sources]\nurl = 'data/'", 4, "the source has no name"),
        (NAME + "[sources.' ']\nurl = 'data/'", 3, "not a name"),
        (NAME + "[sources]\nshop = 'data/'", 4, "not a section"),
        (NAME + "[sources.shop]", 3, "“url” is missing in [sources.shop]"),
        (NAME + "[workbook]\npath = '.'", 4, "is a folder"),
        (NAME + "[workbook]\nid = 'abc'", 4, "is for Google Sheets"),
        (NAME + "timezone = '../../etc/passwd'", 3, "unknown time zone"),
        (NAME + "timezone = 'europe/paris'", 3, "did you mean “Europe/Paris”?"),
        (NAME + "timezone = 'Europe'", 3, "unknown time zone"),
        (NAME + "fiscal_year_start = true", 3, "true or false, not a whole number"),
        (NAME + "calendar = '445'", 3, "did you mean “4-4-5”?"),
        (NAME + "calendar = '4-4-5'", 3, "last Saturday of January"),
        (NAME + "calendar = '4-4-5'\nyear_ends = 'in January'", 4, "“in January” says no day"),
        (NAME + "calendar = '4-4-5'\nyear_ends = 'last Sunday of May'\nfiscal_year_start = 6", 5, "remove this line"),
        (NAME + "year_ends = 'last Sunday of May'", 3, 'calendar = "4-4-5" too'),
        (NAME + "year_named_by = 'middle'", 3, "“middle” names no year"),
        (NAME + "active_from = 2025-01-01T10:00:00", 3, "is not a date"),
        (NAME + "active_from = 1850-01-01", 3, "outside the years"),
        (NAME + "templates = 5", 3, "not a list"),
        (NAME + "[reports.r]\nto = []", 4, "goes to nobody"),
        (NAME + "[reports.r]\nowners = false", 3, "goes to nobody"),
        (NAME + "[reports.r]\nto = ['a b@example.org']", 4, "not an e-mail address"),
        (NAME + "[reports.r]\nto = ['a@example']", 4, "not an e-mail address"),
        (NAME + "[reports.r]\nto = ['a@example.org\\nBcc: b@example.org']".replace("'", '"'), 4, "not an e-mail"),
        (NAME + "[reports.r]\nowners = true\nschedule = 'weekly'", 5, "not a schedule"),
        (NAME + "[reports.r]\nowners = true\nschedule = 'close+'", 5, "not a schedule"),
        (NAME + "[reports.r]\nowners = true\nattach = ['none', 'pdf']", 5, "keep one of the two"),
        (NAME + "[reports.r]\nowners = true\nschedule = '0 25 * * *'", 5, "look at the hour"),
        (NAME + "[reports.r]\nowners = true\nschedule = '0 7 30 2 *'", 5, "look at the day-of-month"),
        (NAME + "[reports.r]\nowners = true\nschedule = 'close+3 fortnightly'", 5, "not a schedule"),
        (NAME + "[meetings.weekly]\nschedule = 'Mondays'", 4, "not a schedule"),
        (NAME + "[meetings.monthly]\nminutes = 5", 4, "10 to 480"),
        (NAME + "[meetings.monthly]\nto = ['ann']", 4, "not an e-mail address"),
        (NAME + "[meetings.monthly]\nahead = '15d'", 4, "at most 14d"),
        (NAME + "[meetings.monthy]\nminutes = 30", 3, "unknown meeting “monthy”"),
        (NAME + "[reminders]\nschedule = 'often'", 4, "not a schedule"),
        (NAME + "[schedule]\nsync = ['before report']", 4, "“before reports”"),
        (NAME + "[schedule]\nsync = 'close'", 4, "five cron fields"),
        (NAME + "[schedule]\nsync = 5", 4, "not a list"),
        (NAME + "[schedule]\ncountry = 'France'", 4, "the holidays of “France” are not known"),
        (NAME + "[schedule]\ncountry = 'DE-XX'", 4, "the part “XX” of DE"),
        (NAME + "[schedule]\nholidays = ['Christmas']", 4, "“Christmas” is not a date"),
        (NAME + "[schedule]\nholidays = 2026-12-24T10:00:00", 4, "is not a date"),
        (NAME + "[schedule]\nevery = '7m'", 4, "divide an hour"),
        (NAME + "[schedule]\nevery = '90m'", 4, "hours that divide a day"),
        (NAME + "[schedule]\nevery = '0m'", 4, "divide an hour"),
        (NAME + "[schedule]\nmax_late = 3", 4, "a number (3), not text"),
        (NAME + "[schedule]\nmax_late = 'soon'", 4, "write a time such as"),
        (NAME + "[schedule]\npatience = '2d'", 4, "at most 1d"),
        (NAME + "[schedule]\njitter = '1h'", 4, "at most 10m"),
        (NAME + "[schedule]\nledger = 'kpi.sqlite'", 4, "is not a database"),
        (NAME + "[schedule]\nledger = 'postgresql://${PASSWORD}@db/kpi'", 4, "is not a reference"),
        (NAME + "[schedule]\non_failure = ['ops']", 4, "no mail address and no URL"),
        (NAME + "[schedule]\nheartbeat_url = 'watchdog.example.org'", 4, "begin it with https://"),
        (NAME + "[schedule]\ncatch_up = true", 4, "unknown key"),
        (NAME + "[mail]\nurl = 'smtp://${env:}@x'", 4, "is not a reference"),
        (NAME + "[mail]\nurl = 'smtp://${env:X@x'", 4, "is not a reference"),
    ],
)
def test_one_problem(tmp_path: Path, text: str, line: int, fragment: str) -> None:
    [(where, words)] = problems(tmp_path, text)
    assert where == line
    assert fragment in words


@pytest.mark.parametrize(
    ("text", "line", "fragment"),
    [
        ('[project]\nname = "Acme', 2, "close the quotes"),
        ("[project]\nname = Acme", 2, 'write text in "quotes"'),
        ("[project]\nname", 2, "key = value"),
        ('[project]\nname = "a"\nname = "b"', 3, "twice"),
        ('[project]\nname = "a"\n[mail]\n[project]', 4, "twice"),
        ('[project]\nname = "C:\\data"', 2, "single quotes"),
        ("[project]\nname = 'a'\ntemplates = [\n", 3, "not valid TOML"),
        ("[project]\nwhen = 2025-13-45", 2, "not valid TOML"),
        ("x = " + "[" * 5000 + "]" * 5000, 1, "not valid TOML"),
        (b"[project]\nname = 'Caf\xe9'", 2, "UTF-8"),
        ("[project]\nname = 'x'".encode("utf-16"), 1, "UTF-8"),
    ],
)
def test_no_toml(tmp_path: Path, text: str | bytes, line: int, fragment: str) -> None:
    [(where, words)] = problems(tmp_path, text)
    assert where == line
    assert fragment in words


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="no such file; run `kpisheets init DIR`"):
        config.load(tmp_path / "kpisheets.toml")
    (tmp_path / "kpisheets.toml").mkdir()
    with pytest.raises(BadConfig, match="cannot be read"):
        config.load(tmp_path / "kpisheets.toml")


def test_find_goes_upwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    with pytest.raises(BadConfig, match="kpisheets init DIR"):
        config.find(deep)
    outer = write(tmp_path, FULL)
    assert config.find(deep) == outer
    inner = write(tmp_path / "a", FULL)
    assert config.find(deep) == inner
    assert config.find(inner) == inner
    monkeypatch.chdir(deep)
    assert config.find(Path()).resolve() == inner.resolve()


def test_nothing_can_be_changed(tmp_path: Path) -> None:
    read = config.load(write(tmp_path, FULL))
    with pytest.raises(TypeError):
        read.sources["other"] = Source("other", "data/")  # type: ignore[index]
    with pytest.raises(AttributeError):
        read.project.name = "Other"  # type: ignore[misc]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    st.integers(0, len(FULL)),
    st.integers(0, 12),
    st.text(st.sampled_from("\"'[]{}=.,#\n\\ ax1-${:}\u00e9\ufeff\x00"), max_size=6),
)
def test_a_slip_of_the_keyboard_gives_a_config_or_a_located_problem(
    tmp_path: Path, at: int, removed: int, added: str
) -> None:
    text = FULL[:at] + added + FULL[at + removed :]
    path = write(tmp_path, text)
    try:
        config.load(path)
        return
    except BadConfig as error:
        refused = error
    assert refused.problems
    assert "\n" not in str(refused)
    lines = [int(problem.where.removeprefix("kpisheets.toml:")) for problem in refused.problems]
    assert lines == sorted(lines)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines)
