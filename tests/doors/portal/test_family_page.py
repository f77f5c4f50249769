"""The family page: a link nobody can guess, a code by SMS, and never more than the person agreed to."""

import re
import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from songhe.care.duties import actions as duties
from songhe.care.visits import actions as visits
from songhe.care.visits import family as week_page
from songhe.care.visits.models import Visit
from songhe.core import periods, sms
from songhe.core.acting import acting, everywhere
from songhe.core.models import AuditEvent
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import Denied
from songhe.registry.people import actions as people
from songhe.registry.people import family
from songhe.registry.people.models import Consent, FamilyCode, FamilyLink, Person
from tests import world as w

pytestmark = pytest.mark.django_db
PHONE = "13900007777"


class Home:
    """One person with a daughter, a helper, this week open; a township worker who makes links."""

    def __init__(self):
        self.world = w.World()
        self.week = periods.containing("week", timezone.localdate())
        with everywhere():
            self.town = w.post("township_worker", self.world["990101001"], username="town")
            self.helper = w.post("helper", self.world[w.OWN], username="helper")
            self.person, self.other = self.world.people[w.OWN][:2]
            duties.sync_rules(by=0)
            duties.name_helpers(pairs=[(self.person.pk, self.helper.user_id)], by=0)
            duties.open_period(place=self.world["990101"], rule="visiting", period=self.week, by=0)
            self.contact = people.add_contact(
                by=None, post=None, person=self.person, name="王小妹", relation="daughter", phone=PHONE
            )

    def link(self, *scopes) -> str:
        with as_post(self.town):
            _link, token = family.open_link(
                by=self.town.user, post=self.town, contact=self.contact, given_by="本人", given_on=timezone.localdate(), scopes=scopes
            )  # fmt: skip
        return token

    def record(self, outcome="well", mode="call", needs=(), minutes=5, person=None):
        row = {
            "uuid": uuid.uuid4(), "person": (person or self.person).pk, "mode": mode, "outcome": outcome, "needs": list(needs),
            "occurred_at": timezone.now() - timedelta(minutes=minutes), "note": "门上的字条",
        }  # fmt: skip
        with everywhere():
            visits.record([row], by=self.helper.user, post=None, channel="desk")


def as_post(post):
    return acting(post.areas(), user_id=post.user_id, post_id=post.pk)


@pytest.fixture
def home(settings):
    settings.SMS_BACKEND = "outbox"
    settings.MFA_REQUIRED_FROM = ""
    return Home()


def code_sent() -> str:
    with everywhere():
        message = sms.waiting()[-1]
    assert message.to == PHONE
    return re.search(r"\d{6}", message.text)[0]


def entered(token, client=None) -> Client:
    """A device on which the code was entered."""
    client = client or Client()
    address = reverse("family", args=[token])
    assert client.post(address, {"do": "send"}).status_code == 200
    assert client.post(address, {"do": "enter", "code": code_sent()}).status_code == 302
    return client


def seen(client, token) -> str:
    answer = client.get(reverse("family", args=[token]))
    assert answer.status_code == 200
    return answer.content.decode()


def forward(seconds):
    """Codes grow older: as the owner of time."""
    with everywhere():
        FamilyCode.objects.update(sent_at=timezone.now() - timedelta(seconds=seconds))


def test_without_the_code_nothing_is_said(home):
    token = home.link("family_days")
    home.record()
    client = Client()
    text = seen(client, token)
    assert home.person.name not in text
    assert "平安" not in text.replace("平安”", "")
    answer = client.post(reverse("family", args=[token]), {"do": "send"})
    assert home.person.name not in answer.content.decode()
    assert "139****7777" in answer.content.decode()
    assert PHONE not in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert "noindex" in answer["X-Robots-Tag"]


def test_the_plain_page_says_well_and_what_comes_next(home):
    token = home.link()
    home.record()
    home.record("needs", "home_visit", ["meal"])
    text = seen(entered(token), token)
    assert home.person.name in text
    assert "探访过，平安" in text
    assert "还会打 1 次电话" in text
    for hidden in ("用餐", "上门志愿", "有需要", "字条", "演示helper", home.other.name, "独居"):
        assert hidden not in text


OUTCOMES = ["unwell", "hospital", "no_answer", "refused", "away"]
WORDS = {"unwell": "身体不适", "hospital": "住院", "no_answer": "无人接听", "refused": "拒绝", "away": "外出"}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_is_not_well_is_not_told_without_consent(home, outcome):
    token = home.link("family_days")
    home.record(outcome)
    text = seen(entered(token), token)
    assert WORDS[outcome] not in text
    assert "探访过，平安" not in text
    told = week_page.week_of(token, home.week)
    assert outcome not in str(told.raw)


def test_each_consent_opens_its_own_part(home):
    """What the database hands out, key by key, for every set of scopes."""
    home.record("unwell")
    home.record("needs", "home_visit", ["meal"], minutes=3)
    base = {"seen", "well", "owed", "done", "excused"}
    parts = {"family_days": "days", "family_needs": "needs", "family_helper": "helper"}
    optional = ["family_days", "family_health", "family_needs", "family_helper"]
    for bits in range(16):
        scopes = [scope for at, scope in enumerate(optional) if bits >> at & 1]
        with everywhere():
            Consent.objects.all().delete()
        token = home.link(*scopes)
        with acting([]):
            told = week_page.week_of(token, home.week)
        assert set(told.raw) == base | {parts[scope] for scope in scopes if scope in parts}, scopes
        has_outcomes = any("outcome" in day for day in told.days or [])
        assert has_outcomes == ({"family_days", "family_health"} <= set(scopes))
        assert "字条" not in str(told.raw)
    text = seen(entered(token), token)
    for shown in ("身体不适", "用餐", "演示helper", "上门"):
        assert shown in text


def test_consent_taken_back_closes_at_once(home):
    token = home.link("family_days")
    home.record()
    client = entered(token)
    assert "哪天、怎样" in seen(client, token)
    with as_post(home.town):
        row = Consent.objects.get(scope="family_days")
        people.withdraw_consent(by=home.town.user, post=home.town, consent=row, on=timezone.localdate())
    assert "哪天、怎样" not in seen(client, token)
    with as_post(home.town):
        row = Consent.objects.get(scope="family_page")
        people.withdraw_consent(by=home.town.user, post=home.town, consent=row, on=timezone.localdate())
        assert row.withdrawn_on
    answer = client.get(reverse("family", args=[token]))
    assert answer.status_code == 404
    assert home.person.name not in answer.content.decode()
    assert week_page.week_of(token, home.week) is None


def test_a_consent_of_the_future_opens_nothing_yet(home):
    token = home.link()
    with everywhere():
        Consent.objects.update(given_on=timezone.localdate() + timedelta(days=1))
    assert family.opened(token).state == "no_consent"


def test_a_revoked_link_and_a_second_one(home):
    first = home.link()
    client = entered(first)
    second = home.link()
    assert client.get(reverse("family", args=[first])).status_code == 404
    with as_post(home.town):
        assert FamilyLink.objects.filter(revoked_at=None).count() == 1
        link = FamilyLink.objects.get(revoked_at=None)
        family.revoke_link(by=home.town.user, post=home.town, link=link)
    assert Client().get(reverse("family", args=[second])).status_code == 404
    assert Client().post(reverse("family", args=[second]), {"do": "send"}).status_code == 404
    with everywhere():
        assert sms.waiting()[1:] == []


def test_an_old_link_ends_and_death_ends_it(home):
    token = home.link()
    with everywhere():
        FamilyLink.objects.update(ends_on=timezone.localdate())
    assert family.opened(token).state == "ended"
    with everywhere():
        FamilyLink.objects.update(ends_on=timezone.localdate() + timedelta(days=9))
        Person.objects.filter(pk=home.person.pk).update(status="deceased", status_from=timezone.localdate())
    assert family.opened(token).state == "ended"


@pytest.mark.parametrize("token", ["x", "0" * 43, "../../etc", "' OR 1=1 --", "%00", "甲"])
def test_a_guessed_link_opens_nothing(home, token):
    home.link()
    answer = Client().get("/family/" + token.replace("/", "%2F") + "/")
    assert answer.status_code == 404
    assert home.person.name not in answer.content.decode()


def test_wrong_codes_are_counted_and_the_code_is_spent(home):
    token = home.link()
    client, address = Client(), reverse("family", args=[token])
    client.post(address, {"do": "send"})
    right = code_sent()
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(family.policy().attempts):
        assert client.post(address, {"do": "enter", "code": wrong}).status_code == 422
    answer = client.post(address, {"do": "enter", "code": right})
    assert answer.status_code == 422
    assert "次数太多" in answer.content.decode()
    assert home.person.name not in answer.content.decode()


def test_wrong_codes_of_a_day_add_up(home):
    token = home.link()
    limits = family.policy()
    for _ in range(limits.entries_a_day // limits.attempts):
        family.ask_code(token)
        for _ in range(limits.attempts):
            assert family.enter_code(token, "no") == "wrong"
        forward(limits.gap_seconds + 1)
    family.ask_code(token)
    assert family.enter_code(token, code_sent()) == "spent"


def test_a_code_works_once_and_only_the_newest(home):
    token = home.link()
    family.ask_code(token)
    first = code_sent()
    forward(120)
    family.ask_code(token)
    second = code_sent()
    if first != second:
        assert family.enter_code(token, first) == "wrong"
    assert family.enter_code(token, f" {second[:3]} {second[3:]} ") == "ok"
    assert family.enter_code(token, second) == "old"


def test_a_code_grows_old(home):
    token = home.link()
    family.ask_code(token)
    with everywhere():
        FamilyCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert family.enter_code(token, code_sent()) == "old"


def test_codes_are_not_sent_too_often(home):
    token, limits = home.link(), family.policy()
    family.ask_code(token)
    with pytest.raises(Refusal) as soon:
        family.ask_code(token)
    assert soon.value.code == "family_wait"
    for at in range(limits.most_a_day - 1):
        forward(120 + at)
        family.ask_code(token)
    forward(120)
    with pytest.raises(Refusal) as most:
        family.ask_code(token)
    assert most.value.code == "family_most"


def test_a_code_that_could_not_be_sent_is_not_counted(home, settings):
    token = home.link()
    settings.SMS_BACKEND, settings.SMS_URL, settings.SMS_SECRET = "http", "http://127.0.0.1:9/", "x" * 20
    with pytest.raises(Refusal) as failed:
        family.ask_code(token)
    assert failed.value.code == "sms_failed"
    settings.SMS_BACKEND = "outbox"
    family.ask_code(token)


def test_the_code_and_the_link_are_kept_as_digests(home):
    token = home.link()
    family.ask_code(token)
    code = code_sent().encode()
    with everywhere():
        assert code not in bytes(FamilyCode.objects.get().digest)
        assert token.encode() not in bytes(FamilyLink.objects.get().digest)
    assert len(token) >= 43


def test_a_code_of_one_link_opens_no_other(home):
    with everywhere():
        contact = people.add_contact(by=None, post=None, person=home.other, name="李小", relation="son", phone=PHONE)
    mine = home.link()
    with as_post(home.town):
        _link, other = family.open_link(
            by=home.town.user, post=home.town, contact=contact, given_by="本人", given_on=date(2026, 1, 1)
        )
    client = entered(mine)
    text = client.get(reverse("family", args=[other])).content.decode()
    assert home.other.name not in text
    family.ask_code(other)
    assert family.enter_code(mine, code_sent()) in ("old", "wrong")


def test_the_door_has_no_area_of_its_own(home):
    """As the page acts, no table of people shows a row: only the functions of the link speak."""
    token = home.link()
    entered(token)
    with acting([]), connection.cursor() as cursor:
        for table in (
            "people_person",
            "people_familylink",
            "people_familycode",
            "people_contact",
            "visits_visit",
            "duties_duty",
        ):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone()[0] == 0, table
        cursor.execute("UPDATE people_familycode SET attempts = 0")
        assert cursor.rowcount == 0
    assert family.opened(token).person == home.person.pk


def test_leaving_closes_the_page(home):
    token = home.link()
    client = entered(token)
    client.post(reverse("family-leave", args=[token]))
    assert home.person.name not in seen(client, token)


def test_a_session_runs_out(home, settings):
    token = home.link()
    client = entered(token)
    session = client.session
    session["family"] = dict.fromkeys(session["family"], 1)
    session.save()
    assert home.person.name not in seen(client, token)


def test_every_reading_is_in_the_audit(home):
    token = home.link()
    seen(entered(token), token)
    with acting([0], sees_audit="yes"):
        verbs = list(
            AuditEvent.objects.filter(verb__startswith="family.").order_by("id").values_list("verb", flat=True)
        )
    assert sorted(verbs) == ["family.ask_code", "family.enter_code", "family.open_link", "family.read"]


def test_only_the_own_township_makes_links(home):
    with everywhere():
        far = w.post("township_worker", home.world["990101002"], username="far")
        leader = w.post("leader", home.world["990101"], username="leader")
    asked = {"contact": home.contact, "given_by": "本人", "given_on": timezone.localdate()}
    with as_post(far), pytest.raises(Refusal):
        family.open_link(by=far.user, post=far, **asked)
    with as_post(leader), pytest.raises(Denied):
        family.open_link(by=leader.user, post=leader, **asked)
    with as_post(home.town):
        for wrong in ({"scopes": ["everything"]}, {"given_on": timezone.localdate() + timedelta(days=1)}):
            with pytest.raises(Refusal):
                family.open_link(by=home.town.user, post=home.town, **asked | wrong)
        assert not FamilyLink.objects.exists()
        assert not Consent.objects.exists()


def test_a_merged_file_is_followed(home):
    """However often: what the phone tells of the oldest file goes to the one kept, and the week shows all of them."""
    token = home.link("family_days")
    home.record()
    with everywhere():
        third = w.person(home.world[w.OWN], "赵虚拟")
        third.save()
        Person.objects.filter(pk=home.person.pk).update(merged_into=home.other)
        Person.objects.filter(pk=home.other.pk).update(merged_into=third)
    assert family.opened(token).person == third.pk
    assert week_page.week_of(token, home.week).seen
    home.record(minutes=3)
    with everywhere():
        assert set(Visit.objects.values_list("person", flat=True)) == {home.person.pk, third.pk}
    assert len(week_page.week_of(token, home.week).days) == 2


def test_numbers_for_a_place():
    row = {"id": "police", "number": "110", "title": {}, "from": date(2020, 1, 1), "source": {}}
    own = row | {"number": "0315-110", "place": "130200"}
    gone = row | {"id": "old", "to": date(2021, 1, 1)}
    rows = [row, own, gone, row | {"id": "far", "place": "99"}]
    assert [r["number"] for r in family.numbers_for(["130200", "13"], date(2026, 1, 1), rows)] == ["0315-110"]
    assert [r["number"] for r in family.numbers_for(["140000"], date(2026, 1, 1), rows)] == ["110"]
    assert family.numbers_for(["140000"], date(2019, 1, 1), rows) == []
    assert {r["id"] for r in family.numbers_for(["990101"], date(2026, 11, 1))} >= {"police", "ambulance", "hotline"}
