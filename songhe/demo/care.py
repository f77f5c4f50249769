"""Beds, devices, meals, volunteers and merchants of the demo city: invented, made by the product's own verbs, marked 演示.

Nothing is drawn: who is late, silent or lacking follows from numbers of rows, so that it is the same each time. Loading again
adds the days that have passed since.
"""

import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.db.models import Max
from django.utils import timezone

from songhe.care.agreements import actions as beds
from songhe.care.agreements.models import Bed
from songhe.care.evidence import actions as evidence
from songhe.care.meals import actions as meals
from songhe.care.meals.models import Diner, Meal
from songhe.care.volunteering import actions as volunteers
from songhe.care.volunteering.models import Activity, Group
from songhe.care.volunteering.terms import GROUPS
from songhe.demo.progress import Report
from songhe.demo.staff import name_for
from songhe.registry.facilities.models import Facility, Organisation
from songhe.registry.people.models import Assessment, Person
from songhe.registry.places.models import Place

SYSTEM = {"by": None, "post": None}
CAMPAIGN = (date(2023, 8, 28), date(2023, 11, 5))  # the weeks in which R71 is first looked at
POINTS, EATERS, DAYS, BEDS = 5, 5, 6, 14
KINDS = ("visit", "housework", "health", "culture", "rights")


def load(*, city: Place, today: date, report: Report) -> None:
    """Load what is not there yet, up to a day. Inside `everywhere()`."""
    with report.step("志愿组织 volunteers"):
        _groups(city, today)
        _activities(city, today)
    with report.step("助餐 meals"):
        _points(city, today)
        _meals(city, today)
    with report.step("家庭养老床位 beds"):
        _beds(city, today)
        _offers(city, today)


def _groups(city: Place, today: date) -> None:
    """Four kinds in every village but for a few that are still lacking one (R71)."""
    if Group.objects.filter(origin="demo").exists():
        return
    villages = Place.objects.filter(county=city, level="village", valid_to=None).order_by("code").defer("outline")
    rows = [
        {
            "village": village, "kind": kind, "name": f"{village}{label}", "leader": name_for(9000 + n * 4 + k),
            "members": 5 + (n * 3 + k * 7) % 20, "on": date(2023, 9, 1) + timedelta(days=(n + k * 9) % 55), "paper": "组织备案表（演示）",
        }
        for n, village in enumerate(villages)
        for k, (kind, label) in enumerate(GROUPS)
        if not (k == 2 and n % 41 == 7) and not (k == 3 and n % 97 == 11)
    ]  # fmt: skip
    volunteers.found_many(**SYSTEM, rows=rows, origin="demo")


def _activities(city: Place, today: date) -> None:
    """One activity a village and week: in the campaign, and in the last weeks; one village in nineteen forgets a week."""
    first: dict[int, list[Group]] = {}
    for group in Group.objects.filter(county=city, origin="demo").order_by("village", "pk"):
        first.setdefault(group.village_id, []).append(group)
    held = Activity.objects.filter(county=city)
    last = held.aggregate(day=Max("on"))["day"]
    recent = (
        max(last + timedelta(days=1) if last else today, today - timedelta(days=34))
        if last
        else today - timedelta(days=34)
    )
    spans = [(recent - timedelta(days=recent.weekday()), today, last)] + ([] if last else [(*CAMPAIGN, None)])
    rows = [row for start, end, known in spans for row in _doings(first, start, min(end, today), known)]
    volunteers.record_many(**SYSTEM, rows=rows)


def _doings(groups: dict[int, list[Group]], start: date, end: date, known: date | None) -> Iterator[dict]:
    for n, team in enumerate(groups.values()):
        for week in range((end - start).days // 7 + 1):
            on = start + timedelta(days=7 * week + (n + week) % 7)
            group = team[(n + week) % len(team)]
            if (n * 7 + week * 5) % 19 == 0 or on > end or on < group.valid_from or (known and on <= known):
                continue
            yield {
                "group": group, "on": on, "kind": KINDS[(n + week) % len(KINDS)], "volunteers": 2 + (n + week) % 6,
                "hours": 2 + (n * 3 + week) % 9, "recipients": 1 + (n + week * 2) % 12, "evidence": f"活动登记 {on:%m-%d}",
            }  # fmt: skip


def _points(city: Place, today: date) -> None:
    """A few restaurants keep diners, deliver, serve the next communities and report their month; twelve vehicles (R69)."""
    if Diner.objects.filter(origin="demo").exists():
        return
    for n, facility in enumerate(_restaurants(city)):
        people = _near(facility, n)
        for k, person in enumerate(people):
            way = "deliver" if k % 3 == 2 else "dine_in"
            meals.enrol_diner(
                **SYSTEM,
                person=person,
                facility=facility,
                on=today - timedelta(days=60),
                way=way,
                card=f"YS{n:02d}{k:03d}",
                origin="demo",
            )
        last = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
        meals.keep_book(
            **SYSTEM,
            facility=facility,
            month=last,
            costs=600_000 + n * 90_000,
            other=560_000 + (n % 3) * 400_000,
            evidence="月报（演示）",
        )
    served = (
        Place.objects.filter(county=city, level="village", urban_rural="urban", valid_to=None)
        .order_by("code")
        .defer("outline")
    )
    restaurants = _restaurants(city)
    for n, village in enumerate(served):
        if n % 9 != 4:  # one community in nine still has nobody
            meals.serve_village(
                **SYSTEM,
                facility=restaurants[n % len(restaurants)],
                village=village,
                on=date(2023, 10, 10) + timedelta(days=n % 20),
            )
    for n, firm in enumerate(Facility.objects.filter(county=city, kind="meal_delivery", origin="demo").order_by("pk")):
        for k in range(3):
            meals.add_vehicle(
                **SYSTEM, facility=firm, plate=f"冀F·演示{n}{k}", kind="van" if k else "tricycle", on=date(2023, 10, 10 + n + k * 4),
                inspected_to=today + timedelta(days=-12 if (n, k) == (2, 1) else 90 + n * 30),
            )  # fmt: skip


def _restaurants(city: Place) -> list[Facility]:
    rows = Facility.objects.filter(county=city, kind="partner_restaurant", origin="demo").select_related("place")
    return list(rows.order_by("pk")[:POINTS])


def _near(facility: Facility, n: int) -> list[Person]:
    free = Person.objects.filter(town=facility.town, origin="demo", status="living", merged_into=None, dining=None)
    return list(free.exclude(tags=0).order_by("pk")[:EATERS])


def _meals(city: Place, today: date) -> None:
    """Lunch of the last working days; one point has been silent for two weeks, one diner in five stays away on a day."""
    start = Meal.objects.filter(county=city).aggregate(day=Max("on"))["day"] or today - timedelta(days=DAYS)
    for n, facility in enumerate(_restaurants(city)):
        people = list(Person.objects.filter(dining__facility=facility, dining__valid_to=None).order_by("pk"))
        for day in _days(start, today):
            if n == 3 or day.isoweekday() > 6:
                continue
            at = datetime.combine(day, time(12, n * 3), timezone.get_current_timezone())
            if at > timezone.now():
                continue
            rows = [_lunch(person, at) for k, person in enumerate(people) if (k + day.toordinal() + n) % 5]
            meals.count(**SYSTEM, facility=facility, rows=rows, channel="import", now=at + timedelta(hours=1))


def _days(start: date, today: date) -> list[date]:
    return [start + timedelta(days=k) for k in range(1, (today - start).days + 1)]


def _lunch(person: Person, at: datetime) -> dict:
    return {
        "uuid": uuid.uuid5(uuid.NAMESPACE_OID, f"demo meal {person.uid} {at}"),
        "person": person.pk,
        "at": at,
        "meal": "lunch",
    }


def _beds(city: Place, today: date) -> None:
    """Beds at every step, most of them running; buttons and sensors that speak, three that do not."""
    if Bed.objects.filter(origin="demo").exists():
        return
    centre = Facility.objects.filter(county=city, kind="day_care_station", origin="demo").order_by("pk").first()
    company = Organisation.objects.filter(origin="demo").order_by("pk").first()
    ids = Assessment.objects.filter(person__origin="demo", level__gte=1).order_by("pk").values_list("person", flat=True)
    people = Person.objects.filter(pk__in=ids, status="living").exclude(living="institution").select_related("village")
    if centre is None or company is None:
        return
    for n, person in enumerate(people.order_by("pk")[:BEDS]):
        _bed(n, person, centre, company, today)


def _bed(n: int, person: Person, centre: Facility, company: Organisation, today: date) -> None:
    begun, reach = today - timedelta(days=150 - n), (n % 6) + 1 if n >= 8 else 6
    bed = beds.survey(**SYSTEM, person=person, facility=centre, on=begun, note="卫生间无扶手（演示）", origin="demo")
    if reach > 1:
        beds.assess(**SYSTEM, bed=bed, on=begun + timedelta(days=3))
    if reach > 2:
        beds.plan(
            **SYSTEM,
            bed=bed,
            on=begun + timedelta(days=5),
            services=["clean", "bath", "medical"],
            minutes=480,
            items=["grab_rail"],
        )
    if reach > 3:
        on = begun + timedelta(days=8)
        beds.sign(
            **SYSTEM, bed=bed, number=f"演示协议{n + 1:03d}", on=on, starts_on=on, ends_on=on + timedelta(days=160 if n == 5 else 364),
            signer="guardian" if n % 4 == 0 else "self", signer_name=person.name, organisation=company, government=f"{person.town}",
        )  # fmt: skip
        beds.retrofit(
            **SYSTEM, bed=bed, item="grab_rail", on=on + timedelta(days=6), cost=260 + n * 15, evidence="发票（演示）"
        )
    if reach > 4:
        _devices(n, bed, begun + timedelta(days=16), today)
        beds.fit(**SYSTEM, bed=bed, on=begun + timedelta(days=18))
    if reach > 5:
        beds.accept(**SYSTEM, bed=bed, on=begun + timedelta(days=25), paper=f"演示验收{n + 1:03d}")
        for month in range(1, 4):
            first = (today.replace(day=1) - timedelta(days=28 * month)).replace(day=1)
            minutes = 480 if (n + month) % 5 else 360
            for k, part in enumerate((minutes // 2, minutes - minutes // 2)):
                beds.serve(
                    **SYSTEM,
                    bed=bed,
                    on=first + timedelta(days=6 + 11 * k),
                    service="clean" if k else "bath",
                    minutes=part,
                )
    if n == 7:
        beds.end(**SYSTEM, bed=bed, on=today - timedelta(days=9), reason="institution", note="转入机构（演示）")


def _devices(n: int, bed: Bed, on: date, today: date) -> None:
    """A button and a sensor each; every fifth home has one that was never switched on."""
    now = timezone.now()
    for k, kind in enumerate(("button", "bed" if n % 2 else "door")):
        device = beds.install(
            **SYSTEM,
            bed=bed,
            kind=kind,
            serial=f"YS-{n:03d}-{k}",
            on=on,
            spot="床头" if k == 0 else "门口",
            origin="demo",
        )
        if not (k == 1 and n % 5 == 2):
            said = beds.Signal(
                uuid.uuid5(uuid.NAMESPACE_OID, f"demo {device.serial}"),
                device.serial,
                "heartbeat",
                now - timedelta(hours=1 + n),
                90 - n,
            )
            beds.receive(**SYSTEM, rows=[said], now=now)


def _offers(city: Place, today: date) -> None:
    """What the shops offer; one in six has let it lapse, one was complained of."""
    shops = list(
        Facility.objects.filter(county=city, kind="partner_shop", origin="demo", offers=None).order_by("pk")[:30]
    )
    if len(shops) < 30:
        return
    for n, shop in enumerate(shops):
        if n % 6 != 1:
            volunteers.offer(
                **SYSTEM, facility=shop, kind="discount" if n % 2 else "delivery", text="米面油九五折" if n % 2 else "满 30 元送货上门",
                valid_from=today - timedelta(days=200), valid_to=today + timedelta(days=20 + n * 9),
            )  # fmt: skip
    came = timezone.make_aware(datetime.combine(today - timedelta(days=8), time(10)))
    evidence.complain(
        **SYSTEM, place=shops[2].place, facility=shops[2], channel="12345", subject="money", received_at=came, origin="demo",
        text="到店未按登记优惠结算（演示）",
    )  # fmt: skip
