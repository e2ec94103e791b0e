"""The ways out of a run: each is opened when it is first needed, and serves everything that goes there."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kpisheets.config import Config
from kpisheets.delivery import SLACK, TEAMS, Channel, Outlet, attach, label, open_mail, open_outlet, thawed
from kpisheets.errors import BadData
from kpisheets.running.timetable import report_of
from kpisheets.schedule import Delivery

MAILS = ("mail", "own")
"""The ledger's channels that are mail; the others are posts."""


@dataclass(frozen=True, slots=True)
class Way:
    """Where deliveries go together: ``target`` is blank for mail, else that of a post by its label."""

    channel: str
    target: str = ""


def way_of(delivery: Delivery) -> Way:
    return Way("mail") if delivery.channel in MAILS else Way(delivery.channel, delivery.recipient)


class Outlets:
    """``close`` ends what was opened."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._mail: Channel | None = None
        self._posts: dict[Way, Outlet] = {}

    def sender(self, delivery: Delivery) -> Callable[[bytes, Mapping[str, bytes]], str]:
        """What sends a delivery's frozen content with its slot's files. A KpisheetsError where there is no way."""
        if delivery.channel in MAILS:
            return self._by_mail(self._opened())
        return self._outlet(delivery).post

    def close(self) -> None:
        for one in (self._mail, *self._posts.values()):
            if one is not None:
                with contextlib.suppress(OSError):
                    one.close()
        self._mail, self._posts = None, {}

    def _opened(self) -> Channel:
        self._mail = self._mail or open_mail(self._config.mail, self._config.root, self._config.google)
        return self._mail

    @staticmethod
    def _by_mail(channel: Channel) -> Callable[[bytes, Mapping[str, bytes]], str]:
        return lambda content, files: channel.send(attach(thawed(content), files))

    def _outlet(self, delivery: Delivery) -> Outlet:
        way = way_of(delivery)
        if way not in self._posts:
            name = report_of(delivery.job)
            report = self._config.reports.get(name)
            targets = {SLACK: report.slack, TEAMS: report.teams}.get(way.channel, ()) if report else ()
            target = next((one for one in targets if label(one) == way.target), None)
            where = f"kpisheets.toml, [reports.{name}] {way.channel}"
            if target is None:
                raise BadData(f"{way.target} is no target of this report any more", where=where, mend="put it back")
            self._posts[way] = open_outlet(way.channel, target, self._config.root, self._config.slack, where=where)
        return self._posts[way]
