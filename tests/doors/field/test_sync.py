"""The three questions of the telephone page: who am I, whom do I see today, take these records."""

import base64
import json
import re
import uuid
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from songhe.care.visits import queries
from songhe.care.visits.actions.assess import signatures_of
from songhe.care.visits.actions.correct import standing
from songhe.care.visits.models import Correction, Doorstep, Visit
from songhe.core import acting
from songhe.core.acting import everywhere
from songhe.core.models import AuditEvent
from songhe.registry.accounts.models import Post
from songhe.registry.people.assessment import load_scale
from songhe.registry.people.models import Assessment, Person

pytestmark = pytest.mark.django_db


def row(kind, body, post, number=None):
    return {"uuid": str(number or uuid.uuid4()), "kind": kind, "post": post.pk, "body": body}


def visit(who, **more):
    at = (timezone.now() - timedelta(minutes=5)).isoformat()
    return {
        "person": who.pk,
        "mode": "call",
        "outcome": "well",
        "occurred_at": at,
        "needs": [],
        "note": "",
        "client_at": at,
    } | more


def sent(field, post, rows, owner=None):
    body = {"owner": owner or post.user_id, "sent_at": timezone.now().isoformat(), "rows": rows}
    return field.client(post).post("/field/sync/", json.dumps(body), content_type="application/json")


def audits(verb):
    with acting.acting(acting.EVERYWHERE, sees_audit="yes"):
        return list(AuditEvent.objects.filter(verb=verb))


def test_strangers_get_a_sentence_not_a_page(client):
    for path in ("/field/token/", "/field/list/", "/field/sync/"):
        answer = client.post(path, "{}", content_type="application/json") if "sync" in path else client.get(path)
        assert answer.status_code == 401, path
        assert answer.json()["songhe"] == "field/1"
        assert "记录都还在本机" in answer.json()["zh"]


def test_the_frame_and_its_worker_hold_nobodys_data(field, client):
    signed = field.client(field.helper)
    for path in ("/field/", "/field/sw.js", "/field/app.webmanifest", "/field/scale.json"):
        mine, anybodys = signed.get(path), client.get(path)
        assert mine.status_code == anybodys.status_code == 200
        texts = [re.sub(r'"now": "[^"]*"', "", each.content.decode()) for each in (mine, anybodys)]
        assert texts[0] == texts[1], f"{path} depends on who asks"
        assert field.people[0].name not in mine.content.decode()
    assert len(client.get("/field/scale.json").json()["domains"]) == 4


def test_the_list_is_ones_own_people_and_little_about_them(field):
    body = field.client(field.helper).get("/field/list/").json()
    assert {p["id"] for p in body["people"]} == {p.pk for p in field.people}
    one = body["people"][0]
    assert set(one) <= {
        "id",
        "post",
        "name",
        "age",
        "village",
        "phone",
        "door_note",
        "call_time",
        "calls",
        "visits",
        "rank",
        "excused",
        "ladder",
        "demo",
    }
    assert one["phone"] == "13000000000"
    assert one["calls"] == [0, 2]
    assert body["key"] != field.client(field.second).get("/field/list/").json()["key"], "a key for each account"
    assert body["key"] == field.client(field.helper).get("/field/list/").json()["key"], "the same at every sign-in"
    assert field.client(field.second).get("/field/list/").json()["people"] == []


def test_reading_the_list_stands_in_the_audit(field):
    field.client(field.helper).get("/field/list/")
    (seen,) = audits("people.unmask")
    assert sorted(seen.detail["people"]) == sorted(p.pk for p in field.people)
    assert [a.detail["rows"] for a in audits("people.list")] == [len(field.people)]


def test_a_sign_in_lasts_a_working_day_unless_a_second_factor_is_due(field, settings):
    client = field.client(field.helper)
    client.get("/field/list/")
    assert client.session.get_expiry_age() == 12 * 3600
    settings.MFA_REQUIRED_FROM = "village"
    other = field.client(field.second)
    answer = other.get("/field/list/")
    assert answer.status_code == 302  # to the second factor: the phone says 请重新登录
    assert other.session.get_expiry_age() != 12 * 3600


def test_records_are_kept_once_each_with_its_audit_row(field):
    rows = [row("visit", visit(p), field.helper) for p in field.people]
    first, again = sent(field, field.helper, rows), sent(field, field.helper, rows)
    assert [a["result"] for a in first.json()["rows"]] == ["kept"] * 3
    assert [a["result"] for a in again.json()["rows"]] == ["kept"] * 3
    with everywhere():
        found = list(Visit.objects.all())
    assert len(found) == 3
    assert {v.channel for v in found} == {"phone"}
    assert {v.made_by for v in found} == {field.helper.user_id}
    assert sum(len(a.detail["visits"]) for a in audits("visits.record")) == 3


def test_a_wrong_row_comes_back_alone_with_reason_and_next_step(field):
    number = uuid.uuid4()
    away = next(p for p in field.county.people if p.village_id == field.county.villages[3].pk)
    later = (timezone.now() + timedelta(days=2)).isoformat()
    rows = [
        row("visit", visit(field.people[0]), field.helper, number), row("visit", visit(away), field.helper),
        row("visit", visit(field.people[0], occurred_at=later), field.helper), row("visit", visit(field.people[1], needs=7), field.helper),
        row("visit", visit(field.people[0], outcome="unwell"), field.helper, number), row("visit", {}, field.helper),
    ]  # fmt: skip
    answers = sent(field, field.helper, rows).json()["rows"]
    assert [a["result"] for a in answers] == ["kept", "returned", "returned", "returned", "returned", "returned"]
    assert all(a["zh"] and a["en"] and ("请" in a["zh"]) for a in answers[1:])
    with everywhere():
        assert Visit.objects.count() == 1


def test_no_row_can_break_the_parcel(field):
    """Whatever stands in a row, the others are kept and the answer is an answer."""
    strange = [None, 7, "x", [], {}, True, -1, "\x00", {"a": [1]}, 10**30]
    rows = [row("visit", visit(field.people[0], person=s), field.helper) for s in strange if s is not None]
    rows += [row("visit", visit(field.people[0], note=s), field.helper) for s in strange]
    rows += [row("visit", visit(field.people[0], occurred_at=s), field.helper) for s in strange]
    rows += [
        row("correction", {"person": s, "fact": "door_note", "value": "x", "based_on": ""}, field.helper)
        for s in strange
    ]
    rows += [
        row("correction", {"person": field.people[0].pk, "fact": s, "value": s, "based_on": s}, field.helper)
        for s in strange
    ]
    rows += [row("assessment", {"person": s, "on": s, "findings": s, "answers": s}, field.helper) for s in strange]
    rows += [row("visit", visit(field.people[1]), field.helper)]
    answer = sent(field, field.helper, rows)
    assert answer.status_code == 200
    assert answer.json()["rows"][-1]["result"] == "kept"
    assert {a["result"] for a in answer.json()["rows"]} <= {"kept", "returned", "held"}


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"rows": 7}', '{"rows": [7]}', '{"rows": [{"uuid": "x", "kind": "visit", "body": {}}]}', "\xff"])  # fmt: skip
def test_an_unreadable_parcel_is_refused_whole(field, body):
    answer = field.client(field.helper).post("/field/sync/", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["code"] == "unreadable"


def test_too_many_rows_and_somebody_elses_rows(field):
    rows = [row("visit", visit(field.people[0]), field.helper)]
    assert sent(field, field.helper, rows * 501).status_code == 413
    other = sent(field, field.second, rows, owner=field.helper.user_id)
    assert other.status_code == 409
    assert other.json()["code"] == "other_owner"
    with everywhere():
        assert not Visit.objects.exists()


def test_the_token_is_needed_and_fresh(field):
    client = field.client(field.helper, enforce_csrf_checks=True)
    body = json.dumps({"owner": field.helper.user_id, "rows": [row("visit", visit(field.people[0]), field.helper)]})
    assert client.post("/field/sync/", body, content_type="application/json").status_code == 403
    token = client.get("/field/token/").json()["token"]
    kept = client.post("/field/sync/", body, content_type="application/json", headers={"X-CSRFToken": token})
    assert kept.json()["rows"][0]["result"] == "kept"


def test_lost_rights_hold_the_rows_and_keep_nothing(field):
    rows = [row("visit", visit(field.people[0]), field.helper)]
    with everywhere():
        Post.objects.filter(pk=field.helper.pk).update(valid_to=timezone.localdate())
    answer = sent(field, field.helper, rows)
    assert (answer.status_code, answer.json()["code"]) == (403, "no_post")
    with everywhere():
        other = Post.objects.create(
            user=field.helper.user, role="assessor", place=field.county.place, valid_from="2020-01-01"
        )
    held = sent(field, field.helper, rows).json()["rows"][0]
    assert held["result"] == "held"
    assert "岗位" in held["zh"]
    with everywhere():
        assert not Visit.objects.exists()
        other.delete()
        Post.objects.filter(pk=field.helper.pk).update(valid_to=None)
    assert sent(field, field.helper, rows).json()["rows"][0]["result"] == "kept"


def test_half_a_parcel_that_fails_leaves_nothing(field, monkeypatch):
    from songhe.doors.field import kinds

    def broken(*_words):
        raise RuntimeError("no disk")

    monkeypatch.setitem(kinds.KINDS, "correction", broken)
    rows = [row("visit", visit(field.people[0]), field.helper), row("correction", {}, field.helper)]
    client = field.client(field.helper)
    client.raise_request_exception = False
    body = json.dumps({"owner": field.helper.user_id, "rows": rows})
    assert client.post("/field/sync/", body, content_type="application/json").status_code == 500
    with everywhere():
        assert not Visit.objects.exists()
    assert audits("visits.record") == []


def test_kept_once_is_kept_although_the_person_moved_away_before_the_answer_came(field):
    """The first answer was lost; sent again, it must not come back as refused, or it would be entered twice."""
    said = {"person": field.people[0].pk, "fact": "door_note", "value": "东头", "based_on": ""}
    rows = [row("visit", visit(field.people[0]), field.helper), row("correction", said, field.helper)]
    assert [a["result"] for a in sent(field, field.helper, rows).json()["rows"]] == ["kept", "kept"]
    with everywhere():
        Person.objects.filter(pk=field.people[0].pk).update(**field.county.villages[3].areas())
    assert [a["result"] for a in sent(field, field.helper, rows).json()["rows"]] == ["kept", "kept"]
    fresh = [row("visit", visit(field.people[0]), field.helper), row("correction", said, field.helper)]
    assert [a["result"] for a in sent(field, field.helper, fresh).json()["rows"]] == ["returned", "returned"]


# corrections


def corrected(field, fact, value, based_on, post=None):
    post = post or field.helper
    body = {"person": field.people[0].pk, "fact": fact, "value": value, "based_on": based_on}
    return sent(field, post, [row("correction", body, post)]).json()["rows"][0]


def now(field, fact):
    with everywhere():
        return standing(Person.objects.get(pk=field.people[0].pk), fact)


def test_a_correction_applies_while_nobody_was_quicker(field):
    assert corrected(field, "phone", "13900000001", "13000000000")["result"] == "kept"
    assert corrected(field, "door_note", "东头红门", "")["result"] == "kept"
    assert corrected(field, "door_note", "东头绿门", "东头红门")["result"] == "kept"
    assert (now(field, "phone"), now(field, "door_note")) == ("13900000001", "东头绿门")
    one = next(
        p for p in field.client(field.helper).get("/field/list/").json()["people"] if p["id"] == field.people[0].pk
    )
    assert (one["phone"], one["door_note"]) == ("13900000001", "东头绿门")
    corrected(field, "call_time", "晚饭后", "")
    file = f"/people/{field.people[0].uid}/"
    shown = field.client(field.town).get(file).content.decode()
    assert ("东头绿门" in shown, "晚饭后" in shown, "东头红门" in shown) == (True, True, False)
    leader = field.client(field.county.post("leader", field.county.place)).get(file).content.decode()
    assert "东头绿门" not in leader, "for those who go there"


@pytest.mark.parametrize("take", ["proposed", "standing"])
def test_a_clash_waits_for_the_township_with_both_values(field, take):
    from songhe.care.visits import actions
    from songhe.core.refusal import Refusal
    from songhe.registry.accounts.access import acting_as

    corrected(field, "call_time", "上午", "")
    assert corrected(field, "call_time", "晚饭后", "", field.second)["result"] == "clash"
    assert now(field, "call_time") == "上午", "not overwritten"
    desk = field.client(field.town)
    page = desk.get("/duties/corrections/").content.decode()
    assert "上午" in page
    assert "晚饭后" in page
    with acting_as(field.town):
        (clash,) = queries.clashes(post=field.town)
    desk.post("/duties/corrections/", {"correction": clash.pk, "take": take, "seen": "上午"})
    assert now(field, "call_time") == ("晚饭后" if take == "proposed" else "上午")
    with acting_as(field.town), pytest.raises(Refusal):
        actions.decide(correction=clash, take=take, seen="上午", by=field.town.user, post=field.town)
    assert "没有待核定的更正" in desk.get("/duties/corrections/").content.decode()


def test_a_clash_is_not_decided_on_an_old_page(field):
    corrected(field, "door_note", "甲", "")
    corrected(field, "door_note", "乙", "")
    corrected(field, "door_note", "丙", "甲")
    with everywhere():
        clash = Correction.objects.get(state="clash")
    answer = field.client(field.town).post(
        "/duties/corrections/", {"correction": clash.pk, "take": "proposed", "seen": "甲"}, follow=True
    )
    assert "又变了" in answer.content.decode()
    assert now(field, "door_note") == "丙"


def test_what_cannot_be_a_telephone_comes_back(field):
    answer = corrected(field, "phone", "1300", "13000000000")
    assert answer["result"] == "returned"
    assert now(field, "phone") == "13000000000"
    assert corrected(field, "door_note", "长" * 121, "")["result"] == "returned"


def test_an_assessor_may_not_correct(field):
    assert corrected(field, "door_note", "东头红门", "", field.assessor)["result"] == "held"
    assert now(field, "door_note") == ""


# assessments


def assessed(field, **more):
    scale = load_scale()
    line = [[100, 100, 200, 200, 300, 100]]
    body = {
        "person": field.people[0].pk, "on": timezone.localdate().isoformat(), "reason": "first", "agency": "",
        "answers": {item.id: max(item.scores) for item in scale.items},
        "findings": {"coma": False, "mental_diagnosis": False, "risk_events": {risk.id: 0 for risk in scale.risk_types}},
        "assessors": ["甲评估", "乙评估"], "medical": [True, False], "informant": "丙家属", "relation": "self",
        "signatures": dict.fromkeys(("assessor_1", "assessor_2", "informant"), line),
    }  # fmt: skip
    return row("assessment", body | more, field.assessor)


def test_an_assessment_is_recorded_once_with_its_signatures(field):
    sheet = assessed(field)
    for _ in range(2):
        assert sent(field, field.assessor, [sheet]).json()["rows"][0]["result"] == "kept"
    with everywhere():
        (made,) = Assessment.objects.all()
        (kept,) = Doorstep.objects.all()
        assert made.level == 0
        assert made.assessors == ["甲评估", "乙评估"]
        assert signatures_of(kept)["informant"] == [[100, 100, 200, 200, 300, 100]]
        assert Person.objects.get(pk=field.people[0].pk).ability_level == 0
    assert len(audits("people.record_assessment")) == 1
    page = field.client(field.town).get(f"/assessments/{made.pk}/").content.decode()
    assert page.count('d="M100 100 L200 200 L300 100"') == 3, "the three signatures are drawn on the desk"
    assert "丙家属的签名" in page
    sheet["body"] = sheet["body"] | {"informant": "别人"}
    assert sent(field, field.assessor, [sheet]).json()["rows"][0]["code"] == "record_clash"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"signatures": {}}, "signature_missing"), ({"assessors": ["甲", "甲"]}, "assessment_two_assessors"),
        ({"informant": ""}, "assessment_informant"), ({"answers": {}}, "assessment_unanswered"), ({"on": "昨天"}, "unreadable"),
        ({"reason": "why"}, "unknown_reason"), ({"signatures": {"assessor_1": [[1, 2, "x"]]}}, "signature_missing"),
    ],
)  # fmt: skip
def test_an_incomplete_assessment_comes_back_and_nothing_stays(field, change, code):
    answer = sent(field, field.assessor, [assessed(field, **change)]).json()["rows"][0]
    assert (answer["result"], answer["code"]) == ("returned", code)
    with everywhere():
        assert not Assessment.objects.exists()
        assert not Doorstep.objects.exists()


def test_the_assessors_list(field):
    body = field.client(field.assessor).get("/field/list/").json()
    assert body["people"] == []
    assert {p["id"] for p in body["assess"]} == {p.pk for p in field.county.people}
    assert "phone" not in body["assess"][0]


def test_the_plan_in_force_gives_the_order_and_the_people_of_a_colleague(field):
    from songhe.care.duties.access import SYSTEM
    from songhe.core.periods import containing
    from songhe.insight.rounds import actions
    from songhe.insight.rounds.models import PlanItem

    today = timezone.localdate()
    mine = field.client(field.helper)
    week = containing("week", today)
    with everywhere():
        other = field.county.person(field.county.villages[0])
        plan = actions.make_week(
            place=field.county.towns[0], period=week, today=week.start, effort=200, by=0, post=SYSTEM
        )
        PlanItem.objects.filter(plan=plan).delete()  # what the plan says is not asked here: three stops of today
        stops = [(other, "visit"), (field.people[0], "call"), (field.people[0], "visit")]
        for at, (person, kind) in enumerate(stops):  # kept from 0, told from 1
            PlanItem.objects.create(
                plan=plan, helper=field.helper.user, person=person, on=today, kind=kind, position=at, start=0,
                village_id=person.village_id, town_id=person.town_id, county_id=person.county_id, city_id=person.city_id,
            )  # fmt: skip
        assert all("route" not in row for row in mine.get("/field/list/").json()["people"]), "a draft binds nobody"
        actions.tell(plan=plan, by=0, post=SYSTEM)
    people = mine.get("/field/list/").json()["people"]
    day = today.isoformat()
    assert {row["id"]: row["route"] for row in people if "route" in row} == {
        other.pk: [[day, "visit", 1]],
        field.people[0].pk: [[day, "call", 2], [day, "visit", 3]],
    }
    assert {row["id"] for row in people} == {person.pk for person in field.people} | {other.pk}


# a position, a photograph: for those who want


def enclosed(field, door, helper=None, **more):
    body = {"visit": door["uuid"], "position": {"lat": 38.51, "lon": 114.99, "accuracy": 21.4}, "photo": ""} | more
    return row("enclosure", body, helper or field.helper)


def picture() -> str:
    """A small photograph that says where it was taken."""
    import io

    from PIL import Image

    out, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = "演示手机"
    Image.linear_gradient("L").resize((320, 240)).convert("RGB").save(out, "JPEG", exif=exif)
    return base64.b64encode(out.getvalue()).decode()


def test_what_was_added_to_a_visit_is_kept_sealed_once_and_shown_to_the_township_alone(field):
    from songhe.care.visits.actions import forget_pictures
    from songhe.care.visits.actions.enclose import position_of
    from songhe.care.visits.models import Enclosure
    from songhe.care.visits.pictures import in_force

    door = row("visit", visit(field.people[0], mode="home_visit"), field.helper)
    added = enclosed(field, door, photo=picture())
    for _ in range(2):
        answers = sent(field, field.helper, [door, added]).json()["rows"]
        assert [answer["result"] for answer in answers] == ["kept", "kept"]
    with everywhere():
        (kept,) = Enclosure.objects.all()
        assert position_of(kept) == {"lat": 38.51, "lon": 114.99, "accuracy": 21.4}
        assert Visit.objects.get().counts
    stored = default_storage.open(kept.stored_as).read()
    assert b"JFIF" not in stored, "sealed on disk"
    again = sent(field, field.helper, [enclosed(field, door)]).json()["rows"][0]
    assert (again["result"], again["code"]) == ("returned", "enclosed_before")
    page = f"/people/{field.people[0].uid}/?tab=visits"
    town = field.client(field.town)
    shown = town.get(page).content.decode()
    assert "误差约 21 米" in shown
    path = f"/visits/photos/{kept.pk}/"
    assert path in shown
    clear = b"".join(town.get(path).streaming_content)
    assert clear[:2] == b"\xff\xd8"
    assert "演示手机".encode() not in clear, "nothing the telephone wrote into it"
    helper = field.client(field.helper)
    assert "误差约" not in helper.get(page).content.decode()
    assert helper.get(path).status_code == 403
    stranger = field.client(field.county.post("township_worker", field.county.towns[1]))
    assert stranger.get(path).status_code == 404
    with everywhere():
        days = in_force(timezone.localdate()).visit_days
        assert forget_pictures(on=timezone.localdate() + timedelta(days=days - 1))["visits"] == 0
        assert forget_pictures(on=timezone.localdate() + timedelta(days=days))["visits"] == 1
        assert Visit.objects.count() == 1
    assert not default_storage.exists(kept.stored_as)
    assert town.get(path).status_code == 404
    assert sent(field, field.helper, [added]).json()["rows"][0]["result"] == "kept", "the same sending is still known"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"position": None}, "enclosure_empty"), ({"position": {"lat": 91, "lon": 0, "accuracy": 1}}, "position"),
        ({"position": {"lat": True, "lon": 0, "accuracy": 1}}, "position"), ({"position": {"lat": 1}}, "position"),
        ({"photo": "!"}, "unreadable"), ({"photo": "bm8="}, "photo_unreadable"), ({"visit": "x"}, "unreadable"),
        ({"visit": "00000000-0000-4000-8000-000000000000"}, "enclosure_no_visit"),
    ],
)  # fmt: skip
def test_what_cannot_be_added_comes_back_and_the_visit_stands(field, more, code):
    door = row("visit", visit(field.people[0], mode="home_visit"), field.helper)
    answers = sent(field, field.helper, [door, enclosed(field, door, **more)]).json()["rows"]
    assert (answers[0]["result"], answers[1]["result"], answers[1]["code"]) == ("kept", "returned", code)


def test_nobody_adds_to_the_visit_of_another(field):
    door = row("visit", visit(field.people[0], mode="home_visit"), field.helper)
    sent(field, field.helper, [door])
    other = sent(field, field.second, [enclosed(field, door, field.second)]).json()["rows"][0]
    assert (other["result"], other["code"]) == ("returned", "enclosure_no_visit")
