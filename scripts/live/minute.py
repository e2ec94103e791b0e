"""How Google counts its minute: asked only on demand, since it spends the quota of the account for three minutes."""

from __future__ import annotations

import time

from ground import Ground
from questions import Finding

_LIMIT = 60


def minute(here: Ground) -> Finding:
    """Spend the minute's reads at once, then try every second: when do they come back, one by one or all together?"""
    door, url = here.other.unpaced(), f"https://sheets.googleapis.com{here.path()}"

    def taken() -> bool:
        door.sign_in()
        door.limit(30)
        return bool(door.request("GET", url, params={"fields": "spreadsheetId"}).ok)

    begin, spent = time.monotonic(), 0
    while taken() and spent < 5 * _LIMIT:
        spent += 1
    full = time.monotonic() - begin
    back: list[float] = []
    while time.monotonic() - begin < 180 and len(back) < 20:
        if taken():
            back.append(time.monotonic() - begin)
        else:
            time.sleep(1)
    if not back:
        return Finding("unknown", f"{spent} requests in {full:.0f} s, and none for three minutes")
    together = len(back) >= 10 and back[9] - back[0] < 15
    how = "all together (a fixed minute)" if together else "one by one (a sliding window)"
    return Finding(
        how,
        f"{spent} requests in {full:.0f} s; the next after {back[0]:.0f} s; ten more took {back[-1] - back[0]:.0f} s",
    )
