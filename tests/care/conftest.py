"""Fixtures of care; models are imported inside, because this file is read before Django is set up."""

import pytest


@pytest.fixture
def county(db):
    """A county with the rules read."""
    from songhe.care.duties import actions as duties
    from songhe.core.acting import everywhere
    from tests.care.county import County

    with everywhere():
        made = County()
        duties.sync_rules(by=0)
    return made


@pytest.fixture
def week():
    """The week that runs today."""
    from django.utils import timezone

    from songhe.core.periods import containing

    return containing("week", timezone.localdate())


@pytest.fixture
def world(db):
    """The small world of tests.world, acting as the system."""
    from songhe.core.acting import everywhere
    from tests.world import World

    made = World()
    with everywhere():
        yield made
