"""A street where services are given, inside the transaction of one test."""

import pytest


@pytest.fixture
def street(db):
    from songhe.core.acting import everywhere
    from tests.care.services.street import Street

    with everywhere():
        return Street()


@pytest.fixture
def whole():
    """Checks at once what the database else checks at the end of a transaction."""
    from django.db import connection

    def check():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    return check
