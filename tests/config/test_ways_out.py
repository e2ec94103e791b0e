"""[mail], [slack] and the channels of a report: what is wrong is told with its line, and without a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpisheets.config import load
from kpisheets.errors import BadConfig

NAME = '[project]\nname = "Acme"\n'
REPORT = NAME + '[reports.weekly]\nto = ["a@example.org"]\n'
MAIL = NAME + "[mail]\n"
HOOK = "https://hooks.example.org/services/T0/B0/s3cret-and-long"


def loaded(folder: Path, text: str):  # type: ignore[no-untyped-def]
    path = folder / "kpisheets.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (REPORT + 'slack = "kpi"', 5, "no channel and no webhook"),
        (REPORT + 'slack = ["#kpi", "#a b"]', 5, "“#a b”"),
        (REPORT + f'slack = "{HOOK.replace("https", "http")}"', 5, "“http://h…” is no channel"),
        (REPORT + 'teams = "#kpi"', 5, "is no webhook"),
        (REPORT + "teams = 3", 5, "teams"),
        (REPORT + 'teams = "${env:}"', 5, "is not a reference"),
        (NAME + '[reports.weekly]\nschedule = "0 7 * * MON"', 3, "goes to nobody"),
        (MAIL + 'url = "graph://kpi@example.org"', 4, "needs an OAuth client"),
        (
            MAIL + 'url = "gmail:"\nclient_id = "c"\nclient_secret = "s"\ntenant = "t"',
            5,
            "Gmail's API takes no client_id",
        ),
        (MAIL + 'tenant = "t"', 4, "is of an OAuth client"),
        (MAIL + 'client_id = "c"\nclient_secret = "s"', 4, "who knows this client_id"),
        (MAIL + 'client_id = "c"\nclient_secret = "s"\ntenant = "t"\ntoken_url = "https://t"', 4, "who knows"),
        (MAIL + 'client_id = "c"\ntenant = "t"', 4, "neither a client_secret nor a refresh_token"),
        (MAIL + 'client_id = "c"\ncredentials = "key.json"', 5, "both credentials and client_id"),
        (MAIL + 'api_root = "http://graph.example"', 4, "not encrypted"),
        (NAME + '[slack]\napi_root = "slack"', 4, "not the address of a server"),
        (NAME + '[slack]\nwebhook = "x"', 4, "webhook"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, said: str, tmp_path: Path) -> None:
    with pytest.raises(BadConfig) as found:
        loaded(tmp_path, text)
    problems = [problem for problem in found.value.problems if said in problem.what]
    assert [problem.where for problem in problems] == [f"kpisheets.toml:{line}"], found.value.problems
    assert all(problem.mend for problem in problems)
    assert "s3cret" not in str([str(problem) for problem in found.value.problems])


def test_one_or_several(tmp_path: Path) -> None:
    read = loaded(tmp_path, REPORT + f'slack = "{HOOK}"\nteams = ["${{env:A}}", "${{env:B}}", "${{env:A}}"]\n')
    report = read.reports["weekly"]
    assert report.slack == (HOOK,)
    assert report.teams == ("${env:A}", "${env:B}")
    only = loaded(tmp_path, NAME + '[reports.weekly]\nslack = ["#kpi", "C0123456789"]\n[slack]\ntoken = "${env:T}"\n')
    assert only.reports["weekly"].slack == ("#kpi", "C0123456789")
    assert only.slack.token == "${env:T}"
