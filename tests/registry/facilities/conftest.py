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
