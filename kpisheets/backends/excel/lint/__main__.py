"""``python -m kpisheets.backends.excel.lint FILE...``: one line for each finding; exit 1 where one is an error.

``--rules`` prints the rules as a Markdown table instead.
"""

from __future__ import annotations

import sys
from pathlib import Path

from kpisheets.errors import KpisheetsError, one_line

from . import RULES, lint


def main(arguments: list[str]) -> int:
    """The exit code: 0 all clean, 1 an error, 2 no file was named, 65 a file is of another format, 66 not readable."""
    if arguments == ["--rules"]:
        print("\n".join(rules_table()))
        return 0
    if not arguments or arguments[0].startswith("-"):
        print("usage: python -m kpisheets.backends.excel.lint FILE... | --rules", file=sys.stderr)
        return 2
    code = 0
    for name in arguments:
        try:
            found = lint(Path(name))
        except (KpisheetsError, OSError) as error:
            told = getattr(error, "strerror", None) or str(error).removeprefix(f"{name}: ")
            print(one_line(f"{name}: {told}"), file=sys.stderr)
            code = max(code, getattr(error, "exit_code", 66))
            continue
        for finding in found:
            print(one_line(f"{name}: {finding.severity}: {finding}"))
        code = max(code, int(any(finding.is_error for finding in found)))
    return code


def rules_table() -> list[str]:
    """The lines of a Markdown table of all rules."""
    lines = ["| rule | | why Excel repairs | what mends it |", "|---|---|---|---|"]
    for rule in RULES.values():
        why = f"{rule.why} Seen in: {rule.seen}." if rule.seen else rule.why
        cells = (f"`{rule.id}`", rule.severity, why, rule.mend)
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
