"""Tries on the real Google Sheets what Google's papers leave open, prints what it found, and deletes what it made.

It needs credentials of your own (docs/google.md tells how to get them), and does nothing without:

    scripts/live-google --credentials key.json --folder ID     the key of a service account, a folder of a Shared Drive
    scripts/live-google --credentials key.json --spreadsheet ID   … or an empty spreadsheet that is shared with it
    scripts/live-google --token token.json                     what `kpisheets login` was granted

It makes one spreadsheet (or, with --spreadsheet, a few tabs in that one), sends about 150 requests at the pace that the
quota allows, and takes three or four minutes. --only NAME asks one question; --minute spends the quota of the account
to see how Google counts; --api-root aims at an emulator. Ends with 1 where Google behaves otherwise than kpisheets
relies on.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from google.auth.credentials import Credentials
    from questions import Finding, Question

    from kpisheets.config import GoogleSettings
    from kpisheets.google_access.api import Api
    from kpisheets.google_access.caller import Caller
    from kpisheets.google_access.door import Door

VARIABLE = "KPISHEETS_GOOGLE_CREDENTIALS"


def main() -> int:
    given = _arguments()
    if not (given.credentials or given.token or os.environ.get(VARIABLE)):
        print(__doc__)
        print(f"No credentials were given (--credentials, --token, or the variable {VARIABLE}): nothing was done.")
        return 77
    from kpisheets.errors import KpisheetsError

    try:
        return _run(given)
    except KpisheetsError as error:
        print(f"live-google: {error}", file=sys.stderr)
        return error.exit_code


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/live-google", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--credentials", default="", help="the key of a service account: its file")
    parser.add_argument("--token", default="", help="the file of `kpisheets login`")
    parser.add_argument("--folder", default="", help="the id of a folder in which the spreadsheet is made")
    parser.add_argument("--spreadsheet", default="", help="the id of a spreadsheet to work in, instead of a new one")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="one question; may be repeated")
    parser.add_argument("--minute", action="store_true", help="see how Google counts its minute (takes three)")
    parser.add_argument("--json", action="store_true", help="what was found as a JSON document")
    parser.add_argument(
        "--user-quota", type=int, default=60, help="requests a minute that Google grants to the account"
    )
    parser.add_argument("--api-root", default="", help="another endpoint than Google's")
    return parser.parse_args()


def _run(given: argparse.Namespace) -> int:
    import making  # noqa: F401 - its questions are asked too
    from ground import Place, ground
    from minute import minute
    from questions import QUESTIONS, Question

    from kpisheets.config import GoogleSettings
    from kpisheets.google_access.api import open_for
    from kpisheets.google_access.auth import find
    from kpisheets.google_access.scopes import Need

    settings = GoogleSettings(
        credentials=given.credentials,
        token=given.token,
        api_root=given.api_root,
        user_quota=given.user_quota,
        project_quota=max(300, given.user_quota),
    )
    credentials, caller = find(settings, Path.cwd(), Need(adopt=True, folder=bool(given.folder)))
    questions = [each for each in QUESTIONS if not given.only or each.name in given.only]
    if given.minute:
        questions.append(Question("minute", "How does Google count its minute?", "?", minute))
    api = open_for(credentials, caller, settings, tell=lambda text: print(text, file=sys.stderr))
    api.sign_in()
    with ground(api, Place(given.spreadsheet, given.folder), _Doors(credentials, caller, settings)) as here:
        print(f"Working in {here.spreadsheet} as {caller.name}", file=sys.stderr)
        answers = [(each, _asked(each, here)) for each in questions]
        _print(answers, as_json=given.json)
    print(f"{api.requests} requests, {api.sent} bytes sent, {api.received} received", file=sys.stderr)
    return 1 if any(_differs(each, finding) for each, finding in answers) else 0


def _asked(question: Question, here: Any) -> Finding:
    from questions import Finding

    print(f"  {question.asks}", file=sys.stderr)
    try:
        return question.ask(here)
    except Exception as error:  # one question that fails leaves the others
        return Finding("failed", " ".join(f"{type(error).__name__}: {error}".split())[:300])


@dataclass(frozen=True)
class _Doors:
    """Other ways in; see ``ground.Doors``."""

    credentials: Credentials
    caller: Caller
    settings: GoogleSettings

    def scoped(self, scopes: Sequence[str]) -> Api | None:
        from google.oauth2 import service_account

        from kpisheets.google_access.api import open_for

        if not isinstance(self.credentials, service_account.Credentials):
            return None
        return open_for(self.credentials.with_scopes(scopes), self.caller, self.settings)

    def unpaced(self) -> Door:
        from kpisheets.google_access.door import Door

        return Door(self.credentials, self.settings.api_root)


def _differs(question: Question, finding: Finding) -> bool:
    return {finding.answer, question.relied_on} == {"yes", "no"} or finding.answer == "failed"


def _print(answers: Sequence[tuple[Question, Finding]], *, as_json: bool) -> None:
    if as_json:
        found = [
            {
                "name": each.name,
                "asks": each.asks,
                "relied_on": each.relied_on,
                "found": finding.answer,
                "note": finding.note,
            }
            for each, finding in answers
        ]
        print(json.dumps({"answers": found}, ensure_ascii=False, indent=2))
        return
    print("| question | found | relied on | |\n|---|---|---|---|")
    for each, finding in answers:
        mark = "DIFFERS " if _differs(each, finding) else ""
        print(f"| {each.asks} | {finding.answer} | {each.relied_on} | {mark}{finding.note.replace('|', '/')} |")


if __name__ == "__main__":
    sys.exit(main())
