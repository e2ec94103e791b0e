"""Who hears of trouble: operators by mail and by Apprise, a watchdog, the workbook, cron."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kpisheets.cli import main
from kpisheets.delivery.alert import ping
from tests.schedule.harness import MONDAY, QUARTER, World
from tests.schedule.test_requests import control


class Site(HTTPServer):
    """A web server that writes down what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.status = 200

        class Handler(BaseHTTPRequestHandler):
            server: Site

            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                self.server.asked.append((self.command, self.path, body))
                self.send_response(self.server.status)
                self.end_headers()

            do_POST = do_GET  # noqa: N815

            def log_message(self, *words: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def schedule(world: World, *lines: str) -> None:
    world.configure("[schedule]", "\n".join(["[schedule]", *lines]))


def test_a_failure_is_mailed_at_once_and_again_after_a_day(world: World) -> None:
    schedule(world, 'on_failure = ["ops@example.org"]')
    world.server.refused = {"bob@example.org"}
    world.ran(MONDAY)
    [alarm] = [body for body in world.server.bodies if b"ops@example.org" in body]
    message = message_from_bytes(alarm, policy=policy.default)
    assert message["Subject"].strip().startswith("kpisheets, Acme: the server refuses the recipient bob@example.org")
    assert message["Auto-Submitted"] == "auto-generated"
    assert "kpisheets schedule show" in message.get_content()
    world.ran(MONDAY + QUARTER)
    assert world.server.copies["ops@example.org"] == 1


def test_what_lasts_is_told_once_a_day(world: World) -> None:
    schedule(world, 'on_failure = ["ops@example.org"]', 'max_age = "1h"', 'max_late = "30d"')
    for hours in (0, 1, 12, 25, 26):
        assert world.ran(MONDAY + timedelta(hours=hours))["code"] == 75
    assert world.server.copies == {"ops@example.org": 2}


def test_other_services_hear_by_apprise(world: World, site: Site) -> None:
    pytest.importorskip("apprise")
    schedule(world, f'on_failure = ["json://127.0.0.1:{site.server_port}/alarm"]')
    world.server.refused = {"bob@example.org"}
    world.ran(MONDAY)
    [(_, path, body)] = site.asked
    assert path == "/alarm"
    assert "bob@example.org" in body["title"] + body["message"]


def test_nobody_can_be_told(world: World) -> None:
    pytest.importorskip("apprise")
    schedule(world, 'on_failure = ["json://127.0.0.1:9/alarm"]')
    world.server.refused = {"bob@example.org"}
    done = world.ran(MONDAY)
    assert any("nobody was told there" in problem["what"] for problem in done["problems"])


def test_a_watchdog_hears_of_runs_in_which_nothing_was_wrong(world: World, site: Site) -> None:
    schedule(world, f'heartbeat_url = "http://127.0.0.1:{site.server_port}/alive"')
    assert world.ran(MONDAY - QUARTER)["heartbeat"] is True
    assert world.ran(MONDAY)["heartbeat"] is True
    assert site.asked == [("GET", "/alive", None)] * 2
    (world.root / "kpisheets.toml").write_text(
        (world.root / "kpisheets.toml").read_text().replace("ann@", "nobody@"), encoding="utf-8"
    )
    world.server.refused = {"nobody@example.org"}
    assert world.ran(MONDAY + timedelta(days=7))["heartbeat"] is None
    site.status = 500
    assert world.ran(MONDAY + timedelta(days=7) + QUARTER)["heartbeat"] is False


def test_a_ping_goes_nowhere_but_to_the_web(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    assert not ping(secret.as_uri())
    assert not ping("http://127.0.0.1:9/")
    assert not ping("http://[")


def test_control_and_log_tell_of_mails_and_of_failures(world: World) -> None:
    world.server.refused = {"bob@example.org"}
    world.ran(MONDAY)
    sheet = control(world)
    assert sheet["kpi_outcome"] == "mails sent: 2, mails not delivered: 1"
    assert str(sheet["kpi_last_run"]) == "2026-11-23 07:00:00"
    assert ("Run", None, "mails sent: 2, mails not delivered: 1") in sheet.log()


def test_what_lasts_is_one_line_in_the_log(world: World) -> None:
    world.server.put_off = {"bob@example.org"}
    for hours in range(5):
        world.ran(MONDAY + timedelta(hours=hours))
    said = [new for field, _, new in control(world).log() if "mails" in str(new)]
    assert said == ["mails sent: 2, mails to be tried again: 1", "mails to be tried again: 1"]


def test_what_could_not_be_written_is_added_to_the_log_later(world: World) -> None:
    lock = world.root / "~$Acme KPIs.xlsx"
    lock.write_bytes(b"\x03Ann".ljust(165, b" "))
    assert world.ran(MONDAY)["code"] == 0
    lock.unlink()
    assert control(world)["kpi_outcome"] != "mails sent: 3"
    world.ran(MONDAY + QUARTER)
    assert ("Run", None, "mails sent: 3") in control(world).log()


def test_a_killed_run_is_told_by_the_next(world: World) -> None:
    assert world.run_under(MONDAY, cut_at=5000, kill=True) is None
    done = world.ran(MONDAY + QUARTER)
    assert done["code"] == 1
    assert "never ended" in done["problems"][0]["what"]
    assert world.ran(MONDAY + 2 * QUARTER)["code"] == 0


def test_what_a_killed_run_did_not_tell_the_next_one_tells(world: World) -> None:
    """The killed run found that another had died in the middle of a message, and died before it could say so."""
    world.run_under(MONDAY, cut_at=5000, kill=True)
    assert "sending" in world.states().values()
    lines = 0
    while "sending" in world.states().values():
        lines += 25
        assert world.run(MONDAY + QUARTER, traced=True, kill_at=lines) is None
    assert not any("may have arrived" in line for line in world.told)
    world.ran(MONDAY + 2 * QUARTER)
    assert any("may have arrived" in line for line in world.told)


def test_cron_hears_one_line_or_nothing(world: World) -> None:
    words = ["run-due", "--project", str(world.root)]
    world.configure('"0 7 * * MON"', '"* * * * *"')
    done = CliRunner().invoke(main, words)
    assert (done.exit_code, done.output) == (0, "")
    schedule(world, 'on_failure = ["ops@example.org"]')
    (world.root / ".kpisheets" / "ledger.sqlite").write_bytes(b"no database at all" * 100)
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 73
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "the ledger is damaged" in done.stderr
    assert world.server.copies["ops@example.org"] == 1


def test_check_finds_what_a_run_would_stumble_over(world: World) -> None:
    schedule(world, 'ledger = "nosuchdb://host/kpi"', 'heartbeat_url = "https://${env:NO_SUCH_HOST}/x"')
    done = CliRunner().invoke(main, ["check", "--project", str(world.root)])
    assert done.exit_code == 78
    assert "the ledger's URL cannot be read" in done.stderr
    assert "NO_SUCH_HOST" in done.stderr
