"""The demo city's network of facilities: 33 stations of 2021, 73 by 2023, mutual-aid homes, institutions, meals, shops.

Places are real, sites and operators invented and marked 演示 (the two institutions are named in the notice of 2021). Nothing is
drawn: who is late, what is lacking and which paper ran out follows from the number of the site, so that it is the same each time.
"""

import io
from datetime import date, time, timedelta

from songhe.demo.progress import Report
from songhe.demo.staff import name_for
from songhe.registry.facilities import actions
from songhe.registry.facilities.actions import Enrolment
from songhe.registry.facilities.models import Facility, Organisation
from songhe.registry.facilities.rules import credit_code_check
from songhe.registry.places.models import Place

CITY = "130682"
STREETS = {"130682003": 28, "130682001": 22, "130682002": 21, "130682004": 2}  # R54: stations by street, together 73
FIRST = {"130682003": 13, "130682001": 10, "130682002": 9, "130682004": 1}  # of these 33 in 2021 (R02): 1 : 1 by share
PROJECT_2021 = "2021年养老服务提质增能工程"
PROJECT_2023 = "养老服务能力百日提升行动"
FIVE = ("day_care", "leisure", "meal", "bath", "clean")
SIX = ("culture", "fitness", "shopping", "day_care", "rehab", "comfort")
TEAM = ("验收组甲（演示）", "验收组乙（演示）")
SYSTEM = {"by": None, "post": None}
MON_SAT = [1, 2, 3, 4, 5, 6]


def load(today: date, report: Report) -> int:
    """Load the network once, up to a day; returns how many sites there are. Inside `everywhere()`."""
    if Facility.objects.filter(origin="demo").exists():
        return Facility.objects.filter(origin="demo").count()
    with report.step("机构设施 facilities"):
        villages = _villages()
        operators = _operators()
        rows = [
            *_stations(villages, operators, today),
            *_homes(villages, today),
            *_institutions(villages, operators, today),
        ]
        rows += [*_meals(villages, today), *_partners(villages, today), *_planned(villages)]
        sites = actions.enrol(**SYSTEM, rows=[_until(row, today) for row in rows], origin="demo")
        _inspections({site.name: site for site in sites}, today)
    return len(sites)


def _villages() -> dict[str, list[Place]]:
    """Villages by township, communities first."""
    found: dict[str, list[Place]] = {}
    rows = (
        Place.objects.filter(county__code=CITY, level="village", valid_to=None).select_related("town").order_by("code")
    )
    for village in sorted(rows, key=lambda v: (v.urban_rural != "urban", v.code)):
        found.setdefault(village.town.code, []).append(village)
    return found


def _operators() -> list[Organisation]:
    made = []
    for number, name in enumerate(("松龄养老服务有限公司", "颐和居家养老服务中心", "常青社会工作服务中心")):
        stem = f"99130682{number + 1:09d}"
        made.append(
            actions.register_organisation(
                **SYSTEM, name=f"定州市{name}", credit_code=stem + credit_code_check(stem),
                kind="company" if number == 0 else "social", origin="demo",
            )
        )  # fmt: skip
        last = date(2026, 12, 31) if number == 1 else None
        actions.license_(
            **SYSTEM,
            organisation=made[-1],
            kind="business",
            number=f"演示证{number + 1}",
            valid_from=date(2019, 6, 1),
            valid_to=last,
        )
    actions.designate(
        **SYSTEM, organisation=made[0], valid_from=date(2020, 1, 1), number="演示定点1", agency="定州市医疗保障局"
    )
    return made


def _until(row: Enrolment, today: date) -> Enrolment:
    """Nothing that lies after the demo's day."""
    row.walk = [step for step in row.walk if step[1] <= today]
    row.activities = [each for each in row.activities if each[0] <= today]
    row.beds = [lot for lot in row.beds if lot[-1] <= today]
    row.measures = [each for each in row.measures if each[2] <= today]
    return row


def _recent(number: int, today: date, kinds: tuple[str, ...], since: date) -> list[tuple[date, str, int, str]]:
    """Activities of the last thirteen weeks, one a fortnight; every nineteenth site fell asleep two months ago."""
    out = []
    for fortnight in range(7):
        on = today - timedelta(days=1 + number % 11 + 14 * fortnight)
        if on >= since and not (number % 19 == 7 and (today - on).days < 60):
            kind = kinds[(number + fortnight) % len(kinds)]
            if "volunteer" in kinds:  # every other fortnight, but for one site in nine that forgot
                kind = "volunteer" if fortnight % 2 == number % 2 and number % 9 != 4 else "culture"
            out.append((on, kind, 8 + (number * 7 + fortnight * 5) % 30, f"签到表 {on:%m-%d}"))
    return out


def _campaign(number: int, opened: date) -> list[tuple[date, str, int, str]]:
    """The volunteer activity of September and October 2023 that R72 asks for; one site in seventeen had none."""
    days = (date(2023, 9, 29), date(2023, 10, 9 + number % 20))
    return [(on, "volunteer", 6 + number % 9, f"签到表 {on:%m-%d}") for on in days if on > opened and number % 17 != 3]


def _stations(villages: dict[str, list[Place]], operators: list[Organisation], today: date) -> list[Enrolment]:
    rows: list[Enrolment] = []
    for town, whole in STREETS.items():
        for n, village in enumerate(villages[town][:whole]):
            early = n < FIRST[town]
            rows.append(_station(village, len(rows), "2021" if early else "2023", operators, today))
    return rows


def _station(village: Place, number: int, wave: str, operators: list[Organisation], today: date) -> Enrolment:
    walk = _walk_2021(number) if wave == "2021" else _walk_2023(number)
    days = {status: on for status, on, _paper in walk}
    row = Enrolment(
        place=village, kind="day_care_station", name=f"{village}日间照料服务站", walk=walk,
        project=PROJECT_2021 if wave == "2021" else PROJECT_2023, location="社区服务中心一层" if number % 3 else "小区配套用房",
    )  # fmt: skip
    if "done" not in days:
        return row
    done = days["done"]
    row.beds = [("day", "new", "", 4 + number % 5, done)]
    row.measures = [("floor_area", 160 + number * 37 % 90, done, "竣工测量")]
    row.rooms = [(code, done) for code in ("kitchen", "dining", "rest", "reading", "chess", "calligraphy")]
    if number % 23 == 11:  # the kitchen that R70 asks for is still lacking
        row.rooms = [held for held in row.rooms if held[0] != "kitchen"]
    row.services = [(code, done) for code in dict.fromkeys(FIVE + (SIX if number % 4 else ("culture", "comfort")))]
    if number % 29 != 13:
        row.staff = [
            (name_for(5000 + number), "manager", "dedicated", done),
            (name_for(6000 + number), "cook", "shared", done),
        ]
    else:
        row.staff = [(name_for(5000 + number), "manager", "shared", done)]
    row.licences = [
        ("fire", f"演示消防{number + 1}", done, None),
        ("food", f"演示食{number + 1}", done, _expiry(number, today)),
    ]
    row.operator = (operators[number % len(operators)], "entrusted", f"演示合同{number + 1}", done)
    ways = (("village_house", "village", "not"), ("split_office", "street", "not"), ("lease_idle", "market", "leased"),
            ("new_estate", "street", "not"))  # fmt: skip
    row.premises = (*ways[number % len(ways)], days["site_chosen"])
    row.hours = (MON_SAT, time(8), time(17, 30), done)
    if opened := days.get("in_use"):
        row.activities = [(opened, "culture", 20 + number % 15, "启用活动签到表")]
        row.activities += _campaign(number, opened)
        row.activities += _recent(
            number, today, ("culture", "meal", "volunteer", "fitness"), opened + timedelta(days=1)
        )
    return row


def _expiry(number: int, today: date) -> date:
    """Most food licences hold for years; some end within two months, a few ran out."""
    return today + timedelta(days={5: -20, 9: 25, 14: 50}.get(number % 17, 400 + number))


def _walk_2021(number: int) -> list[tuple[str, date, str]]:
    """The plan of 2021: sites by 10 April, work in May, done in October, acceptance in December. Three are a little late."""
    late = timedelta(days=20 if number % 11 == 3 else 0)
    return [
        ("planned", date(2021, 3, 26), ""),
        ("site_chosen", date(2021, 4, 1) + timedelta(days=number % 9), "选址会议纪要"),
        ("started", date(2021, 5, 6) + timedelta(days=number % 20), ""),
        ("done", date(2021, 10, 8) + timedelta(days=number % 22) + late, ""),
        ("accepted", date(2021, 12, 1) + timedelta(days=number % 20), "2021年市级验收表（演示）"),
        ("in_use", date(2021, 12, 25) + timedelta(days=number % 6), ""),
    ]


def _walk_2023(number: int) -> list[tuple[str, date, str]]:
    """The hundred days: built and in use by 30 September 2023; one in fourteen came after, one never opened."""
    late = timedelta(days=35 if number % 14 == 5 else 0)
    steps = [
        ("planned", date(2023, 8, 1), ""),
        ("site_chosen", date(2023, 8, 5) + timedelta(days=number % 7), "街道会议纪要"),
        ("started", date(2023, 8, 14) + timedelta(days=number % 6), ""),
        ("done", date(2023, 9, 8) + timedelta(days=number % 9) + late, ""),
        ("accepted", date(2023, 9, 18) + timedelta(days=number % 5) + late, "2023年街道验收表（演示）"),
        ("in_use", date(2023, 9, 24) + timedelta(days=number % 6) + late, ""),
    ]
    return steps[:3] if number == 70 else steps


def _homes(villages: dict[str, list[Place]], today: date) -> list[Enrolment]:
    """Two mutual-aid homes a township (R53): ready in September 2023 but for two that came in October."""
    rows: list[Enrolment] = []
    towns = [code for code in sorted(villages) if code not in STREETS]
    for at, town in enumerate(towns):
        rural = [v for v in villages[town] if v.urban_rural != "urban"] or villages[town]
        for half in (0, 1):
            rows.append(_home(rural[(at * 3 + half * 5) % len(rural)], at * 2 + half, today))
    return rows


def _home(village: Place, number: int, today: date) -> Enrolment:
    late = timedelta(days=20 if number in (9, 30) else 0)
    done, opened = (
        date(2023, 9, 10) + timedelta(days=number % 12) + late,
        date(2023, 9, 22) + timedelta(days=number % 8) + late,
    )
    row = Enrolment(
        place=village, kind="mutual_aid_home", name=f"{village}农村互助幸福院", project=PROJECT_2023, location="村委会院内",
        walk=[
            ("planned", date(2023, 8, 1), ""), ("site_chosen", date(2023, 8, 8), "乡镇会议纪要"), ("started", date(2023, 8, 15), ""),
            ("done", done, ""), ("accepted", max(done, opened - timedelta(days=1)), "2023年乡镇验收表（演示）"), ("in_use", opened, ""),
        ],
    )  # fmt: skip
    row.rooms = [(code, done) for code in ("kitchen", "activity", "chess", "reading")[: 2 + number % 3]]
    row.services = [(code, done) for code in ("culture", "meal", "comfort")]
    row.staff = [(name_for(7000 + number), "manager", "dedicated" if number % 13 else "shared", done)]
    row.measures = [("floor_area", 120 + number * 11 % 80, done, "自报")]
    row.premises = ("village_house", "village", "not", date(2023, 8, 8))
    row.activities = [(opened, "culture", 18 + number % 10, "启用活动签到表")]
    row.activities += _campaign(number + 5, opened)
    row.activities += _recent(number + 3, today, ("volunteer", "culture", "meal"), opened + timedelta(days=1))
    return row


def _institutions(villages: dict[str, list[Place]], operators: list[Organisation], today: date) -> list[Enrolment]:
    """The two of 2021: 120 new beds each; 60 and 40 converted to nursing beds, counted apart (R03, R04)."""
    rows = []
    for town, name, converted in (
        ("130682111", "定州市李亲顾民政事业养老服务中心", 60), ("130682105", "定州市叮咛店民政事业服务中心老年公寓", 40),
    ):  # fmt: skip
        built, on = date(2021, 11, 10), date(2021, 11, 25)
        row = Enrolment(
            place=villages[town][0], kind="institution", name=name, project=PROJECT_2021,
            walk=[
                ("planned", date(2021, 3, 26), ""), ("site_chosen", date(2021, 3, 31), ""), ("started", date(2021, 5, 20), ""),
                ("done", date(2021, 11, 26), ""), ("accepted", date(2021, 12, 15), "2021年市级验收表（演示）"), ("in_use", date(2022, 1, 6), ""),
            ],
        )  # fmt: skip
        row.beds = [("residential", "new", "", 120, built), ("nursing", "converted", "residential", converted, on)]
        row.services, row.rooms = (
            [(code, on) for code in SIX],
            [(code, on) for code in ("kitchen", "dining", "rehab", "medical")],
        )
        row.staff = [(name_for(8000 + len(rows)), "manager", "dedicated", on)]
        row.licences = [
            ("care_record", f"演示备案{len(rows) + 1}", on, None),
            ("fire", f"演示消防养{len(rows) + 1}", on, None),
        ]
        row.operator = (operators[0], "public_built_private_run", f"演示公建民营{len(rows) + 1}", date(2021, 6, 28))
        row.activities = [(date(2022, 1, 5), "residence", 12, "入住登记")]
        row.activities += _recent(100 + len(rows), today, ("residence", "rehab"), date(2022, 2, 1))
        rows.append(row)
    return rows


def _opened(place: Place, kind: str, name: str, on: date, today: date, number: int, **more) -> Enrolment:
    """A partner that joined on a day and has been seen at work since."""
    walk = [("planned", on - timedelta(days=20), ""), ("site_chosen", on - timedelta(days=15), ""), ("done", on - timedelta(days=3), ""),
            ("accepted", on - timedelta(days=1), "创建登记表（演示）"), ("in_use", on, "")]  # fmt: skip
    row = Enrolment(place=place, kind=kind, name=name, project=PROJECT_2023, walk=walk, **more)
    doing = "meal" if kind in ("partner_restaurant", "meal_delivery") else "offer"
    row.activities = [
        (on, doing, 6 + number % 20, "首日台账"),
        *_recent(number, today, (doing,), on + timedelta(days=1)),
    ]
    if number % 21 != 4:
        row.licences = [
            ("business", f"演示照{kind[:4]}{number + 1}", date(2018, 1, 1) + timedelta(days=number * 9), None)
        ]
    return row


def _meals(villages: dict[str, list[Place]], today: date) -> list[Enrolment]:
    """R68–R70: fifteen town restaurants, two a rural township but for three that have one, four that deliver with 12 vehicles."""
    urban = [village for town in STREETS for village in villages[town]]
    rows = [
        _opened(
            urban[(n * 7) % len(urban)],
            "partner_restaurant",
            f"惠老餐厅{n + 1:02d}号店",
            date(2023, 9, 12) + timedelta(days=n * 2),
            today,
            n,
        )
        for n in range(15)
    ]
    for at, town in enumerate(code for code in sorted(villages) if code not in STREETS):
        for half in range(1 if at in (4, 11, 17) else 2):
            village = villages[town][half]
            name = f"{village.town}惠老餐厅{half + 1}"
            rows.append(
                _opened(
                    village,
                    "partner_restaurant",
                    name,
                    date(2023, 10, 8) + timedelta(days=at),
                    today,
                    20 + at * 2 + half,
                )
            )
    for n in range(4):
        row = _opened(urban[n * 11], "meal_delivery", f"送餐企业{n + 1}", date(2023, 10, 10 + n), today, 70 + n)
        row.measures = [("meal_vehicles", 3, date(2023, 10, 10 + n), "行驶证")]
        rows.append(row)
    return rows


def _partners(villages: dict[str, list[Place]], today: date) -> list[Enrolment]:
    """Shops in the communities and one village a township, three housekeeping firms, a service point for each venue."""
    urban = [village for town in STREETS for village in villages[town][:6]]
    rural = [rows[2] for town, rows in sorted(villages.items()) if town not in STREETS]
    rows = [
        _opened(
            village,
            "partner_shop",
            f"{village}爱心超市",
            date(2023, 9, 5) + timedelta(days=n % 40),
            today,
            100 + n,
        )
        for n, village in enumerate(urban + rural)
    ]
    rows += [
        _opened(urban[n * 5], "housekeeping_firm", f"惠老家政{n + 1}", date(2023, 9, 20 + n), today, 160 + n)
        for n in range(3)
    ]
    venues = (("park", "公园"), ("square", "广场"), ("medical", "医院"), ("shopping", "商场"), ("transport", "客运站"))
    for n, (venue, label) in enumerate(venues):
        rows.append(
            _opened(
                urban[n * 4 + 1],
                "service_point",
                f"{label}助老服务点",
                date(2023, 9, 18 + n),
                today,
                170 + n,
                venue=venue,
            )
        )
    return rows


def _planned(villages: dict[str, list[Place]]) -> list[Enrolment]:
    """Centres that are only planned: their site is not chosen yet, so they stand at the township."""
    towns = {rows[0].town.code: rows[0].town for rows in villages.values()}
    return [
        Enrolment(
            place=towns[code],
            kind="street_centre",
            name=f"{towns[code]}居家养老服务中心",
            walk=[("planned", date(2023, 8, 1), "")],
        )
        for code in STREETS
    ]


def _inspections(sites: dict[str, Facility], today: date) -> None:
    """Three looks at stations: one passed and waits for its signature, one failed with an order, one is still open."""
    stations = sorted((s for s in sites.values() if s.kind == "day_care_station"), key=lambda s: s.pk)
    on = today - timedelta(days=9)
    if on < date(2023, 10, 31):
        return
    for site, kitchen in ((stations[20], "there"), (stations[11], "missing")):
        found = actions.open_inspection(**SYSTEM, facility=site, kind="spot", on=on, team=TEAM)
        for line in found.lines.all():
            codes = line.definition["codes"]
            if line.definition["measure"] in ("services", "rooms"):
                measured = {"codes": [c for c in codes if c != "kitchen" or kitchen == "there"]}
            else:
                measured = {
                    "value": {"floor_area": 205, "beds": 6, "dedicated_staff": 1, "activity": 2}[
                        line.definition["measure"]
                    ]
                }
            actions.record_line(**SYSTEM, line=line, measured=measured)
            if line.definition["photo"]:
                actions.add_photo(**SYSTEM, inspection=found, line=line, data=_picture(line.pk), caption="演示照片")
        actions.conclude(**SYSTEM, inspection=found, opinion="演示检查")
    actions.open_inspection(**SYSTEM, facility=stations[40], kind="spot", on=today, team=TEAM)


def _picture(number: int) -> bytes:
    """An invented photograph: grey blocks, different for each number."""
    import numpy as np
    from PIL import Image

    blocks = np.random.Generator(np.random.Philox(key=[20230930, number])).integers(40, 215, (9, 12), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(blocks).resize((640, 480), Image.Resampling.BICUBIC).convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()
