"""A small invented world for tests of access: two cities, a county directly under the province, a functional area.

    990000 province
      990100 city ── 990101 county ── …001 town ── …001001 own village · …001002 sister village
                                   └─ …002 town ── …002001 far village
                  └─ 990102 county ── …001 town ── …001001 next-county village
      990200 city ── 990201 county ── …001 town ── …001001 other-city village
      999001 county without a city ── …001 town ── …001001 direct village

Three people a village. Codes 99…: no such division; ID numbers are not made at all.
"""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db.models import Func, TextField, Value

from songhe.core import names
from songhe.core.acting import everywhere
from songhe.registry.accounts.models import Post, User
from songhe.registry.people import sealing
from songhe.registry.people.models import Person
from songhe.registry.places.actions import assign_functional_area, put_places
from songhe.registry.places.models import Place

VILLAGES = ["990101001001", "990101001002", "990101002001", "990102001001", "990201001001", "999001001001"]
OWN, SISTER, FAR, NEXT_COUNTY, OTHER_CITY, DIRECT = VILLAGES
AREA = "990101900"  # functional: the sister village and the far village
NAMES = ["王秀英", "李建国", "张玉兰"]
SINCE = date(2020, 1, 1)


def places() -> dict[str, Place]:
    """All places by code."""
    rows = [
        {"code": "990000", "name": "虚构省"},
        {"code": "990100", "name": "甲市"},
        {"code": "990200", "name": "乙市"},
        *({"code": code, "name": f"{code}县"} for code in ("990101", "990102", "990201", "999001")),
        *({"code": code, "name": f"{code}镇"} for code in sorted({v[:9] for v in VILLAGES})),
        {"code": AREA, "name": "虚构开发区", "kind": "functional"},
        *({"code": code, "name": f"{code}村"} for code in VILLAGES),
    ]
    put_places(rows, source="test", source_date=SINCE)
    made = {place.code: place for place in Place.objects.all()}
    assign_functional_area(area=made[AREA], villages=[made[SISTER], made[FAR]], by=0)
    return {place.code: place for place in Place.objects.select_related("parent")}


def person(village: Place, name: str = "王秀英", **fields) -> Person:
    """One file, as plain as the table allows; not saved."""
    keys = names.keys(name)
    values = {"sex": "f", "birth": date(1946, 5, 1), "origin": "entered"} | fields
    return Person(
        name=name, name_sort=keys.sort, search=_terms(keys), phone_sealed=sealing.seal("phone", "13000000000"),
        **village.areas(), **values,
    )  # fmt: skip


def _terms(keys: names.NameKeys) -> Func:
    terms = [f"n:{gram}" for gram in keys.grams] + [f"i:{initials}" for initials in keys.initials]
    return Func(Value(terms, output_field=ArrayField(TextField())), function="array_to_tsvector")


def post(role: str, place: Place, *, since: date = SINCE, until: date | None = None, username: str = "") -> Post:
    """An account with one post."""
    name = username or f"{role}-{place.code}-{User.objects.count()}"
    user = User.objects.create(username=name, name=f"演示{role}", origin="demo")
    return Post.objects.create(user=user, role=role, place=place, valid_from=since, valid_to=until)


class World:
    """Everything at once: `places` by code, `people` by village code."""

    def __init__(self):
        with everywhere():
            self.places = places()
            files = [person(self.places[code], name, tags=1) for code in VILLAGES for name in NAMES]
            Person.objects.bulk_create(files)
            self.people = {code: [p for p in files if p.village_id == self.places[code].pk] for code in VILLAGES}

    def __getitem__(self, code: str) -> Place:
        return self.places[code]
