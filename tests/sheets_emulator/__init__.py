"""A Google Sheets v4 and Drive v3 server for tests: stateful, on loopback, judged by the discovery documents."""

from .emulator import Emulator

__all__ = ["Emulator"]
