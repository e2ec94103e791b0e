"""Real database servers, started in a folder of their own: a socket there and no port, gone with the test run."""

from __future__ import annotations

import ctypes
import getpass
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


def postgres_programs() -> Path | None:
    """The folder of initdb and postgres; Debian keeps it out of the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    path = str(found[-1]) if found else shutil.which("initdb")
    return Path(path).resolve().parent if path else None


def _owner(name: str) -> dict[str, object]:
    """The user that a server runs as: it refuses root, so root lends it the one that its package made, or nobody."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam(name if name in known else "nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@contextmanager
def _folder(owner: dict[str, object]) -> Iterator[Path]:
    """A folder that the server owns, with a short path: a socket's may have 107 letters."""
    folder = Path(tempfile.mkdtemp(prefix="kpi-"))
    try:
        if owner:
            os.chown(folder, owner["user"], owner["group"])  # type: ignore[arg-type]
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _end_with_the_tests() -> None:
    """Linux tells a server when the tests were killed before they could stop it."""
    with suppress(Exception):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


@contextmanager
def _running(command: list[str], socket: Path, owner: dict[str, object]) -> Iterator[None]:
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(  # type: ignore[call-overload]
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/", preexec_fn=_end_with_the_tests, **owner
        )
        try:
            deadline = time.monotonic() + 60
            while not socket.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise RuntimeError(f"{command[0]} did not start: {log.read().decode(errors='replace')[-2000:]}")
                time.sleep(0.02)
            yield
        finally:
            process.terminate()
            process.wait(60)


def _answering(place: str) -> None:
    """Wait until PostgreSQL lets one in: its socket is there a moment before."""
    import psycopg

    until = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(place).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server with an empty database."""
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    pytest.importorskip("psycopg")
    owner = _owner("postgres")
    with _folder(owner) as folder:
        making = [programs / "initdb", "-D", folder / "data", "-U", "kpi", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run([*making, "--locale=C"], check=True, capture_output=True, cwd="/", **owner)  # type: ignore[call-overload]
        settings = {"listen_addresses": "", "unix_socket_directories": folder, "fsync": "off", "timezone": "Asia/Tokyo"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [str(programs / "postgres"), "-D", str(folder / "data"), *options]
        with _running(command, folder / ".s.PGSQL.5432", owner):
            _answering(f"user=kpi dbname=postgres host={folder}")
            yield f"postgresql://kpi@/postgres?host={folder}"


@contextmanager
def mariadb() -> Iterator[str]:
    """The URL of a MariaDB server with an empty database."""
    server = next((p for p in ("/usr/sbin/mariadbd", shutil.which("mariadbd")) if p and Path(p).exists()), None)
    maker = shutil.which("mariadb-install-db")
    if server is None or maker is None:
        pytest.skip("MariaDB is not installed: apt-get install mariadb-server")
    pytest.importorskip("pymysql")
    sqlalchemy = pytest.importorskip("sqlalchemy")
    owner = _owner("mysql")
    with _folder(owner) as folder:
        where = ["--no-defaults", f"--datadir={folder / 'data'}"]
        name = pwd.getpwuid(owner["user"]).pw_name if owner else getpass.getuser()  # type: ignore[arg-type]
        making = [maker, *where, "--auth-root-authentication-method=normal", "--skip-test-db", f"--user={name}"]
        subprocess.run(making, check=True, capture_output=True, cwd="/", **owner)  # type: ignore[call-overload]
        socket = folder / "s"
        light = ["--skip-networking", "--innodb-flush-log-at-trx-commit=0", "--default-time-zone=+09:00"]
        command = [server, *where, f"--socket={socket}", f"--pid-file={folder / 'pid'}", *light]
        with _running(command, socket, owner):
            place = f"root@localhost/{{}}?unix_socket={socket}"
            engine = sqlalchemy.create_engine("mysql+pymysql://" + place.format(""))
            with engine.begin() as connection:
                connection.execute(sqlalchemy.text("CREATE DATABASE IF NOT EXISTS test CHARACTER SET utf8mb4"))
            engine.dispose()
            yield "mysql://" + place.format("test")
