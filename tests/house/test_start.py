"""The command answers at once: what is slow to import is imported by the command that needs it."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

SLOW = {
    *("apprise", "crontab", "holidays"),
    *("duckdb", "google", "gspread", "jinja2", "jmespath", "numpy", "openpyxl", "pandas", "requests"),
    *("rich", "sqlalchemy", "sqlglot", "xlsxwriter"),
}

RUN = """
import sys
sys.argv = ["kpisheets", *sys.argv[1:]]
from kpisheets.cli import main
code = 0
try:
    code = main()
except SystemExit as stop:
    code = stop.code
print("\\nMODULES", *sorted({name.partition(".")[0] for name in sys.modules}))
sys.exit(code)
"""


@pytest.mark.skipif(find_spec("kpisheets.cli") is None, reason="there is no command line yet")
@pytest.mark.parametrize("words", [["--help"], ["sync", "--help"], ["--version"]], ids=" ".join)
def test_command_line_imports_nothing_slow(words: list[str], repository: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN, *words], capture_output=True, text=True, cwd=repository, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    modules = set(done.stdout.rpartition("MODULES")[2].split())
    assert "kpisheets" in modules
    assert not modules & SLOW


def test_package_and_configuration_import_nothing_slow(repository: Path) -> None:
    program = "import sys, kpisheets.config; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=repository, check=True)
    assert not set(done.stdout.split()) & (SLOW | {"click"})
