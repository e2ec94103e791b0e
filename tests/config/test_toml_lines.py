"""The line of every key, judged by the standard library's parser on the text cut before and after that line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kpisheets.toml.lines import KeyPath, key_lines

AWKWARD = '''\
# name = "not a key"
top = 1                               # top = 2
"quoted.key" = "a # is no comment" # but this is
'single "x"'.inner = 5
site."a\\tb".c = true

[project]
name = """
name = "a decoy"
[decoy]
\\"""still inside"""
motto = \'\'\'
x = ["]", "}"]\'\'\'
ends = """two quotes at the end: """""
windows = 'C:\\data\\'
 indented . dotted = 1

[ metrics . "net revenue" ]  # a comment
table = "orders"
numbers = [ 1, 2, # three,
  3,
  [ "a]", { deep = "}" , deeper.still = [ ] } ],

  1979-05-27T07:32:00Z ]
inline = { a = 1, b.c = "x, y", "d e" = [ { f = \'}\' } ] }
[metrics.late]
empty = ""
literal = \'\'
when = 1979-05-27 07:32:00
ratio = -1.5e-3

[[jobs]]
id = 1
[[jobs]]
id = 2
[jobs.settings]
retries = 3
[[jobs.steps]]
run = "x"
[[jobs.steps]]
run = "y"
last = 9'''


def paths(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Every key and list position of parsed TOML."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from paths(inner, (*path, key))


def parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def judge(text: str) -> int:
    """Check every line that the parser can judge; returns how many of them it could."""
    found = key_lines(text)
    assert set(found) == set(paths(tomllib.loads(text)))
    lines = text.split("\n")
    judged = 0
    for path, line in found.items():
        before, after = parsed("\n".join(lines[: line - 1])), parsed("\n".join(lines[:line]))
        if before is not None:
            assert path not in set(paths(before)), (path, line)
        if after is not None:
            assert path in set(paths(after)), (path, line)
        judged += before is not None and after is not None
    return judged


def test_awkward_text() -> None:
    assert judge(AWKWARD) > 25


def test_lines_inside_values_that_span_lines() -> None:
    found = key_lines(AWKWARD)
    numbers = ("metrics", "net revenue", "numbers")
    place = {number: line.strip() for number, line in enumerate(AWKWARD.split("\n"), 1)}
    assert place[found[(*numbers, 1)]].startswith("numbers = [ 1, 2,")
    assert place[found[(*numbers, 2)]] == "3,"
    assert place[found[(*numbers, 3, 1, "deeper", "still")]].startswith('[ "a]", { deep')
    assert place[found[(*numbers, 4)]].startswith("1979-05-27T")
    assert place[found["jobs", 1, "settings", "retries"]] == "retries = 3"
    assert place[found["jobs", 1, "steps", 1, "run"]] == 'run = "y"'


NAMES = st.sampled_from(["a", "b", "c1", "d-e", "f_g", '"h i"', "'j.k'", '"\\u00e9"', '"[x]"', '"#"'])
TEXTS = st.text(st.sampled_from("ab =[]{},#'\n\t.\\\""), max_size=12)


@st.composite
def values(draw: st.DrawFn, depth: int = 2) -> str:
    kind = draw(
        st.sampled_from(["basic", "block", "literal", "number", "date", *(["list", "inline"] if depth else [])])
    )
    if kind == "basic":
        text = draw(TEXTS).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
        return f'"{text}"'
    if kind == "block":
        return f'"""{draw(TEXTS).replace(chr(92), chr(92) * 2).replace(chr(34), chr(92) + chr(34))}"""'
    if kind == "literal":
        return f"'''{draw(TEXTS).replace(chr(39), '')}'''"
    if kind == "number":
        return draw(st.sampled_from(["0", "-1", "1_000", "1.5", "6e3", "inf", "true", "0xff"]))
    if kind == "date":
        return draw(st.sampled_from(["2026-01-01", "2026-01-01T00:00:00Z", "07:30:00"]))
    gaps = st.sampled_from(["", " ", "\n", " # , ] }\n\n  "])
    items = draw(st.lists(values(depth=depth - 1), max_size=3))
    if kind == "list":
        return "[" + ",".join(draw(gaps) + item + draw(gaps) for item in items) + draw(gaps) + "]"
    one_line = [item for item in items if "\n" not in item]
    return "{ " + ", ".join(f"k{number}.x = {item}" for number, item in enumerate(one_line)) + " }"


@st.composite
def documents(draw: st.DrawFn) -> str:
    statements = []
    for number in range(draw(st.integers(0, 6))):
        key = f"{draw(NAMES)}.k{number}" if draw(st.booleans()) else f"k{number}"
        statement = draw(
            st.sampled_from(
                [
                    "# k0 = 1",
                    "",
                    f"[t{number}.{draw(NAMES)}]",
                    f"[[l{number % 2}]]",
                    f"{key} = {draw(values())} # x = 1",
                ]
            )
        )
        statements.append(statement)
    return "\n".join(statements)


@given(documents())
def test_any_text(text: str) -> None:
    if parsed(text) is not None:
        judge(text)
