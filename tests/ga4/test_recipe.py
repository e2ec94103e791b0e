"""The recipe is configuration, and gives on the double what pandas counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpisheets import recipes
from kpisheets.config import load
from kpisheets.connectors import collect
from kpisheets.core.metric import Asked
from kpisheets.core.period import Frequency
from tests.ga4.conftest import NOW
from tests.ga4.double import PROPERTY, Double, Event
from tests.ga4.test_numbers import METRICS, expected, frame, given

SAME = {
    "website_sessions": "sessions",
    "website_users": "people",
    "leads": "leads",
    "website_revenue": "revenue",
    "engagement_rate": "engagement",
    "visitor_retention": "returning",
}


def test_every_metric_is_right(analytics: Double, project: Path, raw: list[Event]) -> None:
    text = recipes.text("ga4").replace("ga4://123456789", f"ga4://{PROPERTY}?endpoint={analytics.url}")
    path = project / "kpisheets.toml"
    start = '[project]\nname = "Acme"\ntimezone = "Europe/Paris"\n[google]\ncredentials = "key.json"\n'
    path.write_text(start + text, encoding="utf-8")
    config = load(path)
    first, last = (config.calendar.parse(label) for label in ("2026-01", "2026-07"))
    asked = [Asked(name, one, Frequency.MONTHLY, first, last) for name, one in config.metrics.items()]
    got = collect(config.sources, asked, calendar=config.calendar, root=project, now=NOW, google=config.google)
    assert not got.problems
    assert len(analytics.requests) == 1
    whole = frame(raw)
    measures = {name: METRICS[same][1] for name, same in SAME.items()}
    measures["conversion_rate"] = lambda f: (f.name == "purchase").sum() / f.session.nunique()
    measures["website_lead_rate"] = lambda f: (f.name == "generate_lead").sum() / f.session.nunique()
    measures["cost_per_acquisition"] = lambda f: f.cost.sum() / int(f.name.isin(["generate_lead", "purchase"]).sum())
    assert measures.keys() == config.metrics.keys()
    for name, measure in measures.items():
        assert given(got, name) == pytest.approx(expected(whole, Frequency.MONTHLY, 1, measure)), name
