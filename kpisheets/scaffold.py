"""A new project's folder: a commented ``kpisheets.toml`` that runs at once, on sample data that it brings along."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from kpisheets import templates as library
from kpisheets.config import BACKENDS, FILE_NAME
from kpisheets.core.metric import Metric
from kpisheets.errors import BadConfig, CannotWrite
from kpisheets.files import file_name
from kpisheets.sample_data import write_sample

IGNORED = """\
# Mails that were not sent but laid down here, what the tool remembers, keys, and the locks of open workbooks.
/outbox/
/.kpisheets/
/kpisheets-key.json
/client_secret.json
~$*
.~lock.*#
"""

_DATA = "data"


def create_project(folder: Path, *, templates: Sequence[str], language: str, backend: str, today: date) -> list[Path]:
    """Write a project into ``folder`` (made if missing): ``kpisheets.toml``, ``data/*.csv``, ``.gitignore``.

    The sample data runs from January of last year to the day before ``today``, in the tables that the packs need.
    Returns the files written, ``kpisheets.toml`` first. An existing ``.gitignore`` is left as it is.

    BadConfig for an unknown pack, language or backend; CannotWrite where a project, or a file of that name, is there
    already or the folder cannot be written. After an error the folder is as it was.
    """
    packs = [library.pack(name) for name in dict.fromkeys(templates)]
    words = library.language(language)
    if backend not in BACKENDS:
        raise BadConfig(f"there is no backend “{backend}”", mend=f"choose one of: {', '.join(BACKENDS)}")
    folder = folder.absolute()
    if (folder / FILE_NAME).exists():
        raise CannotWrite("there is a project already", where=str(folder / FILE_NAME), mend="choose another folder")
    start = date(today.year - 1, 1, 1)
    tables = {metric.table for pack in packs for metric in pack.metrics.values()}

    def build(draft: Path) -> None:
        if tables:
            write_sample(draft / _DATA, start, today - timedelta(days=1), tables=tables)
        if not (folder / ".gitignore").exists():
            (draft / ".gitignore").write_text(IGNORED, encoding="utf-8", newline="\n")
        text = _config(folder.resolve().name or "KPIs", packs, words, backend, start)
        (draft / FILE_NAME).write_text(text, encoding="utf-8", newline="\n")

    try:
        return _placed(folder, build)
    except OSError as error:
        reason = error.strerror or str(error)
        raise CannotWrite(
            f"the project cannot be written: {reason}", where=str(folder), mend="choose another folder"
        ) from error


def _placed(folder: Path, build: Callable[[Path], None]) -> list[Path]:
    """Build beside the place, then move each file into it, ``kpisheets.toml`` last; undo everything on an error."""
    made: list[Path] = []
    try:
        for place in reversed((folder, *folder.parents)):
            if not place.exists():
                place.mkdir()
                made.append(place)
        # In the folder itself, so that each move is a rename on one file system.
        with tempfile.TemporaryDirectory(prefix=".kpisheets-new-", dir=folder) as name:
            draft = Path(name)
            build(draft)
            files = sorted(path.relative_to(draft) for path in draft.rglob("*") if path.is_file())
            files.sort(key=lambda file: file == Path(FILE_NAME))
            for file in files:
                if (folder / file).exists():
                    raise CannotWrite(
                        "a file of that name is there already", where=str(folder / file), mend="choose another folder"
                    )
            for file in files:
                target = folder / file
                if not target.parent.exists():
                    target.parent.mkdir()
                    made.append(target.parent)
                shutil.move(draft / file, target)
                made.append(target)
    except BaseException:
        for path in reversed(made):
            path.rmdir() if path.is_dir() else path.unlink()
        raise
    return [folder / file for file in (files[-1], *files[:-1])]


def _config(name: str, packs: Sequence[library.Pack], words: library.Language, backend: str, start: date) -> str:
    english = library.language("en")
    sections = [
        _project(name, packs, words, start),
        _google(name) if backend == "google" else _excel(name),
        _SOURCE if packs else _NO_SOURCE,
        *(_metrics(pack, english) for pack in packs),
        _REPORTS,
    ]
    return "\n".join(sections)


def _project(name: str, packs: Sequence[library.Pack], words: library.Language, start: date) -> str:
    chosen = ", ".join(_quoted(pack.id) for pack in packs)
    return f"""\
# The connections, metrics and schedules of a KPI workbook. Targets, owners and definitions live in the workbook
# itself, where business people edit them. Relative paths start at the folder of this file.
#
#   kpisheets check        is everything right?
#   kpisheets provision    makes the workbook, or brings it up to date
#   kpisheets sync         fills in the actuals; with --dry-run it only shows what it would write
#   kpisheets send         sends the report

[project]
{_line("name", name)}
{_line("language", words.code, f"of the workbook and the mails: {', '.join(library.languages())}")}
{_line("timezone", words.locale.timezone, "where a day begins and ends")}
fiscal_year_start = 1         # the month in which your year starts
templates = [{chosen}]  # packs of KPIs; `kpisheets templates` lists them
{_line("currency", "EUR")}
{_line("active_from", start.isoformat(), "the KPIs of the packs have a row for every period since then")}
"""


def _excel(name: str) -> str:
    return f"""\
# A new workbook is made here by `kpisheets provision`.
[workbook]
{_line("backend", "excel")}
{_line("path", _file_name(name))}
"""


def _google(name: str) -> str:
    return f"""\
# A new spreadsheet is made by `kpisheets provision`. docs/google.md goes from nothing to a shared one, click by click.
[workbook]
{_line("backend", "google")}
{_line("title", f"{name} KPIs")}
# folder = "…"                # the Drive folder in which it is made: the last part of the folder's address
# share = ["kpi-team@example.org"] # who may edit it from the start
# id = "…"                    # instead of title: a spreadsheet that exists, by the long part of its address

# Who asks Google: a person, once they ran `kpisheets login`, or a service account, by its key.
# [google]
# client = "client_secret.json"      # for `kpisheets login`
# credentials = "kpisheets-key.json" # for a service account: share the spreadsheet or the folder with its address
"""


_SOURCE = """\
# Where the numbers are. A folder: each file in it is a table (data/orders.csv is `orders`). These are sample data:
# point the url to your own, such as "postgresql://reader:${env:DB_PASSWORD}@db.example.org/shop", a DuckDB or SQLite
# file, "exports/*.parquet". Secrets stay outside this file: ${env:NAME} or ${file:PATH}. `kpisheets recipes` has
# sources and metrics for Stripe, HubSpot and others, to be pasted here.

[sources.sample]
url = "data/"

# A metric is a measure over a table: `date` is the column that puts a record into a period, `where` chooses records.
# A ratio has a numerator and a denominator, so that a quarter is never an average of months.
# The KPIs tab names the metric that fills a KPI; a KPI without one is typed by hand.
"""

_NO_SOURCE = """\
# Where the numbers are: a database, a file, or a folder of files, each of them a table. Secrets stay outside this
# file: ${env:NAME} or ${file:PATH}. Take away the leading # to begin. `kpisheets recipes` has sources and metrics for
# Stripe, HubSpot and others, to be pasted here.

# [sources.shop]
# url = "postgresql://reader:${env:DB_PASSWORD}@db.example.org/shop"

# A metric is a measure over a table: `date` is the column that puts a record into a period, `where` chooses records.
# The KPIs tab names the metric that fills a KPI; a KPI without one is typed by hand.

# [metrics.revenue]
# source = "shop"
# table = "orders"
# date = "ordered_at"
# value = "sum(amount)"
# where = "status = 'paid'"
"""

_REPORTS = """\
# Who gets the summary, and when. `kpisheets schedule install` lets cron send what is due; `kpisheets send weekly` sends
# it now.

[reports.weekly]
to = ["kpi-team@example.org"]
# owners = true               # each owner gets their own KPIs too
# slack = "${env:SLACK_WEBHOOK}"  # a post, once for each time; or "#kpi" for a bot; teams = … likewise
schedule = "0 7 * * MON"      # minute, hour, day, month, weekday; or "close+3": 3 working days after a period ends
attach = []                   # "pdf" (pip install "kpisheets[pdf]"): the report as pages; "xlsx": the workbook

# The agenda of a review meeting for who is invited, and reminders to owners of what waits for them; `kpisheets agenda`
# prints the page. weekly and quarterly likewise.
# [meetings.monthly]
# schedule = "close+5 09:00"    # when it begins; the agenda is mailed two hours before
# to = ["kpi-team@example.org"]
# [reminders]
# schedule = "0 8 * * TUE"

# "outbox:" lays the mails into a folder, to be looked at. For a server (or gmail://…, graph://… of Microsoft 365):
# url = "smtp://user:${env:SMTP_PASSWORD}@mail.example.org:587"
[mail]
url = "outbox:outbox/"
from = "kpisheets@example.org"
"""


def _metrics(pack: library.Pack, english: library.Language) -> str:
    names = {text.id: text for text in pack.localised(english)}
    lines = [f"# --- {pack.title(english)} ---", ""]
    for fact in pack.kpis:
        if fact.metric:
            text = names[fact.id]
            lines += [f"# {text.name}. {text.definition}", *_recipe(pack.metrics[fact.metric]), ""]
    return "\n".join(lines)


def _recipe(metric: Metric) -> Iterator[str]:
    yield f"[metrics.{metric.name}]"
    parts = {
        "source": metric.source,
        "table": metric.table,
        "date": metric.date,
        "value": metric.value,
        "numerator": metric.numerator,
        "denominator": metric.denominator,
        "where": metric.filter,
    }
    yield from (f"{key} = {_quoted(value)}" for key, value in parts.items() if value)


def _line(key: str, value: str, comment: str = "") -> str:
    line = f"{key} = {_quoted(value)}"
    return f"{line:<29} # {comment}" if comment else line


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _file_name(name: str) -> str:
    return f"{file_name(name)} KPIs.xlsx"
