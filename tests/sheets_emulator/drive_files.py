"""Files as Drive sees them: names, folders, owners, permissions. A spreadsheet's content is elsewhere."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any

from .auth import Identity
from .errors import DriveError

SPREADSHEET = "application/vnd.google-apps.spreadsheet"
FOLDER = "application/vnd.google-apps.folder"
ROLES = ("reader", "commenter", "writer", "fileOrganizer", "organizer", "owner")
DRIVE = "https://www.googleapis.com/auth/drive"


def new_file_id() -> str:
    """44 characters, as the ids of spreadsheets have."""
    return "1" + secrets.token_urlsafe(48)[:43]


def timestamp(seconds: float) -> str:
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


@dataclass
class DriveFile:
    """A file. `permissions` are messages of the API; `clients` are the apps that made or opened it."""

    id: str
    name: str
    mime_type: str
    owner: str
    created: float
    modified: float
    parents: list[str] = field(default_factory=list)
    drive_id: str | None = None
    app_properties: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    description: str = ""
    starred: bool = False
    trashed: bool = False
    version: int = 1
    permissions: list[dict[str, Any]] = field(default_factory=list)
    clients: list[str] = field(default_factory=list)


@dataclass
class SharedDrive:
    """A shared drive; members by e-mail address with their role."""

    id: str
    name: str
    members: dict[str, str] = field(default_factory=dict)


class Files:
    """All files and shared drives, and who may do what with them."""

    def __init__(self) -> None:
        self.files: dict[str, DriveFile] = {}
        self.drives: dict[str, SharedDrive] = {}

    def role(self, file: DriveFile, identity: Identity) -> str | None:
        """The best role that somebody has in a file: their own, everybody's, their shared drive's or a folder's."""
        found = [
            item["role"]
            for item in file.permissions
            if item["type"] == "anyone"
            or item.get("emailAddress", "").casefold() == identity.email.casefold()
            or (item["type"] == "domain" and identity.email.endswith("@" + item.get("domain", "\0")))
        ]
        if file.drive_id is not None:
            member = self.drives[file.drive_id].members.get(identity.email)
            found += [member] if member else []
        for parent in file.parents:
            if parent in self.files:
                inherited = self.role(self.files[parent], identity)
                found += [("writer" if inherited == "owner" else inherited)] if inherited else []
        return max(found, key=ROLES.index, default=None)

    def seen(self, file: DriveFile, identity: Identity) -> str | None:
        """The role, as far as the credentials' scopes let it show: `drive.file` is about the app's own files."""
        role = self.role(file, identity)
        scopes = {scope.removeprefix(DRIVE).lstrip(".") for scope in identity.scopes if scope.startswith(DRIVE)}
        if role is None or scopes & {"", "readonly", "metadata", "metadata.readonly"}:
            return role
        return role if "file" not in scopes or identity.client in file.clients else None

    def get(self, file_id: str, identity: Identity, *, all_drives: bool = True) -> DriveFile:
        """A file that somebody may see, for a call of the Drive service."""
        file = self.files.get(file_id)
        if file is None or self.seen(file, identity) is None or (file.drive_id is not None and not all_drives):
            raise DriveError(404, f"File not found: {file_id}.", "notFound", location="fileId")
        return file

    def writable(self, file_id: str, identity: Identity, *, all_drives: bool = True) -> DriveFile:
        file = self.get(file_id, identity, all_drives=all_drives)
        if not can_write(self.seen(file, identity)):
            raise insufficient()
        return file

    def add(self, file: DriveFile, client: str) -> DriveFile:
        """A new file, with the permission of its owner."""
        if file.drive_id is None:
            file.permissions.append(owner_permission(file.owner))
        file.clients.append(client)
        self.files[file.id] = file
        return file


def can_write(role: str | None) -> bool:
    return role is not None and ROLES.index(role) >= ROLES.index("writer")


def insufficient() -> DriveError:
    message = "The user does not have sufficient permissions for this file."
    return DriveError(403, message, "insufficientFilePermissions")


def permission_id(address: str) -> str:
    """An account's id: the same wherever it is permitted something."""
    number = int(hashlib.sha256(address.casefold().encode()).hexdigest(), 16)
    return f"{number % 10**20:020d}"


def owner_permission(email: str) -> dict[str, Any]:
    return {
        "kind": "drive#permission",
        "id": permission_id(email),
        "type": "user",
        "role": "owner",
        "emailAddress": email,
        "displayName": email.partition("@")[0],
        "deleted": False,
        "pendingOwner": False,
    }
