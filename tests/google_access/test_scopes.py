"""What is asked for is no more than the job needs."""

from __future__ import annotations

import pytest

from kpisheets.google_access.scopes import Need


def short(scopes: tuple[str, ...]) -> set[str]:
    return {scope.rpartition("/")[2] for scope in scopes}


@pytest.mark.parametrize(
    ("need", "person", "service"),
    [
        (Need(adopt=False), {"drive.file"}, {"drive.file"}),
        (Need(), {"drive.file", "spreadsheets"}, {"drive.file", "spreadsheets", "drive.readonly"}),
        (Need(workbook=False, analytics=True), {"analytics.readonly"}, {"analytics.readonly"}),
        (Need(workbook=False, sheets=True), {"spreadsheets.readonly"}, {"spreadsheets.readonly"}),
        (
            Need(adopt=False, sheets=True, analytics=True),
            {"drive.file", "spreadsheets.readonly", "analytics.readonly"},
            {"drive.file", "spreadsheets.readonly", "analytics.readonly"},
        ),
        (
            Need(sheets=True),
            {"drive.file", "spreadsheets"},
            {"drive.file", "spreadsheets", "drive.readonly"},
        ),
    ],
)
def test_scopes(need: Need, person: set[str], service: set[str]) -> None:
    assert short(need.of_person()) == person
    assert short(need.of_service()) == service
