"""Fixtures of the telephone's journeys, and what they ask the database afterwards."""

import pytest

from songhe.care.visits.models import Visit
from songhe.core.acting import everywhere
from tests.journeys.field_site import Line, Phone, Site


@pytest.fixture
def site(city):
    made = Site()
    made.start()
    yield made
    made.kill()


@pytest.fixture
def line(site):
    made = Line(site)
    yield made
    made.close()


@pytest.fixture
def phone(playwright, tmp_path, line):
    made = Phone(playwright, tmp_path / "phone", line.address)
    yield made
    made.close()


def rows() -> list[Visit]:
    with everywhere():
        return list(Visit.objects.order_by("id"))


def audited() -> list[int]:
    """Visits that stand in the audit, as often as they stand there."""
    from tests.conftest import as_owner

    found = as_owner("SELECT jsonb_array_elements(detail -> 'visits') FROM core_audit WHERE verb = 'visits.record'")
    return sorted(pk for (pk,) in found)


def whole(count: int) -> None:
    """Exactly so many rows, none twice, each in the audit once."""
    found = rows()
    assert len(found) == count
    assert len({row.client_uuid for row in found}) == count
    assert audited() == sorted(row.id for row in found)
    assert {row.channel for row in found} <= {"phone"}
