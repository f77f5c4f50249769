"""Pages of 台账, 督导, 会议, 数据申请, 考评: what is shown, what is refused, what a form keeps; every page draws for every reader."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from songhe.core.acting import everywhere
from songhe.oversight.awards import actions as awards
from songhe.oversight.awards.models import Nomination
from songhe.oversight.bulletins.models import Letter
from songhe.oversight.ledger import actions, layouts
from songhe.oversight.ledger.models import CloseOut, Drive, Evidence, Item, Layout, Reminder, Sheet
from songhe.oversight.participation import actions as meetings
from songhe.oversight.participation.models import Body, DataRequest, Decision, Meeting
from tests.oversight.bureau import COUNTY, TOWN
from tests.oversight.test_layouts import FIELDS, ROWS, book

TODAY = timezone.localdate


@pytest.fixture
def client_of(office, settings):
    settings.MFA_REQUIRED_FROM = ""

    def enter(name) -> Client:
        client = Client()
        client.force_login(office.user(name))
        return client

    return enter


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def furnished(office):
    """One of everything."""
    made = {"item": office.item(quantity=28, unit="个", programme="dingzhou-2023", title="建成日间照料站")}
    with office("town") as who:
        made["progress"] = actions.record_progress(
            item=made["item"], text="选址完成", files=[SimpleUploadedFile("图.png", b"x")], **who
        )
        made["problem"] = actions.raise_problem(
            item=made["item"], text="产权不清", owner_unit="自规局", due_on=TODAY(), **who
        )
    with office("secretary") as who:
        made["change"] = actions.propose_change(item=made["item"], changes={"quantity": 30}, reason="增加两处", **who)
        made["reminder"] = actions.remind(item=made["item"], text="请报进展", **who)
        made["drive"] = actions.start_drive(
            kind="look_back",
            title="回头看第一轮",
            place=office[COUNTY],
            starts_on=TODAY(),
            ends_on=TODAY(),
            items=[made["item"]],
            **who,
        )
        made["body"] = meetings.found_body(place=office[COUNTY], definition="tangshan-leading-group", **who)
        made["meeting"] = meetings.convene(body=made["body"], on=TODAY(), agenda=[("调度", "民政局")], **who)
        made["decision"] = meetings.decide(
            meeting=made["meeting"], text="办理用房手续", lead_unit="自规局", due_on=TODAY(), **who
        )
        made["request"] = meetings.ask_data(
            place=office[COUNTY], asking_unit="民政局", asked_unit="公安局", subject="死亡登记", purpose="停发", **who
        )
        made["round"] = awards.open_round(award="township-exemplar", place=office[TOWN], **who)
        made["nomination"] = awards.nominate(round=made["round"], name="演示模范", deeds="照料邻居", **who)
        made["layout"] = layouts.save_layout(
            name="民政局版", file=book([]), columns=FIELDS, place=office[COUNTY], **who
        )
        made["sheet"] = layouts.preview(layout=made["layout"], file=book(ROWS), place=office[COUNTY], year=2023, **who)
        from songhe.core import periods

        made["appraisal"] = awards.appraise(
            definition="township-visiting", place=office[COUNTY], period=periods.containing("month", TODAY()), **who
        )
    return made


def pages(made) -> list[str]:
    item, verbs = made["item"].pk, ("progress", "problem", "change", "withdraw", "close", "remind")
    return [
        *(reverse(name) for name in ("ledger", "ledger-new", "ledger-sheets", "ledger-layout-new", "drives", "drive-new", "meetings",
                                     "body-new", "data-requests", "data-request-new", "awards")),
        reverse("ledger-item", args=[item]), *(reverse("ledger-act", args=[item, verb]) for verb in verbs),
        reverse("ledger-act", args=[item, "coordinate"]) + f"?ref={made['problem'].pk}",
        reverse("ledger-act", args=[item, "amend"]) + f"?ref={made['progress'].pk}",
        reverse("ledger-reminder", args=[made["reminder"].pk]), reverse("ledger-sheet", args=[made["sheet"].pk]),
        reverse("drive", args=[made["drive"].pk]), reverse("body", args=[made["body"].pk]),
        reverse("meeting-new", args=[made["body"].pk]), reverse("meeting", args=[made["meeting"].pk]),
        reverse("data-request", args=[made["request"].pk]), reverse("award", args=[made["round"].pk]),
        reverse("appraisal", args=[made["appraisal"].pk]),
    ]  # fmt: skip


def test_every_page_draws_for_the_secretary_in_both_languages(furnished, client_of):
    for language in ("zh-hans", "en"):
        client = client_of("secretary")
        client.cookies["django_language"] = language
        for path in pages(furnished):
            answer = client.get(path)
            assert answer.status_code == 200, f"{path}: {answer.status_code} {text(answer)[-300:]}"
            assert "{%" not in text(answer), path
            assert "{{" not in text(answer), path


def test_strangers_and_helpers_see_none_of_it(furnished, client_of):
    for path in pages(furnished):
        if "/ledger/" in path or "/meetings/" in path or "/awards/" in path:
            assert client_of("helper").get(path).status_code in (403, 404), path
    found = [path for path in pages(furnished) if any(c.isdigit() for c in path)]
    stranger = client_of("stranger")
    for path in found:
        assert stranger.get(path).status_code == 404, path


def test_the_list_filters_counts_and_exports_the_same_lines(office, furnished, client_of):
    office.item(days=-3, title="已经晚了的事")
    client = client_of("second")
    shown = text(client.get(reverse("ledger")))
    assert "建成日间照料站" in shown
    assert "已经晚了的事" in shown
    late = text(client.get(reverse("ledger"), {"state": "late"}))
    assert "已经晚了的事" in late
    assert "建成日间照料站" not in late
    answer = client.get(reverse("ledger-export"), {"state": "late"})
    assert answer["Content-Type"].startswith("application/vnd.openxmlformats")
    filled = client.get(reverse("ledger-export"), {"layout": furnished["layout"].pk})
    assert filled.content[:2] == b"PK"
    before = text(client.get(reverse("ledger"), {"on": (TODAY() - timedelta(days=5)).isoformat()}))
    assert "当天的状态" in before
    assert client.get(reverse("ledger"), {"on": "yesterday"}).status_code == 200


def test_an_item_goes_from_new_to_closed_by_its_pages(office, client_of):
    clerk, leader = client_of("clerk"), client_of("leader")
    given = {"title": "新增助餐点", "place": office[TOWN].pk, "lead_unit": "民政局", "cooperating_units": "财政局、市监局",
             "due_on": TODAY() + timedelta(days=30), "signers_needed": 1}  # fmt: skip
    wrong = clerk.post(reverse("ledger-new"), given | {"due_on": "2001-01-01", "starts_on": TODAY()})
    assert wrong.status_code == 422
    assert "新增助餐点" in text(wrong), "nothing entered is lost"
    assert clerk.post(reverse("ledger-new"), given).status_code == 302
    with everywhere():
        item = Item.objects.get()
        assert item.cooperating_units == ["财政局", "市监局"]
    act = lambda verb: reverse("ledger-act", args=[item.pk, verb])  # noqa: E731 - a short name for a long call
    town = client_of("town")
    files = [SimpleUploadedFile("一.pdf", b"%PDF-1"), SimpleUploadedFile("二.png", b"png")]
    assert town.post(act("progress"), {"text": "已开业", "on": TODAY(), "files": files}).status_code == 302
    with everywhere():
        assert Evidence.objects.count() == 2
        file = Evidence.objects.first()
    answer = town.get(reverse("ledger-file", args=[file.pk]))
    assert b"".join(answer.streaming_content) == b"%PDF-1"
    assert client_of("other").get(reverse("ledger-file", args=[file.pk])).status_code == 404
    asked = town.post(act("close"), {"statement": "已验收", "signers": [office.user("leader").pk], "needed": 1})
    assert asked.status_code == 302
    with everywhere():
        close_out = CloseOut.objects.get()
    assert "等我办理" in text(leader.get(reverse("ledger")))
    returned = leader.post(act("sign"), {"ref": close_out.pk, "verdict": "return", "opinion": ""})
    assert returned.status_code == 422
    assert leader.post(act("sign"), {"ref": close_out.pk, "verdict": "agree"}).status_code == 302
    page = text(leader.get(reverse("ledger-item", args=[item.pk])))
    assert "已销号" in page
    assert client_of("town").get(act("sign") + f"?ref={close_out.pk}").status_code == 403


def test_a_change_is_decided_on_a_page(office, furnished, client_of):
    item, change = furnished["item"], furnished["change"]
    path = reverse("ledger-act", args=[item.pk, "decide"])
    assert client_of("secretary").get(f"{path}?ref={change.pk}").status_code == 403
    leader = client_of("leader")
    shown = text(leader.get(f"{path}?ref={change.pk}"))
    assert "增加两处" in shown
    assert "28" in shown
    assert leader.post(path, {"ref": change.pk, "verdict": "approved"}).status_code == 302
    with everywhere():
        assert Item.objects.get(pk=item.pk).quantity == 30


def test_a_layout_is_learnt_in_two_steps_and_used(office, client_of):
    client = client_of("clerk")
    step = client.post(reverse("ledger-layout-new"), {"file": book(ROWS)})
    assert step.status_code == 200
    kept = step.context["form"].initial["kept"]
    columns = {f"column-{at}": name for at, name in enumerate(FIELDS)}
    bad = client.post(reverse("ledger-layout-new"), {"kept": kept, "name": "版式"} | columns | {"column-4": ""})
    assert bad.status_code == 422
    assert client.post(reverse("ledger-layout-new"), {"kept": "forged", "name": "版式"} | columns).status_code == 404
    assert client.post(reverse("ledger-layout-new"), {"kept": kept, "name": "版式"} | columns).status_code == 302
    with everywhere():
        layout = Layout.objects.get()
    given = {"layout": layout.pk, "file": book(ROWS), "place": office[COUNTY].pk, "year": 2023}
    assert client.post(reverse("ledger-sheets"), given).status_code == 302
    with everywhere():
        sheet = Sheet.objects.get()
        assert not Item.objects.exists()
    assert "不是能确定的日期" in text(client.get(reverse("ledger-sheet", args=[sheet.pk])))
    assert client.post(reverse("ledger-sheet-confirm", args=[sheet.pk])).status_code == 302
    with everywhere():
        assert Item.objects.count() == 2


def test_a_reminder_prints_and_is_answered(office, furnished, client_of):
    path = reverse("ledger-reminder", args=[furnished["reminder"].pk])
    assert "请报进展" in text(client_of("secretary").get(path))
    assert client_of("leader").post(path, {"answer": "替答"}).status_code == 403
    assert client_of("town").post(path, {"answer": "周五报"}).status_code == 302
    with everywhere():
        assert Reminder.objects.get().answer == "周五报"


def test_meetings_by_their_pages(office, client_of):
    client = client_of("secretary")
    given = {"definition": "laixi-joint-meeting", "kind": "joint_meeting", "place": office[COUNTY].pk}
    assert client.post(reverse("body-new"), given).status_code == 302
    with everywhere():
        body = Body.objects.get()
        seat = body.memberships.get(unit="市医疗保障局")
        finance = body.memberships.get(unit="市财政局")
    left = reverse("seat-end", args=[body.pk, finance.pk])
    assert [client.post(left).status_code for _ in "12"] == [302, 400], "a seat ends once"
    client.post(reverse("meeting-new", args=[body.pk]), {"on": TODAY(), "agenda": "调度进度｜市民政局\n研究用房"})
    with everywhere():
        meeting = Meeting.objects.get()
    path = reverse("meeting", args=[meeting.pk])
    assert client.post(path, {"do": "attendance", f"mark-{seat.pk}": "present"}).status_code == 302
    assert client.post(path, {"do": "minutes", "minutes-text": "会议决定……"}).status_code == 302
    wrong = client.post(path, {"do": "decide", "decide-text": "办手续", "decide-lead_unit": "市自然资源局", "decide-due_on": "2001-01-01"})  # fmt: skip
    assert wrong.status_code == 422
    assert "办手续" in text(wrong)
    assert client.post(path, {"do": "decide", "decide-text": "办手续", "decide-lead_unit": "市自然资源局", "decide-due_on": TODAY()}).status_code == 302  # fmt: skip
    with everywhere():
        decision = Decision.objects.get()
    assert client.post(path, {"do": "take_on", "decision": decision.pk, "place": office[TOWN].pk}).status_code == 302
    with everywhere():
        assert Decision.objects.get().item.place.code == TOWN
    assert client_of("leader").post(path, {"do": "minutes", "minutes-text": "x"}).status_code == 403
    assert client_of("town").get(path).status_code == 403


def test_a_data_request_by_its_pages(office, furnished, client_of):
    client = client_of("clerk")
    path = reverse("data-request", args=[furnished["request"].pk])
    assert client.post(path, {"outcome": "refused", "on": TODAY()}).status_code == 422
    assert client.post(path, {"outcome": "provided", "on": TODAY()}).status_code == 302
    with everywhere():
        assert DataRequest.objects.get().answered_on == TODAY()


def test_the_sixth_is_refused_on_the_page_and_nothing_typed_is_lost(office, furnished, client_of):
    client, path = client_of("town"), reverse("award", args=[furnished["round"].pk])
    for n in range(4):
        assert (
            client.post(path, {"do": "nominate", "nominate-name": f"第{n}位", "nominate-deeds": "好"}).status_code
            == 302
        )
    sixth = client.post(path, {"do": "nominate", "nominate-name": "第六位", "nominate-deeds": "也很好"})
    assert sixth.status_code == 422
    assert "不超过 5 名" in text(sixth)
    assert "也很好" in text(sixth)
    with everywhere():
        assert Nomination.objects.count() == 5
    assert client.post(path, {"do": "choose", "choose-where": "公众号"}).status_code == 403


def test_the_menu_offers_the_ledger_to_those_who_may(office, client_of):
    assert reverse("ledger") in text(client_of("secretary").get(reverse("ledger")))
    assert f'href="{reverse("ledger")}' not in text(client_of("helper").get(reverse("workbench")))


def test_the_list_asks_as_often_for_thirty_as_for_three(office, client_of):
    client = client_of("clerk")

    def asked() -> list[int]:
        counts = []
        for name in ("ledger", "ledger-export", "drive-new"):
            client.get(reverse(name))
            with CaptureQueriesContext(connection) as caught:
                assert client.get(reverse(name)).status_code == 200
            counts.append(len(caught))
        return counts

    for n in range(3):
        office.item(title=f"事项{n}")
    few = asked()
    for n in range(27):
        office.item(title=f"更多{n}")
    assert asked() == few
    assert max(few) <= 40


def test_a_round_over_more_lines_than_are_listed(office, client_of, monkeypatch):
    """However many the filters leave, the round takes them whole; those listed can be chosen one by one."""
    from songhe.doors.desk.views import drives

    monkeypatch.setattr(drives, "MOST", 2)
    monkeypatch.setattr(drives, "PAGE", 2)
    rows = [office.item(title=f"事项{n}", programme="p" if n < 3 else "") for n in range(4)]
    client = client_of("clerk")
    path = reverse("drive-new") + "?programme=p"
    assert "只列出前 2 项" in text(client.get(path))
    given = {
        "kind": "look_back",
        "title": "回头看",
        "place": office[COUNTY].pk,
        "starts_on": TODAY(),
        "ends_on": TODAY(),
    }
    none = client.post(path, given | {"reach": "chosen"})
    assert none.status_code == 422
    assert "请至少选一个事项" in text(none)
    made = client.post(path, given | {"reach": "all"})
    with everywhere():
        drive = Drive.objects.get()
        assert set(drive.chosen.values_list("item", flat=True)) == {row.pk for row in rows[:3]}
    first, second = text(client.get(made.url)), text(client.get(made.url + "?after=2"))
    assert ("事项0</a>" in first, "事项2</a>" in first, "事项2</a>" in second) == (True, False, True)
    assert client.post(path, given | {"reach": "chosen", "items": [rows[1].pk]}).status_code == 302
    with everywhere():
        assert list(Drive.objects.last().chosen.values_list("item", flat=True)) == [rows[1].pk]


def test_a_letter_is_drafted_from_a_late_line(office, client_of):
    late = office.item(days=-3, title="建成日间照料站", quantity=28, unit="个", source_document="虚〔2023〕1号")
    with office("town") as who:
        actions.record_progress(item=late, text="已开工", done=7, **who)
    client = client_of("clerk")
    page = text(client.get(reverse("ledger-item", args=[late.pk])))
    path = reverse("letter-new", args=["supervision"]) + f"?item={late.pk}"
    assert f'href="{path}"' in page
    initial = client.get(path).context["form"].initial
    assert {"民政局", "建成日间照料站", "虚〔2023〕1号"} <= set(initial.values())
    assert any("已完成7个（应完成28个），最新进展：已开工" in str(value) for value in initial.values())
    assert client.post(path, initial | {"answer_by": initial["answer_by"]}).status_code == 302
    with everywhere():
        letter = Letter.objects.get()
    assert letter.title == "关于建成日间照料站的督办单"
    assert letter.fields["单位"] == "民政局"
    assert client_of("stranger").get(path).status_code == 404
    assert reverse("letter-new", args=["reminder"]) in text(client.get(reverse("ledger-item", args=[office.item().pk])))
    assert "letters/new" not in text(client_of("town").get(reverse("ledger-item", args=[late.pk])))


def test_a_letter_is_drafted_from_a_late_goal(office, client_of, monkeypatch):
    from tests.oversight.programmes.conftest import use

    programme = use(monkeypatch)
    given = {"place": COUNTY, "programme": programme.id, "target": "tenders", "starts_on": date(2023, 3, 1)}
    office.item(title="招标", due_on=date(2023, 6, 30), **given)
    client = client_of("clerk")
    page = text(client.get(reverse("programme-goal", args=[programme.id, "tenders"]), {"on": "2023-07-03"}))
    path = reverse("letter-new", args=["supervision"])
    assert path in page
    assert reverse("ledger") + "?on=2023-07-03&amp;programme=test-2023&amp;target=tenders" in page
    asked = {"programme": programme.id, "goal": "tenders", "on": "2023-07-03", "place": COUNTY}
    initial = client.get(path, asked).context["form"].initial
    assert {"招标", "2023年6月30日", "已完成0家（应完成2家）", "2023年7月3日", "2023年7月6日"} <= set(initial.values())
    assert "《虚构通知》（虚〔2023〕1号）" in initial.values()
    assert initial["subject"] == "test-2023/tenders"
    assert client.get(path, asked | {"place": "990201"}).status_code == 404
