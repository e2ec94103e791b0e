"""A Google Sheets v4 and Drive v3 server for tests: stateful, on loopback, judged by the discovery documents.

    with Emulator() as google:
        key = google.control.service_account()     # a JSON key file; its token_uri leads to google.url + "/token"
        token = google.control.token("ada@example.org")
        google.control.fault("timeout-after", method="POST", path=":batchUpdate")

As a program: `python -m tests.sheets_emulator --port 8080 --state state.json`; its controls are at
`/_control/NAME`.

The way of a request: `server` → `world` (lock, faults) → `passage` (identity, scopes, quota, people, the judge of
both sides) → `sheets_api`, `values_calls` or `drive_api`. A spreadsheet is a `book`; `requests/` has a module for
each family of `batchUpdate`; `shifting` makes everything follow rows and columns; `view` builds answers by masks.

Known to be less than the service: gradients, relative dates and `ROW()` in conditional formats refuse an effective
format that asks for colours; a formula does not take over the number format of what it refers to; a column's automatic
width is an estimate; filters hide by values, not by conditions. What isn't known at all is refused with 501.
"""

from .emulator import Emulator

__all__ = ["Emulator"]
