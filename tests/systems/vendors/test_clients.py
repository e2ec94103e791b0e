"""Clients of vendors that are written for Node: they read the doubles to the same end as our descriptions do."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kpisheets.services.catalogue import described
from kpisheets.services.placeholders import filled, values_of
from tests.rest.doubles import pipedrive, salesforce
from tests.rest.service import running

QUARTER = (date(2026, 4, 1), date(2026, 7, 1))


def queries() -> Iterator[str]:
    """Every SOQL of the description, of a quarter where it is of days."""
    from kpisheets.connectors.base import Window

    window = Window(*QUARTER, "Europe/Paris")
    days = values_of(window.start, window.end, window.begins, window.ends)
    for table in described("salesforce").tables.values():
        for asked in (table.parameters, *table.windows.values()):
            yield str(filled(asked["q"], days))


@pytest.fixture(scope="module")
def told(systems: Path) -> dict[str, Any]:
    node, modules = shutil.which("node"), systems / "vendors" / "node_modules"
    if node is None or not modules.is_dir():
        pytest.skip("the vendors' clients are not installed: scripts/systems vendors")
    with running() as server:
        pipedrive.serve(server)
        double = salesforce.Salesforce(server)
        job = {
            "modules": str(modules),
            "url": server.url,
            "pipedrive": pipedrive.TOKEN,
            "salesforce": double.session(),
            "version": salesforce.VERSION.removeprefix("v"),
            "queries": list(queries()),
        }
        done = subprocess.run(
            [node, str(Path(__file__).with_name("read.mjs"))],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_pipedrives_client_reads_every_record(told: dict[str, Any]) -> None:
    paths = {
        "deals": "/api/v2/deals",
        "archived": "/api/v2/deals/archived",
        "activities": "/api/v2/activities",
        "leads": "/v1/leads",
    }
    for name, path in paths.items():
        assert told[name] == [one["id"] for one in pipedrive.OBJECTS[path]], name
    assert told["refused"]["errorCode"] == 401


def test_pipedrive_knows_every_field_that_is_asked_for(systems: Path) -> None:
    models = systems / "vendors" / "node_modules" / "pipedrive" / "dist" / "versions"
    if not models.is_dir():
        pytest.skip("the vendors' clients are not installed: scripts/systems vendors")
    files = {"deals": "v2/models/deal", "archived_deals": "v2/models/deal", "activities": "v2/models/activity-item"}
    for table, file in {**files, "leads": "v1/models/lead"}.items():
        text = (models / f"{file}.d.ts").read_text(encoding="utf-8")
        for column in described("pipedrive").tables[table].columns.values():
            field = column.path.partition(".")[0]
            assert f"'{field}'" in text or field == "source_lead_id", (table, field)


def test_every_query_is_soql_and_jsforce_reads_its_records(told: dict[str, Any]) -> None:
    asked = list(queries())
    assert [" ".join(text.split()) for text in told["parsed"]] == asked
    for query in asked:
        theirs = [{k: v for k, v in one.items() if k != "attributes"} for one in told["records"][query]]
        ours = [{k: v for k, v in one.items() if k != "attributes"} for one in salesforce.soql(query)]
        assert theirs == ours
        assert ours
