"""A pytest plugin for gspread's own tests: their requests go to the emulator, and no recording stands in for it.

It is loaded in a process of its own (`-p gspread_plugin`), with the emulator's address in `EMULATOR_URL`.
"""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests.adapters

HOSTS = {"sheets.googleapis.com", "www.googleapis.com"}


class _NoRecordings:
    """Stands where their configuration looks for the library that plays recordings back."""

    @staticmethod
    def ensure_suffix(suffix: str) -> str:
        return suffix


def _stand_in() -> None:
    recordings, errors = ModuleType("vcr"), ModuleType("vcr.errors")
    recordings.VCR = _NoRecordings  # type: ignore[attr-defined]
    errors.CannotOverwriteExistingCassetteException = type("Never", (Exception,), {})  # type: ignore[attr-defined]
    sys.modules |= {"vcr": recordings, "vcr.errors": errors}


def _redirect(root: str) -> None:
    send = requests.adapters.HTTPAdapter.send
    scheme, netloc, *_ = urlsplit(root)

    def redirected(self: Any, request: Any, **options: Any) -> Any:
        url = urlsplit(request.url)
        if url.netloc in HOSTS:
            request.url = urlunsplit((scheme, netloc, url.path, url.query, ""))
        elif url.netloc != netloc:
            raise RuntimeError(f"a request to {url.netloc}")
        return send(self, request, **options)

    requests.adapters.HTTPAdapter.send = redirected  # type: ignore[method-assign]


_stand_in()
_redirect(os.environ["EMULATOR_URL"])


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "vcr: recorded; the emulator answers instead")
