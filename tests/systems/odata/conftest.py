"""SAP's own OData server with orders of a year, in OData 2 and 4, started once."""

from __future__ import annotations

import csv
import os
import random
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.systems.programs import free_port, installed, running

HERE = Path(__file__).parent / "service"


@dataclass(frozen=True)
class Sap:
    """``orders`` are the records that the server was given, as text, by the names of its own columns."""

    port: int
    orders: tuple[Mapping[str, str], ...]

    def url(self, version: int) -> str:
        return f"http://127.0.0.1:{self.port}/odata/v{version}/api-sales-order-srv"


@pytest.fixture(scope="session")
def sap(systems: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sap]:
    modules = installed(systems / "odata" / "node_modules", "odata")
    folder, port = tmp_path_factory.mktemp("odata") / "service", free_port()
    shutil.copytree(HERE, folder)
    (folder / "node_modules").symlink_to(modules)
    made = tuple(orders())
    data = folder / "db" / "data"
    data.mkdir()
    with (data / "erp-SalesOrder.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, made[0].keys())
        writer.writeheader()
        writer.writerows(made)
    command = ["node", modules / "@sap" / "cds" / "bin" / "serve.js"]
    env = {**os.environ, "PORT": str(port)}
    with running(command, port, folder / "log", env=env, cwd=folder):
        yield Sap(port, made)


def orders() -> Iterator[dict[str, str]]:
    """Orders whose last change lies in the evening, at the turn of months too; one in eleven has blanks."""
    dice = random.Random(8)
    for number in range(130):
        day = date(2025, 11, 1) + timedelta(days=dice.randrange(380))
        changed = day + timedelta(days=1) if number % 7 else day.replace(day=1) - timedelta(days=1)
        blank = number % 11 == 5
        yield {
            "SalesOrder": f"{number:010}",
            "SalesOrderDate": day.isoformat(),
            "SoldToParty": "" if blank else f"{dice.randint(1, 9):010}",
            "TotalNetAmount": f"{dice.randrange(-50_000, 9_000_000) / 100:.2f}",
            "TransactionCurrency": "EUR",
            "OverallSDProcessStatus": dice.choice("ABC"),
            "RequestedDeliveryDate": (day + timedelta(days=dice.randint(2, 20))).isoformat(),
            "LastChangeDateTime": f"{changed}T23:{number % 60:02}:07.123Z",
            "Items": str(dice.randint(1, 4)),
            "Probability": "" if blank else str(dice.randint(1, 9) / 8),
            "IsComplete": dice.choice(("true", "false")),
            "Pieces": str(2**53 + number),
        }
