"""Reports on their way: messages, and the channels that carry them."""

from __future__ import annotations

from kpisheets.delivery.channel import Channel, open_channel, open_mail
from kpisheets.delivery.message import Composed, Letter, address, attach, frozen, thawed
from kpisheets.delivery.post import SLACK, TEAMS, Outlet, Post, label, open_outlet, takes_files

__all__ = [
    "SLACK",
    "TEAMS",
    "Channel",
    "Composed",
    "Letter",
    "Outlet",
    "Post",
    "address",
    "attach",
    "frozen",
    "label",
    "open_channel",
    "open_mail",
    "open_outlet",
    "takes_files",
    "thawed",
]
