"""Connectors: metrics in, facts out."""

from __future__ import annotations

from kpisheets.connectors.base import Capabilities, Connection, Extractor, Opening, Records, Refused, Window
from kpisheets.connectors.collect import collect
from kpisheets.connectors.probe import probe
from kpisheets.connectors.registry import connect, register

__all__ = [
    "Capabilities",
    "Connection",
    "Extractor",
    "Opening",
    "Records",
    "Refused",
    "Window",
    "collect",
    "connect",
    "probe",
    "register",
]
