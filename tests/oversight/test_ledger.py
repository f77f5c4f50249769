"""Every verb of the ledger: it happened, it was refused, half of it failed and nothing stayed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.utils import timezone

from songhe.core import acting, workdays
from songhe.core.acting import everywhere
from songhe.core.models import AuditEvent
from songhe.core.refusal import Refusal
from songhe.oversight.ledger import actions, evidence, queries
from songhe.oversight.ledger.models import Change, CloseOut, Evidence, Finding, Item, Progress
from songhe.registry.accounts.access import Denied
from tests import world as w
from tests.oversight.bureau import COUNTY, OTHER_TOWN, TOWN

TODAY = timezone.localdate


def refused(code):
    """Refused with this code; the transaction of the attempt is undone."""
    return pytest.raises(Refusal, check=lambda error: error.code == code)


def state(office, item, on=None):
    with everywhere():
        return queries.states([Item.objects.get(pk=item.pk)], on=on or TODAY())[item.pk].name


def test_an_item_is_taken_on_and_seen_where_it_belongs(office):
    whole = office.item(place=COUNTY, title="日间照料站全部建成", programme="dingzhou-2023", target="R54")
    part = office.item(place=TOWN, title="西城建成 28 个", parent=whole)
    assert (part.programme, part.target) == ("dingzhou-2023", "R54")
    for name, seen in (("clerk", {whole, part}), ("town", {part}), ("other", set()), ("stranger", set())):
        with office(name) as who:
            assert set(queries.items(post=who["post"])) == seen, name
            assert set(Item.objects.all()) == seen, f"{name}: PostgreSQL's own rule"
    with acting.acting(acting.EVERYWHERE, sees_audit="yes"):
        assert AuditEvent.objects.filter(verb="ledger.open").count() == 2


def test_a_functional_area_sees_the_lines_laid_at_it(office):
    """It is no division: its lines carry the county and no village, and still are its own."""
    with everywhere():
        zone = w.post("clerk", office[w.AREA], username="zone")
    office.posts["zone"] = zone
    laid = office.item(place=w.AREA, title="开发区建站")
    office.item(place=COUNTY, title="全县")
    own = office.item(place=w.FAR, title="村里的事")
    with office("zone") as who:
        assert set(queries.items(post=zone)) == set(Item.objects.all()) == {laid, own}
        actions.record_progress(item=laid, text="选址完成", **who)
        actions.open_item(
            place=office[w.AREA], title="自己的事", lead_unit="管委会", due_on=TODAY(), starts_on=TODAY(), **who
        )
        assert set(queries.items(post=zone, place=office[w.AREA]).values_list("title", flat=True)) == {
            "开发区建站", "村里的事", "自己的事"
        }  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            Item.objects.filter(pk=laid.pk).update(county=office["990201"])
    with office("stranger"):
        assert not Item.objects.exists()
    with office("clerk") as who:
        assert queries.items(post=who["post"]).count() == 4


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"title": " "}, "title_missing"), ({"lead_unit": ""}, "lead_missing"), ({"quantity": Decimal(0)}, "quantity"),
        ({"due_on": date(2020, 1, 1), "starts_on": date(2020, 2, 1)}, "dates_order"), ({"kind": "x"}, "unknown_kind"),
        ({"signers_needed": 0}, "signers"), ({"place": "990201"}, "outside_area"), ({"place": "990000"}, "place_too_high"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_on(office, values, code):
    with refused(code):
        office.item(**values)
    with everywhere():
        assert not Item.objects.exists()


def test_a_township_answers_but_takes_nothing_on(office):
    with pytest.raises(Denied):
        office.item(who="town")
    with pytest.raises(Denied):
        office.item(who="helper")


def test_a_sub_item_stays_inside_the_place_above(office):
    whole = office.item(place=TOWN)
    with refused("place_outside_parent"):
        office.item(place=OTHER_TOWN, parent=whole)


def test_progress_is_added_and_amended_never_edited(office):
    item = office.item(quantity=Decimal(28), unit="个")
    photo = SimpleUploadedFile("现场.jpg", b"\xff\xd8 photograph")
    with office("town") as who:
        first = actions.record_progress(item=item, text="开工 20 个", done=Decimal(20), files=[photo], **who)
        second = actions.record_progress(
            item=item, text="开工 12 个", done=Decimal(12), amends=first, reason="多报了 8 个", **who
        )
        with refused("amended_before"):
            actions.record_progress(item=item, text="再改", amends=first, reason="x", **who)
        with refused("reason_missing"):
            actions.record_progress(item=item, text="再改", amends=second, **who)
        (line,) = queries.lines(queries.items(post=who["post"]), on=TODAY())
        assert line.progress == second
        with pytest.raises(DatabaseError), transaction.atomic():
            Progress.objects.filter(pk=first.pk).update(text="改写历史")
        kept = Evidence.objects.get()
        with evidence.opened(kept, post=who["post"]) as (path, kind):
            assert (path.read_bytes(), kind) == (b"\xff\xd8 photograph", "image/jpeg")
    with office("other") as who, refused("no_such_item"), evidence.opened(kept, post=who["post"]):
        pass


def test_a_bad_file_leaves_no_progress_behind(office):
    item = office.item()
    with office("town") as who:
        good, bad = SimpleUploadedFile("好.pdf", b"%PDF-"), SimpleUploadedFile("坏.exe", b"MZ")
        with refused("evidence_kind"):
            actions.record_progress(item=item, text="有附件", files=[good, bad], **who)
        with refused("evidence_size"):
            actions.record_progress(item=item, text="空附件", files=[SimpleUploadedFile("空.pdf", b"")], **who)
        with refused("progress_ahead"):
            actions.record_progress(item=item, text="明天的事", on=TODAY() + timedelta(days=1), **who)
        with refused("done"):
            actions.record_progress(item=item, text="没有目标数", done=Decimal(3), **who)
    with everywhere():
        assert not Progress.objects.exists()
        assert not Evidence.objects.exists()


def test_the_same_photograph_under_two_items_is_said(office):
    one, two = office.item(), office.item(title="另一个站")
    for item in (one, two):
        with office("town") as who:
            actions.record_progress(item=item, text="完工", files=[SimpleUploadedFile("a.png", b"same")], **who)
    with office("town") as who:
        shown = list(one.evidence.all())
        assert evidence.twins(shown, post=who["post"]) == {shown[0].pk: [two.number]}


def test_a_problem_is_coordinated_until_settled(office):
    item = office.item()
    with office("town") as who:
        problem = actions.raise_problem(
            item=item, text="用房产权不清", owner_unit="自规局", due_on=TODAY() + timedelta(days=9), **who
        )
        with refused("problems_open"):
            actions.ask_close(item=item, statement="好了", signers=[office.user("leader")], **who)
        actions.coordinate(problem=problem, text="现场核对图纸", outcome="open", with_units=["自规局", "住建局"], **who)
        actions.coordinate(problem=problem, text="已办证", outcome="settled", **who)
        with refused("problem_settled"):
            actions.coordinate(problem=problem, text="又来", outcome="open", **who)
        problem.refresh_from_db()
        assert (problem.settled_on, problem.steps.count()) == (TODAY(), 2)
        with refused("owner_missing"):
            actions.raise_problem(item=item, text="没人管", owner_unit=" ", due_on=TODAY(), **who)
    with office("other") as who, refused("no_such_item"):
        actions.raise_problem(item=item, text="越界", owner_unit="甲", due_on=TODAY(), **who)


def test_an_overdue_problem_puts_the_item_at_risk(office):
    item = office.item()
    day = TODAY() - timedelta(days=3)
    with office("town") as who:
        actions.record_progress(item=item, text="在做", **who)
        actions.raise_problem(item=item, text="缺资金", owner_unit="财政局", due_on=day, on=day, **who)
    assert state(office, item) == "at_risk"
    assert state(office, item, on=day) == "open"


def test_a_target_changes_only_with_a_reason_and_an_approver(office):
    item = office.item(days=20)
    later = item.due_on + timedelta(days=30)
    with office("clerk") as who:
        with refused("reason_missing"):
            actions.propose_change(item=item, changes={"due_on": later}, reason=" ", **who)
        with refused("not_changeable"):
            actions.propose_change(item=item, changes={"closed_on": later}, reason="x", **who)
        with refused("dates_order"):
            actions.propose_change(item=item, changes={"due_on": date(2001, 1, 1)}, reason="x", **who)
        with refused("nothing_changed"):
            actions.propose_change(item=item, changes={"due_on": item.due_on}, reason="x", **who)
        change = actions.propose_change(item=item, changes={"due_on": later}, reason="供地晚了一个月", **who)
        with refused("change_waits"):
            actions.propose_change(item=item, changes={"due_on": later}, reason="x", **who)
        with pytest.raises(Denied):
            actions.decide_change(change=change, verdict="approved", **who)
        item.refresh_from_db()
        assert item.due_on != later
    with office("leader") as who:
        with refused("opinion_missing"):
            actions.decide_change(change=change, verdict="refused", **who)
        actions.decide_change(change=change, verdict="approved", opinion="同意", **who)
        with refused("change_decided"):
            actions.decide_change(change=change, verdict="approved", **who)
        item.refresh_from_db()
        assert item.due_on == later
        assert Change.objects.get().before == {"due_on": (later - timedelta(days=30)).isoformat()}


def test_who_proposes_may_not_approve(office):
    item = office.item()
    with everywhere():
        change = actions.propose_change(
            item=item, changes={"quantity": Decimal(9)}, reason="多了", by=office.user("leader"), post=None
        )
    with office("leader") as who, refused("own_change"):
        actions.decide_change(change=change, verdict="approved", **who)
    with office("deputy") as who:
        actions.decide_change(change=change, verdict="approved", **who)
        item.refresh_from_db()
        assert item.quantity == 9


def test_the_database_itself_refuses_a_quiet_change(office):
    item = office.item()
    with office("clerk"), pytest.raises(DatabaseError), transaction.atomic():
        Item.objects.filter(pk=item.pk).update(due_on=date(2030, 1, 1))
    with office("clerk"):
        item.refresh_from_db()
        assert item.due_on.year != 2030


def test_n_of_m_sign_and_the_nth_closes(office):
    item = office.item(signers_needed=2)
    named = [office.user(name) for name in ("leader", "deputy", "secretary")]
    with office("town") as who:
        with refused("too_few_signers"):
            actions.ask_close(item=item, statement="好了", signers=named[:1], **who)
        with refused("signer_without_right"):
            actions.ask_close(item=item, statement="好了", signers=[named[0], office.user("helper")], **who)
        with refused("statement_missing"):
            actions.ask_close(item=item, statement=" ", signers=named, **who)
        asked = actions.ask_close(item=item, statement="全部建成并验收", signers=named, **who)
        with refused("close_twice"):
            actions.ask_close(item=item, statement="再来", signers=named, **who)
        with pytest.raises(Denied):
            actions.sign(close_out=asked, verdict="agree", **who)
    assert state(office, item) == "awaiting"
    with office("second") as who, refused("not_a_signer"):
        actions.sign(close_out=asked, verdict="agree", **who)
    with office("leader") as who:
        assert actions.sign(close_out=asked, verdict="agree", **who).state == "waiting"
        with refused("signed_before"):
            actions.sign(close_out=asked, verdict="agree", **who)
    with office("secretary") as who:
        assert actions.sign(close_out=asked, verdict="agree", **who).state == "closed"
    assert state(office, item) == "closed"
    with office("town") as who, refused("item_closed"):
        actions.record_progress(item=item, text="还有", **who)


def test_whoever_asks_may_not_sign(office):
    item = office.item()
    with office("secretary") as who, refused("own_signature"):
        actions.ask_close(item=item, statement="好了", signers=[office.user("secretary")], **who)


def test_one_return_sends_it_back(office):
    item = office.item()
    with office("town") as who:
        asked = actions.ask_close(item=item, statement="好了", signers=[office.user("leader")], **who)
    with office("leader") as who:
        with refused("opinion_missing"):
            actions.sign(close_out=asked, verdict="return", **who)
        actions.sign(close_out=asked, verdict="return", opinion="缺验收照片", **who)
    assert state(office, item) == "open"
    office.close(item)
    assert state(office, item) == "closed"


def test_sub_items_close_first(office):
    whole = office.item(place=COUNTY)
    part = office.item(place=TOWN, parent=whole)
    with office("clerk") as who, refused("sub_items_open"):
        actions.ask_close(item=whole, statement="好了", signers=[office.user("leader")], **who)
    office.close(part)
    office.close(whole, who="clerk")
    with office("clerk") as who:
        with refused("parent_closed"):
            actions.reopen(item=part, reason="又坏了", **who)
        actions.reopen(item=whole, reason="站点停用", **who)
        actions.reopen(item=part, reason="站点停用", **who)
        assert CloseOut.objects.filter(state="reopened").count() == 2
    assert state(office, part) == "open"


def test_closed_after_the_deadline_is_closed_late(office):
    item = office.item(days=-1)
    assert state(office, item) == "late"
    office.close(item)
    assert state(office, item) == "closed_late"
    assert state(office, item, on=TODAY() - timedelta(days=1)) == "at_risk"


def test_how_many_were_closed_by_a_day(office):
    target = {"programme": "dingzhou-2023", "target": "stations"}
    whole = office.item(place=COUNTY, **target)
    parts = [office.item(place=place, parent=whole) for place in (TOWN, TOWN, OTHER_TOWN)]
    for part in parts:
        office.close(part, who="clerk")
    office.close(whole, who="clerk")

    def closed(place, on=None):
        with office("clerk"):
            return queries.closed_count(**target, place=office[place], on=on or TODAY())

    assert (closed(COUNTY), closed(TOWN), closed(OTHER_TOWN)) == (3, 2, 1)
    assert closed(COUNTY, TODAY() - timedelta(days=1)) == 0
    with office("clerk") as who:
        actions.reopen(item=whole, reason="x", **who)
        actions.reopen(item=parts[0], reason="x", **who)
    assert closed(COUNTY) == 2


def test_a_goal_of_a_programme_counts_closed_lines(office, monkeypatch):
    """The tenders of the invented programme, as the two of Dingzhou 2021 (R12): open, then closed on a day of its own time."""
    from songhe.oversight.programmes import queries as programmes
    from tests.oversight.programmes.conftest import use

    programme = use(monkeypatch)
    began, due, signed = date(2023, 3, 1), date(2023, 6, 30), date(2023, 6, 20)

    def tenders(on):
        with office("clerk"):
            return {line.goal.id: line for line in programmes.status(programme=programme, on=on)}["tenders"]

    assert (tenders(due).actual, tenders(due).state) == (None, "no_figure")
    given = {"place": COUNTY, "programme": programme.id, "target": "tenders", "starts_on": began, "due_on": due}
    lines = [office.item(title=f"招标{n}", **given) for n in (1, 2)]
    office.item(title="另一目标", **(given | {"target": "stations"}))
    assert (tenders(due).actual, tenders(due + timedelta(days=1)).state) == (0, "late")
    for line in lines:
        with office("clerk") as who:
            with refused("close_day"):
                actions.ask_close(
                    item=line, statement="已开标", signers=[office.user("leader")], on=date(2023, 2, 1), **who
                )
            asked = actions.ask_close(item=line, statement="已开标", signers=[office.user("leader")], on=signed, **who)
        with office("leader") as who:
            actions.sign(close_out=asked, verdict="agree", on=signed, **who)
    assert [tenders(day).actual for day in (date(2023, 6, 19), signed)] == [0, 2]
    assert tenders(due).state == "met"
    with everywhere():
        held = queries.closed_counts(programme=programme.id, target="tenders", places=[office[TOWN]], on=due)
    assert held == {}, "the county's own lines are not a township's"


def test_what_stood_then_is_told_then(office):
    """The same day asked again later gives the same deadline."""
    item = office.item(days=10)
    was = item.due_on
    with office("clerk") as who:
        change = actions.propose_change(item=item, changes={"due_on": was + timedelta(days=90)}, reason="顺延", **who)
    with office("leader") as who:
        actions.decide_change(change=change, verdict="approved", **who)
    with office("clerk") as who:
        yesterday = TODAY() - timedelta(days=1)
        (then,) = queries.lines(queries.items(post=who["post"]), on=yesterday)
        (now,) = queries.lines(queries.items(post=who["post"]), on=TODAY())
        assert (then.due_on, now.due_on) == (was, was + timedelta(days=90))
        assert (then.state.name, now.state.name) == ("at_risk", "open")


def test_the_number_of_late_lines_is_the_list_of_late_lines(office):
    """Whatever happened since: a deadline moved, a closing, a withdrawal, a sub-item."""

    def same(on):
        listed = queries.lines(queries.items(post=who["post"]), on=on, states_wanted=["late"])
        assert queries.late_count(post=who["post"], place=None, on=on) == len(listed)
        return len(listed)

    moved, closed = office.item(days=2), office.item(days=3, signers_needed=1)
    office.item(days=1)
    later = TODAY() + timedelta(days=5)
    with office("clerk") as who:
        assert [same(on) for on in (TODAY() - timedelta(days=1), TODAY(), later)] == [0, 0, 3]
        change = actions.propose_change(
            item=moved, changes={"due_on": TODAY() + timedelta(days=90)}, reason="顺延", **who
        )
    with office("leader") as who:
        assert (
            queries.waiting_count(post=who["post"])
            == sum(map(len, queries.waiting_for(post=who["post"]).values()))
            == 1
        )
        actions.decide_change(change=change, verdict="approved", **who)
        assert queries.waiting_count(post=who["post"]) == 0
    with office("town") as who:
        actions.ask_close(item=closed, statement="建成", signers=[office.user("leader")], **who)
    with office("clerk") as who:
        assert same(later) == 1


def test_withdrawing_needs_the_same_two(office):
    item = office.item()
    with office("clerk") as who:
        change = actions.propose_change(item=item, changes={"withdrawn_on": TODAY()}, reason="重复立项", **who)
    with office("leader") as who:
        actions.decide_change(change=change, verdict="approved", **who)
        assert queries.lines(queries.items(post=who["post"]), on=TODAY()) == []
        assert state(office, item) == "withdrawn"
    with office("town") as who, refused("item_withdrawn"):
        actions.record_progress(item=item, text="还在做", **who)


def test_a_reminder_says_when_it_is_to_be_answered(office):
    item = office.item(days=-5)
    with office("secretary") as who:
        sent = actions.remind(item=item, text="已逾期 5 天，请说明原因", **who)
        assert (sent.to_unit, sent.level) == ("民政局", "late")
        assert sent.answer_by == workdays.after(TODAY(), 3)[0]
        with refused("due_in_past"):
            actions.remind(item=item, text="x", answer_by=TODAY() - timedelta(days=1), **who)
    with office("town") as who:
        with refused("text_missing"):
            actions.answer_reminder(reminder=sent, answer=" ", **who)
        actions.answer_reminder(reminder=sent, answer="月底前完工", **who)
        with refused("reminder_answered"):
            actions.answer_reminder(reminder=sent, answer="再答", **who)
        with pytest.raises(Denied):
            actions.remind(item=item, text="自己催自己", **who)


def test_a_round_looks_again(office):
    one, two = office.item(), office.item(place=OTHER_TOWN, title="东城站")
    office.close(one)
    given = {
        "kind": "look_back",
        "title": "民心工程回头看",
        "place": office[COUNTY],
        "starts_on": TODAY(),
        "ends_on": TODAY(),
    }
    with office("secretary") as who:
        with refused("items_chosen"):
            actions.start_drive(items=[], **given, **who)
        drive = actions.start_drive(items=[one, two], **given, **who)
        first, second = drive.chosen.order_by("item")
        actions.find(chosen=first, verdict="slipped", text="站点停用", **who)
        actions.find(chosen=first, verdict="kept", text="恢复使用", **who)
        with refused("finding"):
            actions.find(chosen=second, verdict="fine", text="x", **who)
        found = queries.drives(post=who["post"]).get()
        assert (found.total, found.seen, found.slipped) == (2, 1, 0)
        assert Finding.objects.count() == 2
    with office("other") as who, refused("no_such_item"):
        actions.find(chosen=first, verdict="kept", text="不是我的", **who)


def test_everything_that_happened_is_on_the_page_of_the_item(office):
    item = office.item()
    with office("town") as who:
        actions.record_progress(item=item, text="开工", **who)
        problem = actions.raise_problem(item=item, text="缺电", owner_unit="供电", due_on=TODAY(), **who)
        actions.coordinate(problem=problem, text="已接", outcome="settled", **who)
    office.close(item)
    with office("clerk") as who:
        kinds = [event["kind"] for event in queries.events(queries.item(post=who["post"], pk=item.pk))]
    assert set(kinds) == {"opened", "progress", "problem", "coordination", "asked", "signed"}


def test_an_unknown_filter_is_refused(office):
    with office("clerk") as who, refused("unknown_filter"):
        queries.items(post=who["post"], colour="red")
