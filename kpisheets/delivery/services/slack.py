"""Slack: a post by an incoming webhook, or by a bot into a channel, with files."""

from __future__ import annotations

import http.client
import logging
import re
import ssl
import urllib.error
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from kpisheets.delivery.post import opened
from kpisheets.errors import BadConfig, BadData, KpisheetsError, NotAllowed, TryLater, Uncertain, Unreachable
from kpisheets.web.exchange import Answer, judged
from kpisheets.web.trust import trouble

if TYPE_CHECKING:
    from slack_sdk.web import SlackResponse

TIMEOUT = 30
WHERE = "Slack"
_MEND = "see docs/channels.md"
_DENIED = frozenset(
    (
        *("not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired", "no_permission"),
        *("missing_scope", "not_allowed_token_type", "org_login_required", "ekm_access_denied", "access_denied"),
        *("team_access_not_granted", "invalid_token", "action_prohibited"),
    )
)
_NO_CHANNEL = frozenset(("channel_not_found", "not_in_channel", "is_archived", "channel_is_archived", "no_service"))
_LATER = frozenset(("ratelimited", "rate_limited", "message_limit_exceeded", "service_unavailable", "request_timeout"))
_IN_DOUBT = frozenset(("internal_error", "fatal_error"))


class Slack:
    """``target`` is the address of an incoming webhook, or a channel (``#kpi`` or its ID), into which ``token`` posts.

    ``root`` is another endpoint for the API than Slack's. Nothing is ever repeated by itself.
    """

    def __init__(self, target: str, token: str, context: ssl.SSLContext, root: str = "") -> None:
        self._target, self._token, self._context = target, token, context
        self._root = f"{root.rstrip('/')}/" if root else ""

    def post(self, content: bytes, files: Mapping[str, bytes]) -> str:
        """Post the content of a ``Post``; where it went. A bot's files, and ``files``, follow in the thread; where
        Slack does not take them, the post is there without, and the words say so.

        Unreachable where it did not leave, Uncertain where nobody knows whether it is there, TryLater, NotAllowed,
        BadConfig (no such channel) and BadData where Slack says so.
        """
        with _library():
            from slack_sdk.errors import SlackObjectFormationError
            from slack_sdk.models.blocks import Block
        document, own = opened(content)
        try:
            blocks = [block.to_dict() for block in Block.parse_all(document["blocks"])]
        except SlackObjectFormationError as error:
            raise BadData(f"Slack takes no such post ({error})", where=WHERE, mend="please report it") from error
        if "://" in self._target:
            return self._by_webhook(document["text"], blocks)
        return self._by_bot(document["text"], blocks, {**own, **files})

    def close(self) -> None:
        """Nothing is open between posts."""

    def _by_webhook(self, text: str, blocks: list[dict[str, Any]]) -> str:
        from slack_sdk.webhook import WebhookClient

        # Its usual handlers send again when a connection breaks: the post might be there twice.
        client = WebhookClient(self._target, timeout=TIMEOUT, ssl=self._context, retry_handlers=[], logger=_silent())
        try:
            answer = client.send(text=text, blocks=blocks)
        except Exception as error:
            _raise(error)
        if answer.status_code != 200:
            headers = {name.lower(): str(value) for name, value in answer.headers.items()}
            found = Answer(answer.status_code, headers, str(answer.body).encode())
            mend = f"make a new webhook, and put its address into kpisheets.toml; {_MEND}"
            raise judged(found, WHERE, to="the channel", denied=mend, gone=mend)
        return "Slack"

    def _by_bot(self, text: str, blocks: list[dict[str, Any]], files: Mapping[str, bytes]) -> str:
        from slack_sdk import WebClient

        if not self._token:
            mend = 'write [slack] token = "${env:SLACK_TOKEN}", or the address of a webhook in place of a channel'
            raise BadConfig(f"a bot's token is needed to post into {self._target}", where=WHERE, mend=mend)
        client = WebClient(
            self._token,
            base_url=self._root or WebClient.BASE_URL,
            timeout=TIMEOUT,
            ssl=self._context,
            retry_handlers=[],
            logger=_silent(),
        )
        try:
            posted = client.chat_postMessage(
                channel=self._target, text=text, blocks=blocks, unfurl_links=False, unfurl_media=False
            )
        except Exception as error:
            _raise(error)
        where = f"Slack, {self._target}"
        if not files:
            return where
        uploads = [{"filename": name, "file": data, "title": name} for name, data in files.items()]
        try:
            client.files_upload_v2(file_uploads=uploads, channel=posted["channel"], thread_ts=posted["ts"])
        except Exception as error:  # the post is there: what became of its files changes nothing about that
            return f"{where}, without {', '.join(files)} ({_why(error)})"
        return where


def _raise(error: Exception) -> NoReturn:
    raise _judged(error) from error


def _judged(error: Exception) -> KpisheetsError:
    from slack_sdk.errors import SlackApiError

    match error:
        case SlackApiError():
            return _refused(error.response)
        case urllib.error.URLError():  # said of a request alone that could not be handed over to the last byte
            reason = error.reason if isinstance(error.reason, BaseException) else error
            said = trouble(reason, TIMEOUT) or "it cannot be reached"
            return Unreachable(said, where=WHERE, mend="check the network, then send again")
        case OSError() | http.client.HTTPException() | ValueError():
            what = "no answer came after the whole post had left: it may be there"
            return Uncertain(what, where=WHERE, mend="look into the channel before you send again")
    raise error


def _refused(answer: SlackResponse) -> KpisheetsError:
    data = answer.data if isinstance(answer.data, dict) else {}
    code = str(data.get("error") or "")
    if answer.status_code != 200:
        headers = {str(name).lower(): str(value) for name, value in answer.headers.items()}
        body = code.encode() or str(answer.data).encode()
        found = Answer(answer.status_code, headers, body)
        if code not in _DENIED | _NO_CHANNEL:
            return judged(found, WHERE, to="the channel", denied=_MEND, gone=_MEND)
    if code in _DENIED:
        needed = f", {data['needed']} is needed" if data.get("needed") else ""
        return NotAllowed(f"the bot may not post ({code}{needed})", where=WHERE, mend=f"correct [slack] token; {_MEND}")
    if code in _NO_CHANNEL:
        what = f"the bot does not reach the channel ({code})"
        return BadConfig(what, where=WHERE, mend="correct its name, and write /invite @BOT in it")
    if code in _LATER:
        return TryLater(f"Slack takes no more posts for now ({code})", where=WHERE, mend="send again in some minutes")
    if code in _IN_DOUBT or not re.fullmatch(r"\w+", code):  # the library's own words: it was no answer of Slack's
        shown = code[:120] or "no answer that can be read"
        what = f"Slack failed with the post in its hands ({shown}): it may be there"
        return Uncertain(what, where=WHERE, mend="look into the channel before you send again")
    return BadData(f"Slack refuses the post ({code})", where=WHERE, mend=_MEND)


def _why(error: Exception) -> str:
    """Why files did not follow, in a few words."""
    from slack_sdk.errors import SlackApiError

    if isinstance(error, SlackApiError) and isinstance(error.response.data, dict):
        data = error.response.data
        return f"{data.get('error')}: {data['needed']} is needed" if data.get("needed") else str(data.get("error"))
    return "the upload failed"


def _silent() -> logging.Logger:
    """The library writes what was sent, and where to, into its log."""
    logger = logging.getLogger("kpisheets.slack")
    logger.disabled = True
    return logger


@contextmanager
def _library() -> Iterator[None]:
    """Around the imports of what needs it."""
    try:
        yield
    except ImportError as error:
        mend = 'pip install "kpisheets[slack]"'
        raise BadConfig("Slack's library is not installed", where="kpisheets.toml", mend=mend) from error
