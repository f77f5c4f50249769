"""A street with positions: workers at their towns, people in villages some kilometres apart."""

import pytest


@pytest.fixture
def street(db):
    from songhe.core.acting import everywhere
    from tests.care.services.street import Street
    from tests.insight.dispatching.world import spread

    with everywhere():
        made = Street()
        spread(made)
        return made


@pytest.fixture
def whole():
    """Checks at once what the database else checks at the end of a transaction."""
    from django.db import connection

    def check():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    return check
