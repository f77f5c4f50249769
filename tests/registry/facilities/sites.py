"""Invented sites for tests, and verbs that act as the system on them."""

from datetime import date

from songhe.registry.facilities import actions
from songhe.registry.facilities.rules import credit_code_check
from tests import world as w

DAY = date(2021, 3, 30)
TOWN = "990101001"


def credit_code(number: int = 1) -> str:
    """A sound code of nobody: 99… is no registration office."""
    stem = f"99999999{number:09d}"
    return stem + credit_code_check(stem)


class Site:
    """One station on its way, and verbs that act as the system on it."""

    def __init__(self, world, code=w.OWN, kind="day_care_station", name="甲社区日间照料服务站", status="site_chosen"):
        self.world = world
        place = world[code]
        self.facility = actions.register(by=None, post=None, place=place, kind=kind, name=name, on=DAY, status=status)

    def to(self, status: str, on: date, **more):
        return actions.move(by=None, post=None, facility=self.facility, status=status, on=on, **more)

    def active(self, on: date, **more):
        given = {"kind": "culture", "count": 20, "evidence": "签到表"} | more
        return actions.record_activity(by=None, post=None, facility=self.facility, on=on, **given)
