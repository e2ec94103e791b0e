"""Who asks Google: what messages say of them, and under which key they share a quota."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """How a sign-in came about, since each is mended in another place."""

    SERVICE = "a service account's key"
    PERSON = "`kpisheets login`"
    DEFAULT = "application default credentials"


@dataclass(frozen=True, slots=True)
class Caller:
    """``email`` is the address to share with, blank where it is not known; ``project`` the Google Cloud project.

    ``found`` says where the credentials stand (a file, a variable); ``subject`` is the person in whose name a service
    account acts. It only ``reads`` spreadsheets of others, as sources, or works on the project's own.
    """

    kind: Kind
    found: str
    email: str = ""
    project: str = ""
    subject: str = ""
    user: str = ""
    reads: bool = False

    @property
    def role(self) -> str:
        """What it must be allowed as, in Google's words."""
        return "Viewer" if self.reads else "Editor"

    @property
    def name(self) -> str:
        """As a message calls it: an address, or what can be said without one."""
        return self.subject or self.email or "the account that is signed in"

    @property
    def owns_nothing(self) -> bool:
        """A service account that acts for itself has no storage in Drive."""
        return self.email.endswith(".gserviceaccount.com") and not self.subject
