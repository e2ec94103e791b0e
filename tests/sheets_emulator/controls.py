"""What a test may ask of the emulator beside the two services: accounts, limits, faults, people, and the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .auth import Identity
from .drive_api import new_drive_id
from .drive_files import SharedDrive, permission_id
from .faults import Fault
from .journal import Entry
from .messages import Message
from .person import Edit
from .ranges import area

if TYPE_CHECKING:
    from .world import World


class Controls:
    """The controls by name. Every method's arguments are JSON, so `/_control/NAME` takes them as its body."""

    def __init__(self, world: World, url: str = "") -> None:
        self._world = world
        self._url = url

    # Accounts

    def service_account(self, name: str = "robot", project: str = "kpis", storage: bool = True) -> dict[str, str]:
        """A new service account: its JSON key file. `storage=False`: it may make files only in shared drives."""
        with self._world.lock:
            token_uri = f"{self._url}/token"
            return self._world.accounts.add_service_account(name, project, token_uri, storage=storage)

    def user(
        self,
        email: str = "ada@example.org",
        scopes: list[str] | None = None,
        client: str = "client.apps.example.org",
        project: str = "kpis",
    ) -> dict[str, Any]:
        """A person who let an app in: the authorised-user JSON with its refresh token."""
        with self._world.lock:
            wanted = scopes or ["drive.file", "spreadsheets"]
            return self._world.accounts.add_user(email, wanted, client, project, f"{self._url}/token")

    def token(self, email: str = "ada@example.org", scopes: list[str] | None = None) -> str:
        """A bearer token for anybody, at once. Default scopes: all of Drive and Sheets."""
        with self._world.lock:
            return self._world.accounts.token_for(email, scopes)

    def revoke(self, email: str) -> None:
        """Take an account's grants back: its tokens answer 401, asking for new ones `invalid_grant`."""
        with self._world.lock:
            self._world.accounts.revoke(email)

    def expire_tokens(self) -> None:
        """All tokens are void from now on; new ones are given."""
        with self._world.lock:
            self._world.accounts.tokens.clear()

    def delegate(self, service_account: str, email: str) -> None:
        """Let a service account act for a person."""
        with self._world.lock:
            self._world.accounts.accounts[service_account].delegates.append(email)

    def storage(self, email: str, storage: bool) -> None:
        """Whether an account may own files."""
        with self._world.lock:
            self._world.accounts.accounts[email].storage = storage

    # Files

    def shared_drive(self, name: str, members: dict[str, str]) -> str:
        """A new shared drive with members by e-mail address and role: its id."""
        with self._world.lock:
            drive = SharedDrive(new_drive_id(), name, members)
            self._world.files.drives[drive.id] = drive
            return drive.id

    def spreadsheet(self, owner: str, spreadsheet_id: str | None = None, title: str = "Theirs") -> str:
        """A new spreadsheet of somebody's, which nobody else may see, perhaps with an id of the test's choice."""
        with self._world.lock:
            who = Identity(owner, "people", "browser", frozenset(), service_account=False)
            return self._world.create_spreadsheet({"properties": {"title": title}}, who, spreadsheet_id).id

    def permit(self, file_id: str, email: str, role: str | None) -> None:
        """Give somebody a role in a file (`reader`, `writer`), or take it away (`None`)."""
        with self._world.lock:
            file = self._world.files.files[file_id]
            number = permission_id(email)
            file.permissions = [item for item in file.permissions if item["id"] != number]
            if role is not None:
                file.permissions.append(
                    {"kind": "drive#permission", "id": number, "type": "user", "role": role, "emailAddress": email}
                )

    def own(self, file_id: str, email: str) -> None:
        """Make a file somebody else's; those who could write it still can."""
        with self._world.lock:
            file = self._world.files.files[file_id]
            for item in file.permissions:
                if item["role"] == "owner":
                    item["role"] = "writer"
            self.permit(file_id, email, "owner")
            file.owner = email

    # Limits and faults

    def quota(self, project: int | None = 300, user: int | None = 60, window: float = 60.0) -> None:
        """Limit the requests to Sheets in any `window` seconds, reads and writes apart. Off at the start."""
        with self._world.lock:
            self._world.quotas.set(project, user, window)

    def clock(self, now: float | None = None, advance: float = 0.0) -> float:
        """Set the time in seconds, or move it on; from then on it stands still. Gives the time."""
        with self._world.lock:
            if now is not None or advance:
                self._world.now = (self._world.clock() if now is None else now) + advance
            return self._world.clock()

    def fault(
        self,
        kind: str,
        method: str | None = None,
        path: str = "",
        times: int = 1,
        skip: int = 0,
        retry_after: float | None = None,
        seconds: float = 3600.0,
    ) -> None:
        """The next `times` requests that match get a fault: see `faults.KINDS`. `path` is a regular expression."""
        with self._world.lock:
            self._world.faults.due.append(Fault(kind, method, path, times, skip, retry_after, seconds))

    def no_faults(self) -> None:
        with self._world.lock:
            self._world.faults.due.clear()

    def disable(self, service: str, disabled: bool = True) -> None:
        """Turn a service (`sheets` or `drive`) off for all projects, as before one enabled it."""
        with self._world.lock:
            name = f"{service}.googleapis.com"
            (self._world.disabled.add if disabled else self._world.disabled.discard)(name)

    # People

    def person(self, spreadsheet_id: str, actions: list[Message]) -> None:
        """Do what a person does, now. Actions: `{"do": "insert_rows", "tab": …, "at": …}`, see `person.ACTIONS`, or
        `{"requests": […]}` of `batchUpdate`."""
        with self._world.lock:
            self._world.people.do(spreadsheet_id, actions)

    def person_later(
        self,
        spreadsheet_id: str,
        actions: list[Message],
        when: str = "before",
        method: str | None = None,
        path: str = "",
        skip: int = 0,
    ) -> None:
        """The same `before` or `after` the next request on the spreadsheet that matches."""
        with self._world.lock:
            self._world.people.due.append(Edit(spreadsheet_id, actions, when, method, path, skip))

    def chip_colours(self, spreadsheet_id: str, cell: str, colours: Message | None = None) -> Message:
        """Give the options of a cell's dropdown colours, as only a person can; without them, the ones that it has."""
        with self._world.lock:
            book = self._world.books[spreadsheet_id]
            if colours is not None:
                book = book.fork()
                place = area(book, cell)
                old = place.tab.grid.get(place.row0, place.column0)
                new = old._replace(extra={**(old.extra or {}), "chipColours": colours})
                place.tab.grid.put(place.row0, {place.column0: new})
                self._world.replace(book)
            place = area(book, cell)
            found = (place.tab.grid.get(place.row0, place.column0).extra or {}).get("chipColours", {})
            return dict(found)

    # The journal

    @property
    def entries(self) -> list[Entry]:
        """The requests so far, those for tokens included."""
        return list(self._world.journal.entries)

    def log(self) -> list[dict[str, Any]]:
        return self._world.journal.listed()

    def summary(self) -> dict[str, Any]:
        """Counts of requests and bytes, whole and by kind."""
        return self._world.journal.summary()

    def reset_log(self) -> None:
        with self._world.lock:
            self._world.journal.reset()

    def bugs(self) -> list[str]:
        """Defects of the emulator that showed so far: answers that don't fit the discovery document."""
        return list(self._world.bugs)

    def spreadsheets(self) -> list[str]:
        """The ids of all spreadsheets."""
        return list(self._world.books)

    def clear(self) -> None:
        """Forget files, faults, people and journal; accounts and tokens stay."""
        with self._world.lock:
            world = self._world
            world.books.clear()
            world.files.files.clear()
            world.files.drives.clear()
            world.faults.due.clear()
            world.people.due.clear()
            world.disabled.clear()
            world.quotas.set(None, None)
            world.bugs.clear()
            world.journal.reset()
            world.now = None
            world.on_change()
