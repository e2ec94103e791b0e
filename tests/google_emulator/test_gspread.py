"""gspread's own tests, over HTTP, against the emulator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.sheets_emulator import Emulator

# What fails, and why. Everything else passes.
FAILING: dict[str, str] = {}
COUNT = 151
# The spreadsheet which their tests expect to exist, and to be closed to them.
PRIVATE = "1jIKzPs8LsiZZdLdeMEP-5ZIHw6RkjiOmj1LrJN706Yc"


@pytest.fixture(scope="module")
def checkout() -> Path:
    path = os.environ.get("GSPREAD_CHECKOUT")
    if not path or not (Path(path) / "tests" / "worksheet_test.py").is_file():
        pytest.skip("GSPREAD_CHECKOUT names no checkout of gspread 6.2.1")
    return Path(path)


def test_own_tests_of_gspread(checkout: Path, tmp_path: Path) -> None:
    with Emulator() as emulator:
        emulator.control.spreadsheet("somebody@example.org", PRIVATE)
        key = tmp_path / "key.json"
        key.write_text(json.dumps(emulator.control.service_account()))
        report = tmp_path / "report.xml"
        done = subprocess.run(
            [
                *(
                    sys.executable,
                    "-m",
                    "pytest",
                    "-q",
                    "-p",
                    "gspread_plugin",
                    "-p",
                    "no:cacheprovider",
                    "-p",
                    "no:xdist",
                ),
                *("--override-ini", "python_files=*_test.py", f"--junitxml={report}", "tests"),
            ],
            cwd=checkout,
            env={
                **os.environ,
                "EMULATOR_URL": emulator.url,
                "GS_CREDS_FILENAME": str(key),
                "PYTHONPATH": str(Path(__file__).parent),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert report.exists(), done.stdout + done.stderr
        http = emulator.control.summary()["requests"]
    cases = ET.parse(report).getroot().findall(".//testcase")  # our own file
    failed = {
        f"{case.get('classname')}.{case.get('name')}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    }
    assert failed == set(FAILING), done.stdout[-20_000:]
    assert len(cases) == COUNT
    assert not [case for case in cases if case.find("skipped") is not None]
    assert http > 900  # the tests did come here
