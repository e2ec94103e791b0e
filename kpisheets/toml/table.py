"""One section's values, read by type: what is wrong is recorded, located at its line."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from kpisheets.toml.lines import KeyPath
from kpisheets.toml.words import kind, quoted, title

if TYPE_CHECKING:
    from kpisheets.toml.document import Document


class Table:
    """One section's values, read by type: what is wrong is recorded, and the default stands in for it.

    A ``malformed`` table is no table in the file, and ``misspelt`` keys stand there under a similar name: that is
    recorded already, and their absence is not a second problem.
    """

    def __init__(
        self,
        document: Document,
        path: KeyPath,
        values: Mapping[str, Any],
        *,
        malformed: bool = False,
        misspelt: Collection[str | None] = (),
    ) -> None:
        self.document = document
        self.path = path
        self.values = values
        self.malformed = malformed
        self.misspelt = misspelt

    @property
    def name(self) -> str:
        return str(self.path[-1])

    @property
    def where(self) -> str:
        return self.document.where(self.path)

    def refuse(self, key: str, what: str, mend: str, item: int | None = None) -> None:
        """Record a problem at a key, or at one item of its list."""
        place: KeyPath = (*self.path, key) if item is None else (*self.path, key, item)
        if not self.malformed:
            self.document.refuse(place, what, mend)

    def has(self, key: str) -> bool:
        """Whether something other than an empty text or list stands there, of whatever type, or is meant to."""
        value = self.values.get(key)
        return bool(value.strip()) if isinstance(value, str) else value not in (None, []) or key in self.misspelt

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        """The text, without the blanks around it. It may be empty where it is not required and has no default."""
        value = self.values.get(key)
        if value is None:
            if required and key not in self.misspelt:
                self.refuse(key, f"{quoted(key)} is missing in [{title(self.path)}]", f'add {key} = "…"')
        elif not isinstance(value, str):
            self.refuse(key, f"{quoted(key)} is {kind(value)}, not text", f'write {key} = "…"')
        elif value.strip():
            return value.strip()
        elif required or default:
            self.refuse(key, f"{quoted(key)} is empty", f'write {key} = "…"')
        return default

    def texts(self, key: str) -> list[tuple[int, str]]:
        """The texts of a list with their positions; one text alone is a list of one."""
        value = self.values.get(key, [])
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list):
            self.refuse(key, f"{quoted(key)} is {kind(value)}, not a list", f'write {key} = ["…"]')
            return []
        texts = []
        for number, item in enumerate(items):
            if isinstance(item, str):
                texts.append((number, item.strip()))
            else:
                self.refuse(key, f"{quoted(key)} holds {kind(item)}, not text", f'write {key} = ["…"]', number)
        return texts

    def whole(self, key: str, default: int, low: int, high: int, form: str) -> int:
        """The whole number from ``low`` to ``high``; ``form`` says in words what it may be."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(key, f"{quoted(key)} is {kind(value)}, not a whole number", f"write {form}")
        elif not low <= value <= high:
            self.refuse(key, f"{quoted(key)} is {value}", f"write {form}")
        else:
            return value
        return default

    def flag(self, key: str) -> bool:
        """True or false; false where it is not given."""
        value = self.values.get(key, False)
        if isinstance(value, bool):
            return value
        self.refuse(key, f"{quoted(key)} is {kind(value)}, not true or false", f"write {key} = true")
        return False

    def number(self, key: str, default: float, low: float, high: float, form: str) -> float:
        """The number from ``low`` to ``high``; ``form`` says in words what it may be."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse(key, f"{quoted(key)} is {kind(value)}, not a number", f"write {form}")
        elif not low <= value <= high:
            self.refuse(key, f"{quoted(key)} is {value}", f"write {form}")
        else:
            return float(value)
        return default

    def section(self, key: str, keys: Collection[str]) -> Table:
        """The section ``[….key]`` inside this one, empty where there is none; ``keys`` are those it may hold."""
        return self.document.checked(self.values.get(key, {}), (*self.path, key), keys)

    def free(self, key: str) -> Table:
        """The section ``[….key]`` inside this one, which may hold any names."""
        value = self.values.get(key, {})
        return self.document.checked(value, (*self.path, key), value if isinstance(value, dict) else ())
