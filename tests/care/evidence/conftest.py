"""A street whose orders of last month can be served, inside the transaction of one test."""

import pytest


@pytest.fixture
def served(db):
    from songhe.core.acting import everywhere
    from tests.care.evidence.served import Served

    with everywhere():
        yield Served()
