"""What goes wrong with Google Analytics: one line each, with its exit code; the rest is answered."""

from __future__ import annotations

import socket
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from kpisheets.connectors import probe
from kpisheets.connectors.ga4 import service
from kpisheets.core.metric import Source
from tests.ga4.conftest import Asking, metric
from tests.ga4.double import PROPERTY, Double, Wrong

SESSIONS = metric("sessions", "sum(sessions)")
EXHAUSTED = Wrong(429, "RESOURCE_EXHAUSTED", "Exhausted property tokens for an hour. These quota tokens will return.")
BUSY = Wrong(429, "RESOURCE_EXHAUSTED", "Exhausted concurrent requests quota. Please send fewer requests concurrently.")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (metric("m", "sum(sesions)"), "table “report” has no column “sesions”; did you mean “sessions”"),
        (metric("m", "sum(country)"), "“country” is a dimension of Google Analytics, and no metric; put it into where"),
        (metric("m", "count(*)"), "it counts the rows of a report; name a metric"),
        (metric("m", "sum(sessions)", date="yearMonth"), 'a report has no date “yearMonth”; write date = "date"'),
        (metric("m", "sum(sessions)", table="events"), 'there is no table “events”; write table = "report"'),
        (metric("m", "sum(sessions)", table="report by town"), "“town” is not a dimension of the property"),
        (metric("m", "sum(sessions)", where="town = 'Paris'"), "“town” is not a dimension of the property"),
        (metric("m", "sum(itemsViewed)"), "Google Analytics refuses it: Please remove itemsViewed"),
        (metric("m", "sessions"), "does not aggregate"),
        (metric("m", date="", table="", sql="SELECT 1"), "Google Analytics takes no sql"),
    ],
    ids=lambda one: one.value or one.sql if not isinstance(one, str) else "",
)
def test_one_metric_is_wrong(wrong, said: str, ask: Asking, analytics: Double, project: Path) -> None:
    got = ask(wrong, SESSIONS, metric("people", "sum(activeUsers)"))
    (problem,) = got.problems
    assert problem.kpi == "m"
    assert said in str(problem)
    assert {fact.kpi for fact in got.facts} == {"sessions", "people"}
    assert not got.unreachable
    source = Source("web", f"ga4://{PROPERTY}?credentials=key.json&endpoint={analytics.url}")
    (found,) = probe(source, [wrong, SESSIONS], root=project, today=date(2026, 7, 9))
    assert said in str(found)


def test_what_google_says_of_its_numbers_is_told(ask: Asking, analytics: Double) -> None:
    analytics.metadata = {
        "subject_to_thresholding": True,
        "data_loss_from_other_row": True,
        "sampling_metadatas": [{"samples_read_count": 250, "sampling_space_size": 1000}],
        "schema_restriction_response": {"active_metric_restrictions": [{"metric_name": "totalRevenue"}]},
    }
    got = ask(SESSIONS, metric("revenue", "sum(totalRevenue)"))
    notes = " | ".join(got.queries[0].notes)
    for said in ("thresholding", "(other)", "0.25 of the events", "may not see totalRevenue", "amounts are in EUR"):
        assert said in notes
    assert "by yearMonth, from 2026-01-01 to 2026-07-09" in notes


def test_the_last_two_days_are_not_final(ask: Asking) -> None:
    assert ask(SESSIONS).queries[0].watermark == "2026-07-06"


def test_the_quota_is_not_spent(ask: Asking, analytics: Double) -> None:
    """Three reports cost 30 of 75 tokens each: the third would not be answered, and is not asked for."""
    analytics.tokens, analytics.price = 75, 30
    got = ask(SESSIONS, *(metric(f"m{n}", "sum(sessions)", where=f"country = 'c{n}'") for n in range(3)))
    (problem,) = got.problems
    assert problem.code == 75
    assert "has 15 tokens left for an hour, and a report costs up to 30; sync again in an hour" in str(problem)
    assert got.unreachable == {"web"}
    assert len(analytics.requests) == 2
    assert analytics.tokens == 15


def test_a_spent_quota_is_told_at_once(ask: Asking, analytics: Double) -> None:
    analytics.faults = [EXHAUSTED]
    (problem,) = ask(SESSIONS).problems
    assert problem.code == 75
    assert f"property {PROPERTY} has spent its quota" in str(problem)
    assert not analytics.requests


def test_what_passes_is_waited_for(ask: Asking, analytics: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "Policy", lambda deadline: service_policy(deadline))
    analytics.faults = [BUSY, Wrong(503, "UNAVAILABLE", "The service is currently unavailable."), BUSY]
    got = ask(SESSIONS)
    assert not got.problems
    assert got.facts


def service_policy(deadline: float):
    from kpisheets.google_access.retry import Policy

    return Policy(deadline=deadline, first=0.01)


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        (Wrong(403, "PERMISSION_DENIED", "User does not have sufficient permissions for this property."), 77, "Viewer"),
        (Wrong(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."), 77, "make a new key"),
        (
            Wrong(403, "PERMISSION_DENIED", "Google Analytics Data API has not been used in project 12 before."),
            77,
            "the Google Analytics Data API is not enabled in the Google Cloud project 12",
        ),
        (b"<html>Please sign in to the guest network</html>", 69, "somebody else answered"),
    ],
    ids=["permission", "token", "disabled", "junk"],
)
def test_the_source_is_not_there(fault, code: int, said: str, ask: Asking, analytics: Double) -> None:
    analytics.faults = [fault] * 3  # google-auth signs in anew twice
    got = ask(SESSIONS)
    (problem,) = got.problems
    assert problem.code == code, problem
    assert said in str(problem)
    assert problem.where == ("key.json" if "sign-in" in problem.what else "kpisheets.toml:9")
    assert got.unreachable == {"web"}
    assert got.denied == ({"web"} if code == 77 else set())


def test_nobody_is_there(project: Path, ask: Asking, analytics: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    from kpisheets.google_access.retry import Policy

    monkeypatch.setattr(service, "Policy", lambda deadline: Policy(deadline=0.2, first=0.01))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        analytics.url = f"http://127.0.0.1:{free.getsockname()[1]}"
    (problem,) = ask(SESSIONS).problems
    assert problem.code == 69
    assert "cannot be reached" in problem.what


def test_what_is_missing_is_named(ask: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.analytics.data_v1beta", None)
    (problem,) = ask(SESSIONS).problems
    assert problem.code == 78
    assert "pip install 'kpisheets[ga4]'" in problem.mend


def test_its_timeout_is_kept(ask: Asking, analytics: Double) -> None:
    analytics.faults = [6.0]
    began = time.monotonic()
    got = ask(SESSIONS, timeout=1)
    assert got.unreachable == {"web"}
    assert "did not answer" in got.problems[0].what
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("url", "more", "code", "said"),
    [
        ("ga4://G-AB12CD34", "", 78, "“G-AB12CD34” is not the number of a property"),
        ("ga4://99", "", 77, "property 99 may not be read by kpi@acme.iam.gserviceaccount.com; let"),
        (f"ga4://{PROPERTY}", "&credentials=nowhere.json", 77, "the key nowhere.json cannot be read"),
    ],
    ids=["measurement id", "somebody else's", "no key"],
)
def test_a_wrong_url(url: str, more: str, code: int, said: str, ask: Asking) -> None:
    (problem,) = ask(SESSIONS, url=url, more=more).problems
    assert problem.code == code
    assert said in str(problem)
