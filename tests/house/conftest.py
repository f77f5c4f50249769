"""The furnished realm of the access tests serves here too."""

import pytest


@pytest.fixture
def realm(db, settings):
    from tests.access.village import Realm

    settings.MFA_REQUIRED_FROM = ""
    return Realm()
