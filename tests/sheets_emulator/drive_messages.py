"""A file as the Drive service tells of it."""

from __future__ import annotations

from .auth import Identity
from .drive_files import DriveFile, can_write, timestamp
from .messages import Message


def file_message(file: DriveFile, role: str | None, who: Identity) -> Message:
    """A file with all its fields."""
    answer: Message = {
        "kind": "drive#file",
        "id": file.id,
        "name": file.name,
        "mimeType": file.mime_type,
        "createdTime": timestamp(file.created),
        "modifiedTime": timestamp(file.modified),
        "parents": file.parents,
        "trashed": file.trashed,
        "starred": file.starred,
        "version": str(file.version),
        "shared": len(file.permissions) > 1,
        "ownedByMe": file.owner == who.email and file.drive_id is None,
        "capabilities": {
            "canEdit": can_write(role),
            "canCopy": True,
            "canShare": can_write(role),
            "canDelete": role in ("owner", "organizer"),
        },
        "webViewLink": f"https://docs.google.com/spreadsheets/d/{file.id}/edit?usp=drivesdk",
    }
    if file.drive_id is None:
        answer["owners"] = [{"kind": "drive#user", "emailAddress": file.owner, "me": file.owner == who.email}]
        answer["permissions"] = file.permissions
    else:
        answer["driveId"] = file.drive_id
    optional = {
        "description": file.description,
        "appProperties": file.app_properties,
        "properties": file.properties,
    }
    return answer | {name: item for name, item in optional.items() if item}
