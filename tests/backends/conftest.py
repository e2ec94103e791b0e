"""The emulator and the small projects of those who work in workbooks."""

from tests.google_people.conftest import emulator, small, started

__all__ = ["emulator", "small", "started"]
