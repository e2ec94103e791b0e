"""Prints the records that pyodata, SAP's own client of OData 2, reads page after page: one a line.

It runs in an environment of its own: pyodata installs a package called `tests`, which would hide ours.
"""

from __future__ import annotations

import sys
from datetime import datetime

import pyodata
import requests


def main(url: str, user: str, password: str, *names: str) -> None:
    session = requests.Session()
    session.auth = (user, password)
    orders = pyodata.Client(url, session).entity_sets.A_SalesOrder
    page = orders.get_entities().select(",".join(names)).execute()
    while True:
        for one in page:
            print(*(shown(name, getattr(one, name)) for name in names))
        if not page.next_url:
            return
        page = orders.get_entities().next_url(page.next_url).execute()


def shown(name: str, value: object) -> object:
    """A day without the midnight that version 2 gives it; an instant as Python writes it."""
    return value.date() if isinstance(value, datetime) and name == "SalesOrderDate" else value


if __name__ == "__main__":
    main(*sys.argv[1:])
