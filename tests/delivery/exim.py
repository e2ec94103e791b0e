"""A real Exim on a loopback port, with a configuration, a spool and a mailbox of its own."""

from __future__ import annotations

import email
import mailbox
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

USER, PASSWORD, TOKEN = "kpi@example.org", "s3cret:/@", "token 1"
MOST = 4
"""Messages that it takes of one connection."""
CONFIG = r"""
primary_hostname = mail.example.org
exim_user = {user}
exim_group = {group}
never_users =
deliver_drop_privilege = true
spool_directory = {folder}/spool
log_file_path = {folder}/log.%s
pid_file_path = {folder}/pid
daemon_smtp_ports = {port}
local_interfaces = 127.0.0.1
tls_certificate = {certificate}
tls_privatekey = {key}
tls_advertise_hosts = *
tls_on_connect_ports = {tls_port}
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
smtputf8_advertise_hosts = *
smtp_accept_max_per_connection = {most}
smtp_accept_queue_per_connection = 0
queue_only = {queue_only}
message_size_limit = 2M
acl_smtp_rcpt = recipients
rfc1413_hosts =
host_lookup =
keep_environment =
log_selector = +smtp_connection
write_rejectlog = false

begin acl
recipients:
  deny    !authenticated = *
          message = log in first
  deny    local_parts = nobody
          message = no such user
  defer   local_parts = later
          message = come again
  accept

begin routers
everybody:
  driver = accept
  transport = box

begin transports
box:
  driver = appendfile
  file = {folder}/box
  user = {user}
  group = {group}
  envelope_to_add
  return_path_add

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{login}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
xoauth2:
  driver = plaintext
  public_name = XOAUTH2
  server_condition = ${{if eq{{$auth1}}{{user={login}\x01auth=Bearer {token}\x01\x01}}}}
  server_set_id = {login}
"""


@dataclass(frozen=True)
class Exim:
    """``port`` speaks SMTP with STARTTLS, ``tls_port`` is encrypted from the first byte."""

    folder: Path
    port: int
    tls_port: int

    def log(self) -> str:
        return "".join(path.read_text("utf-8", "replace") for path in sorted(self.folder.glob("log.*")))

    def delivered(self, number: int) -> list[EmailMessage]:
        """What lies in its mailbox, once there are so many messages."""
        until = time.monotonic() + 20
        while True:
            box = mailbox.mbox(self.folder / "box", create=False)
            found = [email.message_from_bytes(box.get_bytes(key), policy=policy.default) for key in box.keys()]  # noqa: SIM118
            if len(found) >= number:
                return [one for one in found if isinstance(one, EmailMessage)]
            assert time.monotonic() < until, self.log()[-3000:]
            time.sleep(0.05)

    @property
    def queued(self) -> int:
        """How many messages wait in its queue."""
        return sum(1 for _ in (self.folder / "spool" / "input").rglob("*-H"))

    @property
    def connections(self) -> int:
        """How many connections it had."""
        return self.log().count("TCP/IP connection count")


def program() -> str | None:
    return shutil.which("exim4", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def running(certificate: Path, key: Path, *, most: int = MOST, keeps: bool = False) -> Iterator[Exim]:
    """``most``: messages that it takes of a connection; ``keeps``: what it takes stays in its queue.

    It runs as a user without rights: whoever runs the tests, or as root the one that Debian made for it.
    """
    import grp
    import pwd

    found = program()
    assert found
    is_root = os.getuid() == 0
    account = pwd.getpwnam("Debian-exim") if is_root else pwd.getpwuid(os.getuid())
    with tempfile.TemporaryDirectory(prefix="kpisheets-exim-") as name:
        folder = Path(name)
        exim = Exim(folder, _free(), _free())
        for one in (certificate, key):
            shutil.copy(one, folder / one.name)
        text = CONFIG.format(
            folder=folder, port=f"{exim.port} : {exim.tls_port}", tls_port=exim.tls_port, key=folder / key.name,
            certificate=folder / certificate.name, user=account.pw_name, group=grp.getgrgid(account.pw_gid).gr_name,
            login=USER, password=PASSWORD, token=TOKEN, most=most,
            queue_only=str(keeps).lower(),
        )  # fmt: skip
        path = folder / "exim.conf"
        path.write_text(text)
        (folder / "spool").mkdir()
        (folder / "box").touch(0o600)
        who: dict[str, Any] = {}
        if is_root:
            who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            for one in (folder, *folder.iterdir()):
                os.chown(one, account.pw_uid, account.pw_gid)
        with subprocess.Popen(
            [found, "-C", str(path), "-bdf"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder, **who
        ) as process:
            try:
                _wait(exim, process)
                yield exim
            finally:
                process.terminate()
                process.wait(10)


def _wait(exim: Exim, process: subprocess.Popen[bytes]) -> None:
    """Until it answers, and has written down that somebody looked whether it does."""
    until, looked = time.monotonic() + 20, False
    while process.poll() is None and time.monotonic() < until:
        if looked and exim.connections:
            return
        with suppress(OSError):
            if not looked:
                socket.create_connection(("127.0.0.1", exim.tls_port), 1).close()
                looked = True
        time.sleep(0.02)
    said = b"" if process.poll() is None or process.stdout is None else process.stdout.read()
    raise AssertionError(f"Exim does not start: {said.decode()} {exim.log()}")


def _free() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
