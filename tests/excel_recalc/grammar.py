"""Random workbooks of inputs and formulas on them, with the values on which spreadsheet programs like to differ."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any, TypeAlias

Input: TypeAlias = bool | float | str | None
NUMBERS: tuple[Input, ...] = (
    0,
    1,
    2,
    3,
    10,
    -7,
    0.1,
    0.2,
    0.3,
    0.5,
    2.5,
    2.675,
    1.005,
    -0.5,
    99.99,
    1e6,
    46000,
    0.7,
    12.25,
)
TEXTS: tuple[Input, ...] = (
    "a",
    "A",
    "met",
    "Étude",
    "étude",
    "12",
    "2026-10",
    "2026-11",
    "1.5",
    " x ",
    "TRUE",
    "",
    "✔ Met",
)
ROWS, COLUMNS = 8, 4
"""Data!A holds texts, B to D numbers, and now and then something else."""


def inputs(rng: Random) -> dict[tuple[int, int], Input]:
    """The cells of the sheet Data."""
    return {(row, column): value_for(rng, column) for row in range(1, ROWS + 1) for column in range(1, COLUMNS + 1)}


def fill(sheet: Any, data: Mapping[tuple[int, int], Input]) -> None:
    """Writes the inputs to a sheet of XlsxWriter."""
    for (row, column), value in data.items():
        if value is not None:
            kind = {bool: sheet.write_boolean, str: sheet.write_string}.get(type(value), sheet.write_number)
            kind(row - 1, column - 1, value)


def value_for(rng: Random, column: int) -> Input:
    """A value for a cell of the column."""
    luck = rng.random()
    if luck < 0.06:
        return rng.choice((None, True, False))
    return rng.choice(TEXTS if (column == 1) != (luck < 0.14) else NUMBERS)


def formulas(rng: Random, count: int) -> list[str]:
    """Formulas for Calc!A1 and the cells below; each may refer to those above it."""
    return ["=" + Writer(rng, row).any(rng.randint(1, 3)) for row in range(1, count + 1)]


class Writer:
    """Writes one formula."""

    def __init__(self, rng: Random, row: int) -> None:
        self.rng, self.row = rng, row

    def cell(self, column: int | None = None) -> str:
        if column is None and self.row > 1 and self.rng.random() < 0.35:
            return f"A{self.rng.randint(max(1, self.row - 12), self.row - 1)}"
        return f"Data!{'ABCD'[(column or self.rng.randint(1, COLUMNS)) - 1]}{self.rng.randint(1, ROWS)}"

    def block(self, column: int | None = None) -> str:
        letter = "ABCD"[(column or self.rng.randint(1, COLUMNS)) - 1]
        return self.rng.choice(
            (f"Data!{letter}1:{letter}8", f"Data!${letter}$1:${letter}$8", f"Data!{letter}:{letter}")
        )

    def any(self, depth: int) -> str:
        return self.rng.choice((self.number, self.number, self.text, self.truth, self.either))(depth)

    def either(self, depth: int) -> str:
        if depth <= 0:
            return self.cell()
        one, other = self.any(depth - 1), self.any(depth - 1)
        return self.rng.choice(
            (
                f"IF({self.truth(depth - 1)},{one},{other})",
                f"IFERROR({one},{other})",
                f"VLOOKUP({self.key()},Data!A1:D8,{self.rng.randint(2, 4)},FALSE)",
                f"INDEX({self.block()},{self.rng.randint(1, 8)})",
                f"INDEX({self.block()},MATCH({self.key()},Data!A1:A8,0))",
            )
        )

    def key(self) -> str:
        return self.rng.choice(('"a"', '"met"', '"2026-10"', '"étude"', '"12"', "12", self.cell(1), self.cell(1)))

    def criterion(self) -> str:
        words = ('"a"', '"<>a"', '">=1"', '">0.3"', '"2026-10"', '"12"', "10", '">"&0', '""', '"m*"', '"<>"')
        return self.rng.choice((*words, self.cell()))

    def number(self, depth: int) -> str:
        if depth <= 0:
            return self.rng.choice((str(self.rng.choice(NUMBERS)), self.cell(), self.cell(2), self.cell(3)))
        one, other = self.number(depth - 1), self.number(depth - 1)
        block = self.block()
        return self.rng.choice(
            (
                f"{one}{self.rng.choice('+-*/')}({other})",
                f"({one}){self.rng.choice('+-*/')}({other})",
                f"-({one})",
                f"({one})%",
                f"({one})^2",
                f"{self.rng.choice(('SUM', 'AVERAGE', 'MIN', 'MAX', 'COUNT', 'COUNTA'))}({block})",
                f"SUM({block},{one})",
                f"COUNT({self.cell()},{self.cell()})",
                f"SUMIF({self.block(1)},{self.criterion()},{self.block(2)})",
                f"COUNTIF({block},{self.criterion()})",
                f"SUMIFS(Data!C1:C8,Data!A1:A8,{self.criterion()},Data!B1:B8,{self.criterion()})",
                f"AVERAGEIF(Data!A1:A8,{self.criterion()},Data!D1:D8)",
                "SUMPRODUCT(Data!B1:B8,Data!C1:C8)",
                f"ROUND({one},{self.rng.randint(0, 3)})",
                f"ROUNDUP({one},{self.rng.randint(0, 2)})",
                f"ROUNDDOWN({one},{self.rng.randint(0, 2)})",
                f"INT({one})",
                f"ABS({one})",
                f"SIGN({one})",
                f"SQRT({one})",
                f"MOD({one},{other})",
                f"YEAR({one})",
                f"MONTH(DATE(2024,{self.cell(2)},{self.cell(3)}))",
                f"EOMONTH({one},{self.rng.randint(-3, 3)})",
                f"EDATE({one},{self.rng.randint(-3, 3)})",
                f"LEN({self.text(depth - 1)})",
                f'FIND("e",{self.text(depth - 1)})',
                f"MATCH({self.key()},{self.block(1)},0)",
                f"ROWS({block})",
                f"IF({self.truth(depth - 1)},{one},{other})",
                f"IFERROR({one},{other})",
            )
        )

    def text(self, depth: int) -> str:
        if depth <= 0:
            return self.rng.choice((f'"{self.rng.choice(TEXTS)}"', self.cell(1), self.cell()))
        one = self.text(depth - 1)
        return self.rng.choice(
            (
                f"{one}&{self.text(depth - 1)}",
                f"LEFT({one},{self.rng.randint(0, 3)})",
                f"RIGHT({one},{self.rng.randint(0, 3)})",
                f"MID({one},{self.rng.randint(1, 3)},{self.rng.randint(0, 3)})",
                f"UPPER({one})",
                f"LOWER({one})",
                f"TRIM({one})",
                f'SUBSTITUTE({one},"e","x")',
                f"CONCATENATE({one},{self.number(depth - 1)})",
                f'TEXT({self.number(depth - 1)},"{self.rng.choice(("0", "00", "0.0", "yyyy-mm"))}")',
                f"IF({self.truth(depth - 1)},{one},{self.text(depth - 1)})",
            )
        )

    def truth(self, depth: int) -> str:
        sign = self.rng.choice(("=", "<>", "<", ">", "<=", ">="))
        if depth <= 0:
            return f"{self.cell()}{sign}{self.cell()}"
        return self.rng.choice(
            (
                f"{self.number(depth - 1)}{sign}{self.number(depth - 1)}",
                f"{self.text(depth - 1)}{sign}{self.text(depth - 1)}",
                f"{self.any(depth - 1)}={self.any(depth - 1)}",
                f"AND({self.truth(depth - 1)},{self.truth(depth - 1)})",
                f"OR({self.truth(depth - 1)},{self.truth(depth - 1)})",
                f"NOT({self.truth(depth - 1)})",
                f"ISNUMBER({self.any(depth - 1)})",
                f"ISTEXT({self.any(depth - 1)})",
                f"ISERROR({self.any(depth - 1)})",
                f"EXACT({self.text(depth - 1)},{self.text(depth - 1)})",
            )
        )
