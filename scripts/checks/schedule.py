"""Hunts for a second copy, or a lost one: hundreds of scheduled runs are killed, cut off and crowded, each as a real
process against a real mail server.

    python scripts/checks/schedule.py [--cases N] [--seed N]

Each case disturbs one run of a report to three recipients, lets quiet runs follow, and judges: nobody has two copies;
who has none is held and was reported; `--resend` brings exactly what was held, with the same Message-ID.
"""

from __future__ import annotations

import argparse
import collections
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.google_access.scripted import Scripted  # noqa: E402
from tests.schedule import harness  # noqa: E402
from tests.schedule.harness import MONDAY, QUARTER, TO, Nursery, World  # noqa: E402
from tests.schedule.test_requests import Control  # noqa: E402

Case = Callable[[World], object]


def killed_at_line(number: int) -> Case:
    return lambda world: world.run(MONDAY, traced=True, kill_at=number)


def struck_at_byte(number: int, kill: bool) -> Case:
    return lambda world: world.run_under(MONDAY, cut_at=number, kill=kill)


def struck_at_answer(number: int, kill: bool) -> Case:
    return lambda world: world.run_under(MONDAY, mute_at=number, kill=kill)


def struck_at_verdict(number: int, kill: bool) -> Case:
    return lambda world: world.run_under(MONDAY, verdict_at=number, kill=kill)


def struck_twice(first: int, second: int) -> Case:
    def case(world: World) -> None:
        world.run(MONDAY, traced=True, kill_at=first)
        world.run(MONDAY + QUARTER / 3, traced=True, kill_at=second)

    return case


def crowded(number: int, line: int) -> Case:
    """Many at once, one of them killed."""

    def case(world: World) -> None:
        orders = [{"traced": True, "kill_at": line}] + [{}] * (number - 1)
        for pid in [world.start(MONDAY, **order) for order in orders]:
            world.wait(pid)

    return case


def synced(case: Case) -> Case:
    """The same, with a sync before the report."""

    def more(world: World) -> None:
        world.configure("sync = []", 'sync = ["before reports"]')
        case(world)

    return more


def asked_for(case: Case) -> Case:
    """The same, of a report that somebody asks for in the Control tab."""

    def more(world: World) -> None:
        world.configure('schedule = "0 7 * * MON"', "")
        world.ran(MONDAY - QUARTER)
        Control(world.root / "Acme KPIs.xlsx")["kpi_request"] = "Email report"
        case(world)

    return more


def posted(case: Case, web: Scripted) -> Case:
    """The same, of a report that is posted to Slack and to Teams too."""

    def more(world: World) -> None:
        targets = f'slack = "{web.root}/slack/{world.root.name}"\nteams = "{web.root}/teams/{world.root.name}"\n'
        world.configure('schedule = "0 7 * * MON"', f'{targets}schedule = "0 7 * * MON"')
        case(world)
        world.settle(MONDAY)
        posts = collections.Counter(seen.path for seen in web.seen)
        for channel, state in world.ledger(
            "SELECT channel, state FROM kpi_delivery WHERE channel IN ('slack', 'teams')"
        ):
            number = posts[f"/{channel}/{world.root.name}"]
            if number > 1 or (state != "unknown" and (state, number) != ("sent", 1)):
                raise AssertionError(f"{channel}: {state}, {number} posts")

    return more


def cases(
    size: int, lines: int, sent: int, answers: int, draw: random.Random, web: Scripted
) -> Iterator[tuple[str, Case]]:
    """``lines`` of code, bytes ``sent`` and ``answers`` of the server are what an undisturbed run makes."""
    for step in range(size // 4):
        number = 1 + step * lines // (size // 4)
        yield f"killed at line {number}", killed_at_line(number)
    for kill in (True, False):
        word = "killed" if kill else "cut off"
        for number in range(1, answers + 1):
            yield f"{word} before answer {number}", struck_at_answer(number, kill)
        for number in range(1, len(TO) + 1):
            yield f"{word} before the yes to message {number}", struck_at_verdict(number, kill)
    for _ in range(size // 4):
        number, kill = draw.randrange(sent), draw.random() < 0.5
        yield f"{'killed' if kill else 'cut off'} at byte {number}", struck_at_byte(number, kill)
    for _ in range(size // 8):
        first, second = draw.randrange(lines), draw.randrange(lines)
        yield f"killed at line {first}, then at line {second}", struck_twice(first, second)
    for _ in range(size // 20):
        number, line = draw.randint(2, 8), draw.randrange(lines)
        yield f"{number} at once, one killed at line {line}", crowded(number, line)
    for _ in range(size // 10):
        line = draw.randrange(lines)
        yield f"asked for, and killed at line {line}", asked_for(killed_at_line(line))
        yield f"with a sync, and killed at line {line}", synced(killed_at_line(line))
        yield f"with posts, and killed at line {line}", posted(killed_at_line(line), web)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=int, default=400)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    failed: list[str] = []
    held: collections.Counter[int] = collections.Counter()
    began, number = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as name, Nursery() as nursery, Scripted().running() as web:
        base = Path(name)
        made = harness.make(base / "made")
        with harness.world(made, base / "quiet", nursery) as world:
            world.ran(MONDAY, traced=True)
            measured = (world.lines, world.wire.sent, world.wire.answers)
        print("an undisturbed run: {} lines, {} bytes, {} answers".format(*measured))
        for number, (title, case) in enumerate(cases(chosen.cases, *measured, random.Random(chosen.seed), web), 1):
            with harness.world(made, base / str(number), nursery) as world:
                try:
                    case(world)
                    now = world.settle(MONDAY)
                    held[sum(state == "unknown" for state in world.states().values())] += 1
                    world.judge(now, TO)
                except AssertionError as error:
                    failed.append(f"{title}: {error}")
                    print(failed[-1], flush=True)
    spent = time.monotonic() - began
    print(
        f"{number} cases in {spent:.0f} s; messages held in a case: {dict(sorted(held.items()))}; failed: {len(failed)}"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
