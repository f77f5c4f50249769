"""A small world, a station on its way, an operator (imports wait until Django is up)."""

import pytest


@pytest.fixture
def world(db):
    from songhe.core.acting import everywhere
    from tests.world import World

    made = World()
    with everywhere():
        yield made


@pytest.fixture
def station(world):
    from tests.registry.facilities.sites import Site

    return Site(world)


@pytest.fixture
def operator(world):
    from songhe.registry.facilities import actions
    from tests.registry.facilities.sites import credit_code

    return actions.register_organisation(
        by=None,
        post=None,
        name="虚构养老服务有限公司",
        credit_code=credit_code(),
        kind="company",
        place=world["990101"],
    )


@pytest.fixture
def standards(monkeypatch):
    """The shipped standards, said to hold in the invented county and from long ago: by name."""
    from dataclasses import replace
    from datetime import date

    from songhe.registry.facilities import definitions

    here = tuple(replace(s, places=("990101",), valid_from=date(2020, 1, 1)) for s in definitions.standards())
    monkeypatch.setattr(definitions, "standards", lambda: here)
    return {s.name: s for s in here}


@pytest.fixture
def only(monkeypatch, standards):
    """A function: only these standards hold."""
    from songhe.registry.facilities import definitions

    def keep(*names):
        monkeypatch.setattr(definitions, "standards", lambda: tuple(standards[name] for name in names))

    return keep
