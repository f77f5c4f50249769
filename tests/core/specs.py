"""Reading the small tables of tests/specs: docs/rules.md shows them, these tests hold the code to them."""

from pathlib import Path

import pytest

from songhe.core.definitions import load

FOLDER = Path(__file__).parents[1] / "specs"


def cases(name):
    """One pytest case a row: (the given cells, the expected cells)."""
    doc = load(FOLDER / f"{name}.yaml")
    cut = len(doc.data["given"])
    return [
        pytest.param(row[:cut], row[cut:], id=f"{name}:{doc.line('rows', i)}") for i, row in enumerate(doc.data["rows"])
    ]
