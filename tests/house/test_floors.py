"""Imports go down only; what is pure knows no framework; figures are never drawn at random outside the demo."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "songhe"
CHANCE = {"random", "faker", "mimesis"}
MAY_DRAW = ("demo", "insight/planning")  # an invented population; seeded search. Nothing of theirs is shown as a fact.


@pytest.mark.slow
def test_floors():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def _imports(file: Path):
    """Top-level names of everything a file imports, also inside functions."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_nothing_is_drawn_at_random():
    for file in SOURCE.rglob("*.py"):
        where = file.relative_to(SOURCE).as_posix()
        if where.startswith(MAY_DRAW):
            continue
        drawn = {name for name in _imports(file) if name.split(".")[0] in CHANCE or name.startswith("numpy.random")}
        assert not drawn, f"{where} imports {drawn}"
        text = file.read_text(encoding="utf-8")
        assert "np.random" not in text, where
        assert "TABLESAMPLE" not in text, where
    for file in SOURCE.rglob("*.sql"):
        text = file.read_text(encoding="utf-8").lower()
        assert "random()" not in text, file.name
        assert "tablesample" not in text, file.name


def test_nothing_is_drawn_at_random_on_the_screen():
    for file in (SOURCE / "doors").rglob("static/**/*.js"):
        if "vendor" not in file.parts:
            assert "Math.random" not in file.read_text(encoding="utf-8"), file.name


def test_doors_write_no_sql_of_their_own():
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "doors_lint.py"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_rooms_are_named_by_the_house():
    """A verb, a question, a rule or a noun has a better name (HOUSE.md); `helpers` are people here, but for a drawer of odds."""
    odds = {"utils", "services", "service", "signals", "serializers", "selectors", "misc", "common"}
    found = [file for file in SOURCE.rglob("*.py") if file.stem in odds]
    assert found == []


def test_no_signals_no_event_bus():
    for file in SOURCE.rglob("*.py"):
        for name in _imports(file):
            assert not name.startswith("django.db.models.signals"), (
                f"{file.relative_to(SOURCE)}: nothing rings upstairs"
            )
