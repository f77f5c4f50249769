"""Catalogues: the shipped ones load, a used one does not change, a wrong one says where it is wrong."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from songhe.care.services import actions, definitions
from songhe.care.services.models import Catalogue, Item
from songhe.core.acting import everywhere
from songhe.core.definitions import BadDefinition
from songhe.core.refusal import Refusal

HERE = Path(__file__).parent / "catalogue.yaml"


def test_the_shipped_catalogues_and_terms_load():
    rows = definitions.catalogues()
    assert {"dingzhou", "xuzhou"} <= {row["name"] for row in rows}
    dingzhou = [row for row in rows if row["name"] == "dingzhou"]
    assert len(dingzhou) == 2
    kinds = {item["kind"] for item in dingzhou[0]["items"]}
    assert {
        "meal",
        "bath",
        "cleaning",
        "mobility",
        "medical",
        "urgent",
        "errand",
        "comfort",
        "rehab",
        "day_care",
        "training",
    } <= kinds
    assert definitions.terms().answer_minutes["emergency"] < definitions.terms().answer_minutes["planned"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("carers: 2", "carers: 3", "out_of_range"),
        ("kind: bath", "kind: bathing", "not_allowed"),
        ("items: [cleaning, bath-home]", "items: [cleaning, swim]", "unknown_item"),
        ("any_of: [living_alone], ", "", "owed_to_all"),
    ],
)
def test_a_wrong_catalogue_says_where(tmp_path, old, new, code):
    text = HERE.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "bad.yaml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(BadDefinition) as said:
        definitions.catalogues(tmp_path)
    assert code in {fault.problem.code for fault in said.value.faults}


def test_two_versions_at_once_are_refused(tmp_path):
    shutil.copy(HERE, tmp_path / "a.yaml")
    text = HERE.read_text(encoding="utf-8").replace("valid_from: 2020-01-01", "valid_from: 2021-01-01")
    (tmp_path / "b.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadDefinition, match="重叠"):
        definitions.catalogues(tmp_path)


@pytest.mark.django_db
def test_a_used_catalogue_ends_but_does_not_change(street, tmp_path):
    text = HERE.read_text(encoding="utf-8")
    with everywhere():
        assert len(actions.sync_catalogues(by=None, folder=HERE.parent)) == 1
        assert Catalogue.objects.count() == 1
        (tmp_path / "a.yaml").write_text(text.replace("price: 40.00", "price: 41.00"), encoding="utf-8")
        actions.sync_catalogues(by=None, folder=tmp_path)
        assert Item.objects.get(code="cleaning").price == 41
        street.ask()
        (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(Refusal, check=lambda said: said.code == "catalogue_used"):
            actions.sync_catalogues(by=None, folder=tmp_path)
        ended = text.replace("price: 40.00", "price: 41.00").replace(
            "valid_from: 2020-01-01", "valid_from: 2020-01-01\nvalid_to: 2099-01-01"
        )
        (tmp_path / "a.yaml").write_text(ended, encoding="utf-8")
        actions.sync_catalogues(by=None, folder=tmp_path)
        assert Catalogue.objects.get().valid_to == date(2099, 1, 1)
        assert Item.objects.get(code="cleaning").price == 41
