"""通报, 函件, 上级报表 on the desk: what is shown, what a form does, what is refused and keeps what was typed."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from docx import Document

from songhe.core.acting import everywhere
from songhe.oversight.bulletins import definitions
from songhe.oversight.bulletins.models import Bulletin, Filling, Form, Letter, LetterTemplate


@pytest.fixture
def desk(db, settings, monkeypatch):
    """The bureau of tests/oversight, its county standing for the programme's city; a client for each role."""
    settings.MFA_REQUIRED_FROM = ""
    from dataclasses import replace

    from tests.oversight.bulletins.bureau import Bureau

    with everywhere():
        bureau = Bureau()
    layout = replace(definitions.named("dingzhou-2023"), place=bureau.place.code)
    monkeypatch.setattr(definitions, "shipped", lambda: {"dingzhou-2023": layout})
    return bureau


def signed_in(post) -> Client:
    client = Client()
    client.force_login(post.user)
    return client


def text(answer) -> str:
    return answer.content.decode()


def test_a_month_is_frozen_drafted_worded_issued_and_corrected(desk):
    clerk, leader, town = signed_in(desk.clerk), signed_in(desk.leader), signed_in(desk.town)
    answer = clerk.post(reverse("bulletin-new"), {"programme": "dingzhou-2023", "month": "2026-10"})
    assert answer.status_code == 422
    assert "现在封存" in text(answer)
    answer = clerk.post(reverse("bulletin-freeze"), {"month": "2026-10"}, follow=True)
    assert "已封存 2026年10月" in text(answer)
    answer = clerk.post(reverse("bulletin-new"), {"programme": "dingzhou-2023", "month": "2026-10"}, follow=True)
    assert "12.5%（1/8）" in text(answer)
    with everywhere():
        made = Bulletin.objects.get()
    page, words = reverse("bulletin", args=[made.pk]), reverse("bulletin-words", args=[made.pk])
    assert town.get(page).status_code == 404
    answer = clerk.post(words, {"opening": "现通报如下。", "problems": "补录偏晚。"}, follow=True)
    assert "补录偏晚。" in text(answer)
    assert clerk.post(reverse("bulletin-issue", args=[made.pk]), {"on": "2026-11-02"}).status_code == 403
    assert leader.get(words).status_code == 403
    answer = leader.post(reverse("bulletin-issue", args=[made.pk]), {"on": "2026-10-20"})
    assert answer.status_code == 422
    assert "还没有结束" in text(answer)
    answer = leader.post(reverse("bulletin-issue", args=[made.pk]), {"on": "2026-11-02"}, follow=True)
    assert "定民通报〔2026〕1号" in text(answer)
    assert "定民通报〔2026〕1号" in text(town.get(page))
    answer = clerk.post(words, {"opening": "改一改"})
    assert answer.status_code == 422
    assert "改一改" in text(answer)
    answer = clerk.post(reverse("bulletin-correct", args=[made.pk]), {"reason": "漏录"}, follow=True)
    assert "关于更正" in text(answer)
    with everywhere():
        assert Bulletin.objects.count() == 2


def test_a_late_entry_stands_beside_on_the_page(desk):
    clerk = signed_in(desk.clerk)
    with everywhere():
        desk.freeze()
        made = desk.draft()
        desk.late_entry()
    answer = clerk.post(reverse("bulletin-recount", args=[made.pk]), {"reason": "纸单补录"}, follow=True)
    assert "本级 1 个数有修订" in text(answer)
    assert "25.0%" in text(answer)
    assert "封存数12.5%（1/8）" in text(answer)
    answer = clerk.post(reverse("bulletin-recount", args=[made.pk]), {"reason": "再看看"}, follow=True)
    assert "没有修订" in text(answer)
    answer = clerk.post(reverse("bulletin-recount", args=[made.pk]), {"reason": ""})
    assert answer.status_code == 422
    seen = re.sub(
        r"(<[^>]+>|\s)+", " ", text(clerk.get(reverse("indicator", args=["weekly_visiting"]), {"period": "2026-10"}))
    )
    assert "封存数 12.5% (1/8)" in seen
    assert "修订 25.0% (2/8) 纸单补录" in seen
    assert "25.0% (1/4) 50.0% (2/4)" in seen  # the town of both: frozen, and beside it what a later count says
    board = re.sub(
        r"(<[^>]+>|\s)+", " ", text(signed_in(desk.leader).get(reverse("indicators"), {"period": "2026-10"}))
    )
    assert "封存 12.5% (1/8) · 修订 25.0% (2/8)" in board


def test_the_documents_come_as_word_and_pdf(desk):
    clerk = signed_in(desk.clerk)
    with everywhere():
        desk.freeze()
        made = desk.draft()
    answer = clerk.get(reverse("bulletin-file", args=[made.pk, "docx"]))
    assert Document(io.BytesIO(answer.content)).paragraphs[0].text == "定州市民政局文件"
    assert "attachment" in answer["Content-Disposition"]
    assert clerk.get(reverse("bulletin-file", args=[made.pk, "pdf"])).content.startswith(b"%PDF")
    assert clerk.get(reverse("bulletin-file", args=[made.pk, "exe"])).status_code == 404


FIELDS = ["虚构镇", "幸福院建设", "行动方案", "9月30日", "10月31日", "差1处", "11月10日"]


def test_a_letter_from_an_edited_template(desk):
    clerk, leader = signed_in(desk.clerk), signed_in(desk.leader)
    editor = reverse("letter-template", args=["supervision"])
    answer = clerk.post(editor, {"title": "关于【事情】", "body": "【单位】：\n请办。", "do": "save"})
    assert answer.status_code == 422
    assert "【事情】不认识" in text(answer)
    answer = clerk.post(
        editor, {"title": "关于【事项】的督办单", "body": "【单位】：\n请办【事项】。", "do": "preview"}
    )
    assert "请办（任务或指标）。" in text(answer)
    with everywhere():
        assert not LetterTemplate.objects.exists()
    clerk.post(
        editor, {"title": "关于【事项】的督办单", "body": "【单位】：\n请办【事项】。", "do": "save", "note": "改短"}
    )
    assert "改短" in text(clerk.get(editor))
    new = reverse("letter-new", args=["supervision"])
    answer = clerk.post(new, {"field-0": "幸福院建设"})
    assert answer.status_code == 422
    assert "幸福院建设" in text(answer)  # nothing typed is lost
    answer = clerk.post(new, {"field-0": "幸福院建设", "field-1": "虚构镇人民政府"}, follow=True)
    assert "请办幸福院建设。" in text(answer)
    with everywhere():
        made = Letter.objects.get()
    answer = leader.post(reverse("letter-issue", args=[made.pk]), {"on": "2026-11-02"}, follow=True)
    assert "〔2026〕1号" in text(answer)
    assert clerk.get(reverse("letter-file", args=[made.pk, "docx"])).status_code == 200
    assert clerk.get(reverse("letter-new", args=["poem"])).status_code == 404
    assert leader.get(editor).status_code == 403


def test_a_form_is_taken_in_mapped_filled_and_compared(desk):
    from tests.oversight.bulletins.test_forms import workbook

    clerk = signed_in(desk.clerk)
    with everywhere():
        desk.freeze()
    for name in ("省月报", "市月报"):
        file = SimpleUploadedFile("月报.xlsx", workbook())
        answer = clerk.post(reverse("form-new"), {"name": name, "asked_by": "上级", "file": file}, follow=True)
        assert "探访率" in text(answer)
    with everywhere():
        first, second = Form.objects.order_by("pk")
    cell = {"caption-0": "月探访率", "indicator-0": "weekly_visiting", "side-0": "value", "basis-0": "frozen"}
    answer = clerk.post(reverse("form", args=[first.pk]), cell | {"place-0": "000000"})
    assert answer.status_code == 422
    assert "000000" in text(answer)
    clerk.post(reverse("form", args=[first.pk]), cell)
    clerk.post(reverse("form", args=[second.pk]), cell | {"side-0": "numerator"})
    answer = clerk.post(reverse("form-fill", args=[first.pk]), {"month": "2026-09"})
    assert answer.status_code == 422
    for form in (first, second):
        answer = clerk.post(reverse("form-fill", args=[form.pk]), {"month": "2026-10"}, follow=True)
        assert "已填好 1 处" in text(answer)
    answer = clerk.get(reverse("form-disagreements"), {"period": "2026-10"})
    assert "一处取分子、一处取分母或比率" in text(answer)
    with everywhere():
        filling = Filling.objects.first()
    assert clerk.get(reverse("filling-file", args=[filling.pk])).content[:2] == b"PK"
    assert "已停用" in text(clerk.post(reverse("form-retire", args=[first.pk]), follow=True))
    assert clerk.get(reverse("form", args=[first.pk])).status_code == 404


@pytest.mark.parametrize("page", ["bulletins", "letters", "forms", "form-new", "form-disagreements", "bulletin-new"])
def test_pages_open_in_both_languages(desk, page):
    clerk = signed_in(desk.clerk)
    for language in ("zh-hans", "en"):
        clerk.cookies["django_language"] = language
        assert clerk.get(reverse(page)).status_code == 200
