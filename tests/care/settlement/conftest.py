"""A month of a contract, inside the transaction of one test."""

import pytest


@pytest.fixture
def paid(db):
    from songhe.core.acting import everywhere
    from tests.care.settlement.paid import Paid

    with everywhere():
        yield Paid()
