"""Templates need the app registry, whichever plugin comes first."""

import django
import pytest


@pytest.fixture(scope="session", autouse=True)
def _apps_ready():
    django.setup()
