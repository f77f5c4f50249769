"""A street on which orders of last month were served: short ways to serve one, plainly or not."""

import io
import uuid
from datetime import datetime, timedelta

import numpy as np
from django.utils import timezone
from PIL import Image

from songhe.care.evidence import actions
from songhe.care.services import actions as services
from songhe.care.services.models import Item, Order
from songhe.care.visits.rules import ZONE
from tests.care.services.street import Street

HERE = {"longitude": 115.0, "latitude": 38.5, "accuracy": 15}
STROKES = [[1, 1, 500, 500, 900, 100]]


def month_ago():
    """The first day of last month."""
    return (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of last month, in China."""
    first = month_ago()
    return datetime(first.year, first.month, day, hour, minute, tzinfo=ZONE)


def picture(seed: int, side: int = 320) -> bytes:
    """A JPEG of coloured blocks, the same for the same seed."""
    blocks = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(blocks).resize((side, side), Image.Resampling.BILINEAR).save(out, "JPEG", quality=90)
    return out.getvalue()


class Served(Street):
    """`served.order(...)` makes, dispatches and accepts; `served.serve(order, …)` sends its start and finish."""

    def __init__(self):
        super().__init__()
        self.place.county = self.place  # as places are entered in earnest: each level points at itself
        self.place.save()
        Item.objects.filter(code="cleaning").update(proofs=["time", "position", "signature"])

    def order(self, day=3, hour=9, person=None, item="cleaning", provider=0, hands=(0,), **more) -> Order:
        when = at(day, hour)
        told = when - timedelta(days=1)
        order = self.ask(person=person, item=item, when=when, now=told, **more)
        team = [self.team[provider][n] for n in hands]
        services.dispatch(
            by=None, post=None, order=order, provider=self.providers[provider], workers=team, starts_at=when, now=told
        )
        services.accept(by=None, post=None, order=order, now=told)
        return order

    def stamp(self, order, kind, when, worker=None, **more):
        """As the carer's own telephone sends it, at once unless `now` says later."""
        worker = worker or self.team[0][0]
        post = self.carer_posts[worker.pk]
        plain = {"position": HERE, "device": f"phone-{worker.pk}", "number": uuid.uuid4(), "now": when}
        return actions.stamp(by=post.user, post=post, order=order, kind=kind, at=when, **(plain | more))

    def serve(self, order, begin=None, minutes=70, worker=None, given=None, **more):
        """Start and finish; the finish brings a signature."""
        begin = begin or order.wanted_from
        end = begin + timedelta(minutes=minutes)
        late = more.pop("late", timedelta(0))
        given = given or actions.Given(signature=STROKES)
        self.stamp(order, "start", begin, worker, now=begin + late, **more)
        made = self.stamp(order, "finish", end, worker, now=end + late, given=given, **more)
        order.refresh_from_db()
        return made
