"""Migrating an empty database in a third of the time.

Django draws a model and everything it is related to anew for each operation of a migration, so that with a hundred models
most of the time goes into models nobody asks for. Two of these drawings change nothing that a migration can see: that of
the models a new model points to, and that of a model which gains an index or a constraint (its list is made longer).
Everything else is left as Django does it; tests/core/test_migrating.py holds both ways against each other.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db.migrations.state import ModelState, ProjectState


def migrate(database: str) -> None:
    """`migrate` for every app, on the connection of this name (the owner's)."""
    with quick_states():
        call_command("migrate", database=database, interactive=False, verbosity=0)


@contextmanager
def quick_states() -> Iterator[None]:
    """Inside, a new model is drawn alone and a new index or constraint draws no model anew."""
    quick = {"add_model": _add_model, "_append_option": _append_option}
    plain = {name: ProjectState.__dict__[name] for name in quick}
    for name, function in quick.items():
        setattr(ProjectState, name, function)
    try:
        yield
    finally:
        for name, function in plain.items():
            setattr(ProjectState, name, function)


def _add_model(self: ProjectState, model_state: ModelState) -> None:
    key = model_state.app_label, model_state.name_lower
    self.models[key] = model_state
    if self._relations is not None:
        self.resolve_model_relations(key)
    if "apps" not in self.__dict__:
        return
    if model_state.name_lower in self.apps.all_models[model_state.app_label]:
        self.reload_model(*key)
    else:
        self.apps.render_multiple([model_state])


def _append_option(self: ProjectState, app_label: str, model_name: str, option_name: str, obj) -> None:
    model_state = self.models[app_label, model_name]
    model_state.options[option_name] = [*model_state.options[option_name], obj]
    if "apps" in self.__dict__:
        options = self.apps.get_model(app_label, model_name)._meta
        setattr(options, option_name, [*getattr(options, option_name), obj])
