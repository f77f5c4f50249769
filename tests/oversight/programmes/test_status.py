"""Where each goal stands on a day: from sites, beds and entries as they were that day; states derived, never typed."""

import dataclasses
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from songhe.core import acting
from songhe.oversight.programmes import actions, definitions, figures, queries
from songhe.oversight.programmes.figures import Counted
from songhe.registry.facilities import actions as facilities
from songhe.registry.facilities import queries as facility_queries
from songhe.registry.facilities.queries import facility_count
from songhe.registry.facilities.rules import Clause
from tests import world as w

TOWN, OTHER = "990101001", "990101002"


def at(programme, on, place=None):
    with acting.everywhere():
        return {line.goal.id: line for line in queries.status(programme=programme, on=on, place=place)}


def enter(world, goal, code, value, on, base=None):
    with acting.everywhere():
        return actions.enter_figure(
            programme="test-2023", goal=goal, place=world[code], value=value, base=base, as_of=on, evidence="纪要一号", by=None, post=None
        )  # fmt: skip


def test_nothing_known_is_not_reported_never_zero(world, programme):
    lines = at(programme, date(2023, 5, 1))
    assert {name: line.state for name, line in lines.items()} == dict.fromkeys(lines, "no_figure")
    assert all(line.actual is None for line in lines.values())
    assert {line.state for line in at(programme, date(2022, 12, 31)).values()} == {"not_due"}


def test_sites_are_counted_as_of_the_day(world, programme, station):
    station(w.OWN, "一站", date(2023, 3, 1))
    station(w.OWN, "二站", date(2023, 9, 1))
    station(w.FAR, "三站", date(2023, 11, 5))
    for on, count in ((date(2023, 2, 28), 0), (date(2023, 3, 1), 1), (date(2023, 10, 31), 2), (date(2023, 12, 1), 3)):
        lines = at(programme, on)
        assert lines["stations"].actual == count
        with acting.everywhere():
            assert count == facility_count(place=world["990101"], kinds=["day_care_station"], reached="done", on=on)
    states = [at(programme, on)["stations"].state for on in (date(2023, 10, 20), date(2023, 11, 1), date(2023, 12, 1))]
    assert states == ["at_risk", "late", "met_late"]


def test_a_later_programmes_sites_are_no_new_ones_of_an_earlier(world, programme, station):
    goal = programme.goal("stations")
    counted = {**goal.definition, "figure": {**goal.figure, "new": True}}
    station(w.OWN, "一站", date(2023, 3, 1))
    station(w.FAR, "后来的站", date(2024, 3, 1))
    with acting.everywhere():
        found = figures.count(
            figures.Book(programme, world["990101"]),
            dataclasses.replace(goal, definition=counted),
            [world["990101"]],
            date(2024, 6, 1),
        )
    assert found[world["990101"].pk].value == 1


def test_an_operator_counts_from_its_contract_until_it_leaves(world, programme, station):
    from tests.registry.facilities.sites import credit_code

    goal = programme.goal("stations")
    asked = dataclasses.replace(
        goal, definition={**goal.definition, "figure": {"from": "operators", "kinds": ["day_care_station"]}}
    )
    with acting.everywhere():
        site = station(w.OWN, "一站", date(2023, 3, 1))
        firm = facilities.register_organisation(
            name="某公司", credit_code=credit_code(), kind="company", by=None, post=None
        )
        run = facilities.choose_operator(
            facility=site, organisation=firm, selection="tender", contract_on=date(2023, 5, 10), valid_from=date(2023, 6, 1),
            by=None, post=None,
        )  # fmt: skip
        facilities.end_operation(operation=run, on=date(2023, 9, 1), by=None, post=None)
        book, county = figures.Book(programme, world["990101"]), world["990101"]
        days = (date(2023, 5, 9), date(2023, 5, 10), date(2023, 8, 31), date(2023, 9, 1))
        counted = [figures.count(book, asked, [county], on)[county.pk].value for on in days]
    assert counted == [0, 1, 1, 0]


def test_each_town_must_have_its_own(world, programme, station):
    for name in ("一站", "二站", "三站"):
        station(w.OWN, name, date(2023, 3, 1))
    lines = at(programme, date(2023, 11, 30))
    assert lines["stations"].state == "met"  # three of three, though all in one town
    assert lines["in_each"].state == "late"
    assert [(p.place.code, p.actual, p.state) for p in lines["in_each"].places] == [
        (TOWN, 3, "met"),
        (OTHER, 0, "late"),
    ]
    assert (lines["covered"].actual, lines["covered"].state) == (50.0, "met")


def test_a_township_sees_its_own_share(world, programme, station):
    station(w.FAR, "三站", date(2023, 9, 5))
    lines = at(programme, date(2023, 11, 1), world[OTHER])
    assert set(lines) == {
        "stations",
        "in_each",
        "covered",
        "schools",
        "exemplars",
    }  # what is not divided is the county's
    assert (lines["stations"].target, lines["stations"].actual, lines["stations"].state) == (1, 1, "met")
    with acting.everywhere():
        found = queries.owed_by(place=world[TOWN], on=date(2023, 11, 1))
    assert [p.id for p, _lines in found] == ["test-2023"]
    assert {line.goal.id: line.state for line in found[0][1]}["stations"] == "late"


def test_only_beds_since_the_beginning_are_new(world, programme):
    with acting.everywhere():
        home = facilities.register(
            by=None, post=None, place=world[w.OWN], kind="institution", name="院", on=date(2020, 1, 1), status="done"
        )
        for count, on in ((50, date(2020, 2, 1)), (12, date(2023, 5, 1)), (9, date(2023, 8, 1))):
            facilities.add_beds(by=None, post=None, facility=home, kind="residential", count=count, on=on)
        facilities.add_beds(
            by=None,
            post=None,
            facility=home,
            kind="nursing",
            count=10,
            on=date(2023, 9, 1),
            origin="converted",
            from_kind="residential",
        )
    assert at(programme, date(2023, 6, 1))["beds"].actual == 12
    assert at(programme, date(2023, 9, 2))["beds"].actual == 21  # converted beds are neither added nor taken away


def test_rates_add_up_numerators_and_denominators(world, programme):
    enter(world, "schools", TOWN, 3, date(2023, 9, 10), 10)
    enter(world, "schools", TOWN, 10, date(2023, 9, 25), 10)
    line = at(programme, date(2023, 9, 12))["schools"]
    assert (line.actual, line.numerator, line.base, line.reported, line.state) == (30.0, 3, 10, 1, "at_risk")
    enter(world, "schools", OTHER, 3, date(2023, 10, 4), 3)
    line = at(programme, date(2023, 10, 5))["schools"]
    assert (line.actual, line.state) == (100.0, "met")  # what was known on the last day was enough


def test_a_ceiling_is_red_only_above(world, programme):
    enter(world, "exemplars", TOWN, 5, date(2023, 8, 20))
    assert at(programme, date(2023, 8, 25))["exemplars"].state == "on_track"
    assert at(programme, date(2023, 9, 2))["exemplars"].state == "no_figure"  # each month begins anew

    with acting.everywhere():
        row = figures.Entry.objects.get()
        row.pk, row.value = None, 6
        row.save()
    assert at(programme, date(2023, 8, 25))["exemplars"].state == "late"


def test_an_indicator_gives_the_week(world, programme):
    from songhe.care.duties import actions as duties
    from songhe.core import periods

    week = periods.parse("2023-W36")
    with acting.everywhere():
        duties.sync_rules(by=0)
        duties.open_period(place=world["990101"], rule="visiting", period=week, by=0)
        line = {x.goal.id: x for x in queries.status(programme=programme, on=week.end)}["visiting"]
    assert (line.numerator, line.base, line.period.code) == (0, 9, "2023-W36")


def test_other_apps_add_their_source(world, programme, monkeypatch):
    monkeypatch.setitem(
        figures.SOURCES, "ledger", lambda book, goal, places, on, period: {p.pk: Counted(2, as_of=on) for p in places}
    )
    assert at(programme, date(2023, 6, 1))["tenders"].state == "met"


def test_the_row_that_is_printed(world, programme, station):
    station(w.OWN, "一站", date(2023, 3, 1))
    row = at(programme, date(2023, 4, 1))["stations"].row()
    assert {"id", "subject", "scope", "operator", "target", "actual", "deadline", "state", "source"} <= set(row)
    assert (row["target"], row["actual"], row["deadline"], row["source"]) == (3, 1, "2023-10-31", "facilities")
    assert row["why"]["en"]


def test_unknown_names_are_errors(world, programme):
    from songhe.core.refusal import Refusal

    with pytest.raises(Refusal, match="没有名为"):
        definitions.named("laixi-2021")
    with pytest.raises(Refusal, match="里没有目标"):
        programme.goal("center")


def test_queries_do_not_grow_with_sites(world, programme, station, django_assert_max_num_queries):
    for at_ in range(12):
        station(w.OWN, f"站{at_}", date(2023, 3, 1))
    with acting.everywhere(), django_assert_max_num_queries(30):
        queries.status(programme=programme, on=date(2023, 5, 1))


def test_statements_do_not_grow_with_sites_and_a_place_is_read_once(world, programme, station):
    def asked(books) -> int:
        with acting.everywhere(), CaptureQueriesContext(connection) as seen:
            for book in books():
                queries.status(programme=programme, on=date(2023, 11, 30), book=book)
        return len(seen)

    def one() -> list:
        return queries.open_books([programme])

    station(w.OWN, "一站", date(2023, 3, 1))
    few = asked(one)
    for name in ("二站", "三站", "四站"):
        station(w.FAR, name, date(2023, 3, 1))
    assert asked(one) == few
    with acting.everywhere():
        first, second = queries.open_books([programme, programme])
        assert first.ground is second.ground
        assert second.sites is first.sites
    assert asked(lambda: queries.open_books([programme, programme])) < 2 * few


def test_only_the_clauses_asked_about_are_read(world, station):
    site = station(w.OWN, "一站", date(2023, 3, 1))
    clause = Clause("beds", "beds", ">=", 4, codes=("day",))
    with acting.everywhere():
        with CaptureQueriesContext(connection) as all_of:
            whole = facility_queries.known_of([site], date(2023, 6, 1))
        with CaptureQueriesContext(connection) as one:
            known = facility_queries.known_of([site], date(2023, 6, 1), [clause])
    assert known[site.pk].beds == whole[site.pk].beds
    assert len(one) < len(all_of)
