"""The quick way of migrating knows the same models at the end as Django's own."""

from django.db import connection, models
from django.db.migrations.operations import AddConstraint, AddIndex, AlterField, CreateModel
from django.db.migrations.state import ProjectState

from songhe.core.migrating import quick_states

STEPS = [
    CreateModel("Place", [("id", models.AutoField(primary_key=True)), ("code", models.CharField(max_length=12))]),
    CreateModel(
        "Person",
        [("id", models.AutoField(primary_key=True)), ("place", models.ForeignKey("care.Place", models.PROTECT))],
    ),
    AddIndex("person", models.Index(fields=["place"], name="by_place")),
    AddConstraint("place", models.UniqueConstraint(fields=["code"], name="one_code")),
    AlterField("place", "code", models.CharField(max_length=20)),
]


def _walked() -> ProjectState:
    state = ProjectState()
    assert state.apps is not None  # drawn, as in a running migration
    for step in STEPS:
        state.clone()
        step.state_forwards("care", state)
    return state


def _told(state: ProjectState) -> dict:
    """What a migration can ask of each model's class: columns, what they point to, indexes, constraints, who points here."""
    return {
        model._meta.label: (
            [
                (field.name, field.db_type(connection), field.related_model and field.related_model._meta.label)
                for field in model._meta.local_fields
            ],
            [index.name for index in model._meta.indexes],
            [constraint.name for constraint in model._meta.constraints],
            [relation.related_model._meta.label for relation in model._meta.related_objects],
        )
        for model in state.apps.get_models()
    }


def test_both_ways_end_with_the_same_models():
    usual = _walked()
    with quick_states():
        quick = _walked()
    assert quick == usual
    assert _told(quick) == _told(usual)
    assert _told(quick)["care.Place"][2:] == (["one_code"], ["care.Person"])


def test_afterwards_django_does_it_its_own_way_again():
    before = ProjectState.add_model, ProjectState._append_option
    with quick_states():
        assert ProjectState.add_model is not before[0]
    assert (ProjectState.add_model, ProjectState._append_option) == before
