"""Makes BottleCRM's database once, with its own commands, and dumps it: `python -m tests.systems.bottlecrm.prepare`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.connectors.servers import postgres, postgres_programs

HOME = Path(__file__).resolve().parents[3] / ".systems" / "bottlecrm"
DUMP, TOKENS = HOME / "crm.sql", HOME / "tokens.json"
SEED = "--users-per-org 3 --leads 80 --opportunities 60 --invoices 40 --cases 30 --accounts 12 --contacts 20 --seed 7"


def surroundings(socket: str, user: str = "crm") -> dict[str, str]:
    """The environment in which BottleCRM finds its database, and nothing else of this machine."""
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "DBHOST": socket,
        "DBNAME": "crm",
        "DBUSER": user,
        "SECRET_KEY": "a key of a system that only tests know, " * 2,
        "DEBUG": "false",
        "SWAGGER_ROOT_URL": "http://127.0.0.1",
    }


def run(program: str | Path, *words: str, env: dict[str, str] | None = None, stdin: str | None = None) -> str:
    done = subprocess.run(
        [program, *words], env=env, input=stdin, capture_output=True, text=True, cwd=HOME, timeout=1800, check=False
    )
    if done.returncode:
        raise SystemExit(f"{Path(program).name} {' '.join(words)[:60]} failed: {done.stderr.strip()[-1500:]}")
    return done.stdout


def wait_for(programs: Path, socket: str) -> None:
    """A server's socket is there a moment before it answers."""
    for _ in range(600):
        if subprocess.run([programs / "pg_isready", "-q", "-h", socket], check=False).returncode == 0:
            return
        time.sleep(0.1)


def main() -> None:
    programs, python = postgres_programs(), HOME / "bin" / "python"
    assert programs is not None, "PostgreSQL is not installed: apt-get install postgresql"
    with postgres() as url:
        [socket] = parse_qs(urlsplit(url).query)["host"]
        wait_for(programs, socket)
        make = "CREATE ROLE crm LOGIN; CREATE DATABASE crm OWNER crm"
        for statement in make.split("; "):
            run(programs / "psql", "-h", socket, "-U", "kpi", "-c", statement, "postgres")
        env = surroundings(socket)
        print("  migrating", flush=True)
        run(python, "-m", "django", "migrate", "--no-input", env=env)
        print("  seeding", flush=True)
        run(python, "-m", "django", "seed_data", "--email", "admin@example.org", "--no-input", *SEED.split(), env=env)
        tokens = run(python, str(Path(__file__).with_name("tokens.py")), env=env)
        DUMP.write_text(run(programs / "pg_dump", "-h", socket, "-U", "kpi", "crm"), encoding="utf-8")
        TOKENS.write_text(tokens, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
