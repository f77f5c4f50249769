"""Groups, activities, merchants: what is owed, what is lacking, what is refused."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from songhe.care.evidence import actions as evidence
from songhe.care.volunteering import actions, queries
from songhe.care.volunteering.models import Activity
from songhe.core.acting import acting
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import Denied
from tests import world as w
from tests.care.settings import SYSTEM, TODAY, ago, says_no, site

pytestmark = pytest.mark.django_db


def group(village, kind="love_help", **more):
    given = {"name": "爱心队", "leader": "组长虚构", "members": 12, "on": ago(50)} | more
    return actions.found(**SYSTEM, village=village, kind=kind, **given)


def activity(of, on=None, **more):
    given = {"kind": "visit", "volunteers": 5, "hours": 7.5, "recipients": 9, "evidence": "签到表"} | more
    return actions.record_activity(**SYSTEM, group=of, on=on or ago(3), **given)


def test_a_village_lacks_the_kinds_that_nobody_founded(world):
    group(world[w.OWN])
    rows = {village.code: kinds for village, kinds in queries.lacking(post=None, place=world["990101"], on=TODAY)}
    assert rows[w.OWN] == ["elders", "rights", "customs"]
    assert rows[w.FAR] == ["elders", "love_help", "rights", "customs"]
    with says_no("group_once"), transaction.atomic():
        group(world[w.OWN])
    with pytest.raises(Refusal), transaction.atomic():
        group(world[w.OWN], "rights", members=0)


def test_activities_count_until_they_are_voided(world):
    made = group(world[w.OWN])
    row = activity(made)
    assert [(g.times, g.hours, g.last) for g in queries.groups(post=None, place=world["990101"], on=TODAY)] == [
        (1, row.hours, row.on)
    ]
    actions.void_activity(**SYSTEM, activity=row, reason="日期登记错")
    with says_no("voided"):
        actions.void_activity(**SYSTEM, activity=row, reason="又一次")
    assert not queries.activities(post=None, place=world["990101"], first=ago(30), last=TODAY)
    with pytest.raises(Exception, match="只增不改"), transaction.atomic():
        Activity.objects.filter(pk=row.pk).update(volunteers=99)


@pytest.mark.parametrize(("on", "more", "code"), [(-1, {}, "in_the_future"), (60, {}, "group_not_there"), (2, {"evidence": " "}, "no_evidence")])  # fmt: skip
def test_what_is_not_recorded(world, on, more, code):
    made = group(world[w.OWN])
    with says_no(code), transaction.atomic():
        activity(made, ago(on), **more)
    assert not Activity.objects.exists()


def test_rights_and_areas(world):
    made = group(world[w.OWN])
    leader = w.post("volunteer_leader", world[w.OWN])
    with acting(leader.areas(), user_id=leader.user_id):
        mine = {"by": leader.user, "post": leader}
        actions.record_activity(**mine, group=made, on=TODAY, kind="visit", volunteers=1, hours=1, evidence="表")
        with pytest.raises(Denied):
            actions.dissolve(**mine, group=made, on=TODAY)
    far = w.post("township_worker", world["990102001"])
    with acting(far.areas(), user_id=far.user_id), says_no("no_such_group"):
        actions.dissolve(by=far.user, post=far, group=made, on=TODAY)


def test_many_at_once_are_kept_together_or_not_at_all(world):
    rows = [
        {"village": world[w.OWN], "kind": kind, "name": kind, "leader": "虚构", "members": 3, "on": ago(9)}
        for kind in ("elders", "rights")
    ]
    with says_no("wrong_row"), transaction.atomic():
        actions.found_many(**SYSTEM, rows=[*rows, rows[0] | {"kind": "nonsense"}])
    assert not queries.groups(post=None, place=world["990101"], on=TODAY)
    made = actions.found_many(**SYSTEM, rows=rows)
    assert actions.found_many(**SYSTEM, rows=rows) == []  # already there
    acts = [{"group": g, "on": ago(1), "kind": "visit", "volunteers": 2, "hours": 3, "evidence": "表"} for g in made]
    assert len(actions.record_many(**SYSTEM, rows=acts)) == 2


def test_a_merchant_lapses_when_nothing_is_offered(world):
    shop = site(world[w.OWN], "partner_shop", "虚构超市", use="offer")
    (found,) = queries.merchants(post=None, place=world["990101"], on=TODAY, only="lapsed")
    assert found.facility == shop
    actions.offer(
        **SYSTEM,
        facility=shop,
        kind="discount",
        text="米面九五折",
        valid_from=ago(5),
        valid_to=TODAY + timedelta(days=10),
    )
    (found,) = queries.merchants(post=None, place=world["990101"], on=TODAY, only="ending")
    assert not found.lapsed
    assert queries.merchants(post=None, place=world["990101"], on=TODAY + timedelta(days=11))[0].lapsed
    with says_no("not_a_merchant"):
        actions.offer(**SYSTEM, facility=site(world[w.FAR]), kind="free", text="x", valid_from=TODAY, valid_to=TODAY)


def test_a_complaint_about_a_merchant_is_one_like_any_other(world):
    shop = site(world[w.OWN], "partner_shop", "虚构超市", use="offer")
    assert queries.merchants(post=None, place=world["990101"], on=TODAY, only="complaints") == []
    came = timezone.now() - timedelta(days=60)
    row = evidence.complain(
        **SYSTEM, place=shop.place, facility=shop, channel="phone", subject="money", text="优惠不兑现", received_at=came
    )
    (found,) = queries.merchants(post=None, place=world["990101"], on=TODAY, only="complaints")
    assert (found.open, found.late) == ([row], 1)
    assert list(queries.complaints(post=None, facility=shop)) == [row]
    evidence.reply(**SYSTEM, complaint=row, finding="upheld", text="已约谈并补发")
    assert queries.merchants(post=None, place=world["990101"], on=TODAY, only="complaints") == []
    evidence.appeal(**SYSTEM, complaint=row, text="还没有补发")  # open again, which a shop's own list did not know
    assert queries.merchants(post=None, place=world["990101"], on=TODAY, only="complaints")[0].open == [row]
