"""A lot's page: another price from a day on, never of the past; the list of people, with removal from a day on."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from songhe.care.settlement import actions
from songhe.care.settlement.models import Price, Recipient
from songhe.core.acting import everywhere
from songhe.core.refusal import Refusal
from tests.care.settlement.paid import Paid

SYSTEM = {"by": None, "post": None}


@pytest.fixture
def paid(db, settings):
    settings.MFA_REQUIRED_FROM = ""
    with everywhere():
        return Paid()


def signed_in(post) -> Client:
    client = Client()
    client.force_login(post.user)
    return client


def test_another_price_from_a_day_on_ends_the_old_one(paid):
    client, url, today = signed_in(paid.clerk), reverse("contract-lot", args=[paid.lot.pk]), timezone.localdate()
    assert url in client.get(reverse("contract", args=[paid.contract.pk])).content.decode()
    begins = today + timedelta(days=10)
    sent = {"do": "price", "price-service": "cleaning", "price-price": "41.50"}
    answer = client.post(url, sent | {"price-valid_from": begins.isoformat()})
    assert answer.status_code == 302, answer.content.decode()
    with everywhere():
        rows = Price.objects.filter(lot=paid.lot, service="cleaning").order_by("valid_from")
        assert [(r.price, r.valid_to) for r in rows] == [(Decimal("38.00"), begins), (Decimal("41.50"), None)]
    page = client.get(url).content.decode()
    assert "38.00" in page
    assert "41.50" in page
    past = client.post(url, sent | {"price-valid_from": (today - timedelta(days=1)).isoformat()})
    assert past.status_code == 422
    assert "已经过去" in past.content.decode()
    assert "41.50" in past.content.decode()  # what was typed stays
    with everywhere():
        assert Price.objects.filter(lot=paid.lot, service="cleaning").count() == 2


@pytest.mark.parametrize(("days", "code"), [(-1, "past_day"), (4000, "after_contract")])
def test_a_price_lies_within_the_contract_and_not_in_the_past(paid, days, code):
    day = timezone.localdate() + timedelta(days=days)
    with everywhere(), pytest.raises(Refusal) as refused:
        actions.set_price(**SYSTEM, lot=paid.lot, service="cleaning", price=Decimal(1), valid_from=day)
    assert refused.value.code == code
    assert str(day) in refused.value.zh
    assert str(day) in refused.value.en


def test_people_are_listed_and_taken_off_from_a_day_on(paid):
    client, url, today = signed_in(paid.clerk), reverse("contract-lot", args=[paid.lot.pk]), timezone.localdate()
    with everywhere():
        row = actions.list_recipient(**SYSTEM, lot=paid.lot, person=paid.people[0], valid_from=date(2020, 1, 1))
    assert paid.people[0].name in client.get(url).content.decode()
    early = client.post(
        url, {"do": "unlist", "recipient": row.pk, "valid_from": (today - timedelta(days=3)).isoformat()}
    )
    assert early.status_code == 422
    assert "已经过去" in early.content.decode()
    answer = client.post(url, {"do": "unlist", "recipient": row.pk, "valid_from": today.isoformat()})
    assert answer.status_code == 302
    with everywhere():
        assert Recipient.objects.get(pk=row.pk).valid_to == today
        with pytest.raises(Refusal) as refused:
            actions.unlist_recipient(**SYSTEM, recipient=row, valid_from=today)
        assert refused.value.code == "off_already"


def test_who_only_pays_sees_numbers_and_changes_nothing(paid):
    client, url = signed_in(paid.finance), reverse("contract-lot", args=[paid.lot.pk])
    with everywhere():
        row = actions.list_recipient(**SYSTEM, lot=paid.lot, person=paid.people[0], valid_from=date(2020, 1, 1))
    page = client.get(url).content.decode()
    assert paid.people[0].name not in page
    assert f"档案 {row.person_id}" in page
    if not paid.finance.may("settlement.manage"):
        assert client.post(url, {"do": "unlist", "recipient": row.pk, "valid_from": "2030-01-01"}).status_code == 403
