"""Services on the family page: seen as far as consent goes, asked for, rated and complained about for one person and nobody else."""

import re
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from songhe.care.evidence import actions as evidence
from songhe.care.evidence.models import Complaint, Rating
from songhe.care.meals import actions as meals
from songhe.care.services import actions as services
from songhe.care.services.actions import family as verbs
from songhe.care.services.merging import HANGING
from songhe.care.services.models import Crew, Dispatch, Order, Quota, Step
from songhe.core import sms
from songhe.core.acting import acting, everywhere
from songhe.core.models import AuditEvent
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import Denied
from songhe.registry.people import actions as people
from songhe.registry.people import family
from songhe.registry.people.models import Consent, Contact, FamilyCode, Person
from tests.care.evidence.served import Served
from tests.care.services.street import tomorrow
from tests.care.settings import meal, site

pytestmark = pytest.mark.django_db
PHONE = "13900007777"
ALL = ("family_services", "family_carer", "family_meals")


class Home(Served):
    """`mother` has a daughter with a link; `other` lives next door."""

    def __init__(self):
        super().__init__()
        self.mother, self.other = self.people[:2]
        self.daughter = people.add_contact(
            by=None, post=None, person=self.mother, name="王小妹", relation="daughter", phone=PHONE
        )
        self.hour = 10
        self.tomorrow = timezone.localdate() + timedelta(days=1)

    def link(self, *scopes) -> str:
        with everywhere():
            _link, token = family.open_link(
                by=None, post=None, contact=self.daughter, given_by="本人", given_on=timezone.localdate(), scopes=scopes
            )
        return token

    def open(self, token) -> Client:
        client = Client()
        address = reverse("family", args=[token])
        client.post(address, {"do": "send"})
        with everywhere():
            code = re.search(r"\d{6}", sms.waiting()[-1].text)[0]
        assert client.post(address, {"do": "enter", "code": code}).status_code == 302
        return client

    def wish(self, **more) -> dict:
        return {
            "item": "cleaning",
            "on": self.tomorrow.isoformat(),
            "part": "morning",
            "note": "",
            "funding": "",
        } | more

    def begun(self, person, channel, begin=True) -> Order:
        """Asked for and accepted; `begin`: somebody is at work on it."""
        self.hour += 2
        order = self.ask(person=person, channel=channel, when=tomorrow(self.hour), funding="self")
        self.send(order, starts_at=order.wanted_from)
        services.accept(by=None, post=None, order=order)
        if begin:
            services.start(by=None, post=None, order=order)
            order.refresh_from_db()
        return order

    def finished(self, person) -> Order:
        order = self.order(person=person)
        self.serve(order)
        return order


@pytest.fixture
def home(db, settings):
    settings.SMS_BACKEND, settings.MFA_REQUIRED_FROM = "outbox", ""
    with everywhere():
        return Home()


def text_of(answer) -> str:
    return answer.content.decode()


def test_asked_for_carried_out_rated_and_complained_about(home):
    token = home.link(*ALL)
    client = home.open(token)
    page = text_of(client.get(reverse("family-ask", args=[token])))
    assert "保洁" in page
    assert "紧急上门" not in page  # the catalogue lets no family order it
    assert "还剩 2" in page
    answer = client.post(reverse("family-ask", args=[token]), home.wish(note="带梯子"))
    assert answer.status_code == 302
    with everywhere():
        order = Order.objects.get(person=home.mother)
        assert (order.channel, order.caller, order.note, order.funding, order.asked_by) == (
            "family",
            "女儿 王小妹",
            "带梯子",
            "entitled",
            0,
        )
        assert (order.state, timezone.localtime(order.wanted_from).hour) == ("waiting", 8)
    page = text_of(client.get(reverse("family", args=[token])))
    assert "已收到" in page
    assert order.number in page
    with everywhere():
        home.send(order, starts_at=order.wanted_from)
        services.accept(by=None, post=None, order=order)
    assert "护护理员" in text_of(client.get(reverse("family", args=[token])))  # the surname only
    assert "护理00" not in text_of(client.get(reverse("family", args=[token])))

    with everywhere():
        done = home.finished(home.mother)
    one = reverse("family-order", args=[token, done.pk])
    assert "很满意" in text_of(client.get(one))
    assert client.post(one, {"do": "rate", "stars": "4", "note": "准时"}).status_code == 302
    assert "评价过" in text_of(client.post(one, {"do": "rate", "stars": "1"}))
    assert client.post(one, {"do": "complain", "subject": "money", "text": "多收了五元"}).status_code == 302
    with everywhere():
        done.refresh_from_db()
        rating, complaint = Rating.objects.get(), Complaint.objects.get()
        assert (done.state, rating.stars, rating.rated_by) == ("rated", 4, "family")
        assert (complaint.channel, complaint.order_id, complaint.person_id) == ("family", done.pk, home.mother.pk)
        clerk = home.post("clerk", home.place)
        evidence.reply(by=clerk.user, post=None, complaint=complaint, finding="upheld", text="已退回五元")
    page = text_of(client.get(reverse("family", args=[token])))
    assert "已退回五元" in page
    assert "属实" in page
    with acting([0], sees_audit="yes"):
        verbs = set(AuditEvent.objects.filter(verb__startswith="family.").values_list("verb", flat=True))
        asked = AuditEvent.objects.get(verb="family.request")
    assert {"family.request", "family.rate", "family.complain"} <= verbs
    assert (asked.subject_id, "link" in asked.detail) == (order.pk, True)


def test_without_the_consent_nothing_is_shown_and_nothing_can_be_done(home):
    token = home.link("family_days")
    with everywhere():
        done = home.finished(home.mother)
    client = home.open(token)
    assert "保洁" not in text_of(client.get(reverse("family", args=[token])))
    assert client.get(reverse("family-order", args=[token, done.pk])).status_code == 404
    for verb in (
        lambda: services.request_by_family(token=token, item="cleaning", on=home.tomorrow, part="morning"),
        lambda: evidence.rate_by_family(token=token, order=done.pk, stars=5),
        lambda: services.cancel_by_family(token=token, order=done.pk, reason="person_away"),
        lambda: evidence.complain_by_family(token=token, subject="other", text="?"),
    ):
        with pytest.raises(Refusal) as said:
            verb()
        assert said.value.code == "family_no_services"
    full = home.link(*ALL)
    with everywhere():
        Consent.objects.filter(scope="family_services").update(withdrawn_on=timezone.localdate())
        before = Order.objects.count()
    with pytest.raises(Refusal):
        services.request_by_family(token=full, item="cleaning", on=home.tomorrow, part="morning")
    with everywhere():
        assert Order.objects.count() == before


def test_nobody_else_can_be_reached(home):
    """What a fault in the door could do at worst: the database knows one person in such a transaction."""
    token = home.link(*ALL)
    with everywhere():
        theirs = home.finished(home.other)
        whole = {f.attname: getattr(theirs, f.attname) for f in Order._meta.concrete_fields if f.attname != "id"}
    client = home.open(token)
    assert client.get(reverse("family-order", args=[token, theirs.pk])).status_code == 404
    for act in (
        lambda: evidence.rate_by_family(token=token, order=theirs.pk, stars=1),
        lambda: evidence.complain_by_family(token=token, order=theirs.pk, subject="other", text="x"),
    ):
        with pytest.raises(Refusal) as said:
            act()
        assert said.value.code == "no_such_order"
    with family.acting_for(token):
        assert list(Person.objects.values_list("pk", flat=True)) == [home.mother.pk]
        assert not Contact.objects.exclude(person=home.mother).exists()
        assert not Order.objects.exclude(person=home.mother).exists()
        assert Person.objects.update(sex="m") == 0
        with pytest.raises(Denied):
            services.dispatch(by=None, post=None, order=theirs, provider=home.providers[0])
        for change in ({}, {"channel": "phone", "person_id": home.mother.pk}):
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                Order.objects.create(**whole | {"channel": "family", "state": ""} | change)
        for rated in (
            Rating(order=theirs, stars=1, rated_by="family", **_areas(theirs)),
            Rating(order=theirs, stars=1, rated_by="person", **_areas(theirs)),
        ):
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                rated.save()
    with acting([]), connection.cursor() as cursor:
        for forged in ("", "00" * 32, "zz"):
            cursor.execute("SELECT set_config('app.family', %s, true)", [forged])
            try:
                with transaction.atomic():
                    assert not Person.objects.exists()
            except DatabaseError:
                assert forged == "zz"
            cursor.execute("SELECT set_config('app.family', '', true)")


def _areas(order) -> dict:
    return {f"{level}_id": getattr(order, f"{level}_id") for level in ("village", "town", "county", "city")}


def test_refusals_come_back_in_words_with_what_was_typed(home):
    token = home.link(*ALL)
    client, address = home.open(token), reverse("family-ask", args=[token])
    day = home.tomorrow
    while (day + timedelta(days=1)).month == home.tomorrow.month and day < home.tomorrow + timedelta(days=2):
        day += timedelta(days=1)
    for part in ("morning", "afternoon"):
        assert client.post(address, home.wish(part=part)).status_code == 302
    answer = client.post(address, home.wish(part="evening", note="记得带钥匙"))
    assert answer.status_code == 422
    for words in ("本月额度", "第五条", "记得带钥匙", "自费"):
        assert words in text_of(answer)
    assert client.post(address, home.wish(part="evening", funding="self")).status_code == 302
    again = client.post(address, home.wish(part="evening", funding="self"))
    assert (again.status_code, "没有重复下单" in text_of(again)) == (422, True)
    for change, words in (
        ({"item": "urgent-help"}, "只受理"),
        ({"item": "gold"}, "重新选择服务项目"),
        ({"item": "' OR 1=1"}, "重新选择服务项目"),
        ({"on": "tomorrow"}, "请选择日期"),
        ({"on": "2020-01-01"}, "已经过去"),
        ({"on": (home.tomorrow + timedelta(days=300)).isoformat()}, "最多提前"),
        ({"part": "midnight"}, "上午"),
    ):
        answer = client.post(address, home.wish(note="原来的话", **change))
        assert answer.status_code == 422, change
        assert words in text_of(answer)
        assert "原来的话" in text_of(answer)
    with everywhere():
        assert Order.objects.filter(person=home.mother).count() == 3


def test_too_many_open_and_too_many_complaints(home):
    token = home.link(*ALL)
    most = family.policy().most_open
    for n in range(most):
        services.request_by_family(token=token, item="cleaning", on=home.tomorrow + timedelta(days=n), part="morning", funding="self")  # fmt: skip
        evidence.complain_by_family(token=token, subject="other", text=f"第 {n} 件")
    for verb in (
        lambda: services.request_by_family(
            token=token, item="bath-home", on=home.tomorrow, part="morning", funding="self"
        ),
        lambda: evidence.complain_by_family(token=token, subject="other", text="再一件"),
    ):
        with pytest.raises(Refusal) as said:
            verb()
        assert said.value.code == "family_most_open"


def test_what_was_typed_outlives_the_code(home):
    token = home.link(*ALL)
    client, address = home.open(token), reverse("family-ask", args=[token])
    session = client.session
    session["family"] = dict.fromkeys(session["family"], 1)
    session.save()
    assert client.post(address, home.wish(note="别丢了这句话")).status_code == 302
    with everywhere():
        assert not Order.objects.filter(person=home.mother).exists()
        FamilyCode.objects.all().delete()
    client.post(reverse("family", args=[token]), {"do": "send"})
    with everywhere():
        code = re.search(r"\d{6}", sms.waiting()[-1].text)[0]
    answer = client.post(reverse("family", args=[token]), {"do": "enter", "code": code})
    assert answer["Location"] == address
    assert "别丢了这句话" in text_of(client.get(address))
    assert "别丢了这句话" not in text_of(client.get(address))


def test_called_off_until_somebody_begins(home):
    """What was asked for here, while nobody is at work: the quota comes back and whoever was sent is free; else in words, why not."""
    token = home.link(*ALL)
    client = home.open(token)
    asked = services.request_by_family(token=token, item="cleaning", on=home.tomorrow, part="morning")
    one = reverse("family-order", args=[token, asked.pk])
    with everywhere():
        home.send(asked, starts_at=asked.wanted_from)
        services.accept(by=None, post=None, order=asked)
    assert "为什么取消" in text_of(client.get(one))
    answer = client.post(one, {"do": "cancel", "reason": "deceased", "why": "下周再说"})
    assert (answer.status_code, "请选择为什么取消" in text_of(answer), "下周再说" in text_of(answer)) == (
        422,
        True,
        True,
    )
    assert client.post(one, {"do": "cancel", "reason": "person_away", "why": "住到儿子家了"}).status_code == 302
    with everywhere():
        asked.refresh_from_db()
        last = Step.objects.filter(order=asked).order_by("-pk").first()
        assert (asked.state, last.from_state, last.reason, last.note, last.by) == ("cancelled", "accepted", "person_away", "住到儿子家了", 0)  # fmt: skip
        assert Quota.objects.get(person=home.mother).used == 0
        assert not Crew.objects.filter(dispatch__order=asked, live=True).exists()
    with acting([0], sees_audit="yes"):
        assert AuditEvent.objects.get(verb="family.cancel").subject_id == asked.pk
    page = text_of(client.get(one))
    assert "已取消" in page
    assert "为什么取消" not in page

    with everywhere():
        by_phone = home.ask(person=home.mother)
        serving, theirs = home.begun(home.mother, "family"), home.begun(home.other, "family", begin=False)
        served = home.finished(home.mother)
    assert "请打服务热线" in text_of(client.get(reverse("family-order", args=[token, by_phone.pk])))
    for order, code in ((asked, "cancelled_already"), (by_phone, "not_asked_here"), (serving, "work_begun"), (theirs, "no_such_order")):  # fmt: skip
        with pytest.raises(Refusal) as said:
            services.cancel_by_family(token=token, order=order.pk, reason="person_away")
        assert said.value.code == code
    late = client.post(reverse("family-order", args=[token, serving.pk]), {"do": "cancel", "reason": "person_away"})
    assert (late.status_code, "已经开始服务" in text_of(late)) == (422, True)
    with family.acting_for(token):  # what a fault in the verbs could do at worst
        for order, to_state in ((by_phone, "cancelled"), (serving, "cancelled"), (serving, "done"), (served, "called_back")):  # fmt: skip
            step = Step(order=order, from_state=order.state, to_state=to_state, at=timezone.now(), recorded_at=timezone.now())  # fmt: skip
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                step.save(force_insert=True)
        for row in (Dispatch(order=by_phone, provider=home.providers[0], starts_at=by_phone.wanted_from, ends_at=by_phone.wanted_to, made_at=timezone.now()),):  # fmt: skip
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                row.save(force_insert=True)
        assert Crew.objects.all().delete()[0] == 0


def test_an_order_of_a_merged_file_is_hers_all_the_same(home):
    """Merged twice over: shown, rated, complained about and called off; what it drew goes back to the file that was kept."""
    first = home.link(*ALL)
    asked = services.request_by_family(token=first, item="cleaning", on=home.tomorrow, part="morning")
    with everywhere():
        canteen = site(home.mother.village, "canteen", "甲老年食堂", use="meal")
        meals.count(by=None, post=None, facility=canteen, rows=[meal(home.mother)])
        done, third = home.finished(home.mother), home.people[2]
        Person.objects.filter(pk=home.mother.pk).update(merged_into=home.other)
        Person.objects.filter(pk=home.other.pk).update(merged_into=third)
        for hanging in HANGING:
            hanging.follow(home.mother, third)
    assert family.opened(first).person == third.pk
    client = home.open(first)
    assert done.number in text_of(client.get(reverse("family-order", args=[first, done.pk])))
    assert "甲老年食堂" in text_of(client.get(reverse("family", args=[first])))
    evidence.rate_by_family(token=first, order=done.pk, stars=5)
    made = evidence.complain_by_family(token=first, subject="other", text="门没锁", order=done.pk)
    assert made.person_id == third.pk
    services.cancel_by_family(token=first, order=asked.pk, reason="person_away")
    with everywhere():
        assert Order.objects.get(pk=asked.pk).state == "cancelled"
        assert Order.objects.get(pk=done.pk).state == "rated"
        assert Quota.objects.get(person=third, entitlement=asked.entitlement, month=asked.service_on.replace(day=1)).used == 0  # fmt: skip


def test_half_failed_and_nothing_stayed(home, monkeypatch):
    token = home.link(*ALL)

    def broken(*_words, **_more):
        raise RuntimeError

    monkeypatch.setattr(verbs.audit, "note", broken)
    with pytest.raises(RuntimeError):
        services.request_by_family(token=token, item="cleaning", on=home.tomorrow, part="morning")
    with everywhere():
        assert not Order.objects.filter(person=home.mother).exists()
        monkeypatch.undo()
    asked = services.request_by_family(token=token, item="cleaning", on=home.tomorrow, part="morning")
    monkeypatch.setattr(verbs.audit, "note", broken)
    with pytest.raises(RuntimeError):
        services.cancel_by_family(token=token, order=asked.pk, reason="person_away")
    with everywhere():
        assert Order.objects.get(pk=asked.pk).state == "waiting"
        assert Quota.objects.get(person=home.mother).used == 1
