"""A county where services are given: a catalogue, two providers of three workers each, posts of the desk and of carers."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.utils import timezone

from songhe.care.services import actions
from songhe.care.visits.rules import ZONE
from songhe.registry.facilities.models import Organisation
from songhe.registry.people import sealing
from songhe.registry.people.actions import set_circumstance
from songhe.registry.people.models import Contact
from tests.care.county import County

SINCE = date(2020, 1, 1)
WEEK = {day: (time(0, 0), time(23, 59)) for day in range(7)}


def tomorrow(hour=9, minute=0) -> datetime:
    day = timezone.localdate() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


class Street(County):
    """Short names: `street.dispatcher`, `street.providers[0]`, `street.team[0][1]` (worker), `street.carer_posts[pk]`."""

    def __init__(self):
        super().__init__()
        actions.sync_catalogues(by=None, folder=Path(__file__).parent)
        for person in self.people:
            set_circumstance(by=None, post=None, person=person, kind="living_alone", valid_from=SINCE, source="test")
            person.refresh_from_db()
        self.dispatcher = self.post("dispatcher", self.place)
        self.second = self.post("dispatcher", self.place)
        self.providers, self.team, self.managers, self.carer_posts = [], [], [], {}
        for n in range(2):
            self._provider(n)

    def _provider(self, n: int) -> None:
        firm = Organisation.objects.create(name=f"虚构服务{n}", credit_code=f"9999999999999999{n}X", kind="company")
        provider = actions.enrol_provider(
            by=None, post=None, organisation=firm, kinds=["bath", "cleaning", "urgent"], areas=[self.place],
            daily_capacity=20, valid_from=SINCE,
        )  # fmt: skip
        manager = self.post("operator", self.place)
        actions.seat(by=None, post=None, provider=provider, user=manager.user, valid_from=SINCE)
        self.providers.append(provider)
        self.managers.append(manager)
        self.team.append([self._worker(provider, n, k) for k in range(3)])

    def _worker(self, provider, n: int, k: int):
        post = self.post("care_worker", self.place)
        worker = actions.enrol_worker(
            by=None, post=None, provider=provider, name=f"护理{n}{k}", sex="f", place=self.towns[k % 2],
            daily_minutes=480, valid_from=SINCE, user=post.user,
        )  # fmt: skip
        actions.set_shifts(by=None, post=None, worker=worker, week=WEEK, valid_from=SINCE)
        actions.certify(by=None, post=None, worker=worker, kind="care_worker", valid_from=SINCE)
        self.carer_posts[worker.pk] = post
        return worker

    def ask(self, person=None, item="cleaning", when=None, **more):
        """An order taken by the dispatcher's post."""
        post = more.pop("post", self.dispatcher)
        return actions.request(
            by=post.user, post=post, person=person or self.people[0], item=item, wanted_from=when or tomorrow(), **more
        )

    def send(self, order, provider=0, hands=1, **more):
        """Dispatched to a provider with so many of its workers."""
        post = more.pop("post", self.dispatcher)
        return actions.dispatch(
            by=post.user, post=post, order=order, provider=self.providers[provider],
            workers=self.team[provider][:hands], **more,
        )  # fmt: skip

    def contact(self, person, phone: str):
        return Contact.objects.create(
            person=person, name="亲属", relation="daughter", phone_sealed=sealing.seal("contact", phone)
        )
