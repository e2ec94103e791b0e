"""What is the user's and no part of a project: the variable and the folder of a sign-in, the count of requests."""

from __future__ import annotations

from pathlib import Path

from kpisheets.google_access.libraries import libraries

VARIABLE = "KPISHEETS_GOOGLE_CREDENTIALS"
"""Names a key's file, or holds its text."""

_NAME = "kpisheets"


def config_folder() -> Path:
    with libraries():
        from platformdirs import user_config_path

    return user_config_path(_NAME, appauthor=False)


def cache_folder() -> Path:
    with libraries():
        from platformdirs import user_cache_path

    return user_cache_path(_NAME, appauthor=False)
