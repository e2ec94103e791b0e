"""The line of crontab: its neighbours are kept, and Debian's own cron runs it. systemd, plistlib and an XML parser read
what the other schedulers are given."""

from __future__ import annotations

import itertools
import json
import os
import plistlib
import shlex
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from kpisheets.cli import main
from kpisheets.schedule import cron, units

CONFIG = """\
[project]
name = "Acme"
timezone = "Europe/Paris"
[reports.weekly]
to = ["ann@example.org"]
schedule = "* * * * *"
[schedule]
sync = []
every = "1m"
"""
OTHERS = (
    "MAILTO=ops@example.org\n\n# the others' lines\n5 4 * * * /usr/bin/backup  'a  b' # nightly\n@daily /usr/bin/tidy\n"
)
QUARTER = timedelta(minutes=15)


@pytest.fixture
def crontab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A crontab of this test alone, behind a program that takes the calls of Debian's."""
    table, programs = tmp_path / "table", tmp_path / "programs"
    programs.mkdir()
    program = programs / "crontab"
    program.write_text(
        f'#!/bin/sh\ntable={shlex.quote(str(table))}\ncase "$1" in\n-l) cat "$table" 2>/dev/null ||'
        ' { echo "no crontab for you" >&2; exit 1; };;\n*) cat "$1" >"$table";;\nesac\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    import crontab as library

    monkeypatch.setattr(library, "CRON_COMMAND", str(program))
    return table


def run(root: Path, *words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, [*words, "--project", str(root)])
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "50 % of Acme's"
    root.mkdir()
    (root / "kpisheets.toml").write_text(CONFIG, encoding="utf-8")
    return root


def test_install_is_repeatable_and_keeps_the_others(root: Path, crontab: Path) -> None:
    crontab.write_text(OTHERS)
    code, line, _ = run(root, "schedule", "install")
    assert code == 0
    first = crontab.read_text()
    assert first.startswith(OTHERS)
    assert first.count("run-due") == 1
    assert line.strip() in first
    assert run(root, "schedule", "install")[0] == 0
    assert crontab.read_text() == first
    (root / "kpisheets.toml").write_text(CONFIG.replace('"1m"', '"6h"'), encoding="utf-8")
    run(root, "schedule", "install")
    assert "\n0 */6 * * * " in crontab.read_text()
    assert crontab.read_text().count("run-due") == 1
    assert json.loads(run(root, "schedule", "show", "--json")[1])["installed"] is True
    assert "Removed" in run(root, "schedule", "remove")[1]
    assert "no line" in run(root, "schedule", "remove")[1]
    assert list(filter(None, crontab.read_text().splitlines())) == list(filter(None, OTHERS.splitlines()))
    assert json.loads(run(root, "schedule", "show", "--json")[1])["installed"] is False


def test_what_was_before_the_installation_is_not_sent(root: Path, crontab: Path) -> None:
    run(root, "schedule", "install")
    text = CONFIG.replace("* * * * *", f"0 0 {datetime.now(UTC) - timedelta(days=2):%d} * *")
    (root / "kpisheets.toml").write_text(text, encoding="utf-8")
    run(root, "provision")
    code, out, _ = run(root, "run-due", "--json")
    assert (code, json.loads(out)["deliveries"]) == (0, [])


def test_variables_that_cron_does_not_set_are_named(root: Path, crontab: Path) -> None:
    mail = '[mail]\nurl = "smtp://kpi:${env:SMTP_PASSWORD}@mail.example.org"\n# ${env:NO_SUCH}\n'
    (root / "kpisheets.toml").write_text(CONFIG + mail, encoding="utf-8")
    code, _, err = run(root, "schedule", "install")
    assert code == 0
    assert "SMTP_PASSWORD" in err
    assert "NO_SUCH" not in err


@pytest.mark.parametrize(
    ("minutes", "fields"),
    [(1, "* * * * *"), (15, "*/15 * * * *"), (60, "0 * * * *"), (360, "0 */6 * * *"), (1440, "0 0 * * *")],
)
def test_times(minutes: int, fields: str) -> None:
    assert cron.times(timedelta(minutes=minutes)) == fields


def test_the_shell_reads_the_line_as_the_command(root: Path) -> None:
    command = ["/opt/kpi sheets/kpisheets", "run-due", "--project", str(root)]
    line = cron.line(command, QUARTER, root).removeprefix("*/15 * * * * ").rpartition(" # kpisheets: ")[0]
    assert "%" not in line.replace(r"\%", ""), "cron ends the command at a percent sign"
    assert shlex.split(line.replace(r"\%", "%")) == command


def test_systemd_takes_its_units(tmp_path: Path) -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("systemd-analyze is not installed: it judges the units")
    root = tmp_path / "50 % of Acme's $HOME"
    command = [sys.executable, "run-due", "--project", str(root)]
    for minutes in (1, 15, 60, 360, 1440):
        files: dict[str, list[str]] = {}
        for line in units.systemd(command, timedelta(minutes=minutes), root).splitlines():
            if line.startswith("# ~/"):
                files[line.rpartition("/")[2]] = []
            elif files:
                files[list(files)[-1]].append(line)
        assert [name.rpartition(".")[2] for name in files] == ["service", "timer"]
        for name, lines in files.items():
            (tmp_path / name).write_text("\n".join(lines) + "\n")
        done = subprocess.run([verify, "verify", *(tmp_path / name for name in files)], capture_output=True, text=True)
        ours = [line for line in done.stderr.splitlines() if "kpisheets-" in line]
        assert (done.returncode, ours) == (0, []), done.stderr
        [when] = [line.partition("=")[2] for line in files[list(files)[1]] if line.startswith("OnCalendar=")]
        said = subprocess.run([verify, "calendar", "--iterations=3", when], capture_output=True, text=True, check=True)
        ends = [line.partition(": ")[2] for line in said.stdout.splitlines() if "Next elapse" in line or "Iter" in line]
        times = [datetime.strptime(end[4:23], "%Y-%m-%d %H:%M:%S") for end in ends]  # noqa: DTZ007 - compared
        assert {later - sooner for sooner, later in itertools.pairwise(times)} == {timedelta(minutes=minutes)}


def test_launchd_and_windows_are_read_by_parsers() -> None:
    root = Path("/srv/R&D <Acme>")
    command = ["/opt/kpisheets", "run-due", "--project", str(root)]
    plist = plistlib.loads(units.launchd(command, QUARTER, root).encode())
    assert (plist["ProgramArguments"], plist["StartInterval"]) == (command, 900)
    task = ET.fromstring(units.windows(command, QUARTER, root))
    found = {element.tag.rpartition("}")[2]: element.text for element in task.iter()}
    assert (found["Command"], found["Interval"]) == ("/opt/kpisheets", "PT15M")
    assert found["Arguments"] == 'run-due --project "/srv/R&D <Acme>"'


SCRIPT = """\
set -e
mount -t tmpfs tmpfs /var/spool/cron
mkdir -m 1730 /var/spool/cron/crontabs
chgrp crontab /var/spool/cron/crontabs
mount -t tmpfs tmpfs /etc/cron.d
: > "$2/nothing"
mount --bind "$2/nothing" /etc/crontab
printf 'PYTHONPATH=%s\\n' "$PYTHONPATH" | crontab -
"$1" -m kpisheets schedule install --project "$2" > "$2/installed"
crontab -l > "$2/crontab"
exec timeout 110 cron -f
"""


@pytest.mark.waits
def test_cron_itself_runs_the_line(tmp_path: Path, repository: Path) -> None:
    """In a place of its own (a mount namespace), so that no other job of this machine is run."""
    if not shutil.which("cron") or not shutil.which("unshare") or os.geteuid() != 0:
        pytest.skip("cron is not installed, or this is not root (on Debian, scripts/test installs it)")
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
        pytest.skip("this system gives no mount namespace, and cron is not run without")
    root = tmp_path / "acme"
    root.mkdir()
    (root / "kpisheets.toml").write_text(CONFIG, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(repository)}
    program = [sys.executable, "-m", "kpisheets", "provision", "--quiet", "--project", str(root)]
    subprocess.run(program, env=environment, check=True, cwd=root)
    words = ["unshare", "--mount", "--propagation", "private", "sh", "-c", SCRIPT, "sh", sys.executable, str(root)]
    daemon = subprocess.Popen(words, env=environment, cwd="/", stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 115
        while time.monotonic() < deadline and daemon.poll() is None and not list(root.glob("outbox/*.eml")):
            time.sleep(0.2)
    finally:
        daemon.terminate()
        said = daemon.communicate(timeout=20)[1]
    mails = list(root.glob("outbox/*.eml"))
    assert len(mails) == 1, said
    assert str(root) in (root / "crontab").read_text()
