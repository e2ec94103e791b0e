"""A tap that plays a script: ``{"discover": {...}, "runs": [[line, …], …]}``; what it was handed it writes beside it.

A line is a message (an object), a text as it is, or one of ``["exit", 3]``, ``["sleep", 5]``, ``["stderr", "…"]``,
``["die"]``, ``["repeat", 9, message]`` (in which $ is the number).
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

home = Path(sys.argv[1])
words = sys.argv[2:]
script = json.loads((home / "script.json").read_text())
handed = {"words": [word for word in words if not word.startswith("/")]}
for option in ("--config", "--catalog", "--state"):
    if option in words:
        path = Path(words[words.index(option) + 1])
        handed[option] = json.loads(path.read_text())
        handed[f"{option} mode"] = oct(path.stat().st_mode & 0o777)
        handed[f"{option} path"] = str(path)
with (home / "handed.jsonl").open("a") as file:
    file.write(json.dumps(handed) + "\n")
if "--discover" in words:
    print(json.dumps(script["discover"]) if isinstance(script["discover"], dict) else script["discover"])
    sys.exit(0 if isinstance(script["discover"], dict) else 1)
played = sum("--discover" not in json.loads(line)["words"] for line in (home / "handed.jsonl").read_text().splitlines())
for line in script["runs"][min(played, len(script["runs"])) - 1]:
    match line:
        case ["exit", code]:
            sys.exit(code)
        case ["sleep", seconds]:
            sys.stdout.flush()
            time.sleep(seconds)
        case ["stderr", said]:
            print(said, file=sys.stderr, flush=True)
        case ["die"]:
            sys.stdout.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        case ["repeat", times, more]:
            for number in range(times):
                print(json.dumps(more).replace("$", str(number)))
        case str():
            print(line)
        case _:
            print(json.dumps(line))
