"""The Drive service's calls: files and their permissions."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from . import discovery
from .auth import Identity
from .csv_import import import_csv
from .drive_files import (
    FOLDER,
    ROLES,
    SPREADSHEET,
    DriveFile,
    can_write,
    insufficient,
    new_file_id,
    permission_id,
)
from .drive_messages import file_message
from .drive_parameters import answered, flag, one
from .drive_permissions import PermissionCalls
from .drive_query import query
from .errors import DriveError, NotImplementedHere
from .exports import exported
from .http_types import Request, Response
from .messages import Message
from .uploads import uploaded

if TYPE_CHECKING:
    from .world import World

NO_STORAGE = (
    "Service Accounts do not have storage quota. Leverage shared drives "
    "(https://developers.google.com/workspace/drive/api/guides/about-shareddrives), or use OAuth delegation "
    "(http://support.google.com/a/answer/7281227) instead."
)
WRITABLE = {"name", "mimeType", "parents", "appProperties", "properties", "description", "starred", "trashed"}
KNOWN = WRITABLE | {"id", "kind", "createdTime", "modifiedTime"}


class DriveApi:
    """The calls by their id in the discovery document; each gets the request and the values in its path."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.files = world.files
        permissions = PermissionCalls(world.files)
        self.calls = {
            "drive.files.create": self.create,
            "drive.files.get": self.get,
            "drive.files.list": self.list,
            "drive.files.update": self.update,
            "drive.files.copy": self.copy,
            "drive.files.delete": self.delete,
            "drive.files.export": self.export,
            "drive.permissions.create": permissions.create,
            "drive.permissions.list": permissions.list,
            "drive.permissions.get": permissions.get,
            "drive.permissions.update": permissions.update,
            "drive.permissions.delete": permissions.delete,
            "drive.about.get": self.about,
            "drive.comments.list": self.comments,
            "drive.drives.list": self.drives,
        }

    def create(self, request: Request, who: Identity, path: dict[str, str]) -> Response:
        given, content = uploaded(request)
        file = self._new(given, who)
        if content is not None:
            self._import(file, given.get("mimeType", ""), *content)
        return self._answer(file, request, who)

    def _new(self, given: Message, who: Identity) -> DriveFile:
        _check_body(given)
        parents = given.get("parents", [])
        if len(parents) > 1:
            message = "A file cannot be in more than one folder."
            raise DriveError(403, message, "cannotAddParent")
        drive_id = None
        for parent in parents:
            drive_id = self._parent(parent, who)
        self.world.check_storage(who, drive_id)
        now = self.world.clock()
        file = DriveFile(
            id=new_file_id(),
            name=given.get("name", "Untitled"),
            mime_type=given.get("mimeType", "application/octet-stream"),
            owner=who.email,
            created=now,
            modified=now,
            parents=list(parents) or [f"root-{permission_id(who.email)}"],
            drive_id=drive_id,
        )
        self._write(file, given)
        self.files.add(file, who.client)
        if file.mime_type == SPREADSHEET:
            self.world.add_book(file.id, {"properties": {"title": file.name}}, who)
        elif file.mime_type != FOLDER:
            raise NotImplementedHere(f"files.create with the type {file.mime_type}")
        return file

    def _parent(self, parent: str, who: Identity) -> str | None:
        """The shared drive of a folder in which somebody may put files."""
        if parent in self.files.drives:
            role = self.files.drives[parent].members.get(who.email)
            if not can_write(role):
                raise DriveError(404, f"File not found: {parent}.", "notFound", location="fileId")
            return parent
        if parent == "root":
            return None
        folder = self.files.writable(parent, who)
        if folder.mime_type != FOLDER:
            raise DriveError(403, "The specified parent is not a folder.", "parentNotAFolder")
        return folder.drive_id

    def _write(self, file: DriveFile, given: Message) -> None:
        file.name = given.get("name", file.name)
        file.description = given.get("description", file.description)
        file.starred = given.get("starred", file.starred)
        file.trashed = given.get("trashed", file.trashed)
        for name, attribute in (("appProperties", file.app_properties), ("properties", file.properties)):
            for key, value in given.get(name, {}).items():
                if len(key.encode()) + len((value or "").encode()) > 124:
                    raise DriveError(400, "The property is larger than 124 bytes.", "invalid", location=name)
                if value is None:
                    attribute.pop(key, None)
                else:
                    attribute[key] = value

    def _import(self, file: DriveFile, wanted: str, mime_type: str, content: bytes) -> None:
        if mime_type != "text/csv" or file.mime_type != SPREADSHEET:
            raise NotImplementedHere(f"the upload of {mime_type} as {wanted or file.mime_type}")
        self.world.replace(import_csv(self.world.books[file.id], content.decode("utf-8-sig")))

    def _file(self, request: Request, who: Identity, path: dict[str, str]) -> DriveFile:
        return self.files.get(path["fileId"], who, all_drives=flag(request, "supportsAllDrives"))

    def get(self, request: Request, who: Identity, path: dict[str, str]) -> Response:
        if one(request, "alt") == "media":
            raise DriveError(403, "Only files with binary content can be downloaded.", "fileNotDownloadable")
        return self._answer(self._file(request, who, path), request, who)

    def list(self, request: Request, who: Identity, path: dict[str, str]) -> Response:
        test = query(one(request, "q")) if one(request, "q") else lambda file: True
        every = flag(request, "includeItemsFromAllDrives") and flag(request, "supportsAllDrives")
        drive_id = one(request, "driveId")
        found = [
            file
            for file in self.files.files.values()
            if self.files.seen(file, who) is not None
            and (file.drive_id is None or every)
            and (not drive_id or file.drive_id == drive_id)
            and test(file)
        ]
        found.sort(key=lambda file: -file.modified)
        size = int(one(request, "pageSize") or 100)
        if not 1 <= size <= 1000:
            raise DriveError(400, "Invalid value for pageSize.", "invalidParameter", location="pageSize")
        start = int(one(request, "pageToken") or 0)
        answer: Message = {"kind": "drive#fileList", "incompleteSearch": False}
        if start + size < len(found):
            answer["nextPageToken"] = str(start + size)
        answer["files"] = [file_message(file, self.files.role(file, who), who) for file in found[start : start + size]]
        return answered(answer, request, "FileList", "kind,incompleteSearch,nextPageToken,files(kind,id,name,mimeType)")

    def update(self, request: Request, who: Identity, path: dict[str, str]) -> Response:
        file = self.files.writable(path["fileId"], who, all_drives=flag(request, "supportsAllDrives"))
        given, content = uploaded(request)
        _check_body(given)
        if "parents" in given:
            message = "The parents field is not directly writable in update requests. Use addParents and removeParents."
            raise DriveError(403, message, "fieldNotWritable")
        for parent in filter(None, (one(request, "addParents") or "").split(",")):
            file.drive_id = self._parent(parent, who)
            file.parents = [parent]
        gone = (one(request, "removeParents") or "").split(",")
        file.parents = [parent for parent in file.parents if parent not in gone]
        if given.get("trashed", file.trashed) != file.trashed and self.files.role(file, who) not in ROLES[-3:]:
            raise insufficient()
        self._write(file, given)
        if "name" in given and file.id in self.world.books:
            book = self.world.books[file.id].fork()
            book.properties = {**book.properties, "title": file.name}
            self.world.replace(book)
        if content is not None:
            self._import(file, given.get("mimeType", ""), *content)
        file.modified = self.world.clock()
        file.version += 1
        return self._answer(file, request, who)

    def copy(self, request: Request, who: Identity, path: dict[str, str]) -> Response:
        source = self._file(request, who, path)
        if source.mime_type != SPREADSHEET:
            raise DriveError(403, "This file cannot be copied by the user.", "cannotCopyFile")
        given = request.json()
        _check_body(given)
        new = {"name": f"Copy of {source.name}", "appProperties": source.app_properties, "parents": source.parents}
        if source.owner != who.email and source.drive_id is None:
            del new["parents"]
        file = self._new({**_writable_parents(new), **given, "mimeType": SPREADSHEET}, who)
        book = self.world.books[source.id].fork()
        book.id = file.id
        book.properties = {**book.properties, "title": file.name}
        self.world.replace(book)
        return self._answer(file, request, who)

    def delete(self, request: Request, who: Identity, path: dict[str, str]) -> Response:
        file = self._file(request, who, path)
        needed = "organizer" if file.drive_id is not None else "owner"
        role = self.files.role(file, who)
        if role is None or ROLES.index(role) < ROLES.index(needed):
            raise insufficient()
        self._remove(file)
        return Response(204, headers={"Content-Type": "text/html"})

    def _remove(self, file: DriveFile) -> None:
        for child in [other for other in self.files.files.values() if file.id in other.parents]:
            self._remove(child)
        self.files.files.pop(file.id, None)
        self.world.books.pop(file.id, None)

    def export(self, request: Request, who: Identity, path: dict[str, str]) -> Response:
        file = self.files.get(path["fileId"], who)
        if file.id not in self.world.books:
            raise DriveError(403, "Export only supports Docs Editors files.", "fileNotExportable")
        mime_type = one(request, "mimeType")
        if not mime_type:
            raise DriveError(400, "Required parameter: mimeType", "required", location="mimeType")
        return Response(200, exported(self.world.books[file.id], mime_type), {"Content-Type": mime_type})

    def comments(self, request: Request, who: Identity, path: dict[str, str]) -> Response:
        self.files.get(path["fileId"], who)
        if not one(request, "fields"):
            message = "The 'fields' parameter is required for this method."
            raise DriveError(400, message, "required", location="fields")
        answer = {"kind": "drive#commentList", "comments": []}
        return answered(answer, request, "CommentList", "*")

    def drives(self, request: Request, who: Identity, path: dict[str, str]) -> Response:
        found = [
            {"kind": "drive#drive", "id": drive.id, "name": drive.name}
            for drive in self.files.drives.values()
            if who.email in drive.members
        ]
        return Response.of_json(200, {"kind": "drive#driveList", "drives": found})

    def about(self, request: Request, who: Identity, path: dict[str, str]) -> Response:
        if not one(request, "fields"):
            message = "The 'fields' parameter is required for this method."
            raise DriveError(400, message, "required", location="fields")
        user = {
            "kind": "drive#user",
            "displayName": who.email.partition("@")[0],
            "me": True,
            "permissionId": permission_id(who.email),
            "emailAddress": who.email,
        }
        return answered({"kind": "drive#about", "user": user}, request, "About", "kind")

    def _answer(self, file: DriveFile, request: Request, who: Identity) -> Response:
        return answered(file_message(file, self.files.role(file, who), who), request, "File", "kind,id,name,mimeType")


def _check_body(given: Message) -> None:
    violations = discovery.drive().violations("File", {name: item for name, item in given.items() if name not in _OWN})
    if violations:
        raise DriveError(400, violations[0]["description"], "badRequest")
    odd = given.keys() - KNOWN
    if odd:
        raise NotImplementedHere(f"files with {', '.join(sorted(odd))}")


_OWN = {"appProperties", "properties"}  # their values may be null: it takes the property away


def _writable_parents(new: Message) -> Message:
    """A copy goes into its source's folder; somebody's root is no folder to name."""
    if any(parent.startswith("root-") for parent in new.get("parents", [])):
        return {name: item for name, item in new.items() if name != "parents"}
    return new


def new_drive_id() -> str:
    return "0A" + secrets.token_urlsafe(12)[:15] + "Uk9PVA"
