"""The card on the wall with the person's own code: for whoever keeps the file; replaced with a reason, the old one ends."""

import io

import pdfplumber
import pytest
from django.test import Client
from django.urls import reverse

from songhe.core.acting import acting, everywhere
from songhe.core.models import AuditEvent
from songhe.registry.people.models import CodeChange
from songhe.registry.people.service_code import code_of
from tests import world as w

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(settings):
    settings.MFA_REQUIRED_FROM = ""
    made = w.World()
    with everywhere():
        made.town = client(w.post("township_worker", made["990101001"]))
        made.leader = client(w.post("leader", made["990101"]))
        made.far = client(w.post("township_worker", made["990101002"]))
    made.person = made.people[w.OWN][0]
    return made


def client(post) -> Client:
    made = Client()
    made.force_login(post.user)
    return made


def card(client, person) -> str:
    answer = client.get(reverse("person-card", args=[person.uid]))
    assert answer.status_code == 200
    with pdfplumber.open(io.BytesIO(answer.content)) as paper:
        assert len(paper.pages) == 1
        return "".join(char for char in paper.pages[0].extract_text() if not char.isspace())


def now(person) -> str:
    with everywhere():
        return code_of(person)


def test_the_code_stands_on_the_card_of_whoever_keeps_the_file(home):
    printed = card(home.town, home.person)
    assert "我的服务码" in printed
    assert now(home.person) in printed
    assert "我的服务码" not in card(home.leader, home.person)
    assert home.far.get(reverse("person-card", args=[home.person.uid])).status_code == 404
    with acting([0], sees_audit="yes"):
        read = AuditEvent.objects.filter(verb="people.read", detail__page="card").order_by("id")
        assert [event.detail["code"] for event in read] == [1, 0]


def test_a_lost_card_gives_another_code(home):
    before, address = now(home.person), reverse("person-code-renew", args=[home.person.uid])
    assert "写明换码的原因" in home.town.post(address, {"reason": " "}, follow=True).content.decode()
    assert "旧卡作废" in home.town.post(address, {"reason": "卡片丢失"}, follow=True).content.decode()
    assert home.leader.post(address, {"reason": "x"}).status_code == 403
    assert home.far.post(address, {"reason": "x"}).status_code == 404
    after = now(home.person)
    assert after != before
    printed = card(home.town, home.person)
    assert after in printed
    assert before not in printed
    assert "卡片丢失" in home.town.get(reverse("person-family", args=[home.person.uid])).content.decode()
    with everywhere():
        assert CodeChange.objects.count() == 1
        people = {now(person) for person in home.people[w.OWN]}
    assert len(people) == 3
