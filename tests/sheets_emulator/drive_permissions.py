"""The Drive service's calls about who may do what with a file."""

from __future__ import annotations

from . import discovery
from .auth import Identity
from .drive_files import ROLES, DriveFile, Files, can_write, insufficient, permission_id
from .drive_parameters import answered, flag, one
from .errors import DriveError
from .http_types import Request, Response
from .messages import Message


class PermissionCalls:
    """`drive.permissions.*`; each call gets the request and the values in its path."""

    def __init__(self, files: Files) -> None:
        self.files = files

    def create(self, request: Request, who: Identity, path: dict[str, str]) -> Response:
        file = self.files.writable(path["fileId"], who, all_drives=flag(request, "supportsAllDrives"))
        given = request.json()
        if violations := discovery.drive().violations("Permission", given):
            raise DriveError(400, violations[0]["description"], "badRequest")
        kind, role = given.get("type"), given.get("role")
        if kind not in ("user", "group", "domain", "anyone") or role not in ROLES:
            name = "type" if kind not in ("user", "group", "domain", "anyone") else "role"
            raise DriveError(
                400, f"The permission {name} field is required.", "required", location=f"permission.{name}"
            )
        address = given.get("emailAddress", "")
        if kind in ("user", "group") and "@" not in address:
            raise DriveError(400, "The specified emailAddress is invalid or not applicable.", "invalidSharingRequest")
        if role == "owner":
            self._hand_over(request, file, who, address)
        number = {"anyone": "anyoneWithLink", "domain": permission_id(given.get("domain", ""))}
        stored = {
            "kind": "drive#permission",
            "id": number.get(kind, permission_id(address)),
            "type": kind,
            "role": role,
        }
        stored |= {name: given[name] for name in ("emailAddress", "domain", "allowFileDiscovery") if name in given}
        file.permissions = [item for item in file.permissions if item["id"] != stored["id"]] + [stored]
        return answered(stored, request, "Permission", "kind,id,type,role")

    def _hand_over(self, request: Request, file: DriveFile, who: Identity, address: str) -> None:
        if one(request, "transferOwnership") != "true":
            message = "The transferOwnership parameter must be enabled when the permission role is 'owner'."
            raise DriveError(403, message, "forbidden", location="transferOwnership")
        if file.owner != who.email:
            raise insufficient()
        for item in file.permissions:
            if item["role"] == "owner":
                item["role"] = "writer"
        file.owner = address

    def list(self, request: Request, who: Identity, path: dict[str, str]) -> Response:
        file = self.files.get(path["fileId"], who, all_drives=flag(request, "supportsAllDrives"))
        if not can_write(self.files.role(file, who)):
            raise insufficient()
        answer = {"kind": "drive#permissionList", "permissions": file.permissions}
        return answered(answer, request, "PermissionList", "kind,nextPageToken,permissions(kind,id,type,role)")

    def _found(self, request: Request, who: Identity, path: dict[str, str]) -> tuple[DriveFile, Message]:
        file = self.files.get(path["fileId"], who, all_drives=flag(request, "supportsAllDrives"))
        for item in file.permissions:
            if item["id"] == path["permissionId"]:
                return file, item
        message = f"Permission not found: {path['permissionId']}."
        raise DriveError(404, message, "notFound", location="permissionId")

    def get(self, request: Request, who: Identity, path: dict[str, str]) -> Response:
        _, item = self._found(request, who, path)
        return answered(item, request, "Permission", "kind,id,type,role")

    def update(self, request: Request, who: Identity, path: dict[str, str]) -> Response:
        file, item = self._found(request, who, path)
        if not can_write(self.files.role(file, who)):
            raise insufficient()
        role = request.json().get("role", item["role"])
        if role == "owner" and item["role"] != "owner":
            self._hand_over(request, file, who, item.get("emailAddress", ""))
        item["role"] = role
        return answered(item, request, "Permission", "kind,id,type,role")

    def delete(self, request: Request, who: Identity, path: dict[str, str]) -> Response:
        file, item = self._found(request, who, path)
        if item["role"] == "owner" or not can_write(self.files.role(file, who)):
            raise insufficient()
        file.permissions.remove(item)
        return Response(204, headers={"Content-Type": "text/html"})
