"""The telephone page with the network really off and the server really stopped: nothing recorded at a doorstep is lost."""

from datetime import timedelta

import pytest
from django.utils import timezone

from songhe.care.visits.models import Correction, Visit
from songhe.core.acting import everywhere
from songhe.core.models import AuditEvent
from songhe.core.periods import containing
from tests.journeys.field_site import Line, Phone, Site
from tests.world import OWN


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


def audited() -> int:
    """Visits that stand in the audit, each once."""
    from tests.conftest import as_owner

    found = as_owner("SELECT jsonb_array_elements(detail -> 'visits') FROM core_audit WHERE verb = 'visits.record'")
    return len({pk for (pk,) in found})


def record_twenty(phone, city):
    names = [person.name for person in city.people[OWN]]
    ways = ["电话", "视频", "上门", "上门志愿服务"]
    for at in range(20):
        phone.page.evaluate("() => document.querySelector('details.done')?.setAttribute('open', '')")
        phone.record(names[at % 3], ways[at % 4], ["平安", "身体不适"][at % 2])


def test_probe(phone, city):
    try:
        phone.open()
        phone.sign_in("helper")
    finally:
        print(phone.said)
        phone.page.screenshot(path="/tmp/field-0.png")
    phone.page.screenshot(path="/tmp/field-1.png")
    phone.record("王秀英")
    phone.expect_waiting(0)
    assert len(rows()) == 1
