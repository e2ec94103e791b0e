"""The user's own folders for what is no part of a project: the sign-in, and the count of requests."""

from __future__ import annotations

from pathlib import Path

from kpisheets.backends.google.libraries import libraries

_NAME = "kpisheets"


def config_folder() -> Path:
    with libraries():
        from platformdirs import user_config_path

    return user_config_path(_NAME, appauthor=False)


def cache_folder() -> Path:
    with libraries():
        from platformdirs import user_cache_path

    return user_cache_path(_NAME, appauthor=False)
