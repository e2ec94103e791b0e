"""The one call of Drive's second version that gspread makes: a spreadsheet's content replaced by a CSV file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .auth import Identity
from .csv_import import import_csv
from .drive_files import SPREADSHEET, timestamp
from .errors import NotImplementedHere
from .http_types import Request, Response

if TYPE_CHECKING:
    from .world import World


def old_upload(world: World, request: Request, who: Identity, file_id: str) -> Response:
    """Convert the body and answer with the file, in the main fields of the second version."""
    file = world.files.writable(file_id, who)
    content_type = request.headers.get("content-type", "").partition(";")[0]
    if request.method != "PUT" or content_type != "text/csv" or file.mime_type != SPREADSHEET:
        raise NotImplementedHere(f"{request.method} {request.path} of {content_type}")
    world.replace(import_csv(world.books[file_id], request.body.decode("utf-8-sig")), changed=True)
    answer = {
        "kind": "drive#file",
        "id": file.id,
        "title": file.name,
        "mimeType": file.mime_type,
        "createdDate": timestamp(file.created),
        "modifiedDate": timestamp(file.modified),
        "labels": {
            "starred": file.starred,
            "hidden": False,
            "trashed": file.trashed,
            "restricted": False,
            "viewed": True,
        },
        "editable": True,
        "copyable": True,
        "shared": len(file.permissions) > 1,
        "version": str(file.version),
    }
    return Response.of_json(200, answer)
