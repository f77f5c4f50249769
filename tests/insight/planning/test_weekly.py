"""The weekly plan: everything owed is planned or explained, limits hold, wishes bind, changes disturb little."""

from collections import Counter, defaultdict

import numpy as np
import pytest

from songhe.insight.planning.reasons import ImpossibleInputError
from songhe.insight.planning.travel import straight
from songhe.insight.planning.weekly import plan as week
from songhe.insight.planning.weekly.model import CALL, VISIT, Duty, Forbid, Helper, Person, Pin, Rules, Urgent

EFFORT = 1_500


def township(people=60, helpers=8, seed=1, minutes=240):
    rng = np.random.default_rng(seed)
    villages = rng.normal(0, 4, (6, 2))
    staff = [Helper(f"h{j}", *villages[j % 6], minutes=(minutes,) * 5 + (0, 0)) for j in range(helpers)]
    crowd, duties = [], []
    for i in range(people):
        at = int(rng.integers(6))
        near = [j for j in range(helpers) if j % 6 == at] or [0]
        own = int(rng.choice(near)) if rng.random() < 0.7 else int(rng.integers(helpers))
        crowd.append(Person(f"p{i}", *(villages[at] + rng.normal(0, 0.4, 2)), own=f"h{own}"))
        duties.append(Duty(f"p{i}", tier=1 + i % 3, excused="住院" if i == 7 else ""))
    return crowd, staff, duties


@pytest.fixture(scope="module")
def town():
    return township()


@pytest.fixture(scope="module")
def told(town):
    return week.plan(*town, effort=EFFORT)


def minutes_used(found, people, helpers, rules):
    """Minutes of each helper's day, counted again from the sheet and the straight-line travel."""
    at = {p.id: (p.x, p.y) for p in people}
    used = Counter()
    for h in helpers:
        for d in range(7):
            sheet = found.route(h.id, d)
            visits = [i.person for i in sheet if i.kind == VISIT]
            points = np.array([(h.x, h.y), *(at[p] for p in visits), (h.x, h.y)])
            way = straight(points).minutes
            used[h.id, d] = sum(way[k, k + 1] for k in range(len(points) - 1)) if visits else 0
            used[h.id, d] += sum(rules.visit_minutes if i.kind == VISIT else rules.call_minutes for i in sheet)
    return used


def test_everything_owed_is_planned(town, told):
    people, _, _ = town
    count = Counter((i.person, i.kind) for i in told.items)
    for p in people:
        owed = (0, 0) if p.id == "p7" else (2, 1)
        assert (count[p.id, CALL], count[p.id, VISIT]) == owed
    assert told.undone == []
    assert [r.subject for r in told.excused] == ["p7"]
    assert told.basis[0]


def test_hours_and_days_off_hold(town, told):
    people, helpers, _ = town
    used = minutes_used(told, people, helpers, Rules())
    for h in helpers:
        for d in range(7):
            assert used[h.id, d] <= h.minutes[d] + 1e-6
    assert sum(told.work.values()) == pytest.approx(sum(used.values()))


def test_contacts_of_a_person_fall_on_different_days(told):
    days = defaultdict(list)
    for i in told.items:
        days[i.person].append(i.day)
    assert all(len(set(d)) == len(d) for d in days.values())


def test_travel_falls_and_the_spread_does_not_grow_against_the_naive_plan(town, told):
    plain = week.naive(*town)
    assert told.travel <= 0.7 * plain.travel
    assert told.spread <= plain.spread
    own = [i.why == "own" for i in told.items if i.kind == VISIT]
    assert sum(own) / len(own) > 0.7


def test_the_same_seed_gives_the_same_week(town, told):
    assert week.plan(*town, effort=EFFORT).items == told.items


def test_too_few_hours_leave_the_last_tier_and_say_why():
    people, helpers, duties = township(60, 2, minutes=90)
    found = week.plan(people, helpers, duties, effort=EFFORT)
    tier = {d.person: d.tier for d in duties}
    visits = {i.person for i in found.items if i.kind == VISIT}
    left = Counter(tier[r.subject] for r in found.undone if r.code == "hours_used_up")
    kept = Counter(tier[p] for p in visits)
    assert left[3] > 0
    assert kept[1] > kept[3]
    assert {r.code for r in found.undone} <= {"hours_used_up", "call_no_minutes", "too_far"}
    assert len(visits) + len([r for r in found.undone if r.code != "call_no_minutes"]) == 59


def test_pins_and_forbids_bind(town):
    people, helpers, duties = town
    found = week.plan(
        people,
        helpers,
        duties,
        pins=(Pin("p1", "h3", 4), Pin("p2", None, 0)),
        forbids=(Forbid("p3", people[3].own),),
        effort=EFFORT,
    )
    visit = {i.person: i for i in found.items if i.kind == VISIT}
    assert (visit["p1"].helper, visit["p1"].day, visit["p1"].why) == ("h3", 4, "pinned")
    assert visit["p2"].day == 0
    assert all(i.helper != people[3].own for i in found.items if i.person == "p3")


def test_two_visits_of_one_person_are_spaced(town):
    people, helpers, _ = town
    found = week.plan(people, helpers, [Duty(p.id, calls=0, visits=2) for p in people[:20]], effort=EFFORT)
    days = defaultdict(list)
    for i in found.items:
        days[i.person].append(i.day)
    assert len(days) == 20
    gaps = [abs(a - b) for a, b in days.values()]
    assert min(gaps) >= 1
    assert sum(g >= 2 for g in gaps) >= 18


def test_a_helper_falls_ill_and_three_needs_come_up(town, told):
    people, helpers, duties = town
    ill = {"h2": (2, 3, 4)}
    new, change = week.replan(
        told, people, helpers, duties, first_day=2, ill=ill, urgent=[Urgent(f"p{k}", 3) for k in (10, 20, 30)]
    )
    assert [i for i in new.items if i.day < 2] == [i for i in told.items if i.day < 2]
    assert not [i for i in new.items if i.helper == "h2" and i.day >= 2]
    assert {i.person for i in new.items if i.why == "urgent" and i.day == 3} == {"p10", "p20", "p30"}
    lost = sum(i.helper == "h2" and i.day >= 2 for i in told.items)
    assert len(change["changed"]) <= 2 * lost + 6
    assert new.undone == []
    count = Counter((i.person, i.kind) for i in new.items if i.why != "urgent")
    assert all(count[p.id, VISIT] == 1 and count[p.id, CALL] == 2 for p in people if p.id != "p7")


def test_nothing_new_changes_nothing(town, told):
    new, change = week.replan(told, *town, first_day=0)
    assert change["changed"] == []
    assert new.travel == pytest.approx(told.travel, abs=0.1)


def test_a_swap_shows_its_price(town, told):
    people, helpers, duties = town
    serves = {i.person: i.helper for i in told.items if i.kind == VISIT}
    one, other = next((a, b) for a in serves for b in serves if serves[a] != serves[b])
    new, change = week.swap(told, people, helpers, duties, one, other)
    now = {i.person: i.helper for i in new.items if i.kind == VISIT}
    assert (now[one], now[other]) == (serves[other], serves[one])
    assert change["travel_minutes"] == pytest.approx(new.travel - told.travel, abs=0.1)
    assert change["people_who_change_hands"] >= 2


def test_nobody_may_come_or_nobody_works():
    people = [Person("a", 0, 0, refuses=frozenset({"h"})), Person("b", 0, 0)]
    staff = [Helper("h", 0, 0, minutes=(200, 0, 0, 0, 0, 0, 0))]
    found = week.plan(people, staff, [Duty("a", 0, 1), Duty("b", 0, 1)], urgent=[Urgent("b", 4)], effort=EFFORT)
    assert {(r.subject, r.code) for r in found.undone} == {("a", "nobody_allowed"), ("b", "nobody_working")}


def test_requests_that_make_no_sense_are_refused(town):
    people, helpers, duties = town
    with pytest.raises(ImpossibleInputError) as refused:
        week.plan(
            [*people, people[0]], helpers, [*duties, Duty("ghost")],
            pins=(Pin("p1", "nobody"), Pin("p2", "h1", 6), Pin("p3", "h1")), forbids=(Forbid("p3", "h1"),),
        )  # fmt: skip
    codes = {r.code for r in refused.value.reasons}
    assert codes == {"duplicate_id", "unknown_person", "pin_unknown", "pin_day_off", "pin_forbidden"}


def test_large_counties_are_cut_into_areas_that_keep_people_with_their_helper():
    people, helpers, _duties = township(1_700, 220, seed=4)
    parts = week.areas(people, helpers)
    assert len(parts) > 2
    assert sorted(i for mine, _ in parts for i in mine) == list(range(1_700))
    for mine, staff in parts:
        names = {helpers[j].id for j in staff}
        assert all(people[i].own in names for i in mine)


def test_a_helpers_sheet_lists_calls_before_the_round(told):
    sheet = week.route_list(told, "h1")
    for day in {row["day"] for row in sheet}:
        kinds = [row["kind"] for row in sheet if row["day"] == day]
        assert kinds == sorted(kinds)
        assert [row["order"] for row in sheet if row["day"] == day] == list(range(len(kinds)))
