"""A county office at work: `office.clerk`, `office.leader`, … are posts; `with office("clerk") as who:` acts as one."""

from contextlib import contextmanager
from datetime import timedelta

from django.utils import timezone

from songhe.core.acting import everywhere
from songhe.oversight.ledger import actions
from songhe.registry.accounts.access import acting_as
from tests import world as w

COUNTY, TOWN, OTHER_TOWN = "990101", "990101001", "990101002"
POSTS = (
    ("clerk", "clerk", COUNTY), ("second", "clerk", COUNTY), ("leader", "leader", COUNTY), ("deputy", "leader", COUNTY),
    ("secretary", "secretary", COUNTY), ("town", "township_worker", TOWN), ("other", "township_worker", OTHER_TOWN),
    ("helper", "helper", w.OWN), ("stranger", "clerk", "990201"),
)  # fmt: skip


class Office:
    def __init__(self):
        self.world = w.World()
        with everywhere():
            self.posts = {name: w.post(role, self.world[code], username=name) for name, role, code in POSTS}

    def __getitem__(self, code):
        return self.world[code]

    @contextmanager
    def __call__(self, name):
        post = self.posts[name]
        with acting_as(post):
            yield {"by": post.user, "post": post}

    def user(self, name):
        return self.posts[name].user

    def item(self, *, place=TOWN, days=60, who="clerk", **values):
        """A line of the ledger that began a week ago."""
        today = timezone.localdate()
        given = {"title": "改扩建日间照料站", "lead_unit": "民政局", "due_on": today + timedelta(days=days)} | values
        given.setdefault("starts_on", min(today - timedelta(days=7), given["due_on"]))
        with self(who) as actor:
            return actions.open_item(place=self[place], **given, **actor)

    def close(self, item, *, signers=("leader",), who="town"):
        """Asked for by one, signed by all the others."""
        with self(who) as actor:
            asked = actions.ask_close(
                item=item, statement="全部完成，已验收", signers=[self.user(n) for n in signers], **actor
            )
        for name in signers:
            with self(name) as actor:
                actions.sign(close_out=asked, verdict="agree", **actor)
        with everywhere():
            item.refresh_from_db()
        return asked
