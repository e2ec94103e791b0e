"""``python -m kpisheets``."""

from kpisheets.cli import main

main(prog_name="kpisheets")
