"""Tiny instances of our own for the planning tests; nothing here is read from a benchmark."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

BENCH = Path(__file__).resolve().parents[4] / "shared" / "bench"
needs_bench = pytest.mark.skipif(
    not BENCH.is_dir() or bool(os.environ.get("SONGHE_NO_BENCH")), reason="../shared/bench is not there"
)

PAIRS = {"simultaneous": [0, 0], "sequential": [10, 25]}


def rounds_document(seed=1, people=7, carers=3, shifts=False, rest=False):
    """A day in the benchmark's format: a few single visits, one pair together, one pair after another."""
    rng = np.random.default_rng(seed)
    spots = rng.integers(0, 40, (people + 1, 2))
    ways = np.rint(np.sqrt(((spots[:, None] - spots[None]) ** 2).sum(axis=2)), casting="unsafe").astype(int)
    patients = []
    for i in range(people):
        opens = int(rng.integers(0, 200))
        p = {
            "id": f"p{i}",
            "time_window": [opens, opens + 60],
            "required_caregivers": [{"service": "wash", "duration": 20}],
        }
        if i % 3 == 1:
            kind = "simultaneous" if i % 2 else "sequential"
            p["required_caregivers"] = [{"service": "wash", "duration": 20}, {"service": "nurse"}]
            p["synchronization"] = {"type": kind} | ({"distance": PAIRS[kind]} if kind == "sequential" else {})
        patients.append(p)
    staff = [{"id": f"c{k}", "abilities": ["wash", "nurse"] if k else ["wash"]} for k in range(carers)]
    for k, c in enumerate(staff):
        if shifts:
            c["working_shift"] = [0, 600 - 60 * k]
        if rest:
            c["break"] = {"window": [100, 160], "duration": 30}
    return {
        "patients": patients,
        "caregivers": staff,
        "services": [{"id": "wash", "default_duration": 20}, {"id": "nurse", "default_duration": 15}],
        "central_offices": [{"id": "d"}],
        "distances": ways.tolist(),
    }


def copy(document):
    return json.loads(json.dumps(document))
