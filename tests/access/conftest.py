"""The realm is furnished once for a whole file and kept in a database of its own, so that hundreds of questions are cheap."""

import pytest


@pytest.fixture
def _no_second_factor(settings):
    settings.MFA_REQUIRED_FROM = ""


@pytest.fixture
def realm(db, _no_second_factor):
    from tests.access.village import Realm

    return Realm()
