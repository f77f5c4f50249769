"""The office of tests/oversight/bureau.py; imported late, for this file is read before Django is set up."""

import pytest


@pytest.fixture
def office(db):
    from tests.oversight.bureau import Office

    return Office()
