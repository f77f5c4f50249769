"""The five notices running: Dingzhou 2021 and 2023 on the demo city, Laixi, Tangshan and Xuzhou as further cities with their
real towns. Every site and figure is invented, made by the product's own verbs and marked 演示.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from songhe.core.acting import everywhere
from songhe.demo import rounds, sites, staff
from songhe.demo.progress import Report
from songhe.demo.sites import around, chance, names, planned, spread
from songhe.oversight.programmes import actions as programmes
from songhe.oversight.programmes import definitions, queries
from songhe.oversight.programmes.models import Entry
from songhe.registry.facilities import actions as facilities
from songhe.registry.facilities.actions import Enrolment
from songhe.registry.facilities.models import Facility, Organisation
from songhe.registry.facilities.rules import credit_code_check
from songhe.registry.people import actions as people
from songhe.registry.places.actions import assign_functional_area, load_shipped
from songhe.registry.places.models import Place
from songhe.registry.places.queries import by_code

FURTHER = {"laixi-2020": "370285", "tangshan-2023": "130200", "xuzhou-2017": "320300"}
DINGZHOU = "130682"
ZONE, ZONE_TOWN, ZONE_VILLAGES = "370285F01", "370285001", 12  # which villages the zone manages is invented


def load(report: Report, *, only: Iterable[str] = ()) -> dict[str, int]:
    """Load what is not there yet; returns {programme: sites and entries}."""
    found = {}
    for name, fill in LOADERS.items():
        if only and name not in only:
            continue
        with everywhere():
            code = FURTHER.get(name, DINGZHOU)
            if not Place.objects.filter(code=code).exists():
                load_shipped(code)
            place = by_code(code)
            if not _there(name):
                with report.step(f"{name}"):
                    fill(place)
            if code != DINGZHOU:
                staff.make_logins({name.split("-")[0]: place})
            found[name] = Facility.objects.filter(project=name).count() + Entry.objects.filter(programme=name).count()
    return found


def _there(name: str) -> bool:
    return Facility.objects.filter(project=name).exists() or Entry.objects.filter(programme=name).exists()


def _villages(town: Place | None, *, urban: str = "") -> list[Place]:
    rows = Place.objects.under(town).filter(level="village", valid_to=None).select_related("parent").order_by("code")
    return [v for v in rows if not urban or v.urban_rural == urban]


def _enter(
    programme: str, goal: str, place: Place, value: int, on: date, base: int | None = None, what: str = "报表"
) -> None:
    programmes.enter_figure(
        programme=programme, goal=goal, place=place, value=value, base=base, as_of=on, evidence=f"演示：{what}", by=None,
        post=None, origin="demo",
    )  # fmt: skip


def _towns(place: Place) -> list[Place]:
    return queries.areas(place, "township")


def dingzhou_2021(place: Place) -> None:
    """What is told with a paper; the sites and beds are those of the demo city's own network."""
    name = "dingzhou-2021"
    _enter(name, "mobilised", place, 1, date(2021, 3, 26), what="部署会纪要")
    _enter(name, "ledger_begun", place, 1, date(2021, 4, 9), what="任务台账首页")
    _enter(name, "appraisal", place, 1, date(2021, 12, 28), what="年底考核通报")


def laixi_2020(place: Place) -> None:
    """The annex built town by town: centres, stations and beds near their year's end, one town behind."""
    name = "laixi-2020"
    programme = definitions.named(name)
    zone = by_code(ZONE)
    assign_functional_area(area=zone, villages=_villages(by_code(ZONE_TOWN))[-ZONE_VILLAGES:], by=0)
    operators = _laixi_operators(place)
    sites.enrol(one for row in programme.rows for one in _laixi_unit(name, row, by_code(row["place"]), operators))
    for town in _towns(place):
        r = chance(f"{town}")
        base = 90 + int(r[1] * 160)
        for on, share in (
            (date(2020, 12, 28), 0.55),
            (date(2021, 6, 28), 0.8),
            (date(2021, 12, 27), 0.99 + 0.01 * (r[2] > 0.2)),
        ):
            _enter(name, "poor_disabled_covered", town, int(base * share), on, base)
    _laixi_destitute(place)
    rounds.laixi_2020(place, ["水集街道（演示）", "姜山镇（演示）", "店埠镇（演示）"])


def _laixi_operators(place: Place) -> list[Organisation]:
    """Two operators that hold the designation R29 asks for."""
    made = []
    for number, name in enumerate(("康宁居家养老服务有限公司（演示）", "福寿社会工作服务中心（演示）")):
        stem = f"99370285{number + 1:09d}"
        made.append(
            facilities.register_organisation(
                name=f"莱西市{name}", credit_code=stem + credit_code_check(stem), kind="company" if number == 0 else "social",
                place=place, origin="demo", by=None, post=None,
            )
        )  # fmt: skip
        facilities.designate(
            organisation=made[-1], valid_from=date(2019, 7, 1), number=f"演示定点{number + 1}", agency="莱西市医疗保障局",
            by=None, post=None,
        )  # fmt: skip
    return made


def _laixi_destitute(place: Place) -> None:
    """A dozen destitute people of as many villages: eight in the welfare centre by the end of 2020, all by the end of April."""
    rural = [village for village in _villages(place, urban="rural") if village.valid_from <= DESTITUTE_SINCE]
    for at, village in enumerate(spread(rural[:: max(1, len(rural) // 12)], 12)):
        person = people.register(
            village=village, name=f"{SURNAMES[at]}演示", sex="fm"[at % 2], birth=date(1941 + at, 3, 2 + at), origin="demo",
            circumstances=("destitute",), source="演示：特困名册", on=DESTITUTE_SINCE, by=None, post=None,
        )  # fmt: skip
        moved = date(2020, 9, 3 + at) if at < 8 else date(2021, 3, 1 + at)
        people.record_event(
            person=person,
            kind="institution_in",
            on=moved,
            note="演示：市级社会福利中心",
            source="演示",
            by=None,
            post=None,
        )


SURNAMES, DESTITUTE_SINCE = "赵钱孙李周吴郑王冯陈褚卫", date(2020, 6, 1)
WAYS = (("new_estate", "street", "not"), ("star_institution", "market", "not"), ("lease_idle", "market", "leased"),
        ("old_estate", "street", "not"), ("split_office", "street", "not"))  # fmt: skip


def _laixi_unit(name: str, row: dict, unit: Place, operators: list[Organisation]) -> list[Enrolment]:
    """One row of the annex: a centre with its home-based beds, and the stations with their community beds."""
    shares, year = row["shares"], row["year"]
    villages = list(unit.members.order_by("code")) if unit.kind == "functional" else [
        v for v in _villages(unit) if v.functional_area_id is None
    ]  # fmt: skip
    behind = 40 if row["name"] == "马连庄镇" else 0
    rows = [_laixi_centre(name, row, villages[0], behind, operators)]
    beds = shares["community_beds"]
    for at, (village, title) in enumerate(names(spread(villages, shares["stations"]), "居家社区养老服务站")):
        q = chance(title)
        start = around(date(year, 7, 10), 30, 60, q[1])
        finish = around(date(year, 11, 15), 50, 40, q[2]) + timedelta(days=behind)
        walk = [
            ("planned", start - timedelta(days=20)), ("site_chosen", start - timedelta(days=9)), ("started", start),
            ("done", finish),
        ]  # fmt: skip
        station = planned(village, "day_care_station", title, walk, name)
        own = beds * (at + 1) // shares["stations"] - beds * at // shares["stations"]
        station.beds = [("community", "new", "", own, finish)] if own else []
        rows.append(station)
    return rows


def _laixi_centre(name: str, row: dict, village: Place, behind: int, operators: list[Organisation]) -> Enrolment:
    year = row["year"]
    premises = date(2020, 5, 29) if row["type"] == "street" else date(2021, 4, 26)
    if row["name"] == "院上镇":
        premises = date(2020, 6, 18)
    r = chance(row["name"])
    chosen = around(premises, 4, 2, r[1]) + timedelta(days=behind)
    started = around(chosen, -20, 45, r[2])
    done = max(started, around(date(year, 11, 20), 40, 20, r[3]) + timedelta(days=behind))
    walk = [
        ("planned", chosen - timedelta(days=6)), ("site_chosen", chosen), ("started", started), ("done", done),
        ("accepted", done + timedelta(days=12)), ("in_use", done + timedelta(days=20)),
    ]  # fmt: skip
    centre = planned(village, "street_centre", f"{row['name']}居家社区养老服务中心", walk, name)
    street = row["type"] == "street"
    signed = around(date(2020, 6, 10) if street else date(2021, 5, 25), 6, 4, r[5])
    number = int(row["place"][-1], 16)
    centre.operator = (operators[number % 2], "tender", f"演示合同{row['place'][-3:]}", signed)
    sourcing = WAYS[number % 5] if street else ("seniors_home", "street", "not")
    centre.premises = (*sourcing, chosen)
    owed, parts = row["shares"]["home_beds"], (0.3, 0.35, 0.28)
    lots = [(int(owed * share), date(year, 9 + at, 26)) for at, share in enumerate(parts)]
    lots.append((owed - sum(count for count, _on in lots), date(year, 12, 20)))
    centre.beds = [("home", "new", "", count, on + timedelta(days=behind)) for count, on in lots]
    return centre


def tangshan_2023(place: Place) -> None:
    """54 street centres, 755 day-care institutions, 106 regional centres, and the beds and visits of 2023."""
    name = "tangshan-2023"
    streets, towns = queries.areas(place, "street"), queries.areas(place, "town")
    rows = [
        planned(village, "day_care_station", title, _old(title), name)
        for village, title in names(spread(_villages(place, urban="urban"), 755), "日间照料中心")
    ]
    holders = [
        planned(village, kind, title, _old(title), name)
        for kind, where, word in (
            ("street_centre", spread(streets, 54), "街道居家养老服务中心"),
            ("regional_centre", towns[:: max(1, len(towns) // 106)][:106], "区域性居家养老服务中心"),
        )
        for village, title in names((_first(town) for town in where), word)
    ]
    _tangshan_beds(holders)
    _new_estates(rows)
    sites.enrol([*rows, *holders])
    for code in ("130207", "130224", "130204", "130225", "130281"):
        _enter(name, "three_tier_counties", by_code(code), 1, date(2023, 3, 20), what="县级验收报告")
    for county in queries.areas(place, "county"):
        r = chance(county.name)
        people = 280 + int(r[1] * 240)
        for on, share in ((date(2023, 6, 28), 0.35), (date(2023, 9, 27), 0.7), (date(2023, 12, 20), 1.02)):
            _enter(name, "home_visit_people", county, int(people * share), on, what="上门服务台账")
            _enter(name, "home_visits", county, int(people * share * 31), on, what="上门服务台账")


def _new_estates(stations: list[Enrolment]) -> None:
    """Every twentieth day-care station came with a new estate, its four steps looked at together."""
    for at, station in enumerate(stations[::20]):
        done = station.walk[-1][1]
        estate = f"新建小区{at + 1:02d}（演示）"
        station.premises = ("new_estate", "street", "not", done)
        station.sync = [(estate, step, "met", done - timedelta(days=days)) for step, days in _STEPS]


_STEPS = (("planning", 700), ("building", 300), ("acceptance", 20), ("delivery", 0))


def _tangshan_beds(holders: list[Enrolment]) -> None:
    left = 3660
    for at, home in enumerate(holders):
        count = left // (len(holders) - at)
        left -= count
        r = chance(home.name)
        home.beds = [
            ("home", "new", "", count - count // 3, around(date(2023, 8, 1), 100, 40, r[1])),
            ("home", "new", "", count // 3, around(date(2023, 11, 20), 40, 30, r[2])),
        ]


def _first(town: Place) -> Place:
    return _villages(town)[0]


def _old(title: str) -> list[tuple[str, date]]:
    r = chance(title)
    return [("done", around(date(2021, 9, 1), 500, 480, r[1]))]


def xuzhou_2017(place: Place) -> None:
    """What each county reports: coverage at the end of 2016, standard centres and care houses year by year to 2020. One county
    keeps its sites on the register, so that its figures are counted and not told."""
    name = "xuzhou-2017"
    kept = by_code(XUZHOU_KEPT)
    sites.enrol(_xuzhou_sites(name, kept))
    for county in queries.areas(place, "county"):
        if county.pk == kept.pk:
            continue
        r = chance(county.name)
        urban, rural = len(_villages(county, urban="urban")), len(_villages(county, urban="rural"))
        if urban:
            _enter(name, "urban_coverage", county, urban, date(2016, 12, 31), urban, "年报")
        if rural:
            _enter(
                name,
                "rural_coverage",
                county,
                min(rural, int(rural * (0.70 + 0.09 * r[1]))),
                date(2016, 12, 31),
                rural,
                "年报",
            )
        for year, city, country, house in (
            (2017, 0.35, 0.12, 0.05),
            (2018, 0.52, 0.22, 0.11),
            (2019, 0.68, 0.31, 0.16),
            (2020, 0.84, 0.42, 0.23),
        ):
            on = date(year, 12, 20)
            if urban:
                _enter(name, "urban_standard", county, min(urban, int(urban * (city + 0.06 * r[2]))), on, urban, "年报")
            if rural:
                _enter(name, "rural_standard", county, int(rural * (country - 0.03 + 0.06 * r[3])), on, rural, "年报")
                _enter(name, "rural_care_houses", county, int(rural * (house - 0.02 + 0.04 * r[4])), on, rural, "年报")


XUZHOU_KEPT = "320305"  # 贾汪区: few communities and villages, so that the demo stays quick


def _xuzhou_sites(name: str, county: Place) -> list[Enrolment]:
    """A station in every community and in most villages, four in five accepted by 2020; a care house in every fourth village."""
    rows = []
    for at, village in enumerate(_villages(county)):
        urban = village.urban_rural == "urban"
        if urban or at % 4:
            title = f"{village}居家养老服务站"
            r = chance(title)
            walk = [("done", around(date(2014, 6, 1), 500, 900, r[1]))]
            if r[2] < (0.86 if urban else 0.5):
                walk.append(("accepted", around(date(2019, 3, 1), 500, 640, r[3])))
            rows.append(planned(village, "day_care_station", title, walk, name))
        if not urban and at % 4 == 1:
            day = around(date(2019, 5, 1), 400, 500, chance(f"{village}关爱之家")[1])
            walk = [("accepted", day), ("in_use", day + timedelta(days=9))]
            rows.append(planned(village, "rural_care_house", f"{village}老年关爱之家", walk, name))
    return rows


def dingzhou_2023(place: Place) -> None:
    """A hundred days: beside the demo city's own network, meal points and shops that joined, and what the townships report."""
    name = "dingzhou-2023"
    have = set(Facility.objects.filter(kind="partner_shop").values_list("kind", "village_id"))
    rows = []
    for at, village in enumerate(_villages(place)):
        if at % 23 and ("partner_shop", village.pk) not in have:
            title = f"{village}爱心超市"
            rows.append(planned(village, "partner_shop", title, _opened(title), name))
    for at, village in enumerate(_villages(place, urban="urban")):
        if at % 19:
            title = f"{village}助餐点"
            rows.append(planned(village, "meal_point", title, _opened(title), name))
    for town in _towns(place):  # one township in a dozen is one point short, as `_dingzhou_entries` lists its venues
        r, villages = chance(town.name), _villages(town)
        for at in range(_venues(r) - int(r[5] < 0.2)):
            title = f"{town}助老服务点{at + 1}"
            rows.append(planned(villages[at % len(villages)], "service_point", title, _opened(title), name))
    sites.enrol(rows)
    _dingzhou_entries(name, place)


def _venues(r) -> int:
    return 4 + int(r[3] * 8)


def _opened(title: str) -> list[tuple[str, date]]:
    day = around(date(2023, 10, 5), 40, 22, chance(title)[1])
    return [("accepted", day), ("in_use", day + timedelta(days=2))]


def _dingzhou_entries(name: str, place: Place) -> None:
    months = (date(2023, 8, 30), date(2023, 9, 27), date(2023, 10, 30))
    for town in _towns(place):
        r = chance(town.name)
        for at, on in enumerate(months):
            if at:  # the notice came out on 22 August
                rounds.month_of(town, int(r[at] * 6), on.replace(day=8))
            _enter(name, "love_help", town, 1 + int(r[at + 1] * 3) - int(r[at + 2] < 0.06), on, what="活动记录")
        schools, venues = 3 + int(r[2] * 9), _venues(r)
        _enter(name, "school_events", town, int(schools * 0.5), date(2023, 9, 12), schools, "学校报表")
        _enter(name, "school_events", town, schools - int(r[4] < 0.1), date(2023, 9, 28), schools, "学校报表")
        _enter(name, "help_points", town, 0, date(2023, 8, 25), venues, "公共场所清单")
    _enter(name, "medical_demo", place, 1, date(2023, 10, 19), what="示范单位命名文件")
    _enter(name, "platform", place, 1, date(2023, 10, 27), what="平台验收单")
    _enter(name, "exchange", place, 1, date(2023, 10, 17), what="参观交流简报")
    _enter(name, "matchmaking", place, 1, date(2023, 10, 25), what="对接会签到表")
    rounds.dingzhou_2023(place)


LOADERS: dict[str, Callable[[Place], None]] = {
    "dingzhou-2021": dingzhou_2021,
    "dingzhou-2023": dingzhou_2023,
    "laixi-2020": laixi_2020,
    "tangshan-2023": tangshan_2023,
    "xuzhou-2017": xuzhou_2017,
}
