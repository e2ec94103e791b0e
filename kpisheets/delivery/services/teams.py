"""Microsoft Teams: a card by the webhook of a workflow."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping

from kpisheets.delivery.post import opened
from kpisheets.web.exchange import judged, post

WHERE = "Teams"


class Teams:
    """The workflow behind a webhook address, which holds its secret. It takes no files."""

    def __init__(self, target: str, context: ssl.SSLContext) -> None:
        self._target, self._context = target, context

    def post(self, content: bytes, files: Mapping[str, bytes]) -> str:  # noqa: ARG002 - as every outlet is called
        """Post the content of a ``Post``; where it went.

        The errors of ``web.post`` and ``web.judged``. A success says that the workflow has it.
        """
        document, _ = opened(content)
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        answer = post(self._target, body, "application/json", self._context, where=WHERE)
        if not 200 <= answer.status < 300:
            mend = "make the workflow anew, and put its address into kpisheets.toml; see docs/channels.md"
            raise judged(answer, WHERE, to="the channel", denied=mend, gone=mend)
        return "Teams"

    def close(self) -> None:
        """Nothing is open between posts."""
