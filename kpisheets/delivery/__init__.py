"""Reports on their way: messages, and the channels that carry them."""

from __future__ import annotations

from kpisheets.delivery.channel import Channel, open_channel
from kpisheets.delivery.message import Composed, Letter, address, attach, frozen, thawed

__all__ = ["Channel", "Composed", "Letter", "address", "attach", "frozen", "open_channel", "thawed"]
