"""People, a centre and posts for tests of beds, meals and volunteers: everything done by the product's own verbs."""

import uuid
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone

from songhe.care.agreements import actions as beds
from songhe.care.agreements.models import Bed
from songhe.core.refusal import Refusal
from songhe.registry.facilities import actions as sites
from songhe.registry.facilities.models import Facility, Organisation
from songhe.registry.people.models import Assessment, Circumstance, Person
from songhe.registry.people.standing import areas_of
from songhe.registry.people.terms import tags_of
from tests import world as w
from tests.registry.facilities.sites import credit_code


@contextmanager
def says_no(code: str):
    """What follows is refused under this code, in both languages."""
    with pytest.raises(Refusal) as found:
        yield
    assert found.value.code == code, found.value.zh
    assert found.value.zh
    assert found.value.en


SYSTEM = {"by": None, "post": None}
TODAY = timezone.localdate()


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def elder(
    village,
    name="赵虚构",
    *,
    tags=("subsistence_allowance", "care_dependent"),
    level=2,
    born=date(1940, 1, 1),
    **fields,
):
    """Somebody on file with circumstances since long ago and an assessment; in the demo's way, but by hand."""
    person = w.person(village, name, tags=tags_of(tags), birth=born, ability_level=level, **fields)
    person.save()
    for kind in tags:
        Circumstance.objects.create(
            person=person, kind=kind, valid_from=date(2015, 1, 1), source="test", **areas_of(person)
        )
    if level is not None:
        Assessment.objects.create(
            person=person, scale="gbt42195", version="1", reason="first", on=date(2019, 6, 1), level=level, total=60,
            assessors=["甲", "乙"], **areas_of(person),
        )  # fmt: skip
    return person


def site(
    village, kind="street_centre", name="虚构服务中心", *, since: date | None = None, use: str = "culture"
) -> Facility:
    """A site in use."""
    since = since or ago(200)
    made = sites.register(**SYSTEM, place=village, kind=kind, name=name, on=since, status="site_chosen")
    sites.move(**SYSTEM, facility=made, status="accepted", on=since, paper="验收文件")
    sites.record_activity(**SYSTEM, facility=made, on=since, kind=use, count=3, evidence="签到表")
    sites.move(**SYSTEM, facility=made, status="in_use", on=since)
    return made


def firm(number=7) -> Organisation:
    return sites.register_organisation(
        **SYSTEM, name=f"虚构照护公司{number}", credit_code=credit_code(number), kind="company"
    )


def agreement(on: date, months: int = 12, **more) -> dict:
    return {
        "number": f"XY-{on:%Y%m%d}", "on": on, "starts_on": on, "ends_on": on + timedelta(days=30 * months), "signer": "self",
        "signer_name": "赵虚构", "government": "虚构镇人民政府",
    } | more  # fmt: skip


def signed_bed(person: Person, facility: Facility, on: date, organisation: Organisation, **more) -> Bed:
    """A bed as far as its agreement."""
    bed = beds.survey(**SYSTEM, person=person, facility=facility, on=on)
    beds.assess(**SYSTEM, bed=bed, on=on)
    beds.plan(**SYSTEM, bed=bed, on=on, services=["clean", "bath"], minutes=600, items=["grab_rail"])
    beds.sign(**SYSTEM, bed=bed, organisation=organisation, **agreement(on, **more))
    return bed


def meal(person: Person, at: datetime | None = None, **more) -> dict:
    at = at or timezone.now() - timedelta(minutes=1)
    return {"uuid": uuid.uuid4(), "person": person.pk, "at": at, "meal": "lunch"} | more


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), timezone.get_current_timezone())
