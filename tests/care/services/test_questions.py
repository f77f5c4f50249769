"""Who calls, who can come, what the board shows."""

from datetime import timedelta

import pytest
from django.utils import timezone

from songhe.care.services import actions, queries
from songhe.core.acting import everywhere
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import acting_as
from songhe.registry.people import sealing
from songhe.registry.people.models import Contact, Household
from songhe.registry.people.papers import add_contact
from tests.care.services.street import tomorrow

pytestmark = pytest.mark.django_db


def _ring(person, number):
    person.phone_sealed, person.phone_blind = sealing.seal("phone", number), sealing.phone_blind(number)
    person.save()


def test_a_caller_is_found_by_landline_by_a_relatives_number_and_by_roof(street):
    desk = street.dispatcher
    with everywhere():
        old, other, third = street.people[:3]
        roof = Household.objects.create(**street.villages[0].areas())
        for each in (old, other):
            each.household = roof
            each.save()
        _ring(old, "0312-2551234")
        add_contact(by=None, post=None, person=third, name="张三", relation="daughter", phone="13900008888")
    with acting_as(desk):
        for asked in ("0312-2551234", "03122551234", "0312 2551234", "+86 312-2551234"):
            found = queries.callers(post=desk, asked=asked)
            assert [(c.person.pk, c.how) for c in found] == [(old.pk, "own"), (other.pk, "household")], asked
        assert queries.callers(post=desk, asked="2551234", area_code="0312")[0].person == old
        told = queries.callers(post=desk, asked="139 0000 8888")
        assert [(c.person.pk, c.how, c.name) for c in told] == [(third.pk, "contact", "张三")]
        assert queries.callers(post=desk, asked="13911112222") == []
        assert queries.callers(post=desk, asked="") == []
    with everywhere():
        elsewhere = street.post("dispatcher", street.towns[1])
    with acting_as(elsewhere):
        assert queries.callers(post=elsewhere, asked="0312-2551234") == []


def test_a_number_kept_without_its_area_code_is_found_with_it(street):
    with everywhere():
        _ring(street.people[0], "2557777")
        assert queries.callers(post=street.dispatcher, asked="03122557777")[0].person == street.people[0]
        assert Contact.objects.count() == 0


def test_crews_offered_are_qualified_free_and_near(street):
    with everywhere():
        order = street.ask(item="bath-home")
        found = queries.choices(post=street.dispatcher, order=order)
        assert [len(c.workers) for c in found] == [2] * len(found)
        assert {c.provider for c in found[:2]} == set(street.providers), "each provider's best comes first"
        assert all(w.provider == c.provider for c in found for w in c.workers)
        first = found[0]
        actions.dispatch(
            by=None, post=None, order=order, provider=first.provider, workers=first.workers, starts_at=first.starts_at
        )
        other = street.ask(person=street.people[1], item="bath-home")
        for choice in queries.choices(post=None, order=other):
            begins = choice.starts_at
            taken = begins < first.starts_at + timedelta(minutes=75) and first.starts_at < begins + timedelta(
                minutes=75
            )
            assert not taken or not set(choice.workers) & set(first.workers)
        actions.send_back(by=None, post=None, order=order, reason="withdrawn")
        again = queries.choices(post=None, order=order)
        assert again[0].provider != first.provider, "who gave it back comes last"
        assert again[-1].refused == "withdrawn"


def test_full_days_absences_areas_and_a_planners_load_count(street):
    with everywhere():
        order, day = street.ask(), timezone.localdate(tomorrow())
        everybody = [w for team in street.team for w in team]
        for worker in everybody[:4]:
            actions.absent(by=None, post=None, worker=worker, starts_on=day, ends_on=day)
        left = {w for c in queries.choices(post=None, order=order, most=50) for w in c.workers}
        assert left == set(everybody[4:])
        everybody[4].areas.set([street.towns[1]])
        left = {w for c in queries.choices(post=None, order=order, most=50) for w in c.workers}
        assert left == {everybody[5]}
        heavy = queries.choices(post=None, order=order, workload=lambda workers, on: dict.fromkeys(workers, 480.0))
        assert heavy == []
        street.providers[1].daily_capacity = 0
        street.providers[1].save()
        other = street.ask(person=street.people[1])
        actions.dispatch(by=None, post=None, order=other, provider=street.providers[1], workers=[everybody[5]])
        assert queries.choices(post=None, order=order) == []


def test_somebody_known_comes_before_somebody_nearer_by_a_little(street):
    known = street.team[1][1]
    with everywhere():
        before = street.ask(when=timezone.now() + timedelta(minutes=5))
        actions.dispatch(by=None, post=None, order=before, provider=known.provider, workers=[known])
        actions.accept(by=None, post=None, order=before)
        actions.start(by=None, post=None, order=before)
        actions.finish(by=None, post=None, order=before)
        order = street.ask(quantity=1)
        best = queries.choices(post=None, order=order)[0]
        assert best.workers == [known]
        assert best.known == 1


def test_the_board_counts_what_it_lists_and_says_what_is_late(street, django_assert_max_num_queries):
    desk = street.dispatcher
    with everywhere():
        made = [street.ask(person=person) for person in street.people[:4]]
        street.send(made[0])
        made[1].refresh_from_db()
    with acting_as(desk):
        with django_assert_max_num_queries(24):
            shown = queries.board(post=desk, place=street.place)
        rows = {state: ([o.pk for o in orders], count) for state, orders, count in shown.columns}
        assert rows["waiting"] == ([o.pk for o in made[1:]], 3)
        assert rows["dispatched"] == ([made[0].pk], 1)
        later = timezone.now() + timedelta(hours=5)
        assert queries.board(post=desk, place=street.place, now=later).late == 3
        assert queries.clock_of(made[1], later)[1] == "red"
        assert queries.clock_of(made[1], made[1].asked_at)[1] == "green"
        assert [o.pk for o in queries.overdue_answers(post=desk, now=later)] == [made[0].pk]
        assert queries.orders(post=desk, place=street.place, state="open").count() == 4
        assert queries.orders(post=desk, place=street.place, late="only", now=later).count() == 3
        for bad in ({"state": "nonsense"}, {"colour": "red"}, {"day": "yesterday"}):
            with pytest.raises(Refusal):
                queries.orders(post=desk, **bad)
        first, cursor = queries.page(post=desk, place=street.place, limit=3)
        second, end = queries.page(post=desk, place=street.place, limit=3, after=cursor)
        assert [o.pk for o in (*first, *second)] == [o.pk for o in reversed(made)]
        assert end == ""
        told = queries.history(queries.order(post=desk, pk=made[0].pk))
        assert [(t.step.to_state, t.who) for t in told] == [
            ("waiting", str(desk.user)), ("dispatched", str(desk.user)),
        ]  # fmt: skip
    with acting_as(street.managers[1]):
        assert queries.order(post=street.managers[1], pk=made[0].pk) is None


def test_workers_whose_papers_run_out_are_marked(street):
    with everywhere():
        worker = street.team[0][0]
        day = timezone.localdate()
        actions.certify(by=None, post=None, worker=worker, kind="health", valid_from=day, valid_to=day)
        marked = {w.pk: w.running_out for w in queries.workers(post=street.dispatcher)}
        assert marked[worker.pk]
        actions.certify(by=None, post=None, worker=worker, kind="health", valid_from=day)
        assert not {w.pk: w.running_out for w in queries.workers(post=street.dispatcher)}[worker.pk]
        assert len(queries.workers(post=street.managers[0])) == 3
        assert [p.pk for p in queries.providers(post=street.managers[0])] == [street.providers[0].pk]
        assert len(queries.providers(post=street.dispatcher)) == 2
