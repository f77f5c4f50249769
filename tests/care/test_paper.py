"""Sheets printed, photographed, decided, recorded; typed from the same sheet nothing is recorded twice."""

import re

import cv2
import numpy as np
import pytest
from django.core.files.base import ContentFile

from songhe.care.duties import actions as duties
from songhe.care.duties.models import Duty
from songhe.care.visits import actions, paper, queries
from songhe.care.visits.models import Sheet, SheetScan, Visit
from songhe.care.visits.sheets import judge, layout, read
from songhe.core.acting import acting, everywhere
from songhe.core.models import AuditEvent
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import Denied
from songhe.registry.people import safekeeping
from tests.care.sheets import paper as office

pytestmark = pytest.mark.django_db
PX = office.PX


@pytest.fixture
def work(county, week):
    """The county with helpers named for everybody of the first village, this week open, a township worker."""
    with everywhere():
        helper = county.helpers[0]
        people = [person for person in county.people if person.village_id == county.villages[0].pk]
        people += [county.person(county.villages[0]) for _ in range(3)]
        duties.name_helpers(pairs=[(person.pk, helper.user_id) for person in people], by=0)
        duties.open_period(place=county.place, rule="visiting", period=week, by=0)
        county.worker = county.post("township_worker", county.towns[0])
        county.stranger = county.post("township_worker", county.towns[1])
        county.mine = people
    return county


def as_post(post):
    return acting(post.areas(), user_id=post.user_id, post_id=post.pk)


def printed(work, week):
    return actions.print_sheets(by=work.worker.user, post=work.worker, helper=work.helpers[0].user, week=week)


def pixels(sheets, post):
    import pypdfium2

    document = pypdfium2.PdfDocument(paper.pdf_of(sheets, post=post))
    return [np.array(page.render(scale=office.DPI / 72, grayscale=True).to_pil().convert("L")) for page in document]


def ticks(page, *marks, kind="tick"):
    """A page with these boxes marked: (row, column)."""
    out, rng = page.astype(np.float32), np.random.default_rng(3)
    places = layout.boxes(layout.layout(), 15)
    for mark in marks:
        office._draw(out, kind, *places[mark], 4.6, 0.5, 40, rng)
    return np.clip(out, 0, 255).astype(np.uint8)


def monday_marks(week):
    """Marks on Monday: it has always come already."""
    return (1, "d1.call"), (1, "d1.visit"), (2, "d1.nobody"), (3, "d1.call"), (3, "n.errand")


def test_a_sheet_is_kept_with_its_rows_and_geometry(work, week):
    with as_post(work.worker):
        (sheet,) = printed(work, week)
        again = printed(work, week)
        assert again == [sheet]
        assert Sheet.objects.count() == 1
        rows = list(sheet.rows.values_list("row", "person_id", "duty_id"))
        assert [person for _row, person, _duty in rows] == queries.sheet_people(
            post=work.worker, helper=work.helpers[0].user_id, on=week.end
        )
        assert all(Duty.objects.get(pk=duty).person_id == person for _row, person, duty in rows)
        assert sheet.layout == layout.layout()
        assert layout.is_number(sheet.number)
    with everywhere():
        duties.name_helpers(pairs=[(work.person(work.villages[0]).pk, work.helpers[0].user_id)], by=0)
    with as_post(work.worker):
        (other,) = printed(work, week)
        assert other.number != sheet.number


def test_the_code_names_nobody(work, week):
    with as_post(work.worker):
        sheets = printed(work, week)
        (page,) = pixels(sheets, work.worker)
    code = read.read_picture(page).code
    assert code == layout.Code(sheets[0].number, 1, 5, week.code, work.villages[0].code)
    assert re.fullmatch(r"SONGHE1:[2-9A-Z]{9}:\d+:\d+:\d{4}-W\d\d:\d{12}", code.text())


def test_a_photograph_becomes_visits(work, week):
    with as_post(work.worker):
        sheets = printed(work, week)
        page = ticks(pixels(sheets, work.worker)[0], *monday_marks(week))
        page = ticks(page, (4, "d1.call"), kind="struck")
        data = office.photograph(page.astype(np.float32), np.random.default_rng(1), angle=3)
        (scan,) = actions.take_in(data=data, by=work.worker.user, post=work.worker)
        assert actions.take_in(data=data, by=work.worker.user, post=work.worker) == [scan]
        assert not Visit.objects.exists()
        with pytest.raises(Refusal) as left:
            actions.settle(scan=scan, decided={}, by=work.worker.user, post=work.worker)
        assert left.value.code == "sheet_undecided"
        unsure = [key for key, (_yes, sure, _why) in scan.boxes.items() if sure < judge.SURE]
        assert "4 d1.call" in unsure
        decided = dict.fromkeys(unsure, "no")
        answers = actions.settle(scan=scan, decided=decided, by=work.worker.user, post=work.worker)
        assert [answer.result for answer in answers] == ["new"] * 4
        made = {(v.person_id, v.mode, v.outcome, tuple(v.needs)) for v in Visit.objects.all()}
        rows = dict(sheets[0].rows.values_list("row", "person_id"))
        assert made == {
            (rows[1], "call", "well", ()), (rows[1], "home_visit", "well", ()),
            (rows[2], "call", "no_answer", ()), (rows[3], "call", "needs", ("errand",)),
        }  # fmt: skip
        assert {(v.channel, v.made_by, v.entered_by) for v in Visit.objects.all()} == {
            ("paper", work.helpers[0].user_id, work.worker.user_id)
        }
        scan.refresh_from_db()
        assert (scan.state, scan.recorded, scan.decided) == ("recorded", 4, decided)
        with pytest.raises(Refusal) as closed:
            actions.settle(scan=scan, decided=decided, by=work.worker.user, post=work.worker)
        assert closed.value.code == "sheet_closed"
    with acting([0], sees_audit="yes"):
        assert AuditEvent.objects.filter(verb="sheets.settle").count() == 1


def test_typed_and_photographed_is_recorded_once(work, week):
    with as_post(work.worker):
        sheets = printed(work, week)
        day = week.start.day
        typed = actions.sheet_lines([f"1 d{day} s{day}", f"2 d{day} 没接"], sheet=sheets[0], by=work.worker.user, post=work.worker)  # fmt: skip
        assert [answer.result for answer in typed] == ["new"] * 3
        page = ticks(pixels(sheets, work.worker)[0], *monday_marks(week))
        (scan,) = actions.take_in(data=read.picture(page), by=work.worker.user, post=work.worker)
        answers = actions.settle(scan=scan, decided={}, by=work.worker.user, post=work.worker)
        assert sorted(answer.result for answer in answers) == ["new", "same", "same", "same"]
        assert Visit.objects.count() == 4


def test_contradictions_and_corrections(work, week):
    with as_post(work.worker):
        sheets = printed(work, week)
        page = ticks(pixels(sheets, work.worker)[0], (1, "d1.call"), (1, "d1.nobody"), (2, "o.away"))
        (scan,) = actions.take_in(data=read.picture(page), by=work.worker.user, post=work.worker)
        with pytest.raises(Refusal) as wrong:
            actions.settle(scan=scan, decided={}, by=work.worker.user, post=work.worker)
        assert wrong.value.code == "sheet_both"
        assert "第 2 行" in wrong.value.zh
        assert not Visit.objects.exists()
        decided = {"1 d1.nobody": "no", "2 o.away": "no", "nonsense": "yes", "3 d1.visit": "yes"}
        actions.settle(scan=scan, decided=decided, by=work.worker.user, post=work.worker)
        assert sorted(Visit.objects.values_list("mode", flat=True)) == ["call", "home_visit"]


def test_a_day_to_come_is_refused_and_nothing_stays(work, week):
    with as_post(work.worker):
        sheets = printed(work, week.next())
        page = ticks(pixels(sheets, work.worker)[0], (1, "d1.call"), (2, "d7.call"))
        (scan,) = actions.take_in(data=read.picture(page), by=work.worker.user, post=work.worker)
        with pytest.raises(Refusal) as wrong:
            actions.settle(scan=scan, decided={}, by=work.worker.user, post=work.worker)
        assert "还没有到" in wrong.value.zh
        scan.refresh_from_db()
        assert scan.state == "review"
        assert not Visit.objects.exists()


def test_the_picture_is_kept_sealed(work, week):
    from django.core.files.storage import default_storage

    with as_post(work.worker):
        sheets = printed(work, week)
        data = read.picture(pixels(sheets, work.worker)[0])
        (scan,) = actions.take_in(data=data, by=work.worker.user, post=work.worker)
        with default_storage.open(scan.stored_as, "rb") as kept:
            assert data[:24] not in kept.read()  # three letters alone stand in sealed bytes by chance now and then
        with safekeeping.opened(scan.stored_as) as clear:
            assert clear.read_bytes()[:4] == b"\x89PNG"
        dropped = actions.drop_scan(scan=scan, by=work.worker.user, post=work.worker)
        assert dropped.state == "dropped"
        assert actions.take_in(data=data, by=work.worker.user, post=work.worker)[0].state == "review"


def test_a_hidden_code_needs_the_typed_number(work, week):
    with as_post(work.worker):
        sheets = printed(work, week)
        page = pixels(sheets, work.worker)[0]
        page[: int(33 * PX), int(246 * PX) : int(276 * PX)] = 255
        data = read.picture(page)

        def refused(number):
            with pytest.raises(Refusal) as wrong:
                actions.take_in(data=data, by=work.worker.user, post=work.worker, number=number)
            return wrong.value.code

        assert refused("") == "sheet_no_code"
        assert refused("123") == "sheet_bad_number"
        assert refused(layout.new_number()) == "sheet_unknown"
        number = sheets[0].number
        typed = f"{number[:3]} {number[3:6].lower()} {number[6:]}"
        (scan,) = actions.take_in(data=data, by=work.worker.user, post=work.worker, number=typed)
        assert scan.sheet == sheets[0]
        assert len(scan.boxes) == 5 * 31


def test_two_pages(work, week):
    with everywhere():
        more = [work.person(work.villages[0]) for _ in range(14)]
        duties.name_helpers(pairs=[(person.pk, work.helpers[0].user_id) for person in more], by=0)
    with as_post(work.worker):
        sheets = printed(work, week)
        first, second = pixels(sheets, work.worker)
        assert sheets[0].rows.count() == 19
        (scan,) = actions.take_in(
            data=read.picture(ticks(second, (2, "d1.call"))), by=work.worker.user, post=work.worker
        )
        assert scan.page == 2
        assert {int(key.split()[0]) for key in scan.boxes} == {16, 17, 18, 19}
        actions.settle(scan=scan, decided={}, by=work.worker.user, post=work.worker)
        assert Visit.objects.get().person_id == dict(sheets[0].rows.values_list("row", "person_id"))[17]
        assert cv2.countNonZero(255 - first) > 0


def test_nobody_reads_a_sheet_of_another_township(work, week):
    with as_post(work.worker):
        sheets = printed(work, week)
        data = read.picture(pixels(sheets, work.worker)[0])
        (scan,) = actions.take_in(data=data, by=work.worker.user, post=work.worker)
    with as_post(work.stranger):
        assert not Sheet.objects.exists()  # row-level security alone
        assert not SheetScan.objects.exists()
        assert queries.sheet_by_number(post=work.stranger, number=sheets[0].number) is None
        with pytest.raises(Refusal) as wrong:
            actions.take_in(data=data, by=work.stranger.user, post=work.stranger)
        assert wrong.value.code == "sheet_unknown"
        with pytest.raises(Refusal):
            actions.settle(scan=scan, decided={}, by=work.stranger.user, post=work.stranger)
        asked = {"by": work.stranger.user, "post": work.stranger, "helper": work.helpers[0].user, "week": week}
        with pytest.raises(Refusal):
            actions.print_sheets(**asked)
    with as_post(work.helpers[0]), pytest.raises(Denied):
        actions.take_in(data=data, by=work.helpers[0].user, post=work.helpers[0])


def test_pictures_are_deleted_when_their_days_are_over(work, week):
    """What was recorded stays; a page that waits keeps its picture; a second night deletes nothing more."""
    from datetime import timedelta

    from django.core.files.storage import default_storage
    from django.utils import timezone

    from songhe.care.visits import pictures
    from songhe.core import jobs

    terms, today = pictures.in_force(timezone.localdate()), timezone.localdate()
    assert pictures.read()[0].recorded_days > pictures.read()[0].dropped_days > 0
    with as_post(work.worker):
        sheet = printed(work, week)[0]
    with everywhere():
        ages = (
            ("recorded", terms.recorded_days),
            ("recorded", terms.recorded_days - 1),
            ("dropped", terms.dropped_days),
            ("review", 0),
        )
        for at, (state, days) in enumerate(ages):
            name = default_storage.save(f"sheets/test/{sheet.number}-{at}.sealed", ContentFile(b"x"))
            closed = timezone.now() - timedelta(days=days) if state != "review" else None
            SheetScan.objects.create(
                sheet=sheet, page=1, stored_as=name, sha256=f"{at:064}", state=state, closed_at=closed, taken_in_by=0,
                **sheet.village.areas(),
            )  # fmt: skip
        names = list(SheetScan.objects.order_by("pk").values_list("stored_as", flat=True))
    assert jobs.done("care.pictures")["sheets"] == 2
    with everywhere():
        kept = list(SheetScan.objects.order_by("pk").values_list("stored_as", flat=True))
    assert kept == ["", names[1], "", names[3]]
    assert [default_storage.exists(name) for name in names] == [False, True, False, True]
    assert actions.forget_pictures(on=today) == {"sheets": 0, "visits": 0}
