"""`bureau`: a county whose October is over and frozen (tests/oversight/bulletins/bureau.py)."""

import pytest


@pytest.fixture
def bureau(db):
    from songhe.core.acting import everywhere
    from tests.oversight.bulletins.bureau import Bureau

    with everywhere():
        made = Bureau()
        made.freeze()
        yield made
