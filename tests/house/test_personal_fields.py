"""Every personal field is sorted (tests/house/personal_fields.py), and what is sealed stays out of the API and out of logs."""

import json
import re
from pathlib import Path

from django.apps import apps
from django.db import models

from tests.house.personal_fields import FIELDS, NOBODY

CLASSES = {"open", "personal", "sensitive", "sealed"}
ABOUT = (
    "people",
    "duties",
    "visits",
    "rounds",
    "accounts",
    "facilities",
    "programmes",
    "ledger",
    "participation",
    "awards",
    "agreements",
    "meals",
    "volunteering",
    "services",
    "evidence",
    "settlement",
)
SOURCE = Path(__file__).resolve().parents[2] / "songhe"


def _fields(model) -> set[str]:
    own = {field.name for field in model._meta.get_fields() if field.concrete}
    return own | {field.name for field in model._meta.local_many_to_many}


def test_every_model_about_people_is_sorted():
    models = {m._meta.label: m for label in ABOUT for m in apps.get_app_config(label).get_models()}
    assert set(models) - set(FIELDS) - NOBODY == set(), "sort these in tests/house/personal_fields.py"
    assert (set(FIELDS) | NOBODY) - set(models) == set(), "these no longer exist"


def test_every_field_is_sorted():
    for label, sorted_fields in FIELDS.items():
        fields = _fields(apps.get_model(label))
        assert fields - set(sorted_fields) == set(), f"{label}: sort these"
        assert set(sorted_fields) - fields == set(), f"{label}: these no longer exist"
        assert set(sorted_fields.values()) <= CLASSES


def test_a_table_about_nobody_points_at_nobody():
    for label in NOBODY:
        targets = {
            f.related_model._meta.label
            for f in apps.get_model(label)._meta.get_fields()
            if f.is_relation and f.concrete
        }
        assert "people.Person" not in targets, label


def test_numbers_telephones_and_addresses_are_kept_sealed_only():
    """No clear-text column for what has to be sealed."""
    for label in FIELDS:
        for field in apps.get_model(label)._meta.get_fields():
            if not field.concrete or isinstance(field, models.BinaryField) or label.startswith("accounts."):
                continue
            assert not re.search(r"phone|mobile|id_number|address|card", field.name), f"{label}.{field.name}"


def test_the_api_describes_no_sealed_field(client):
    said = json.dumps(json.loads(client.get("/api/openapi.json").content)["components"])
    for sorted_fields in FIELDS.values():
        for name, kind in sorted_fields.items():
            if kind == "sealed" and name not in ("password", "search", "digest", "before"):
                assert f'"{name}"' not in said, name


def test_nothing_personal_is_logged():
    """Log lines and audit details carry ids and counts: no value of a personal field is handed to them by name."""
    words = re.compile(
        r"\b(?:log|logger|logging)\.\w+\([^)]*\b(?:id_number|phone|address|person\.name|\.note)\b|audit\.note\([^)]*(?:name=\w*person|id_number=|phone=|address=|note=)"
    )
    for file in SOURCE.rglob("*.py"):
        found = words.search(file.read_text(encoding="utf-8"))
        assert not found, f"{file.relative_to(SOURCE)}: {found[0]}"
