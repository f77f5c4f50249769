"""Every goal of the five notices, one after the other: its figure opens a page, and that page holds as many rows.

The five definitions are read as shipped and laid on the invented world (their places become its county and two towns), which has
a site of every kind, beds, an operator, meals, a volunteers' activity, exemplars, a closed line and people in a home.
"""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from songhe import definitions as shipped_here
from songhe.care.meals import actions as meals
from songhe.care.volunteering import actions as volunteers
from songhe.core import acting, periods
from songhe.core.definitions import loads
from songhe.doors.desk.rows_behind import rows_url
from songhe.doors.desk.scope import scope_of
from songhe.oversight.awards import actions as awards
from songhe.oversight.ledger.models import CloseOut
from songhe.oversight.programmes import definitions, queries
from songhe.oversight.programmes.behind import behind
from songhe.oversight.programmes.models import Entry
from songhe.registry.facilities import actions as sites
from songhe.registry.facilities import definitions as standards
from songhe.registry.people import actions as people
from songhe.registry.people.standing import scope_of as areas_of
from songhe.registry.places.models import Place
from tests import world as w
from tests.care.evidence.served import Served
from tests.care.settings import elder, firm, signed_bed
from tests.oversight.bureau import Office

FILES = Path(shipped_here.__file__).parent / "programmes"
SYSTEM = {"by": None, "post": None}
TODAY = timezone.localdate()
BEGUN, AGAIN = date(2016, 3, 1), date(2021, 4, 1)
COUNTY, CITY, TOWNS = "990101", "990100", ("990101001", "990101002")
ROOTS = {
    "dingzhou-2021": COUNTY, "dingzhou-2023": COUNTY, "laixi-2020": COUNTY, "tangshan-2023": CITY, "xuzhou-2017": CITY,
}  # fmt: skip
ENTERED = "typed with a paper, which the goal's own page shows: nothing here keeps such rows"
ELSEWHERE = (
    "duties, files and volunteers of 2023 are not in this world: tests/insight proves the lists of every indicator"
)
ORDERS = "orders are made on another street: test_orders_open_their_rows below"
TYPED = {
    "platform", "medical_demo", "school_events", "exchange", "matchmaking", "mobilised", "ledger_begun", "appraisal",
    "three_tier_counties",
}  # fmt: skip
CHOSEN = "a round ends after votes and days of publicity; the exemplars named in a month stand for this source"
ESTATES = "no new estate lies in this world; the kitchens of stations stand for what a standard counts"
REASONS = {
    "new_estates": ESTATES,
    **dict.fromkeys(("city_exemplars", "home_demo", "demonstration_towns"), CHOSEN), **dict.fromkeys(TYPED, ENTERED), **dict.fromkeys(("home_visits", "home_visit_people"), ORDERS),
    **dict.fromkeys(("case_files", "paired_service", "weekly_activity", "visiting_rate", "poor_disabled_covered"), ELSEWHERE),
}  # fmt: skip


def rooted(programme: definitions.Programme) -> definitions.Programme:
    """The shipped definition with its places changed for those of the invented world."""
    root, seen = ROOTS[programme.id], {}
    text = (FILES / f"{programme.id}.yaml").read_text("utf-8")

    def here(found: re.Match) -> str:
        code = found[1]
        if code == programme.place:
            return f'"{root}"'
        if len(code) == 6:
            return f'"{COUNTY}"'
        return f'"{seen.setdefault(code, TOWNS[len(seen) % 2])}"'

    return definitions.made(loads(re.sub(r'"(\d{6}(?:[0-9F]\d\d)?)"', here, text), f"programmes/{programme.id}.yaml"))


def built(world, kind: str, village: str, begun: date, name: str):
    """A site that walked all the way to being in use."""
    made = sites.register(
        **SYSTEM, place=world[village], kind=kind, name=f"{name}{kind}", on=begun, status="site_chosen"
    )
    sites.move(**SYSTEM, facility=made, status="accepted", on=begun + timedelta(days=40), paper="验收")
    sites.record_activity(
        **SYSTEM, facility=made, on=begun + timedelta(days=50), kind="offer", count=3, evidence="签到表"
    )
    sites.move(**SYSTEM, facility=made, status="in_use", on=begun + timedelta(days=50))
    return made


@pytest.fixture
def city(db, monkeypatch):
    """The five on the invented world, with something behind every source."""
    found = {name: rooted(one) for name, one in definitions.shipped().items() if name in ROOTS}
    monkeypatch.setattr(definitions, "shipped", lambda: found)
    soft = [each for each in standards.standards() if each.name != "laixi-2020-operator"]  # what an operator must hold
    shipped = tuple(replace(each, places=(CITY,)) for each in soft)
    monkeypatch.setattr(standards, "standards", lambda: shipped)
    office = Office()
    with acting.everywhere():
        _fill(office.world)
        line = office.item(place=COUNTY, who="clerk", programme="dingzhou-2021", target="tenders")
        office.item(place=COUNTY, programme="dingzhou-2021", target="tenders")
    office.close(line, who="second")
    with acting.everywhere():
        CloseOut.objects.update(ended_on=date(2021, 6, 1))
    office.found = found
    return office


def _fill(world) -> None:
    Place.objects.filter(code=TOWNS[0]).update(name="甲街道")  # goals of streets ask for one
    Place.objects.filter(code=w.OWN).update(urban_rural="urban")
    Place.objects.filter(code__in=(w.SISTER, w.FAR)).update(urban_rural="rural")
    kinds = {kind for one in definitions.shipped().values() for goal in one.goals for kind in goal.figure.get("kinds") or ()}  # fmt: skip
    for kind in sorted(kinds):
        for village in (w.OWN, w.FAR) if kind != "service_point" else (w.OWN,):
            made = built(world, kind, village, BEGUN, world[village].name)
            if kind == "meal_delivery" and village == w.OWN:
                meals.add_vehicle(**SYSTEM, facility=made, plate="冀X99999", kind="van", on=date(2023, 8, 1))
            if kind == "street_centre" and village == w.OWN:
                _chosen(made)
    new = built(world, "day_care_station", w.SISTER, AGAIN, "新")
    for kind, origin in (("residential", "new"), ("residential", "new"), ("nursing", "converted"), ("community", "new"), ("home", "new")):  # fmt: skip
        source = {"from_kind": "residential"} if origin == "converted" else {}
        sites.add_beds(**SYSTEM, facility=new, kind=kind, count=4, on=date(2021, 6, 1), origin=origin, **source)
    signed_bed(elder(world[w.OWN]), new, TODAY - timedelta(days=30), firm(7))
    _people(world)


def _chosen(centre) -> None:
    sites.choose_operator(
        **SYSTEM, facility=centre, organisation=firm(3), selection="entrusted", contract_on=date(2020, 6, 1), valid_from=date(2020, 6, 1)
    )  # fmt: skip


def _people(world) -> None:
    month = periods.containing("month", date(2023, 10, 10))
    group = volunteers.found(
        **SYSTEM, kind="love_help", village=world[w.OWN], name="队", leader="甲", members=5, on=date(2023, 8, 1)
    )
    for n in range(2):
        volunteers.record_activity(
            **SYSTEM, group=group, on=month.start + timedelta(days=n), kind="visit", volunteers=3, hours=2, evidence="签到表"
        )  # fmt: skip
    named = awards.open_round(**SYSTEM, award="township-exemplar", place=world[TOWNS[0]], period=month)
    for n in range(3):
        awards.nominate(**SYSTEM, round=named, name=f"虚构{n}", deeds="照料邻居", on=month.start)
    given = {"village": world[w.FAR], "sex": "m", "on": date(2021, 1, 4), "source": "名册", "circumstances": ("destitute",)}  # fmt: skip
    poor = [people.register(**SYSTEM, name=f"虚构{'甲乙丙'[n]}", birth=date(1940 + n, 1, 1), **given) for n in range(3)]
    for person in poor[:2]:
        people.record_event(**SYSTEM, person=person, kind="institution_in", on=date(2021, 2, 1))
    told = {"by": 0, "evidence": "报表", "as_of": date(2023, 9, 1), **areas_of(world[TOWNS[0]])}
    Entry.objects.create(programme="dingzhou-2023", goal="help_points", place=world[TOWNS[0]], value=1, base=4, **told)


def held(text: str, url: str) -> float | None:
    """How many rows a page says it lists."""
    if "#vehicles" in url:
        return text.split('id="vehicles"')[1].count("<tr>") - 1
    for said in (r"合计 ([\d,.]+)", r"共 ([\d,]+) 行", r"chips-count[^>]*>([\d,]+) 处"):
        if found := re.search(said, text):
            return float(found[1].replace(",", ""))
    return None


def opened(place: Place):
    """(client, request) of a clerk of a place who may see everything."""
    with acting.everywhere():
        post = w.post("clerk", place)
    client = Client()
    client.force_login(post.user)
    request = SimpleNamespace(post=post, GET={})
    with acting.everywhere():
        request.scope = scope_of(request)
    return client, request


def test_every_figure_opens_as_many_rows(city, settings):
    settings.MFA_REQUIRED_FROM = ""
    for name in sorted(ROOTS):
        _each(city, city.found[name])


def _each(city, programme) -> None:
    client, request = opened(city[ROOTS[programme.id]])
    with acting.everywhere():
        (book,) = queries.open_books([programme])
        lines = queries.status(programme=programme, on=TODAY, book=book)
        asked = [
            (one, rows_url(one.goal, one, request), behind(book, one, areas=True))
            for line in lines
            for one in (line, *line.places[:2])
            if one.actual is not None
        ]
    known = {one.goal.id for one, _url, _rows in asked}
    assert {line.goal.id for line in lines} - known - set(REASONS) == set()
    for one, url, rows in asked:
        assert rows.numerator == one.numerator, (one.goal.id, str(one.place))
        assert not one.base or rows.base == one.base, (one.goal.id, str(one.place))
        assert url, one.goal.id
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert held(answer.content.decode(), url) == float(one.numerator), (one.goal.id, str(one.place), url)


def test_what_has_no_list_is_named_with_its_reason():
    """Sources that nobody counts; every other source answers with an address."""
    typed = {goal.id for one in definitions.shipped().values() for goal in one.goals if goal.figure["from"] == "evidence"}  # fmt: skip
    assert typed == TYPED


def test_orders_open_their_rows(db, settings, monkeypatch):
    """R44: times are the opening balance and later orders, each a row; people are the people of the orders."""
    settings.MFA_REQUIRED_FROM = ""
    with acting.everywhere():
        served = Served()
        orders = [served.order(day=day, person=served.people[n]) for day, n in ((3, 0), (4, 0), (5, 1))]
        for order in orders:
            served.serve(order)
        code = served.place.code
        text = (FILES / "tangshan-2023.yaml").read_text("utf-8").replace('"130200"', f'"{code}"')
        made = definitions.made(loads(re.sub(r'"130\d{3}"', f'"{code}"', text), "programmes/tangshan-2023.yaml"))
        monkeypatch.setattr(definitions, "shipped", lambda: {made.id: made})
        told = {"by": 0, "evidence": "报表", "as_of": orders[0].service_on, "value": 100, **areas_of(served.place)}
        Entry.objects.create(programme=made.id, goal="home_visits", place=served.place, **told)
    client, request = opened(served.place)
    with acting.everywhere():
        (book,) = queries.open_books([made])
        found = {}
        for name in ("home_visits", "home_visit_people"):
            line = queries.line_of(book, made.goal(name), book.place, book.place, TODAY)
            found[name] = (line.numerator, behind(book, line).numerator, rows_url(line.goal, line, request))
    assert [numbers[:2] for numbers in found.values()] == [(102, 102), (2, 2)]
    for numerator, _rows, url in found.values():
        assert held(client.get(url).content.decode(), url) == numerator
    assert "填报：报表" in client.get(found["home_visits"][2]).content.decode()


def test_names_behind_a_figure_are_masked_in_area_only_and_by_permission(city, settings):
    """R30: whoever may see files reads masked names of the own area; a leader without that permission is told whom to ask."""
    settings.MFA_REQUIRED_FROM = ""
    page = reverse("programme-goal-rows", args=["laixi-2020", "destitute_in_centre"])
    client, _request = opened(city[COUNTY])
    text = client.get(page + "?side=all").content.decode()
    assert "合计 3" in text
    assert "虚*甲" in text or "虚**" in text
    assert "虚构甲" not in text
    assert "合计 1" in client.get(page + "?side=rest").content.decode()
    stranger, _request = opened(city["990201"])
    assert "虚" not in stranger.get(page + "?side=all").content.decode()
    assert client.get(page + "?side=sideways").status_code in (400, 422)
    with acting.everywhere():
        finance = w.post("finance", city[COUNTY])
    other = Client()
    other.force_login(finance.user)
    assert other.get(page).status_code == 403
