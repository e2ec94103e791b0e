"""Reports on their way: messages, and the channels that carry them."""

from __future__ import annotations

from kpisheets.delivery.channel import Channel, open_channel
from kpisheets.delivery.message import Letter, address

__all__ = ["Channel", "Letter", "address", "open_channel"]
