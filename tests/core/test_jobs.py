"""Rounds by the clock: registered once, safe to run again, tried again by the worker when they fail."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

from songhe.core import jobs
from songhe.core.acting import everywhere
from songhe.registry.people import actions
from songhe.registry.people.models import LifeEvent, Person
from tests.world import OWN, World

NAMES = {"care.daily", "care.ladder", "people.daily"}


def test_every_round_is_queued_by_the_clock():
    by_clock = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert set(jobs.ROUNDS) >= NAMES
    assert set(by_clock) >= NAMES
    for name in NAMES:
        task = app.tasks[name]
        assert (task.lock, task.queueing_lock) == (name, name)
        assert task.retry_strategy is jobs.AGAIN


def test_a_round_nobody_registered():
    with pytest.raises(KeyError):
        jobs.done("no.such.round")


@pytest.mark.django_db
def test_rounds_do_what_the_day_needs_and_nothing_twice():
    with everywhere():
        world = World()
        person = world.people[OWN][0]
        Person.objects.filter(pk=person.pk).update(birth=_turned(80, timezone.localdate() - timedelta(days=3)))
    first, again = ({name: jobs.done(name) for name in sorted(NAMES)} for _ in range(2))
    assert first["people.daily"]["birthdays"] == 1
    assert not any(count for did in again.values() for count in did.values())
    with everywhere():
        assert LifeEvent.objects.get(person=person).kind == "turned_80"


@pytest.mark.django_db
def test_a_circumstance_that_began_while_the_worker_stood_still():
    with everywhere():
        world = World()
        person = world.people[OWN][0]
        began = timezone.localdate() - timedelta(days=5)
        Person.objects.filter(pk=person.pk).update(tags=0)
        actions.set_circumstance(
            by=None, post=None, person=person, kind="living_alone", valid_from=began, source="survey"
        )
        Person.objects.filter(pk=person.pk).update(tags=0)  # nobody was awake when it began
    assert jobs.done("people.daily")["circumstances"] == 1
    assert jobs.done("people.daily")["circumstances"] == 0


@pytest.mark.django_db(transaction=True)
def test_the_worker_does_what_is_waiting_as_the_apps_role():
    app.tasks["care.ladder"].defer(timestamp=0)
    with ThreadPoolExecutor(1) as pool:  # a browser test before this one leaves its event loop in the main thread
        pool.submit(_work).result()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE status <> 'succeeded') FROM procrastinate_jobs WHERE task_name = 'care.ladder'"
        )
        assert cursor.fetchone() == (0,)


def _work():
    try:
        jobs.work_on(once=True)
    finally:
        connection.close()


def _turned(age: int, on: date) -> date:
    return on.replace(year=on.year - age)
