"""A county whose villages lie 2, 26 and 52 km apart, and a hand that puts stations into it."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.utils import timezone

from tests import world as w

KIND = "day_care_station"
THIRD, LONELY = "990101001003", "990101001004"
#     town 1: own (3 people), sister (3), third (1), lonely (2, no position); town 2: far (4)
AT = {w.OWN: (115.0, 38.5), w.SISTER: (115.02, 38.5), THIRD: (115.3, 38.5), w.FAR: (115.6, 38.5)}


def laid_out() -> dict:
    """Two more villages, positions, two more files; the places by code anew."""
    from songhe.core.acting import everywhere
    from songhe.registry.places.actions import put_places
    from songhe.registry.places.models import Place

    with everywhere():
        put_places(
            [{"code": code, "name": f"{code}村"} for code in (THIRD, LONELY)], source="test", source_date=w.SINCE
        )
        for code, (x, y) in AT.items():
            Place.objects.filter(code=code).update(longitude=x, latitude=y)
        at = {place.code: place for place in Place.objects.all()}
        w.person(at[THIRD], "赵一", tags=1).save()
        for name in ("赵二", "赵三"):
            w.person(at[LONELY], name, tags=1).save()
        w.person(at[w.FAR], "赵四", tags=2).save()
        w.person(at[w.FAR], "赵五", status="deceased", status_from=w.SINCE).save()
    return at


def station(place, status: str = "in_use"):
    """A day-care station of the village, that far."""
    from songhe.core.acting import everywhere
    from songhe.registry.facilities.actions.enrol import Enrolment, enrol

    row = Enrolment(
        place=place, kind=KIND, name=f"{place.code}站", walk=[("planned", w.SINCE, ""), (status, date(2021, 1, 1), "纪要")],
        activities=[(date(2020, 12, 31), "culture", 3, "签到")] if status == "in_use" else [],
    )  # fmt: skip
    with everywhere():
        enrol(by=None, post=None, rows=[row])


@pytest.fixture
def county(db, settings):
    settings.MFA_REQUIRED_FROM = ""
    from songhe.core.acting import everywhere

    world = w.World()
    at = laid_out()
    with everywhere():
        leader = w.post("leader", at["990101"], username="leader")
    return SimpleNamespace(world=world, at=at, place=at["990101"], leader=leader, on=timezone.localdate())
