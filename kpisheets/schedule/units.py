"""What other schedulers than cron are given: printed, for a person to look at and to put in place."""

from __future__ import annotations

import plistlib
import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from subprocess import list2cmdline
from xml.sax.saxutils import escape


def systemd(command: Sequence[str], every: timedelta, root: Path) -> str:
    """A service and its timer, for ``systemctl --user``."""
    name = f"kpisheets-{_word(root.name)}"
    folder = "~/.config/systemd/user"
    return f"""\
# {folder}/{name}.service
[Unit]
Description=kpisheets: whatever is due of {_percent(str(root))}

[Service]
Type=oneshot
ExecStart={" ".join(_quoted(word) for word in command)}
# Passwords that kpisheets.toml takes from the environment:
# EnvironmentFile=%h/.config/kpisheets.env

# {folder}/{name}.timer
[Unit]
Description=kpisheets: {_percent(str(root))}

[Timer]
OnCalendar={_calendar(every)}
Persistent=true

[Install]
WantedBy=timers.target

# Then: systemctl --user daemon-reload && systemctl --user enable --now {name}.timer
# and, so that it runs while you are not logged in: loginctl enable-linger
"""


def launchd(command: Sequence[str], every: timedelta, root: Path) -> str:
    """A property list for ``~/Library/LaunchAgents``."""
    label = f"org.kpisheets.{_word(root.name)}"
    document = {
        "Label": label,
        "ProgramArguments": list(command),
        "StartInterval": int(every.total_seconds()),
        "RunAtLoad": True,
        "StandardErrorPath": str(root / ".kpisheets" / "run-due.log"),
    }
    return plistlib.dumps(document, sort_keys=False).decode("utf-8")


def windows(command: Sequence[str], every: timedelta, root: Path) -> str:
    """A task for ``schtasks /Create /TN kpisheets /XML FILE``."""
    program, *words = command
    interval = f"PT{int(every.total_seconds()) // 60}M"
    return f"""\
<?xml version="1.0"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>{escape(f"kpisheets: whatever is due of {root}")}</Description>
  </RegistrationInfo>
  <Triggers>
    <TimeTrigger>
      <Repetition>
        <Interval>{interval}</Interval>
        <StopAtDurationEnd>false</StopAtDurationEnd>
      </Repetition>
      <StartBoundary>2026-01-01T00:00:00</StartBoundary>
      <Enabled>true</Enabled>
    </TimeTrigger>
  </Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT2H</ExecutionTimeLimit>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{escape(program)}</Command>
      <Arguments>{escape(list2cmdline(words))}</Arguments>
      <WorkingDirectory>{escape(str(root))}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""


def _calendar(every: timedelta) -> str:
    minutes = int(every.total_seconds()) // 60
    if minutes < 60:
        return f"*:0/{minutes}"
    return {60: "*:00", 1440: "00:00"}.get(minutes, f"0/{minutes // 60}:00")


def _quoted(word: str) -> str:
    """A word of ``ExecStart=``: in quotes where it must be, its percent and dollar signs doubled."""
    written = _percent(word).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return written if re.fullmatch(r"[\w@%+=:,./-]+", word) else f'"{written}"'


def _percent(text: str) -> str:
    return text.replace("%", "%%")


def _word(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower() or "project"
