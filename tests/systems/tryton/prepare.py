"""Makes Tryton's database once, with its own commands: `python -m tests.systems.tryton.prepare`."""

from __future__ import annotations

import subprocess
from pathlib import Path

HOME = Path(__file__).resolve().parents[3] / ".systems" / "tryton"
MADE = HOME / "seeded"
"""A folder with ``erp.sqlite``, and the keys of its REST application in ``keys.json``."""
MODULES = ("ir", "res", "sale", "sale_opportunity", "account_invoice")


def settings(folder: Path, port: int = 0) -> Path:
    """The configuration of a Tryton whose databases are in ``folder``."""
    path = folder / "trytond.conf"
    path.write_text(f"[database]\nuri = sqlite://\npath = {folder}\n[web]\nlisten = 127.0.0.1:{port}\n")
    return path


def run(*words: str | Path, password: Path | None = None) -> str:
    env = {"TRYTONPASSFILE": str(password)} if password else {}
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode:
        raise SystemExit(f"{Path(words[0]).name} failed: {done.stderr.strip()[-1500:]}")
    return done.stdout


def main() -> None:
    MADE.mkdir(exist_ok=True)
    (MADE / "erp.sqlite").write_bytes(b"")
    password = MADE / "password"
    password.write_text("a password that only tests know")
    made = settings(MADE)
    print("  activating modules", flush=True)
    words = ["-c", made, "-d", "erp", "-u", *MODULES, "--activate-dependencies", "--email", "admin@example.org"]
    run(HOME / "bin" / "trytond-admin", *words, password=password)
    print("  doing a year of business", flush=True)
    keys = run(HOME / "bin" / "python", Path(__file__).with_name("seed.py"), made, "erp")
    (MADE / "keys.json").write_text(keys)


if __name__ == "__main__":
    main()
