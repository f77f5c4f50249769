"""巡访关爱 and the workbench: each number opens its rows, one form makes one record, nobody writes what a post may not."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from songhe.care.duties import actions as duties
from songhe.care.duties.access import SYSTEM
from songhe.care.duties.models import Duty, Emergency, Excuse, Opening
from songhe.care.visits import actions as visits
from songhe.care.visits.models import Escalation, Referral, Visit
from songhe.core import periods
from songhe.core.acting import acting, everywhere
from songhe.core.models import AuditEvent
from tests import world as w

FREE_COUNTY, TOWN = "990101", "990101001"


class Desk:
    """The world of tests/world.py at work: this week open, everybody of the own village but one with a helper."""

    def __init__(self):
        self.world = w.World()
        self.week = periods.containing("week", timezone.localdate())
        self.now = timezone.now()
        with everywhere():
            county = self.world[FREE_COUNTY]
            self.posts = {
                role: w.post(role, self.world[code], username=role)
                for role, code in (
                    ("leader", FREE_COUNTY), ("clerk", FREE_COUNTY), ("township_worker", TOWN), ("village_worker", w.OWN),
                    ("helper", w.OWN), ("assessor", FREE_COUNTY), ("secretary", FREE_COUNTY),
                )
            }  # fmt: skip
            self.sister = w.post("helper", self.world[w.SISTER], username="sister")
            self.stranger = w.post("helper", self.world[w.FAR], username="far")
            duties.sync_rules(by=0)
            self.own, self.others = self.world.people[w.OWN], self.world.people[w.SISTER]
            helper = self.posts["helper"].user_id
            duties.name_helpers(pairs=[(self.own[0].pk, helper), (self.own[1].pk, helper)], by=0)
            duties.name_helpers(pairs=[(p.pk, self.sister.user_id) for p in self.others], by=0)
            duties.open_period(place=county, rule="visiting", period=self.week, by=0)

    def client(self, role) -> Client:
        client = Client()
        client.force_login((self.posts[role] if isinstance(role, str) else role).user)
        return client

    def record(self, person, mode="call", outcome="well", minutes=1, needs=(), **more):
        at = self.now - timedelta(minutes=minutes)
        row = {"person": person.pk, "mode": mode, "outcome": outcome, "occurred_at": at, "needs": needs} | more
        with everywhere():
            return visits.record([row], by=self.posts["helper"].user_id, post=SYSTEM, channel="desk")[0]

    def keep(self, person):
        """A whole week's contacts, all made today."""
        for mode, minutes in (("call", 3), ("call", 2), ("home_visit", 1)):
            self.record(person, mode, minutes=minutes)

    def visits(self, person) -> list[Visit]:
        with everywhere():
            return list(Visit.objects.filter(person=person.pk).order_by("id"))

    def duty(self, person) -> Duty:
        with everywhere():
            return Duty.objects.get(person=person.pk, period_start=self.week.start, name="visiting")


@pytest.fixture
def desk(db, settings) -> Desk:
    settings.MFA_REQUIRED_FROM = ""
    return Desk()


def form_of(client, url: str) -> dict:
    """What the browser would send back from the first form of a page: its hidden fields."""
    page = client.get(url).content.decode()
    main = page[page.index('<main id="content"') :]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', main))


def new_url(person, **more) -> str:
    query = "&".join(f"{key}={value}" for key, value in ({"person": person.uid} | more).items())
    return f"{reverse('visit-new')}?{query}"


def send(client, person, mode="call", outcome="well", form=None, **more):
    url = new_url(person)
    data = (form or form_of(client, url)) | {
        "mode": mode,
        "outcome": outcome,
        "occurred_on": timezone.localdate().isoformat(),
    }
    return client.post(url, data | more)


# the workbench ----------------------------------------------------------------------------------------------------


def listed(context) -> int:
    """How many rows a page shows."""
    for key in ("waiting", "rows"):
        if key in context and (key == "rows" or context.get("only_waiting")):
            return len(context[key])
    raise AssertionError("no list on the page")


@pytest.mark.parametrize("role", ["helper", "village_worker", "township_worker", "clerk", "leader"])
def test_each_number_opens_as_many_rows_as_it_says(desk, role):
    desk.keep(desk.own[0])
    with everywhere():
        duties.adopt(rule="national-monthly", place=desk.world[FREE_COUNTY], valid_from=w.SINCE, by=0)
    desk.record(desk.own[1], outcome="no_answer", minutes=300)
    desk.record(desk.others[0], outcome="no_answer", minutes=1)
    desk.record(desk.others[1], outcome="needs", needs=["doctor"])
    with everywhere():
        Referral.objects.update(due_on=timezone.localdate() - timedelta(days=2))
    client = desk.client(role)
    numbers = client.get(reverse("workbench")).context["numbers"]
    assert len(numbers) >= 3
    opened = {one["label"]: client.get(one["url"]).context for one in numbers}
    assert {label: listed(context) for label, context in opened.items()} == {
        one["label"]: one["count"] for one in numbers
    }
    assert sum(one["count"] for one in numbers) >= 2


def test_a_leader_sees_four_lights_who_is_stuck_and_thirteen_weeks(desk):
    desk.record(desk.own[1], outcome="no_answer", minutes=300)
    page = desk.client("leader").get(reverse("workbench"))
    figures = {row["name"]: (row["figure"].numerator, row["figure"].denominator) for row in page.context["four"]}
    assert figures == {
        "meal_coverage": (0, 0),
        "volunteer_groups": (0, 12),
        "station_activity": (0, 0),
        "weekly_visiting": (0, 9),
    }
    assert [row["figure"].value for row in page.context["four"]] == [None, 0, None, 0]  # no town, no station: no rate
    (town, far) = page.context["stuck"]
    assert (town["place"].code, town["row"].escalations, town["row"].missed, town["row"].unnamed) == (TOWN, 1, 6, 1)
    assert (far["place"].code, far["row"].missed) == ("990101002", 3)
    assert len(page.context["curve"]) == 13
    rows = desk.client("leader").get(town["missed_url"]).context["rows"]
    assert len(rows) == 6


@pytest.mark.parametrize("role", ["assessor", "secretary"])
def test_a_post_without_duties_has_a_workbench_without_them(desk, role):
    page = desk.client(role).get(reverse("workbench"))
    assert page.status_code == 200
    assert "numbers" not in page.context
    assert desk.client(role).get(reverse("duties")).status_code == 403


def test_the_light_changes_with_the_record_that_keeps_the_duty(desk):
    client = desk.client("village_worker")
    with everywhere():
        for person in desk.own[1:]:
            duties.excuse(
                person=person, reason="hospital", starts_on=desk.week.start, ends_on=desk.week.end, note="x", by=0
            )

    def light():
        return next(
            row
            for row in client.get(reverse("workbench")).context["lights"]
            if row["figure"].indicator.name == "weekly_visiting"
        )

    assert (light()["figure"].numerator, light()["light"]) != (1, "green")
    for mode in ("call", "call", "home_visit"):
        assert send(client, desk.own[0], mode).status_code == 302
    assert (light()["figure"].numerator, light()["figure"].denominator, light()["light"]) == (1, 1, "green")


# one contact ------------------------------------------------------------------------------------------------------


def test_the_same_form_sent_twice_is_one_record(desk):
    client, person = desk.client("helper"), desk.own[0]
    form = form_of(client, new_url(person))
    answers = [send(client, person, form=form) for _ in range(2)]
    assert [a.status_code for a in answers] == [302, 302]
    assert len(desk.visits(person)) == 1
    assert desk.duty(person).calls_done == 1


def test_after_saving_comes_the_list_at_the_next_person(desk):
    client = desk.client("helper")
    page = client.get(reverse("duties"))
    first, second = page.context["rows"][:2]
    assert first["then"] == second["person"].uid
    url = new_url(first["person"], then=first["then"], back="/duties/%3Fhelper%3Dme")
    answer = client.post(
        url, form_of(client, url) | {"mode": "call", "outcome": "well", "occurred_on": timezone.localdate().isoformat()}
    )
    assert answer.url == f"/duties/?helper=me#p-{second['person'].uid}"
    assert client.get(url.replace("%2F%2Fduties", "x")).status_code == 200


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/x", "javascript:alert(1)"])
def test_saving_never_leads_to_another_site(desk, elsewhere):
    client, person = desk.client("helper"), desk.own[0]
    assert "evil" not in send(client, person, back=elsewhere).url
    assert "javascript" not in send(client, person, back=elsewhere).url


def test_what_is_missing_is_said_and_nothing_is_written(desk):
    client, person = desk.client("helper"), desk.own[0]
    answer = client.post(new_url(person), form_of(client, new_url(person)))
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) >= {"mode", "outcome"}
    answer = send(client, person, outcome="no_answer", needs=["doctor"])
    assert answer.status_code == 302
    assert desk.visits(person)[0].needs == []
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    assert "还没有到" in send(client, person, occurred_on=tomorrow).content.decode()
    assert len(desk.visits(person)) == 1


def test_a_found_need_becomes_a_referral_and_the_outcome_says_so(desk):
    send(desk.client("helper"), desk.own[0], mode="home_visit", needs=["meal", "repair"], note="灶坏了")
    (row,) = desk.visits(desk.own[0])
    assert (row.outcome, sorted(row.needs), row.note, row.channel) == ("needs", ["meal", "repair"], "灶坏了", "desk")
    with everywhere():
        assert Referral.objects.filter(person=desk.own[0]).count() == 2


def test_a_record_of_an_earlier_week_is_shown_as_late(desk):
    client, person = desk.client("helper"), desk.own[0]
    day = desk.week.start - timedelta(days=3)
    answer = client.get(send(client, person, occurred_on=day.isoformat()).url, follow=True)
    assert "标为补录" in answer.content.decode()
    assert desk.visits(person)[0].late
    assert "补录" in client.get(new_url(person)).content.decode()


def test_entering_for_the_helper_is_kept_apart_from_ones_own(desk):
    helper = desk.posts["helper"].user_id
    worker = desk.posts["village_worker"]
    send(desk.client("village_worker"), desk.own[0], made_by=str(helper))
    send(desk.client("village_worker"), desk.own[0], mode="home_visit", made_by="")
    proxy, own = desk.visits(desk.own[0])
    assert (proxy.made_by, proxy.entered_by, proxy.channel) == (helper, worker.user_id, "landline")
    assert (own.made_by, own.entered_by, own.channel) == (worker.user_id, worker.user_id, "desk")
    assert "made_by" not in desk.client("helper").get(new_url(desk.own[0])).context["form"].fields


def test_the_number_is_shown_by_an_audited_step_only(desk):
    client, person = desk.client("helper"), desk.own[0]

    def opened():
        with everywhere(), desk_audit():
            return AuditEvent.objects.filter(verb="people.unmask").count()

    assert "13000000000" not in client.get(new_url(person)).content.decode()
    assert "13000000000" not in client.get(reverse("duties")).content.decode()
    assert opened() == 0
    assert 'href="tel:13000000000"' in client.get(new_url(person, call="yes")).content.decode()
    assert opened() == 1
    assert desk.client("leader").get(new_url(person, call="yes")).status_code == 403


def desk_audit():
    return acting([0], sees_audit="yes")


def test_an_outcome_that_suspends_leads_to_the_excuse(desk):
    answer = send(desk.client("village_worker"), desk.own[0], outcome="hospital")
    assert answer.url.startswith(f"{reverse('excuse-new')}?person={desk.own[0].uid}&reason=hospital")
    assert send(desk.client("helper"), desk.own[1], outcome="hospital").url.startswith(reverse("duties"))


def test_nobody_answers_and_the_ladder_is_climbed_and_closed(desk):
    client = desk.client("helper")
    send(client, desk.own[0], outcome="no_answer")
    send(client, desk.own[1], outcome="no_answer")
    rows = client.get(reverse("escalations")).context["rows"]
    assert {row["person"].pk for row in rows} == {desk.own[0].pk, desk.own[1].pk}
    url = next(row["url"] for row in rows if row["person"].pk == desk.own[0].pk)
    assert client.post(url, {"do": "step", "step-reached": "no", "step-result": ""}).status_code == 422
    client.post(url, {"do": "step", "step-reached": "no", "step-result": "占线"})
    page = client.get(url)
    assert [rung["state"] for rung in page.context["ladder"]] == ["done", "now", "later", "later", "later"]
    client.post(url, {"do": "step", "step-reached": "yes", "step-result": "邻居说在家"})
    other = next(row["url"] for row in rows if row["person"].pk == desk.own[1].pk)
    client.post(other, {"do": "close", "close-closure": "已送医院"})
    assert client.get(reverse("escalations")).context["rows"] == []
    with everywhere():
        assert set(Escalation.objects.values_list("closure", flat=True)) == {"reached", "已送医院"}
    assert desk.client("leader").post(url, {"do": "close", "close-closure": "x"}).status_code == 403


# corrections ------------------------------------------------------------------------------------------------------


def test_a_correction_is_a_new_row_and_the_old_one_stays(desk):
    client, person = desk.client("helper"), desk.own[0]
    send(client, person)
    (row,) = desk.visits(person)
    url = reverse("visit-amend", args=[row.occurred_on.isoformat(), row.id])
    new = {
        "do": "amend",
        "new-mode": "home_visit",
        "new-outcome": "well",
        "new-occurred_on": row.occurred_on.isoformat(),
        "new-note": "",
    }
    assert client.post(url, new).status_code == 422
    assert client.post(url, new | {"new-mode": "call", "new-reason": "没有变"}).status_code == 422
    after = client.post(url, new | {"new-reason": "应为上门"})
    first, second = desk.visits(person)
    assert (first.mode, second.mode, second.amends, second.amend_reason) == ("call", "home_visit", first.id, "应为上门")
    assert (desk.duty(person).calls_done, desk.duty(person).visits_done) == (0, 1)
    page = client.get(after.url)
    assert [shown["visit"].id for shown in page.context["chain"]] == [second.id, first.id]
    assert client.get(url).context["newest_url"]
    client.post(after.url, {"do": "void", "void-reason": "登记到别人名下"})
    assert desk.duty(person).visits_done == 0
    assert desk.visits(person)[-1].outcome == "void"


def test_somebody_elses_record_is_not_the_helpers_to_correct(desk):
    send(desk.client("village_worker"), desk.own[0])
    (row,) = desk.visits(desk.own[0])
    url = reverse("visit-amend", args=[row.occurred_on.isoformat(), row.id])
    assert desk.client("helper").post(url, {"do": "void", "void-reason": "不对"}).status_code == 403
    assert desk.client(desk.stranger).get(url).status_code == 404
    assert len(desk.visits(desk.own[0])) == 1


# excuses, emergencies, periods ------------------------------------------------------------------------------------


def test_an_excuse_takes_somebody_off_the_missing_list_and_back(desk):
    client, person = desk.client("township_worker"), desk.own[0]
    url = f"{reverse('excuse-new')}?person={person.uid}"
    today = timezone.localdate()
    wrong = client.post(url, {"reason": "away", "starts_on": today.isoformat()})
    assert wrong.status_code == 422
    assert "ends_on" in wrong.context["form"].errors
    client.post(url, {"reason": "hospital", "starts_on": desk.week.start.isoformat(), "note": "村医证实"})
    assert desk.duty(person).excused == "hospital"
    assert person.pk not in {row["person"].pk for row in client.get(reverse("missing")).context["rows"]}
    (row,) = client.get(reverse("excuses")).context["rows"]
    client.post(reverse("excuse-withdraw", args=[row["excuse"].pk]))
    assert desk.duty(person).excused == ""
    with everywhere():
        assert Excuse.objects.get().withdrawn_by == desk.posts["township_worker"].user_id


def test_disaster_mode_raises_the_week_at_once_and_back(desk):
    client = desk.client("clerk")
    url = f"{reverse('emergency')}?area={TOWN}"
    data = {
        "reason": "暴雨红色预警",
        "starts_on": timezone.localdate().isoformat(),
        "ends_on": timezone.localdate().isoformat(),
        "calls": 5,
        "visits": 2,
    }
    assert client.post(url, data | {"calls": 0, "visits": 0}).status_code == 422
    assert client.post(url, data).status_code == 302
    assert (desk.duty(desk.own[0]).calls_owed, desk.duty(desk.own[0]).visits_owed) == (5, 2)
    assert "暴雨红色预警" in client.get(reverse("workbench")).content.decode()
    (row,) = client.get(url).context["rows"]
    assert row["may_end"]
    client.post(reverse("emergency-end", args=[row["emergency"].pk]))
    assert (desk.duty(desk.own[0]).calls_owed, desk.duty(desk.own[0]).visits_owed) == (2, 1)
    assert desk.client("township_worker").post(url, data).status_code == 403
    with everywhere():
        assert Emergency.objects.count() == 1


def test_a_period_is_opened_once_and_a_wrong_one_is_refused(desk):
    client = desk.client("clerk")
    before = desk.week.previous().code
    for _ in range(2):
        assert client.post(reverse("periods"), {"rule": "visiting", "period": before}).status_code == 302
    with everywhere():
        assert Opening.objects.filter(period_start=desk.week.previous().start).count() == 1
    assert client.post(reverse("periods"), {"rule": "visiting", "period": "2026-11"}).status_code == 400
    assert client.post(reverse("periods"), {"rule": "nothing", "period": before}).status_code == 400
    page = client.get(reverse("periods")).content.decode()
    assert "R73" not in page
    assert "两电一访" in page
    assert desk.client("helper").post(reverse("periods"), {"rule": "visiting", "period": before}).status_code == 403


# lists ------------------------------------------------------------------------------------------------------------


def test_the_sides_of_the_due_list_are_as_long_as_they_say(desk):
    desk.keep(desk.own[0])
    with everywhere():
        duties.excuse(person=desk.own[1], reason="hospital", starts_on=desk.week.start, note="x", by=0)
    client = desk.client("township_worker")
    for tab in client.get(reverse("duties")).context["sides"]:
        assert len(client.get(tab["url"]).context["rows"]) == int(tab["count"]), tab["label"]
    helper = desk.posts["helper"].user_id
    page = client.get(f"{reverse('duties')}?helper={helper}&side=kept")
    assert [row["person"].pk for row in page.context["rows"]] == [desk.own[0].pk]


def test_every_page_of_a_long_list_together_is_the_whole_list(desk, monkeypatch):
    from songhe.doors.desk.views import duties as page

    monkeypatch.setattr(page, "PAGE", 2)
    client = desk.client("clerk")
    for name in ("duties", "missing"):
        seen, url = [], reverse(name)
        while url:
            context = client.get(url).context
            seen += [row["person"].pk for row in context["rows"]]
            url = context["next_url"]
        assert len(seen) == len(set(seen)) == 9
    assert client.get(f"{reverse('duties')}?after=nonsense").status_code == 400
    assert client.get(f"{reverse('duties')}?side=nonsense").status_code == 400
    assert client.get(f"{reverse('duties')}?rule=nonsense").status_code == 400


def test_the_missing_list_of_a_past_day_counts_what_was_done_until_then(desk):
    drawn = desk.week.previous().start + timedelta(days=3)
    with everywhere():
        duties.open_period(place=desk.world[FREE_COUNTY], rule="visiting", period=desk.week.previous(), by=0)
    for day, mode in ((1, "call"), (2, "call"), (5, "home_visit")):
        desk.record(
            desk.own[0],
            mode,
            occurred_at=None,
            occurred_on=(desk.week.previous().start + timedelta(days=day)).isoformat(),
        )
    client = desk.client("township_worker")
    base = f"{reverse('missing')}?period={desk.week.previous().code}"
    now, then = client.get(base).context, client.get(f"{base}&as_of=list").context
    assert then["as_of"] == drawn
    assert desk.own[0].pk in {row["person"].pk for row in then["rows"]}
    assert desk.own[0].pk not in {row["person"].pk for row in now["rows"]}
    assert "处理情况" in client.get(f"{base}&print=yes").content.decode()


def test_the_export_is_the_list_watermarked_and_audited(desk):
    client = desk.client("township_worker")
    assert client.post(reverse("missing-export"), {"reason": ""}).status_code == 422
    answer = client.post(reverse("missing-export"), {"reason": "周五调度会"})
    sheet = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert len(sheet) - 1 == len(client.get(reverse("missing")).context["rows"]) == 6
    assert {row[1] for row in sheet[1:]} == set(w.NAMES)
    with everywhere(), desk_audit():
        detail = AuditEvent.objects.get(verb="people.export").detail
    assert (detail["rows"], detail["reason"]) == (6, "周五调度会")
    assert desk.client("helper").post(reverse("missing-export"), {"reason": "x周五"}).status_code == 403


def test_by_place_the_gaps_are_the_places_with_somebody_missed(desk):
    for person in desk.own:
        desk.keep(person)
    client = desk.client("township_worker")
    everywhere_, gaps = (
        client.get(f"{reverse('duties')}?by=place{more}").context["rows"] for more in ("", "&gap=only")
    )
    assert {row["place"].code for row in everywhere_} == {w.OWN, w.SISTER}
    assert [(row["place"].code, row["sums"].missed) for row in gaps] == [(w.SISTER, 3)]
    assert len(client.get(gaps[0]["missed_url"]).context["rows"]) == 3


# helpers ----------------------------------------------------------------------------------------------------------


def test_naming_handing_over_and_ending(desk):
    client = desk.client("township_worker")
    (row,) = client.get(reverse("helpers-unnamed")).context["rows"]
    assert row["person"].pk == desk.own[2].pk
    offered = {pk for pk, _label in row["choices"]}
    helper, worker = desk.posts["helper"].user_id, desk.posts["village_worker"].user_id
    assert {helper, worker} <= offered
    assert desk.sister.user_id not in offered
    assert client.post(reverse("helpers-unnamed"), {}).status_code == 422
    client.post(reverse("helpers-unnamed"), {f"person-{desk.own[2].pk}": helper})
    assert desk.duty(desk.own[2]).helper_id == helper
    loads = {row["load"].helper_id: row["load"].people for row in client.get(reverse("helpers")).context["rows"]}
    assert loads == {helper: 3, desk.sister.user_id: 3}
    url = reverse("helpers-one", args=[helper])
    today = timezone.localdate().isoformat()
    refused = client.post(url, {"to_helper": desk.sister.user_id, "on": today})
    assert refused.status_code == 422
    client.post(url, {"to_helper": worker, "on": today, "people": [desk.own[0].pk]})
    assert [desk.duty(p).helper_id for p in desk.own] == [worker, helper, helper]
    client.post(reverse("helpers-end"), {"person": str(desk.own[1].uid)})
    assert desk.duty(desk.own[1]).helper_id is None
    assert desk.client("helper").post(reverse("helpers-end"), {"person": str(desk.own[2].uid)}).status_code == 403
    assert desk.client("leader").get(url).status_code == 200
    assert desk.client(desk.stranger).get(url).status_code == 400


def test_a_need_is_handed_on_and_settled(desk):
    send(desk.client("helper"), desk.own[0], needs=["meal"])
    client = desk.client("township_worker")
    (row,) = client.get(reverse("referrals")).context["rows"]
    helper, day = desk.posts["helper"].user_id, (timezone.localdate() + timedelta(days=5)).isoformat()
    client.post(row["url"], {"do": "hand", "hand-to_user": helper, "hand-due_on": day})
    mine = desk.client("helper").get(f"{reverse('referrals')}?to=me").context["rows"]
    assert [one["referral"].due_on.isoformat() for one in mine] == [day]
    assert client.post(row["url"], {"do": "close", "close-result": ""}).status_code == 422
    client.post(row["url"], {"do": "close", "close-result": "送餐三天"})
    assert client.get(reverse("referrals")).context["rows"] == []
    url = f"{reverse('referral-new')}?person={desk.own[1].uid}"
    client.post(url, {"need": "repair", "detail": "女儿来电"})
    assert len(client.get(reverse("referrals")).context["rows"]) == 1


# paper ------------------------------------------------------------------------------------------------------------


def test_a_sheet_is_read_line_by_line_and_saved_once_as_a_whole(desk):
    client, helper = desk.client("village_worker"), desk.posts["helper"].user_id
    url = f"{reverse('quick-entry')}?helper={helper}"
    people = client.get(url).context["people"]
    assert people.split(",") == [str(row["person"].pk) for row in client.get(url).context["rows"]]
    day = f"{timezone.localdate().isoweekday()}"
    word = "一二三四五六日"[int(day) - 1]
    body = {"helper": helper, "people": people, "do": "preview"}
    wrong = client.post(url, body | {"lines": f"1 d{word} 平安\n9 d{word}\n2 d{word} 平俺"})
    assert [bool(line["problems"]) for line in wrong.context["seen"]] == [False, True, True]
    assert client.post(url, body | {"do": "save", "lines": f"1 d{word}\n2 x9"}).status_code == 422
    assert desk.visits(desk.own[0]) == []
    good = f"1 d{word} s{word} 平安 代购\n2 d{word} 没接"
    for _ in range(2):
        saved = client.post(url, body | {"do": "save", "lines": good})
        assert saved.status_code == 302, saved.context["error"]
    first = people.split(",")
    with everywhere():
        rows = list(Visit.objects.order_by("id").values_list("person", "mode", "outcome", "channel", "made_by"))
    assert sorted(rows) == sorted(
        [
            (int(first[0]), "call", "well", "paper", helper),
            (int(first[0]), "home_visit", "needs", "paper", helper),
            (int(first[1]), "call", "no_answer", "paper", helper),
        ]
    )
    stale = client.post(url, body | {"do": "save", "lines": f"1 v{word}", "people": "1,2"})
    assert stale.status_code == 422
    assert "名单在您填写时变了" in stale.content.decode()
    assert client.get(f"{reverse('paper-sheet')}?helper={helper}").context["rows"]
    assert desk.client("helper").get(url).status_code == 403


# strangers --------------------------------------------------------------------------------------------------------


def test_a_helper_of_another_village_reaches_nobody_here(desk):
    desk.record(desk.own[1], outcome="no_answer")
    desk.record(desk.own[0], outcome="needs", needs=["meal"])
    client = desk.client(desk.stranger)
    with everywhere():
        ladder, need = Escalation.objects.get().pk, Referral.objects.get().pk
    for url in (
        new_url(desk.own[0]), new_url(desk.own[0], call="yes"), reverse("escalation", args=[ladder]),
        reverse("referral", args=[need]), f"{reverse('duties')}?area={w.OWN}", f"{reverse('missing')}?area={TOWN}",
        f"{reverse('duties')}?area={FREE_COUNTY}&by=place", f"{reverse('referral-new')}?person={desk.own[0].uid}",
    ):  # fmt: skip
        assert client.get(url).status_code in (400, 404), url
    send(client, desk.own[0], form={"uuid": "7d7c3c60-9b2e-4d8e-9f3e-0123456789ab", "at": timezone.now().isoformat()})
    assert len(desk.visits(desk.own[0])) == 1
    for name in ("duties", "missing", "escalations", "referrals", "excuses", "helpers", "workbench"):
        page = client.get(reverse(name)).content.decode()
        assert str(desk.own[0].uid) not in page
        assert str(desk.own[1].uid) not in page


# cost -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page", ["workbench", "duties", "missing", "helpers", "helpers-unnamed", "escalations", "referrals"]
)
def test_more_people_do_not_mean_more_queries(desk, page):
    """A page of nine people costs as many queries as one of three."""
    for person in desk.own:
        desk.record(person, outcome="no_answer")
        desk.record(person, outcome="needs", needs=["meal"])
    client = desk.client("township_worker")
    client.get(reverse(page))  # what is remembered between requests is remembered
    with CaptureQueriesContext(connection) as few:
        client.get(f"{reverse(page)}?area={w.OWN}")
    for person in desk.others:
        desk.record(person, outcome="no_answer")
        desk.record(person, outcome="needs", needs=["meal"])
    with CaptureQueriesContext(connection) as many:
        client.get(f"{reverse(page)}?area={TOWN}")
    assert len(many) <= len(few) + 6  # a township's page asks about the places below it; a village has none
