"""Half a year of a website's raw events, and the service that counts them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from kpisheets.connectors import collect
from kpisheets.core.metric import Asked, Collected, Metric, Source
from kpisheets.core.period import Calendar, Frequency
from tests.ga4.double import PROPERTY, Double, Event

NOW = datetime(2026, 7, 9, 14, tzinfo=UTC)
PARIS = Calendar(1, "Europe/Paris")
CHANNELS = ("Organic Search", "Direct", "Paid Search")
COUNTRIES = ("France", "Germany", "(not set)")


def events() -> list[Event]:
    """Events from January to 9 July 2026; in the week of 6 April there are none at all, and in May no lead."""
    dice = random.Random(20260709)
    found = []
    begin = datetime(2026, 1, 3, tzinfo=UTC)
    for number in range(220):
        at = begin + timedelta(minutes=dice.randrange((NOW - begin) // timedelta(minutes=1)))
        user = f"u{dice.randrange(90)}"
        channel, country = dice.choice(CHANNELS), dice.choice(COUNTRIES)
        engaged = dice.random() < 0.6
        names = ["session_start", *(["first_visit"] if dice.random() < 0.3 else []), "page_view", "page_view"]
        names += [name for name in ("add_to_cart", "purchase", "generate_lead") if dice.random() < 0.25]
        for place, name in enumerate(names):
            moment = at + timedelta(minutes=place)
            if datetime(2026, 4, 6, tzinfo=UTC) <= moment + timedelta(hours=2) < datetime(2026, 4, 13, tzinfo=UTC):
                continue
            if name == "generate_lead" and (moment + timedelta(hours=2)).month == 5:
                continue
            revenue = Decimal(dice.randrange(100, 20_000)) / 100 if name == "purchase" else Decimal(0)
            paid = name == "session_start" and channel == "Paid Search"
            cost = Decimal(number * 37 % 400) / 100 if paid else Decimal(0)
            found.append(Event(moment, user, f"s{number}", name, channel, country, engaged, revenue, cost))
    return found


@pytest.fixture(scope="session")
def raw() -> list[Event]:
    return events()


@pytest.fixture(scope="session")
def key_pair() -> tuple[str, str]:
    """A service account's private key, and the public one."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KPISHEETS_GOOGLE_CREDENTIALS", "GOOGLE_APPLICATION_CREDENTIALS", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def analytics(raw: list[Event], key_pair: tuple[str, str]) -> Iterator[Double]:
    with Double(raw, key_pair[1]).running() as double:
        yield double


@pytest.fixture
def project(tmp_path: Path, key_pair: tuple[str, str]) -> Path:
    """A project's folder with a service account's key."""
    key = {
        "type": "service_account",
        "project_id": "acme",
        "private_key": key_pair[0],
        "client_email": "kpi@acme.iam.gserviceaccount.com",
        "token_uri": "http://127.0.0.1:9/token",
    }
    (tmp_path / "key.json").write_text(json.dumps(key))
    return tmp_path


def metric(name: str, value: str = "", *, where: str = "", table: str = "report", **parts: str) -> Metric:
    return Metric(name, "web", table, parts.pop("date", "date"), value, filter=where, where=f"metric {name}", **parts)


Asking = Callable[..., Collected]


@pytest.fixture
def ask(analytics: Double, project: Path) -> Asking:
    """Asks the property; every metric is a KPI of its name."""

    def asked(
        *metrics: Metric,
        frequency: Frequency = Frequency.MONTHLY,
        start: str = "2026-01-01",
        calendar: Calendar = PARIS,
        url: str = f"ga4://{PROPERTY}",
        more: str = "",
        timeout: float = 20,
    ) -> Collected:
        today = calendar.today(NOW)
        first = calendar.period(frequency, datetime.fromisoformat(start).date()) if start else None
        last = calendar.period(frequency, today)
        source = Source(
            "web", f"{url}?credentials=key.json&endpoint={analytics.url}{more}", "kpisheets.toml:9", timeout
        )
        questions = [Asked(one.name, one, frequency, first, last) for one in metrics]
        return collect({"web": source}, questions, calendar=calendar, root=project, now=NOW)

    return asked
