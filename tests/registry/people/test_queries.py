"""Lists, search, one file, history: inside the area only, and by index."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from songhe.core.acting import acting, everywhere
from songhe.core.models import AuditEvent
from songhe.registry.accounts.access import Denied
from songhe.registry.people import actions, queries
from songhe.registry.people.models import Person
from songhe.registry.people.terms import BITS
from tests.registry.people.conftest import number, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(new):
    return {
        "wang": new("王秀英", "东关村", birth="19400305", seq=2, phone="13800001234", circumstances=("living_alone",)),
        "shan": new("单田芳", "东河口", birth="19340101", seq=3),
        "ouyang": new("欧阳修德", "西关社区", birth="19550101", seq=5, circumstances=("destitute",)),
        "mai": new("买买提·吐尔逊", "西河口", birth="19600101", seq=7),
        "chen": new("陈秀英", "北庄村", birth="19260101", seq=8, phone="13900005678"),
    }


def names(page):
    return [person.name for person in page.rows]


def test_a_post_sees_its_area_and_nothing_else(land, sign, people):
    for role, where, seen in [
        ("helper", "东关村", {"王秀英"}),
        ("township_worker", "东镇", {"王秀英", "单田芳"}),
        ("clerk", "安县", {"王秀英", "单田芳", "欧阳修德", "买买提·吐尔逊"}),
        ("clerk", "鹤市", {"王秀英", "单田芳", "欧阳修德", "买买提·吐尔逊", "陈秀英"}),
    ]:
        with sign(role, where) as me:
            assert set(names(queries.people_list(me["post"]))) == seen
            assert set(Person.objects.values_list("name", flat=True)) == seen  # PostgreSQL says the same
    with sign("system_admin", "安县") as me, pytest.raises(Denied):
        queries.people_list(me["post"])
    with sign("township_worker", "东镇") as me, refused("outside_area"):
        queries.people_list(me["post"], place=land["西镇"])


def test_without_an_area_there_is_nobody(people):
    with acting([]):
        assert not Person.objects.exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM people_find('''n:王''', '', 0, 10)")
            assert cursor.fetchone()[0] == 0


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("王", {"王秀英"}),
        ("秀英", {"王秀英", "陈秀英"}),
        ("王秀英", {"王秀英"}),
        ("王英", set()),
        ("wxy", {"王秀英"}),
        ("xy", set()),
        ("WangXiu", {"王秀英"}),
        ("stf", {"单田芳"}),
        ("dtf", {"单田芳"}),
        ("shan", {"单田芳"}),
        ("dantian", {"单田芳"}),
        ("oyxd", {"欧阳修德"}),
        ("欧阳", {"欧阳修德"}),
        ("吐尔逊", {"买买提·吐尔逊"}),
        ("买买提·吐尔逊", {"买买提·吐尔逊"}),
        ("13800001234", {"王秀英"}),
        ("138 0000 1234", {"王秀英"}),
        (number(birth="19400305", seq=2), {"王秀英"}),
        (number(birth="19400305", seq=2)[-4:], {"王秀英"}),
        ("王 " + number(birth="19400305", seq=2)[-4:], {"王秀英"}),
        ("陈 " + number(birth="19400305", seq=2)[-4:], set()),
        ("' | 'n:王", set()),  # signs are no operators
        ("%", set()),
    ],
)
def test_search(sign, people, q, found):
    with sign("clerk", "鹤市") as me:
        assert set(names(queries.people_list(me["post"], q=q))) == found


def test_search_stays_inside_the_area(land, sign, people):
    with sign("clerk", "安县") as me:
        assert names(queries.people_list(me["post"], q="秀英")) == ["王秀英"]
        assert names(queries.people_list(me["post"], q="13900005678")) == []
        assert names(queries.people_list(me["post"], q="秀英", place=land["西镇"])) == []


def test_filters(land, sign, people):
    on = date(2026, 11, 20)
    with everywhere():
        actions.record_event(by=None, post=None, person=people["shan"], kind="death", on=date(2026, 1, 1))
    with sign("clerk", "鹤市") as me:
        listed = lambda **f: set(names(queries.people_list(me["post"], on=on, **f)))  # noqa: E731
        assert "单田芳" not in listed()
        assert listed(status="deceased") == {"单田芳"}
        assert listed(q="单田芳") == {"单田芳"}
        assert listed(circumstance="living_alone") == {"王秀英"}
        assert listed(circumstance="any") == {"王秀英", "欧阳修德"}
        assert listed(age_from=86, status="all") == {"王秀英", "单田芳", "陈秀英"}
        assert listed(age_from=80, age_to=90) == {"王秀英"}
        assert listed(ability="none") == {"王秀英", "欧阳修德", "买买提·吐尔逊", "陈秀英"}
        assert listed(ability=2) == set()
        assert listed(helper="named") == set()
        assert listed(place=land["平县"]) == {"陈秀英"}


@pytest.mark.parametrize(
    "given",
    [
        {"colour": "red"},
        {"circumstance": "rich"},
        {"status": "*"},
        {"age_from": "old"},
        {"ability": "9"},
        {"helper": "x"},
        {"living": "castle"},
    ],
)
def test_an_unknown_filter_is_refused_never_everything(sign, people, given):
    with refused("unknown_filter"):
        queries.filters_from(given)
    with sign("clerk", "鹤市") as me, refused("unknown_filter"):
        queries.people_list(me["post"], **given)


def test_filters_from_a_url(sign, people):
    assert queries.filters_from({"q": "王", "age_from": "80", "place": "x", "status": ""}, ignore=["place"]) == {
        "q": "王",
        "age_from": 80,
    }


@pytest.mark.parametrize("sort", ["name", "birth", "-birth"])
def test_pages_by_keyset_show_everybody_once_in_order(land, sign, new, sort):
    made = {new(f"王{chr(0x4E00 + i % 5)}", birth=f"19{30 + i % 3}0101").pk for i in range(23)}
    with sign("clerk", "安县") as me:
        seen, after, pages = [], "", 0
        while True:
            page = queries.people_list(me["post"], sort=sort, after=after, size=5)
            seen += page.rows
            pages += 1
            if not page.after:
                break
            after = page.after
        assert (len(seen), pages, page.count, page.capped) == (23, 5, 23, False)
        assert {p.pk for p in seen} == made
        key = {
            "name": lambda p: (p.name_sort, p.pk),
            "birth": lambda p: (p.birth, p.pk),
            "-birth": lambda p: (p.birth, p.pk),
        }[sort]
        assert [key(p) for p in seen] == sorted(map(key, seen), reverse=sort.startswith("-"))
        with refused("bad_cursor"):
            queries.people_list(me["post"], sort=sort, after="abc")
        if sort == "name":
            with refused("bad_cursor"):
                queries.people_list(me["post"], sort="birth", after=after)


def test_counts_are_capped(settings, sign, people):
    settings.CAPPED_COUNT = 2
    with sign("clerk", "安县") as me:
        page = queries.people_list(me["post"])
    assert (page.count, page.capped) == (2, True)


def test_the_file_is_whole_masked_and_its_reading_written_down(land, sign, people):
    with sign("helper", "东关村") as me:
        told = queries.person_file(me["post"], people["wang"].uid)
        assert told["masked"] == {
            "id_number": "9906**********" + number(birth="19400305", seq=2)[-4:],
            "phone": "138****1234",
            "address": "",
        }
        assert [c.kind for c in told["circumstances"]] == ["living_alone"]
        assert told["files"] == [people["wang"].pk]
        with refused("no_such_person"):
            queries.person_file(me["post"], people["chen"].uid)
        with refused("no_such_person"):
            queries.person_file(me["post"], "not-a-uid")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.sees_audit', 'yes', true)")
    assert AuditEvent.objects.get(verb="people.read").subject_id == people["wang"].pk


def test_the_number_of_statements_does_not_grow_with_the_rows(django_assert_max_num_queries, sign, new):
    for i in range(30):
        new(f"李{chr(0x4E00 + i)}")
    with sign("clerk", "安县") as me, django_assert_max_num_queries(4):
        page = queries.people_list(me["post"], q="李", size=50)
        assert len([(p.village.name, p.town.name) for p in page.rows]) == 30


def test_history_as_of_a_day(land, sign, people):
    person, today = people["wang"], timezone.localdate()
    with everywhere():
        Person.objects.filter(pk=person.pk).update(created_at=timezone.now() - timedelta(days=30))
        person.refresh_from_db()
        actions.edit(by=None, post=None, person=person, changes={"name": "王秀瑛", "phone": "13700007777"})
        person.refresh_from_db()
        assert queries.as_of(person, today - timedelta(days=31)) is None
        assert queries.as_of(person, today - timedelta(days=1))["person"].name == "王秀英"
        assert queries.as_of(person, today)["person"].name == "王秀瑛"
        newest = queries.versions(person)[0]["fields"]
        assert newest["name"] == ("王秀英", "王秀瑛")
        assert newest["phone_sealed"] == ("", "")
        assert "phone_blind" not in newest
    with sign("helper", "北庄村"):  # history is as closed as the file
        assert not apps.get_model("people", "PersonEvent").objects.filter(id=person.pk).exists()


def test_circumstances_on_a_day(land, people):
    with everywhere():
        today = people["wang"].circumstances.get().valid_from
        assert queries.circumstances_on([people["wang"].pk, people["shan"].pk], today) == {
            people["wang"].pk: {"living_alone"},
            people["shan"].pk: set(),
        }


def test_bits_of_roster_and_terms_are_the_same():
    from songhe.registry.people.roster import checking

    assert checking.BITS == BITS


@pytest.mark.parametrize(
    ("role", "where", "filters"),
    [
        ("clerk", "鹤市", {}), ("clerk", "安县", {}), ("township_worker", "东镇", {}), ("helper", "东关村", {}),
        ("clerk", "鹤市", {"circumstance": "any"}), ("clerk", "安县", {"ability": 3}), ("clerk", "鹤市", {"status": "deceased"}),
    ],
)  # fmt: skip
def test_lists_are_led_by_an_index(sign, people, role, where, filters):
    with sign(role, where) as me:
        rows = queries.people_query(me["post"], **filters).order_by("name_sort", "id")[:50]
        with connection.cursor() as cursor:  # on a handful of rows the planner would rather read them all
            cursor.execute(
                "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off"
            )
        plan = rows.explain()
    assert "Index Scan using person_" in plan
    assert "Seq Scan on people_person" not in plan
    assert "Sort" not in plan
