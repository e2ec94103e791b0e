"""The command: one line for each finding, and what its exit code says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kpisheets.backends.excel.lint import RULES
from kpisheets.backends.excel.lint.__main__ import main
from tests.excel_lint.base import Parts, edited, packed
from tests.excel_lint.faults import CT, S1


def test_it_runs_as_a_module(base: Path) -> None:
    command = [sys.executable, "-m", "kpisheets.backends.excel.lint", str(base)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_lines_and_codes(base: Path, parts: Parts, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong, odd, old = (tmp_path / name for name in ("wrong.xlsx", "odd.xlsx", "old.xls"))
    wrong.write_bytes(packed(edited(parts, S1, lambda data: data.replace(b"<v>1.5</v>", b"<v>1,5</v>"))))
    override = b'<Override PartName="/gone.xml" ContentType="application/xml"/></Types>'
    odd.write_bytes(packed(edited(parts, CT, lambda data: data.replace(b"</Types>", override))))
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    assert main([str(base), str(wrong), str(odd)]) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{wrong}: error: {S1} B2: “1,5” is no number [cell-number]; ")
    assert second.startswith(f"{odd}: warning: {CT} ")
    assert main([str(odd)]) == 0
    assert main([str(old), str(wrong)]) == 65
    assert "encrypted" in capsys.readouterr().err
    assert main([str(tmp_path / "none.xlsx")]) == 66
    assert main([]) == 2


def test_the_rules_can_be_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rules"]) == 0
    listed = capsys.readouterr().out
    assert all(f"| `{rule}` |" in listed for rule in RULES)
