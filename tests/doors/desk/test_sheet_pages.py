"""纸单 at the desk: printed, uploaded, decided, recorded, typed by its number; a call reported by telephone in one line."""

import io
import re

import numpy as np
import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from songhe.care.duties import actions as duties
from songhe.care.visits.models import Sheet, SheetScan, Visit
from songhe.care.visits.sheets import layout, read
from songhe.core import periods
from songhe.core.acting import everywhere
from songhe.doors.desk.views.paper import called_line
from songhe.registry.people import actions as people
from songhe.registry.people.models import FamilyLink
from tests import world as w
from tests.care.sheets import paper as office

pytestmark = pytest.mark.django_db


class Office:
    def __init__(self):
        self.world = w.World()
        self.week = periods.containing("week", timezone.localdate())
        with everywhere():
            self.town = w.post("township_worker", self.world["990101001"], username="town")
            self.helper = w.post("helper", self.world[w.OWN], username="helper")
            self.stranger = w.post("township_worker", self.world["990101002"], username="stranger")
            self.people = self.world.people[w.OWN]
            duties.sync_rules(by=0)
            duties.name_helpers(pairs=[(person.pk, self.helper.user_id) for person in self.people], by=0)
            duties.open_period(place=self.world["990101"], rule="visiting", period=self.week, by=0)

    def client(self, post) -> Client:
        client = Client()
        client.force_login(post.user)
        return client

    def visits(self):
        with everywhere():
            return list(Visit.objects.order_by("id"))


@pytest.fixture
def desk(settings):
    settings.MFA_REQUIRED_FROM = ""
    return Office()


def pages(pdf: bytes) -> list:
    document = pypdfium2.PdfDocument(pdf)
    return [np.array(page.render(scale=office.DPI / 72, grayscale=True).to_pil().convert("L")) for page in document]


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def upload(client, picture: bytes, **more):
    return client.post(reverse("sheets"), {"files": [SimpleUploadedFile("sheet.png", picture)], **more})


def test_from_the_printer_back_to_the_books(desk):
    client = desk.client(desk.town)
    assert "演示helper" in text(client.get(reverse("sheets")))
    pdf = client.post(reverse("sheets-print"), {"helper": "all"})
    assert pdf["Content-Type"] == "application/pdf"
    (page,) = pages(pdf.content)
    places = layout.boxes(layout.layout(), 3)
    marked, rng = page.astype(np.float32), np.random.default_rng(2)
    office._draw(marked, "tick", *places[1, "d1.call"], 4.6, 0.5, 40, rng)
    office._draw(marked, "struck", *places[2, "d1.visit"], 4.6, 0.6, 40, rng)
    office._draw(marked, "tick", *places[2, "d1.call"], 4.6, 0.5, 40, rng)
    picture = read.picture(np.clip(marked, 0, 255).astype(np.uint8))
    sent = upload(client, picture)
    assert sent.status_code == 302
    assert sent["Location"] == upload(client, picture)["Location"]
    review = client.get(sent["Location"])
    assert review.content.decode().count("data:image/png") == 1
    assert "涂满了" in text(review)
    assert client.get(reverse("sheet-picture", args=[_scan().pk])).getvalue()[:4] == b"\x89PNG"
    refused = client.post(sent["Location"], {"do": "record"})
    assert refused.status_code == 422
    assert "没有决定" in text(refused)
    assert desk.visits() == []
    done = client.post(sent["Location"], {"do": "record", "box 2 d1.visit": "no"}, follow=True)
    assert "已登记 2 条探访" in text(done)
    assert {(v.channel, v.made_by, v.entered_by) for v in desk.visits()} == {
        ("paper", desk.helper.user_id, desk.town.user_id)
    }
    assert "已登记" in text(client.get(sent["Location"]))
    assert "已登记" in text(client.get(reverse("sheets")))


def _scan():
    with everywhere():
        return SheetScan.objects.select_related("sheet").get()


def test_what_cannot_be_read_is_said_at_the_field(desk):
    client = desk.client(desk.town)
    answer = upload(client, b"no picture")
    assert answer.status_code == 422
    assert "sheet.png：这不是能读的图片" in text(answer)
    assert client.post(reverse("sheets"), {}).status_code == 422


def test_typed_by_the_number_on_the_paper(desk):
    client = desk.client(desk.town)
    client.post(reverse("sheets-print"), {"helper": desk.helper.user_id})
    with everywhere():
        sheet = Sheet.objects.get()
        duties.end_helper(person=desk.people[0], on=timezone.localdate(), by=0, post=None)
    url = f"{reverse('quick-entry')}?sheet={sheet.number[:3]}-{sheet.number[3:].lower()}"
    shown = text(client.get(url))
    assert all(person.name in shown for person in desk.people)  # the rows as printed, whoever helps now
    day = desk.week.start.day
    lines = f"1 d{day} s{day}\n3 d{day}"
    with everywhere():
        order = ",".join(str(pk) for pk in sheet.rows.order_by("row").values_list("person_id", flat=True))
    form = {"helper": desk.helper.user_id, "sheet": sheet.number, "lines": lines, "people": order, "do": "save"}
    assert client.post(url, form).status_code == 302
    assert len(desk.visits()) == 3
    assert "没有重复" in text(client.post(url, form, follow=True))
    assert len(desk.visits()) == 3


def test_a_wrong_number_says_so(desk):
    answer = desk.client(desk.town).get(reverse("quick-entry"), {"sheet": "234"})
    assert answer.status_code == 400
    assert "没有这张纸单" in text(answer)


def test_a_stranger_sees_no_sheet(desk):
    client = desk.client(desk.town)
    pdf = client.post(reverse("sheets-print"), {"helper": "all"}).content
    picture = read.picture(pages(pdf)[0])
    upload(client, picture)
    scan, other = _scan(), desk.client(desk.stranger)
    assert other.get(reverse("sheet-scan", args=[scan.pk])).status_code == 404
    assert other.get(reverse("sheet-picture", args=[scan.pk])).status_code == 404
    assert "没有这张纸单" in text(upload(other, picture))
    assert other.get(reverse("quick-entry"), {"sheet": scan.sheet.number}).status_code == 400
    assert desk.client(desk.helper).get(reverse("sheets")).status_code == 403


def test_a_call_by_telephone_is_one_line(desk):
    client, url = desk.client(desk.town), reverse("landline")
    page = client.get(url, {"helper": desk.helper.user_id})
    call = re.search(r'name="call" value="([0-9a-f-]{36})"', page.content.decode())[1]
    form = {"helper": desk.helper.user_id, "line": "2", "call": call}
    done = client.post(url, form, follow=True)
    assert "已代 演示helper 登记" in text(done)
    (visit,) = desk.visits()
    assert (visit.channel, visit.made_by, visit.entered_by) == ("landline", desk.helper.user_id, desk.town.user_id)
    assert (visit.mode, visit.outcome) == ("call", "well")
    client.post(url, form)  # the same key pressed twice
    assert len(desk.visits()) == 1
    other = form | {"line": "1 没接", "call": "11111111-1111-4111-8111-111111111111"}
    client.post(url, other)
    assert [v.outcome for v in desk.visits()] == ["well", "no_answer"]


@pytest.mark.parametrize("line", ["", "9", "x", "1 什么"])
def test_a_line_that_says_nothing_is_refused(desk, line):
    form = {"helper": desk.helper.user_id, "line": line, "call": "11111111-1111-4111-8111-111111111111"}
    answer = desk.client(desk.town).post(reverse("landline"), form)
    assert answer.status_code == 422
    assert desk.visits() == []


def test_what_a_telephone_line_means():
    day = timezone.localdate().replace(day=12)
    assert called_line("3", day) == "3 d12"
    assert called_line("3 没接", day) == "3 d12 没接"
    monday = day.isoformat()[-2:]
    assert called_line(f"3 s{int(monday)} 平安", day) == "3 s12 平安"


def test_a_link_for_the_daughter(desk):
    person = desk.people[0]
    client = desk.client(desk.town)
    url = reverse("person-family", args=[person.uid])
    assert "还没有联系人" in text(client.get(url))
    with everywhere():
        made = {"by": None, "post": None, "person": person}
        contact = people.add_contact(**made, name="王小妹", relation="daughter", phone="13900007777")
        silent = people.add_contact(**made, name="王大", relation="son")
    given = {"given_by": "本人", "given_on": timezone.localdate().isoformat(), "scopes": ["family_days"]}
    refused = client.post(url, given | {"contact": silent.pk})
    assert refused.status_code == 422
    assert "没有登记电话" in text(refused)
    answer = client.post(url, given | {"contact": contact.pk})
    link = re.search(r"http://testserver(/family/[\w-]{43}/)", answer.content.decode())[1]
    assert "只显示这一次" in text(answer)
    assert "data:image/svg+xml" in answer.content.decode()
    assert link not in client.get(url).content.decode()
    assert Client().get(link).status_code == 200
    with everywhere():
        row = FamilyLink.objects.get()
    client.post(reverse("person-family-revoke", args=[person.uid, row.pk]))
    assert Client().get(link).status_code == 404


def test_a_card_for_the_wall(desk):
    client = desk.client(desk.helper)
    answer = client.get(reverse("person-card", args=[desk.people[0].uid]))
    assert answer["Content-Type"] == "application/pdf"
    card = pypdfium2.PdfDocument(io.BytesIO(answer.content))
    assert len(card) == 1
    said = card[0].get_textpage().get_text_range()
    for words in ("有事打电话", "演示helper", "120", "110", "12345", "12356"):
        assert words in said
    far = desk.world.people[w.OTHER_CITY][0]
    assert client.get(reverse("person-card", args=[far.uid])).status_code in (400, 404)
