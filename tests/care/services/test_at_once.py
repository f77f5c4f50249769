"""Ten desks at the same moment: one dispatch holds the order, one worker is in one place, a quota is drawn once.

Rows must be committed to be seen by the other side, so they are taken out again by the tables' owner.
"""

import pytest

from songhe.care.services import actions
from songhe.care.services.models import Crew, Dispatch, Order, Quota
from songhe.core.acting import everywhere
from songhe.registry.accounts.access import acting_as
from tests.care.services.street import Street
from tests.care.test_at_once import _together
from tests.conftest import empty_tables


@pytest.fixture
def street(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        try:
            with everywhere():
                made = Street()
            yield made
        finally:
            empty_tables()


def _codes(results):
    """Codes of refusals, "done", and the class of any error that nobody turned into words."""
    return sorted(_code(result) for result in results)


def _code(result) -> str:
    if isinstance(result, Exception):
        return str(getattr(result, "code", type(result).__name__))
    return "done"


def test_ten_desks_click_at_once(street):
    with everywhere():
        order = street.ask()
        rivals = [street.ask(person=person, item="bath-home") for person in street.people[1:3]]
        desks = [street.post("dispatcher", street.place) for _ in range(5)]

    def click(n):
        def act():
            with acting_as(desks[n]):
                return street.send(order, provider=n % 2, post=desks[n], expect="waiting")

        return act

    assert _codes(_together(*map(click, range(5)))) == ["done", *["order_moved_on"] * 4]
    with everywhere():
        assert Dispatch.objects.filter(order=order).count() == 1

    with everywhere():
        free = 1 - street.providers.index(Dispatch.objects.get(order=order).provider)

    def same_hands(rival, desk):
        def act():
            with acting_as(desk):
                return street.send(rival, provider=free, hands=2, post=desk)

        return act

    results = _together(*(same_hands(rival, desk) for rival, desk in zip(rivals, desks, strict=False)))
    assert _codes(results) == ["done", "worker_in_one_place"]
    with everywhere():
        assert Crew.objects.filter(live=True, dispatch__order__in=rivals).count() == 2


def test_the_last_unit_of_a_quota_goes_once(street):
    person = street.people[0]
    with everywhere():
        street.ask(person=person)

    def ask(n):
        def act():
            with acting_as(street.dispatcher):
                return street.ask(person=person)

        return act

    results = _codes(_together(*map(ask, range(4))))
    assert results.count("done") == 1
    assert set(results) <= {"done", "quota_exceeded", "quota_not_exceeded"}
    with everywhere():
        assert (Order.objects.count(), Quota.objects.get().used) == (2, 2)


def test_accept_and_withdraw_at_once(street):
    manager, desk = street.managers[0], street.dispatcher
    with everywhere():
        order = street.ask()
        street.send(order)

    def accept():
        with acting_as(manager):
            return actions.accept(by=manager.user, post=manager, order=order, expect="dispatched")

    def withdraw():
        with acting_as(desk):
            return actions.send_back(by=desk.user, post=desk, order=order, reason="withdrawn", expect="dispatched")

    results = _codes(_together(accept, withdraw))
    assert results.count("done") == 1
    with everywhere():
        order.refresh_from_db()
        assert order.state in ("accepted", "returned")
        assert Dispatch.objects.filter(order=order, ended_at=None).count() == (order.state == "accepted")
