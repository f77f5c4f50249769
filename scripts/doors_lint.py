"""Refuse reads in doors that do not start from what the post may see.

    python scripts/doors_lint.py [FILE ...]        all of songhe/doors unless files are named

A door follows `Model.objects` only by `.visible_to(...)`; other managers, raw SQL and cursors are refused too.
A read that needs no area (the way to sign in, an operator's own command) says why on its line: `# unscoped: reason`.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MANAGERS = {"objects", "_default_manager", "_base_manager", "unscoped"}
SQL = {"raw", "cursor"}
EXCUSE = re.compile(r"#\s*unscoped:\s*\S{3,}")


def faults(source: str, name: str) -> Iterator[str]:
    """One line of text for each refused read in a module's source."""
    tree = ast.parse(source)
    lines = source.splitlines()
    scoped = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("visible_to", "within")
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or EXCUSE.search(lines[node.end_lineno - 1 if node.end_lineno else 0]):
            continue
        if node.attr in MANAGERS and id(node) not in scoped:
            yield f"{name}:{node.lineno}: .{node.attr} without .visible_to(post): start from what the post may see"
        elif node.attr in SQL:
            yield f"{name}:{node.lineno}: .{node.attr} in a door: ask a query in queries.py instead"


def main(named: list[str]) -> int:
    """Print every fault; 1 if there is any."""
    files = [Path(n) for n in named] or sorted((ROOT / "songhe" / "doors").rglob("*.py"))
    found = [fault for file in files for fault in faults(file.read_text(encoding="utf-8"), _short(file))]
    print("\n".join(found) if found else f"doors lint: {len(files)} files, every read starts from visible_to")
    return 1 if found else 0


def _short(file: Path) -> str:
    return str(file.resolve().relative_to(ROOT)) if file.resolve().is_relative_to(ROOT) else str(file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
