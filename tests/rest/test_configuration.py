"""What kpisheets.toml may say of a web service, and the line of each way to get it wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kpisheets.config import load
from kpisheets.core.metric import Source
from kpisheets.errors import BadConfig
from kpisheets.services.values import Service

URL = 'url = "rest+https://api.example.org/v1"'
TABLE = '[sources.shop.tables.orders]\npath = "orders"'


@pytest.mark.parametrize(
    ("text", "line", "what", "mend"),
    [
        (URL, 3, "has no tables", "add [sources.shop.tables.NAME]"),
        (f'url = "rest+https:///v1"\n{TABLE}', 4, "does not name a server", "HOST"),
        (f'url = "rest+https://me:pw@api.example.org/v1"\n{TABLE}', 4, "holds a user", "[sources.shop.auth]"),
        (f'url = "rest+https://api.example.org/v1?a=b"\n{TABLE}', 4, "has a query", "parameters"),
        (
            f'url = "rest+http://api.example.org"\nauth = {{ kind = "bearer", token = "x" }}\n{TABLE}',
            4,
            "is not encrypted",
            "https",
        ),
        (f'url = "rst+https://api.example.org"\n{TABLE}', 4, "there is no service “rst”", "did you mean “rest”?"),
        (f'url = "data/"\n{TABLE}', 5, "“tables” is for web services", "begin the url with rest+https://"),
        (f'{URL}\nauth = {{ kind = "bearr" }}\n{TABLE}', 5, "unknown kind “bearr”", "did you mean “bearer”?"),
        (f'{URL}\n[sources.shop.auth]\nkind = "bearer"\n{TABLE}', 5, "needs “token”", 'add token = "…"'),
        (f'{URL}\n[sources.shop.auth]\nkind = "bearer"\ntokn = "x"\n{TABLE}', 7, "unknown key “tokn”", "“token”?"),
        (f'{URL}\n[sources.shop.auth]\nkind = "bearer"\ntoken = "${{X}}"\n{TABLE}', 7, "not a reference", "env:X"),
        (
            f'{URL}\n[sources.shop.auth]\nkind = "client_credentials"\ntoken_url = "http://a.example.org/t"\n'
            f'client_id = "a"\nclient_secret = "b"\n{TABLE}',
            7,
            "is not encrypted",
            "https",
        ),
        (f'{URL}\n[sources.shop.headers]\n"X Y" = "1"\n{TABLE}', 6, "not the name of a header", "letters"),
        (f"{URL}\nlimits = {{ rate = 0 }}\n{TABLE}", 5, "“rate” is 0", "requests a second"),
        (f"{URL}\nlimits = {{ rates = 1 }}\n{TABLE}", 5, "unknown key “rates”", "“rate”?"),
        (f'{URL}\n{TABLE}\nrecords = "data[["', 7, "is not JMESPath", "data.items"),
        (f'{URL}\n{TABLE}\nmethod = "DELETE"', 7, "not how records are asked for", "GET or POST"),
        (f"{URL}\n{TABLE}\nbody = {{ a = 1 }}", 7, "“body” is for a POST", 'method = "POST"'),
        (f'{URL}\n{TABLE}\nparameters = {{ since = "{{begin}}" }}', 7, "no placeholder {begin}", "known: end"),
        (f'{URL}\n{TABLE}\n[sources.shop.tables.orders.window]\nday = {{ to = "{{ends}}" }}', 8, "{ends}", "“end”?"),
        (f'{URL}\n{TABLE}\n[sources.shop.tables.orders.pagination]\nkind = "curser"', 8, "“curser”", "“cursor”?"),
        (f'{URL}\n{TABLE}\n[sources.shop.tables.orders.pagination]\nkind = "page"', 7, "needs “parameter”", "add"),
        (
            f'{URL}\n{TABLE}\n[sources.shop.tables.orders.columns]\na = {{ read = "unix" }}',
            8,
            "“path” is missing",
            "add",
        ),
        (
            f'{URL}\n{TABLE}\n[sources.shop.tables.orders.columns]\na = {{ path = "a", read = "unx" }}',
            8,
            "can't be read as “unx”",
            "“unix”?",
        ),
        (
            f'{URL}\n{TABLE}\n[sources.shop.tables.orders.columns]\na = {{ path = "a", read = "minor" }}',
            8,
            "belong together",
            "currency",
        ),
        (f'{URL}\n[sources.shop.tables."my orders"]\npath = "orders"', 5, "not a name for a table", "letters"),
        (f'{URL}\n[sources.shop.tables.orders]\nrecords = "a"', 5, "“path” is missing", "add path"),
        (
            f'{URL}\n[sources.shop.tables.orders]\npath = "https://other.example.org/"',
            6,
            "names a server",
            "what follows",
        ),
    ],
)
def test_each_problem_has_its_line(text: str, line: int, what: str, mend: str, tmp_path: Path) -> None:
    path = tmp_path / "kpisheets.toml"
    path.write_text(f'[project]\nname = "A"\n[sources.shop]\n{text}\n', encoding="utf-8")
    with pytest.raises(BadConfig) as caught:
        load(path)
    (problem,) = caught.value.problems
    assert what in problem.what
    assert mend in problem.mend
    assert problem.where == f"kpisheets.toml:{line}"


def test_tables_take_what_the_source_says_for_all(configured: Callable[[str], Source]) -> None:
    source = configured(
        f'[sources.shop]\n{URL}\npagination = {{ kind = "page", parameter = "p", size_parameter = "n" }}\n'
        f"{TABLE}\npagination = {{ size = 7 }}\n"
    )
    service = source.settings
    assert isinstance(service, Service)
    paging = service.tables["orders"].paging
    assert (paging.kind, paging.parameter, paging.size) == ("page", "p", 7)
