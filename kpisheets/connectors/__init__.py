"""Connectors: metrics in, facts out."""

from __future__ import annotations

from kpisheets.connectors.base import register
from kpisheets.connectors.collect import collect, probe

__all__ = ["collect", "probe", "register"]
