"""Recorded interactions with the real service, played again to the emulator.

Ids and times differ from run to run: an id of the recording stands for the one that the emulator gave in its place,
and a time for any time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.sheets_emulator.controls import Controls
from tests.sheets_emulator.http_types import Request, Response
from tests.sheets_emulator.world import World

IDS = {"id", "spreadsheetId", "sheetId", "namedRangeId", "protectedRangeId"}
TIMES = {"createdDate", "createdTime", "modifiedDate", "modifiedTime"}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")


@dataclass
class Player:
    """Plays one recording to a fresh world. `ids` are the recorded ids with those that took their places."""

    world: World
    account: str
    token: str
    ids: dict[Any, Any] = field(default_factory=dict)

    def play(self, path: Path) -> Iterator[tuple[str, list[str]]]:
        """Each interaction as `METHOD path` with the differences of the answers."""
        for interaction in json.loads(path.read_text("utf-8"))["interactions"]:
            recorded, said = interaction["request"], interaction["response"]
            if "/drive/v3/files?" in recorded["uri"] and recorded["method"] == "GET":
                self._what_others_did(json.loads(said["body"]["string"])["files"])
            response = self.world.handle(self._request(recorded))
            place = f"{recorded['method']} {urlsplit(recorded['uri']).path}"
            yield place, list(self._differences(said, response))

    def _what_others_did(self, listed: list[dict[str, Any]]) -> None:
        """Between the recorded requests other programs made and deleted spreadsheets of the account: so does this."""
        files = self.world.files.files
        wanted = {file["id"]: file for file in listed if file["id"] not in self.ids or file["id"] in files}
        for spreadsheet_id in [key for key in files if key not in wanted and key not in self.ids.values()]:
            del files[spreadsheet_id], self.world.books[spreadsheet_id]
        for spreadsheet_id, file in wanted.items():
            if spreadsheet_id not in files:
                Controls(self.world).spreadsheet(self.account, spreadsheet_id, file["name"])
                files[spreadsheet_id].modified = datetime.fromisoformat(file["modifiedTime"]).timestamp()

    def _request(self, recorded: dict[str, Any]) -> Request:
        """The recorded request with our ids in place of the recorded ones."""
        url = urlsplit(self._text(recorded["uri"]))
        headers = {name.lower(): values[0] for name, values in recorded["headers"].items()}
        headers["authorization"] = f"Bearer {self.token}"
        headers.pop("accept-encoding", None)  # answers were unpacked before they were recorded
        body = recorded["body"] or ""
        if body.startswith("{"):
            body = json.dumps(self._ours(json.loads(body)))
        return Request.of(recorded["method"], f"{url.path}?{url.query}", headers, body.encode())

    def _text(self, text: str) -> str:
        for recorded, ours in self.ids.items():
            if isinstance(recorded, str) and len(recorded) > 20:
                text = text.replace(recorded, ours)
        return text

    def _ours(self, message: Any, name: str = "") -> Any:
        if isinstance(message, dict):
            return {key: self._ours(item, key) for key, item in message.items()}
        if isinstance(message, list):
            return [self._ours(item, name) for item in message]
        return self.ids.get(message, message) if name in IDS else message

    def _differences(self, said: dict[str, Any], response: Response) -> Iterator[str]:
        if said["status"]["code"] != response.status:
            yield f"status {said['status']['code']} != {response.status} {response.body[:300]!r}"
            return
        text = said["body"]["string"]
        if not text.startswith("{"):
            if text != response.body.decode():
                yield f"body {text!r} != {response.body.decode()!r}"
            return
        yield from self._compared(json.loads(text), json.loads(response.body), "")

    def _compared(self, said: Any, ours: Any, place: str) -> Iterator[str]:
        name = place.rpartition(".")[2]
        if isinstance(said, dict) and isinstance(ours, dict):
            for key in said | ours:
                if key not in said or key not in ours:
                    yield f"{place}.{key}: only {'ours' if key in ours else 'theirs'}"
                else:
                    yield from self._compared(said[key], ours[key], f"{place}.{key}")
        elif isinstance(said, list) and isinstance(ours, list):
            if len(said) != len(ours):
                yield f"{place}: {len(said)} != {len(ours)}"
            for one, other in zip(said, ours, strict=False):
                yield from self._compared(one, other, place)
        elif name in IDS:
            if self.ids.setdefault(said, ours) != ours:
                yield f"{place}: {said} was {self.ids[said]}, is {ours}"
        elif name in TIMES:
            if not (_TIME.match(said) and _TIME.match(ours)):
                yield f"{place}: {said} != {ours}"
        elif self._text(str(said)) != str(ours) or isinstance(said, str) != isinstance(ours, str):
            yield f"{place}: {said!r} != {ours!r}"
