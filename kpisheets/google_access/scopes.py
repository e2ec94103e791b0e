"""What a sign-in may touch: no more than the job needs.

``drive.file`` reaches the files that kpisheets made, and every method of Sheets for them. A spreadsheet that exists is
beyond it: ``spreadsheets`` reaches those by their id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

_BASE = "https://www.googleapis.com/auth/"
FILES = f"{_BASE}drive.file"
SHEETS = f"{_BASE}spreadsheets"
SHEETS_READ = f"{_BASE}spreadsheets.readonly"
ANALYTICS_READ = f"{_BASE}analytics.readonly"
DRIVE = f"{_BASE}drive"
DRIVE_READ = f"{_BASE}drive.readonly"
SEND_MAIL = f"{_BASE}gmail.send"
MAIL_BY_SMTP = "https://mail.google.com/"


class Wanted(Protocol):
    """The scopes of a job: of a person, or of a service account in a person's name; and of one in its own. ``workbook``
    tells whether it works on the project's own spreadsheet, and may change it."""

    @property
    def workbook(self) -> bool: ...
    def of_person(self) -> tuple[str, ...]: ...
    def of_service(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Mailing:
    """Sending mail, and nothing else: Google knows no mailbox but a person's."""

    scope: str = SEND_MAIL
    workbook: bool = False

    def of_person(self) -> tuple[str, ...]:
        return (self.scope,)

    def of_service(self) -> tuple[str, ...]:
        return (self.scope,)


@dataclass(frozen=True, slots=True)
class Need:
    """``adopt``: work on a spreadsheet that people made; ``folder``: make one in a folder that people made; no
    ``workbook``: neither. ``sheets`` and ``analytics``: read spreadsheets and properties as sources; ``mail``: send
    mail through Gmail too."""

    adopt: bool = True
    folder: bool = False
    workbook: bool = True
    sheets: bool = False
    analytics: bool = False
    mail: bool = False

    def of_person(self) -> tuple[str, ...]:
        """What a person is asked to grant, or a person in whose name a service account acts."""
        made = (FILES,) if self.workbook else ()
        whole = self.workbook and self.adopt
        read = (SHEETS,) if whole else (SHEETS_READ,) if self.sheets else ()
        more = (*((ANALYTICS_READ,) if self.analytics else ()), *((SEND_MAIL,) if self.mail else ()))
        return (*made, *read, *more)

    def of_service(self) -> tuple[str, ...]:
        """What a service account asks for itself: it sees only what is shared with it, whatever the scope.

        Drive exports a spreadsheet that people made, and makes a file in their folder, for nothing less than these.
        """
        if not self.workbook:
            return self.of_person()
        if self.folder:
            return (*self.of_person(), DRIVE)
        return (*self.of_person(), DRIVE_READ) if self.adopt else self.of_person()
